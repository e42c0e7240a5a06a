import { problem, type ProblemCode } from '#problems/problem';
import { days, hours, minutes } from '#time/clock';
import { inferCause } from './infer-cause.js';
import type { Witness } from './witness.js';

const now = new Date('2026-03-01T08:00:00.000Z');
const ago = (ms: number): Date => new Date(now.getTime() - ms);
const given = ago(days(30));

interface Wished {
  product?: 'gmail' | 'calendar';
  account?: string;
  clientId?: string;
  since?: Date;
  provenAt?: Date | null;
  lost?: [ProblemCode, Date];
  expiresAt?: string;
  limitedBy?: 'testing' | 'person';
  times?: number;
}

function permission(wished: Wished = {}): Witness {
  const {
    product = 'gmail',
    account = 'alice@acme.example',
    clientId = '12-ab.apps.googleusercontent.com',
  } = wished;
  const {
    since = given,
    provenAt = ago(minutes(45)),
    lost,
    expiresAt = null,
    limitedBy = null,
    times = 1,
  } = wished;
  return {
    grant: { product, account, clientId, projectId: 'acme-psa', scopes: ['read'], expiresAt, limitedBy },
    since,
    provenAt,
    lost: lost ? { problem: problem(lost[0]), at: lost[1] } : null,
    consents: Array.from({ length: times }, () => ({ account, clientId, at: since })),
  };
}

const otherClient = '12-cd.apps.googleusercontent.com';
const foreignClient = '99-ef.apps.googleusercontent.com';
const bob = 'bob@acme.example';
const carol = 'carol@acme.example';
const revoked = problem('authorization.revoked');
const justNow = ago(0);
const lately: Wished['lost'] = ['authorization.revoked', ago(minutes(20))];
const calendarLives = permission({ product: 'calendar', provenAt: justNow });

