import { randomUUID } from 'node:crypto';
import { fold } from '#event-sourcing/decider';
import type { NewEvent } from '#event-sourcing/event-store';
import { days } from '#time/clock';
import { mailboxDecider, type Mailbox } from '../../apps/gmail/src/mailbox/mailbox.decider.js';
import { alternately, perSecond } from '../measuring/alternate.js';
import { ratio, type Finding } from '../measuring/findings.js';
import type { Stores } from './events.js';

const stream = 'mailbox-t1+fiveYears';
const renewals = 5 * 365;
const loads = 20;
const began = Date.parse('2021-11-25T08:00:00.000Z');

/** A mailbox that was connected five years ago and renewed every day since, loaded as every command loads it. */
export async function measureFiveYears({ pool, ours }: Stores, rounds: number): Promise<Finding[]> {
  const events = history();
  await ours.append(stream, events, 'no-stream');
  const load = (read: () => Promise<unknown>) => (): Promise<number> =>
    perSecond(loads, async () => {
      for (let n = 0; n < loads; n++) await read();
    });
  const measured = await alternately(rounds, '/s', {
    'five years, plain SELECT': load(async () => {
      const text = 'SELECT * FROM events.events WHERE stream = $1 ORDER BY revision';
      await pool.query({ name: 'five-years', text, values: [stream] });
    }),
    'five years, read and folded': load(async () =>
      fold(mailboxDecider, (await ours.readStream(stream)) as unknown as Mailbox['event'][]),
    ),
  });
  const ofOurs = measured['five years, read and folded'];
  return [
    ratio('five years of renewals, load / plain SELECT', ofOurs, measured['five years, plain SELECT']),
    ...Object.values(measured),
  ];
}

function history(): NewEvent[] {
  const at = (day: number): string => new Date(began + days(day)).toISOString();
  const recorded = (type: string, day: number, data: Record<string, unknown> = {}): NewEvent => ({
    type,
    data,
    metadata: {
      id: randomUUID(),
      tenantId: 't1',
      correlationId: randomUUID(),
      causationId: randomUUID(),
      at: at(day),
      by: 'timer:RenewWatch',
    },
  });
  const filter = { labels: [], include: [] };
  const defaults = { inboundTicketDefaultsId: null, autoProcessEmails: true };
  const watch = (day: number) => ({
    topic: 'projects/acme-psa/topics/gmail-notifications-t1',
    historyId: String(1_000 + day),
    expiresAt: at(day + 7),
    labelIds: [],
  });
  return [
    recorded('MailboxAdded', 0, { name: 'Support', address: 'support@acme.example', filter, defaults }),
    recorded('WatchStarted', 0, watch(0)),
    recorded('NotificationProven', 0),
    ...Array.from({ length: renewals }, (_, day) => recorded('WatchRenewed', day + 1, watch(day + 1))),
  ];
}
