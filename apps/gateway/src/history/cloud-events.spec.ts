import { ChainCheck } from '#event-sourcing/chain/chain-check';
import { composeGateway, type ComposedGateway } from '../fixtures/composed-gateway.js';
import { cloudEvent, fromCloudEvent, type CloudEvent } from './cloud-events.js';

/** What CloudEvents 1.0.2 and its JSON format demand, as faults in sentences. */
function faultsOf(event: Record<string, unknown>): string[] {
  const faults: string[] = [];
  const text = (name: string): string => {
    const value = event[name];
    if (typeof value !== 'string' || value === '') faults.push(`${name} has to be a text that is not empty`);
    return String(value);
  };
  if (event['specversion'] !== '1.0') faults.push('specversion has to be 1.0');
  text('id');
  if (!URL.canParse(text('source'))) faults.push('source should be an absolute URI');
  text('type');
  text('subject');
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/.test(text('time')))
    faults.push('time has to be an RFC 3339 timestamp');
  if (!/^[\w.+-]+\/[\w.+-]+$/.test(text('datacontenttype')))
    faults.push('datacontenttype has to be a media type');
  for (const [name, value] of Object.entries(event)) {
    if (!/^[a-z0-9]{1,20}$/.test(name)) faults.push(`${name} is no name of an attribute`);
    if (name === 'data') continue;
    const fits =
      typeof value === 'boolean' ||
      typeof value === 'string' ||
      (Number.isInteger(value) && Math.abs(value as number) <= 2 ** 31 - 1);
    if (!fits) faults.push(`${name} is of no type that attributes may have`);
  }
  if ('data_base64' in event) faults.push('data and data_base64 exclude each other');
  return faults;
}

describe('the export', () => {
  let gateway: ComposedGateway;
  let text: string;
  let contentType: string | null;
  let exported: CloudEvent[];

  beforeAll(async () => {
    gateway = await composeGateway();
    // More than a page, over several streams.
    for (let turn = 0; turn < 260; turn += 1) {
      await gateway.append('mailbox-t1+p1', 'Paused', { reason: 'manual', note: 'Grüße – ☕' });
      await gateway.append('mailbox-t1+p2', 'Resumed', {});
    }
    await gateway.append('mailbox-t2+p1', 'Paused', { reason: 'canary of another tenant' });
    await gateway.processors.caughtUp();
    const response = await gateway.fetch('/api/google/history/export');
    contentType = response.headers.get('content-type');
    text = await response.text();
    exported = text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as CloudEvent);
  });
  afterAll(() => gateway.close());

  it('holds every event of the tenant in the order in which it was stored, and nobody else’s', () => {
    expect(contentType).toBe('application/x-ndjson; charset=utf-8');
    expect(exported.slice(0, 3).map(({ subject, revision }) => `${subject} ${revision}`)).toEqual([
      'mailbox-t1+p1 0',
      'mailbox-t1+p2 0',
      'mailbox-t1+p1 1',
    ]);
    expect(exported).toHaveLength(520);
    expect(text).not.toContain('canary of another tenant');
  });

  it('keeps to CloudEvents 1.0', () => {
    expect(exported.flatMap((event) => faultsOf({ ...event }))).toEqual([]);
    expect(exported[0]!.type).toBe('tenant-google.mailbox.Paused');
  });

  it('shows by itself whether the chains hold', () => {
    const check = (events: CloudEvent[]): ChainCheck => {
      const checking = new ChainCheck();
      for (const event of events) checking.add({ ...fromCloudEvent(event), position: '' });
      return checking;
    };
    expect(check(exported)).toMatchObject({ breaks: [], checked: 520, unhashed: 0, streams: 2 });
    const changed = exported.map((event) => (event.revision === 7 ? { ...event, actor: 'nobody' } : event));
    expect(check(changed).breaks).toHaveLength(2);
  });

  it('is for nobody without the permission', async () => {
    const authorization = `Bearer ${await gateway.token({ permissions: [] })}`;
    const response = await gateway.fetch('/api/google/history/export', { headers: { authorization } });
    expect(response.status).toBe(403);
  });
});

it('an event of a later shape and one from before the chain keep what they have', () => {
  const metadata = { id: 'e', tenantId: 't 1', correlationId: 'c', causationId: 'r', by: 'ada' };
  const event = {
    ...{ stream: 'grant-t1+p1', revision: 3, position: '9', type: 'Authorized', data: { a: 1 } },
    metadata: { ...metadata, at: '2026-11-23T12:00:00.000Z', version: 2 },
  };
  const written = cloudEvent(event);
  expect(faultsOf({ ...written })).toEqual([]);
  expect(written).not.toHaveProperty('chainhash');
  expect({ ...fromCloudEvent(written), position: '9' }).toEqual(event);
});
