import type { GrantEvent } from '#contracts/oauth';
import { parseStreamName } from '#event-sourcing/stream-name';
import { hours, minutes } from '#time/clock';

/** The commands about a provider's permission that the due list can ask for. */
export type GrantDueCommand = 'CheckGrant' | 'FindCause';

export type GrantDueChange = { command: GrantDueCommand; dueAt: Date | null; everyMs?: number };

type Scheduled = GrantEvent & { metadata: { at: string }; stream: string };

const checkedAtMostEvery = minutes(45);
const checkedAtLeastEvery = minutes(50);
/** What only a person can mend: often enough to notice it soon, seldom enough not to trouble Google. */
const recheckedEvery = minutes(15);
/** By then each of the tenant's permissions was looked at again. */
const causeFoundAfter = hours(1);

/** Pure: the same event always gives the same changes. */
export function grantDueChanges(event: Scheduled): GrantDueChange[] {
  const at = Date.parse(event.metadata.at);
  switch (event.type) {
    case 'Authorized':
      return [check(at, regularly(event.stream)), { command: 'FindCause', dueAt: null }];
    case 'AccessTokenRefreshed':
      return [check(at, regularly(event.stream))];
    case 'AccessTokenRefused':
      return [check(at, recheckedEvery)];
    case 'AuthorizationLost':
      return [
        { command: 'CheckGrant', dueAt: null },
        { command: 'FindCause', dueAt: new Date(at + causeFoundAfter) },
      ];
    case 'GrantForgotten':
      return [
        { command: 'CheckGrant', dueAt: null },
        { command: 'FindCause', dueAt: null },
      ];
    case 'AuthorizationStarted':
    case 'AuthorizationFailed':
    case 'CauseFound':
      return [];
  }
}

/** Whether a provider's other work may be asked for after the event; undefined when the event says nothing of it. */
export function permissionAfter({ type }: GrantEvent): 'there' | 'gone' | undefined {
  switch (type) {
    case 'Authorized':
      return 'there';
    case 'AuthorizationLost':
    case 'GrantForgotten':
      return 'gone';
    case 'AuthorizationStarted':
    case 'AuthorizationFailed':
    case 'CauseFound':
    case 'AccessTokenRefused':
    case 'AccessTokenRefreshed':
      return undefined;
  }
}

const check = (at: number, everyMs: number): GrantDueChange => ({
  command: 'CheckGrant',
  dueAt: new Date(at + everyMs),
  everyMs,
});

/** Each permission at its own pace, so that those given together are not all refreshed together for ever. */
function regularly(stream: string): number {
  const { id = '' } = parseStreamName(stream);
  let hash = 0;
  for (const character of id) hash = (hash * 31 + character.codePointAt(0)!) % 1_000;
  return checkedAtMostEvery + Math.round((checkedAtLeastEvery - checkedAtMostEvery) * (hash / 1_000));
}