it.each<[string, Witness, Witness[], ProblemCode]>([
  // What is certain of the permission alone.
  ['alone', permission(), [], 'authorization.revoked'],
  [
    'at its announced end',
    permission({ expiresAt: now.toISOString(), limitedBy: 'testing' }),
    [],
    'authorization.testing-expired',
  ],
  [
    'at the end that the person chose',
    permission({ expiresAt: now.toISOString(), limitedBy: 'person' }),
    [],
    'authorization.time-limit-reached',
  ],
  [
    'before its announced end',
    permission({ expiresAt: ago(-hours(2)).toISOString(), limitedBy: 'testing' }),
    [],
    'authorization.revoked',
  ],
  [
    'at its announced end, with others',
    permission({ expiresAt: now.toISOString(), limitedBy: 'testing' }),
    [permission({ account: bob, lost: lately })],
    'authorization.testing-expired',
  ],
  [
    'after half a year without use',
    permission({ since: ago(days(400)), provenAt: ago(days(181)) }),
    [],
    'authorization.unused',
  ],
  [
    'after months without use, but not six',
    permission({ provenAt: ago(days(150)) }),
    [],
    'authorization.revoked',
  ],
  [
    'without anybody knowing when it was used',
    permission({ since: ago(days(400)), provenAt: null }),
    [],
    'authorization.revoked',
  ],
  // A hundred newer ones of the same account and client.
  [
    'pushed out by a hundred newer ones',
    permission(),
    [permission({ since: ago(days(1)), times: 100 })],
    'authorization.token-limit',
  ],
  [
    'with fewer newer ones',
    permission(),
    [permission({ since: ago(days(1)), times: 99 })],
    'authorization.revoked',
  ],
  [
    'with a hundred newer ones of another client',
    permission(),
    [permission({ clientId: otherClient, since: ago(days(1)), times: 100 })],
    'authorization.revoked',
  ],
  [
    'with a hundred newer ones that ended too',
    permission(),
    [permission({ since: ago(days(1)), times: 100, lost: lately })],
    'authorization.revoked',
  ],
  // The account's calendar lives.
  ['while the calendar lives', permission(), [calendarLives], 'authorization.password-changed'],
  [
    'while the calendar of another client of the project lives',
    permission(),
    [permission({ product: 'calendar', clientId: otherClient, provenAt: justNow })],
    'authorization.password-changed',
  ],
  [
    'while the calendar was not looked at since',
    permission(),
    [permission({ product: 'calendar', provenAt: ago(minutes(1)) })],
    'authorization.revoked',
  ],
  [
    'while a calendar lives that was connected after the last proof',
    permission(),
    [permission({ product: 'calendar', since: ago(minutes(5)), provenAt: justNow })],
    'authorization.revoked',
  ],
  [
    'while a calendar of another project lives',
    permission(),
    [{ ...calendarLives, grant: { ...calendarLives.grant, clientId: foreignClient, projectId: 'other' } }],
    'authorization.revoked',
  ],
  [
    'while another account’s calendar lives',
    permission(),
    [permission({ product: 'calendar', account: bob, provenAt: justNow })],
    'authorization.revoked',
  ],
  [
    'while the calendar ended too',
    permission(),
    [permission({ product: 'calendar', lost: lately })],
    'authorization.revoked',
  ],
  [
    'a calendar, while the mailbox lives',
    permission({ product: 'calendar' }),
    [permission({ provenAt: justNow })],
    'authorization.revoked',
  ],
  // Several accounts of one client.
  [
    'with another account’s',
    permission(),
    [permission({ account: bob, lost: lately })],
    'authorization.client-wide',
  ],
  [
    'with another account’s that was put down to the client',
    permission(),
    [permission({ account: bob, lost: ['authorization.client-wide', ago(minutes(20))] })],
    'authorization.client-wide',
  ],
  [
    'with another account’s, a third not looked at yet',
    permission(),
    [permission({ account: bob, lost: lately }), permission({ account: carol })],
    'authorization.client-wide',
  ],
  [
    'with another account’s, most of them not looked at yet',
    permission(),
    [
      permission({ account: bob, lost: lately }),
      ...[1, 2, 3].map((n) => permission({ account: `${n}@acme.example` })),
    ],
    'authorization.revoked',
  ],
  [
    'with another account’s, a third seen to work since',
    permission(),
    [permission({ account: bob, lost: lately }), permission({ account: carol, provenAt: ago(minutes(5)) })],
    'authorization.revoked',
  ],
  [
    'with another account’s, which was connected anew since',
    permission(),
    [
      permission({ account: bob, lost: lately }),
      permission({ account: carol, since: ago(minutes(6)), provenAt: ago(minutes(5)) }),
    ],
    'authorization.client-wide',
  ],
  [
    'with another account’s, long after',
    permission(),
    [permission({ account: bob, lost: ['authorization.revoked', ago(hours(2))] })],
    'authorization.revoked',
  ],
  [
    'with another account’s whose end Google explained',
    permission(),
    [permission({ account: bob, lost: ['authorization.session-control', ago(minutes(20))] })],
    'authorization.revoked',
  ],
  [
    'with another account’s of another client',
    permission(),
    [permission({ account: bob, clientId: otherClient, lost: lately })],
    'authorization.revoked',
  ],
  [
    'with the same account’s calendar, and nobody else’s',
    permission(),
    [
      permission({ product: 'calendar', lost: lately }),
      permission({ account: bob, provenAt: ago(minutes(60)) }),
    ],
    'authorization.revoked',
  ],
  // Both speak: what is seen to work refutes the client; a calendar of another client does not.
  [
    'with another account’s, while its own calendar lives',
    permission(),
    [permission({ account: bob, lost: lately }), calendarLives],
    'authorization.password-changed',
  ],
  [
    'with another account’s, while its calendar of another client lives',
    permission(),
    [
      permission({ account: bob, lost: lately }),
      permission({ product: 'calendar', clientId: otherClient, provenAt: justNow }),
    ],
    'authorization.client-wide',
  ],
])('a permission that ends %s', (_, ended, others, cause) => {
  expect(inferCause(ended, now, revoked, others).code).toBe(cause);
});

it.each(['authorization.session-control', 'authorization.admin-policy', 'oauth-client.deleted'] as const)(
  'is put down to %s when Google says so, whatever the others show',
  (code) => {
    const others = [permission({ account: bob, lost: lately }), calendarLives];
    const ended = permission({ expiresAt: now.toISOString(), limitedBy: 'testing' });
    expect(inferCause(ended, now, problem(code), others).code).toBe(code);
  },
);

it('is found the same the other way round: the first that ended is put down to what the second shows', () => {
  const first = permission({ account: bob, lost: lately, provenAt: ago(hours(1)) });
  const second = permission({ lost: ['authorization.client-wide', now] });
  expect(inferCause(first, lately[1], revoked, [second]).code).toBe('authorization.client-wide');
});
