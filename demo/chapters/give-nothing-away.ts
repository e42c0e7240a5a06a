import type { Canaries } from '../canaries.js';
import type { Cast } from '../cast.js';
import { check, type Report } from '../report.js';
import { gatherTraces, searchFor, type Finding, type Trace, type Traces } from '../search.js';

const initiate = 'HTTP answer to POST /api/email/oauth/initiate';
const initiateCalendar = 'HTTP answer to POST /api/calendar/oauth/initiate';

/** Where a secret has to be, because that is how it gets to the one who needs it. */
const allowed: Record<string, string[]> = {
  'access token': ['reply to query.oauth.GetAccessToken', 'reply to query.oauth.GetProvisioningToken'],
  // Single use, and worthless without the PKCE verifier and the client secret that never leave the oauth service.
  'authorization code': ['command.oauth.CompleteAuthorization'],
  state: [
    initiate,
    initiateCalendar,
    'reply to command.gmail.ConnectMailbox',
    'reply to command.calendar.ConnectCalendar',
    'reply to command.oauth.StartAuthorization',
    'command.oauth.CompleteAuthorization',
  ],
};

const isAllowed = ({ kind, trace }: Finding): boolean => allowed[kind]?.includes(trace.place) ?? false;

export async function giveNothingAway({ stage }: Cast, report: Report, canaries: Canaries): Promise<void> {
  let traces: Traces;
  await report.step('Gathering all that was written or said, and all secrets', async () => {
    await stage.wire.caughtUp();
    traces = await gatherTraces(stage);
    const { events, tables, log, wire, http } = traces;
    for (const [what, { length }] of Object.entries({ events, tables, log, wire, http })) {
      check(length > 0, `there is something of ${what}`);
    }
    for (const kind of [
      'client secret',
      'private key',
      'refresh token',
      'access token',
      'state',
      'token of a channel',
    ] as const) {
      check(canaries.count(kind) > 1, `there are secrets of the kind ${kind}`, canaries.count(kind));
    }
    return `${canaries.byValue.size} secrets and ${canaries.challenges.size} PKCE challenges; ${events.length} events, ${tables.length} rows, ${log.length} log lines, ${wire.length} NATS messages, ${http.length} HTTP answers`;
  });

  await report.step('The search finds what is there', async () => {
    const found = searchFor(canaries, [...traces.wire, ...traces.http]);
    const kinds = (place: string): string[] =>
      found.filter(({ trace }) => trace.place === place).map(({ kind }) => kind);
    check(
      kinds('reply to query.oauth.GetAccessToken').includes('access token'),
      'it finds the access tokens that gmail asks for',
    );
    check(kinds(initiate).includes('state'), 'it finds the state that the browser takes to Google');
    const planted = { place: 'planted', text: `x${[...canaries.byValue.keys()].join('/')}` };
    const kindsPlanted = new Set(searchFor(canaries, [planted]).map(({ kind }) => kind));
    check(
      kindsPlanted.size === new Set(canaries.byValue.values()).size,
      'it finds a planted secret of every kind',
      [...kindsPlanted],
    );
    return 'access tokens in the replies that carry them, and every planted secret';
  });

  const places: [string, () => Trace[]][] = [
    ['the events', () => traces.events],
    ['the other tables', () => traces.tables],
    ['the log', () => traces.log],
    ['the NATS messages', () => traces.wire],
    ['the HTTP answers', () => traces.http],
  ];
  for (const [name, tracesOf] of places) {
    await report.step(`Searching ${name}`, () => {
      const leaks = searchFor(canaries, tracesOf()).filter((finding) => !isAllowed(finding));
      const where = new Set(leaks.map(({ kind, trace }) => `${kind} in ${trace.place}`));
      check(leaks.length === 0, 'no secret is in them', [...where]);
      return Promise.resolve(`nothing secret in ${tracesOf().length}`);
    });
  }
}
