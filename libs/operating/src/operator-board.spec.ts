import { countPush, measureDelivery, measureGoogleCall } from './meters.js';
import { OperatorBoard, type WatchedService } from './operator-board.js';
import { startOperatorServer, type OperatorServer } from './operator-server.js';
import { parseScrape } from './fixtures/scrape.js';

const service = (name: string, of: Partial<WatchedService> = {}): WatchedService => ({
  name,
  checks: [],
  gauges: [],
  notes: () => Promise.resolve([]),
  ...of,
});

describe('the operators’ server', () => {
  let board: OperatorBoard;
  let server: OperatorServer;
  beforeEach(async () => {
    board = new OperatorBoard();
    server = await startOperatorServer(board, { host: '127.0.0.1', port: 0 });
  });
  afterEach(() => server.close());
  const get = (path: string): Promise<Response> => fetch(`${server.url}${path}`);

  it('is healthy as soon as it answers, and ready only when every service of the process is', async () => {
    const gmail = board.announce('gmail');
    const oauth = board.announce('oauth');
    expect((await get('/health')).status).toBe(200);
    gmail.started(service('gmail', { notes: () => Promise.resolve(['All is well.']) }));
    const before = await get('/ready');
    expect(before.status).toBe(503);
    expect(await before.json()).toEqual({
      status: 'not-ready',
      services: {
        gmail: { ready: true, missing: [], notes: ['All is well.'] },
        oauth: {
          ready: false,
          missing: ['It is still starting: connections are opened and tables are migrated.'],
          notes: [],
        },
      },
    });
    oauth.started(service('oauth'));
    expect((await get('/ready')).status).toBe(200);
    oauth.ended();
    gmail.ended();
    expect((await get('/ready')).status).toBe(503);
  });

  it('names what is missing, and gives away nothing of an error', async () => {
    board.announce('gmail').started(
      service('gmail', {
        checks: [
          { find: () => Promise.resolve('NATS does not answer.') },
          { find: () => Promise.resolve(null) },
          { find: () => Promise.reject(new Error('password canary')) },
        ],
      }),
    );
    const text = await (await get('/ready')).text();
    expect(text).not.toContain('canary');
    expect(JSON.parse(text)).toMatchObject({
      services: {
        gmail: {
          missing: ['NATS does not answer.', 'Something that it depends on did not answer in time.'],
        },
      },
    });
  });

  it('is scraped: counts, histograms and gauges of all services, and the process itself', async () => {
    countPush('gmail', 'accepted');
    measureDelivery('gmail', 700);
    await measureGoogleCall(
      'gmail',
      () => Promise.resolve('fine'),
      () => ({ status: null }),
    );
    const failed = measureGoogleCall(
      'calendar',
      () => Promise.reject(new Error('no')),
      () => ({ status: 403, reasons: ['rateLimitExceeded'] }),
    );
    await expect(failed).rejects.toThrow('no');
    const depth = (value: number) => ({
      ...{ name: 'outbox_deliveries', help: 'Deliveries that wait', labels: [] },
      read: () => Promise.resolve([{ value }]),
    });
    board.announce('gmail').started(service('gmail', { gauges: [depth(3)] }));
    board.announce('calendar').started(
      service('calendar', {
        gauges: [
          depth(4),
          {
            ...{ name: 'broken', help: 'b', labels: ['x'] },
            read: () => Promise.reject(new Error('canary')),
          },
        ],
      }),
    );
    const response = await get('/metrics');
    expect(response.headers.get('content-type')).toMatch(/^text\/plain; version=0\.0\.4/);
    const text = await response.text();
    expect(text).not.toContain('canary');
    const { value, types } = parseScrape(text);
    expect(value('tenant_google_pushes_total', { product: 'gmail', result: 'accepted' })).toBe(1);
    expect(value('tenant_google_push_to_delivery_seconds_bucket', { product: 'gmail', le: '0.5' })).toBe(0);
    expect(value('tenant_google_push_to_delivery_seconds_bucket', { product: 'gmail', le: '1' })).toBe(1);
    expect(value('tenant_google_google_call_seconds_count', { api: 'gmail', result: 'ok' })).toBe(1);
    expect(
      value('tenant_google_google_call_seconds_count', { api: 'calendar', result: 'rate-limited' }),
    ).toBe(1);
    expect(value('tenant_google_outbox_deliveries', { service: 'gmail' })).toBe(3);
    expect(value('tenant_google_outbox_deliveries', { service: 'calendar' })).toBe(4);
    expect(value('tenant_google_unreadable_metrics', { service: 'calendar' })).toBe(1);
    expect(value('tenant_google_unreadable_metrics', { service: 'gmail' })).toBe(0);
    expect(types.get('process_cpu_seconds_total')).toBe('counter');
  });

  it('asks the services once for many scrapes at a time', async () => {
    let reads = 0;
    const gauge = {
      ...{ name: 'once', help: 'o', labels: [] },
      read: () => Promise.resolve([{ value: ++reads }]),
    };
    board.announce('gmail').started(service('gmail', { gauges: [gauge] }));
    await Promise.all(Array.from({ length: 5 }, () => get('/metrics')));
    expect(reads).toBe(1);
  });

  it('knows no other path and no other method', async () => {
    expect((await get('/metrics/')).status).toBe(404);
    expect((await get('//')).status).toBe(404);
    expect((await fetch(`${server.url}/metrics`, { method: 'POST' })).status).toBe(404);
  });
});
