import type { GmailLabel } from '../gmail-api/gmail-result.js';

/**
 * Label names, as people see them, to Gmail's ids. Gmail's own labels may be written in any case. One unknown name spoils all:
 * leaving it out would silently take less mail, and leaving all out the whole mailbox.
 */
export function resolveLabels(
  names: string[],
  existing: GmailLabel[],
): { ok: true; labelIds: string[] } | { ok: false; unknown: string[] } {
  const idOf = (name: string): string | undefined => {
    const lower = name.toLowerCase();
    const own = existing.find((label) => label.type === 'user' && label.name === name);
    const gmails = existing.find(
      (label) =>
        label.type === 'system' && [label.name.toLowerCase(), label.id.toLowerCase()].includes(lower),
    );
    return (own ?? gmails)?.id;
  };
  const unknown = names.filter((name) => idOf(name) === undefined);
  if (unknown.length > 0) return { ok: false, unknown };
  return { ok: true, labelIds: [...new Set(names.flatMap((name) => idOf(name) ?? []))] };
}
