export interface Label {
  readonly id: string;
  readonly name: string;
  readonly type: 'system' | 'user';
}

const systemLabelIds = [
  'INBOX', 'SPAM', 'TRASH', 'UNREAD', 'STARRED', 'IMPORTANT', 'SENT', 'DRAFT', 'CHAT',
  'CATEGORY_PERSONAL', 'CATEGORY_SOCIAL', 'CATEGORY_PROMOTIONS', 'CATEGORY_UPDATES', 'CATEGORY_FORUMS',
] as const; // prettier-ignore

export const systemLabels: readonly Label[] = systemLabelIds.map((id) => ({ id, name: id, type: 'system' }));

export type LabelFilterBehavior = 'include' | 'exclude';

/** Whether a change to a message that carries `labelIds` is worth a notification under a watch's label filter. */
export function passesLabelFilter(
  labelIds: readonly string[],
  filter: { readonly labelIds: readonly string[]; readonly behavior: LabelFilterBehavior },
): boolean {
  if (filter.labelIds.length === 0) return true;
  const carriesOne = filter.labelIds.some((id) => labelIds.includes(id));
  return filter.behavior === 'include' ? carriesOne : !carriesOne;
}
