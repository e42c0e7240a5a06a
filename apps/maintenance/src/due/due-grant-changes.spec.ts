import { minutes } from '#time/clock';
import { grantDueChanges, permissionAfter } from './due-grant-changes.js';

const at = '2026-03-01T08:00:00.000Z';
const of = (type: string, id = 'p1') =>
  ({ stream: `grant-t1+${id}`, type, data: { product: 'gmail' }, metadata: { at } }) as unknown as Parameters<
    typeof grantDueChanges
  >[0];
const inMs = ({ dueAt }: { dueAt: Date | null }): number | null => dueAt && dueAt.getTime() - Date.parse(at);

it.each(['Authorized', 'AccessTokenRefreshed'])(
  'has a permission proven within fifty minutes after %s',
  (type) => {
    const [check] = grantDueChanges(of(type));
    expect(check).toMatchObject({ command: 'CheckGrant', everyMs: inMs(check!) });
    expect(check!.everyMs).toBeGreaterThanOrEqual(minutes(45));
    expect(check!.everyMs).toBeLessThanOrEqual(minutes(50));
  },
);

it('does not have all of them proven in one moment', () => {
  const times = ['a1', 'b2', 'c3', 'd4'].map((id) => grantDueChanges(of('Authorized', id))[0]!.everyMs);
  expect(new Set(times).size).toBe(4);
});

it('asks every quarter of an hour while somebody has to mend the settings', () => {
  expect(grantDueChanges(of('AccessTokenRefused'))).toEqual([
    { command: 'CheckGrant', dueAt: new Date('2026-03-01T08:15:00.000Z'), everyMs: minutes(15) },
  ]);
});

it('never asks again for what ended, but looks once more at why', () => {
  expect(grantDueChanges(of('AuthorizationLost'))).toEqual([
    { command: 'CheckGrant', dueAt: null },
    { command: 'FindCause', dueAt: new Date('2026-03-01T09:00:00.000Z') },
  ]);
  expect(grantDueChanges(of('GrantForgotten')).map(inMs)).toEqual([null, null]);
});

it.each(['AuthorizationStarted', 'AuthorizationFailed', 'CauseFound'])(
  'leaves everything as it is after %s',
  (type) => {
    expect(grantDueChanges(of(type))).toEqual([]);
    expect(permissionAfter(of(type))).toBeUndefined();
  },
);
