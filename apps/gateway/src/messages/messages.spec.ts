import { objectPrefix, openObjects } from '#deliveries/objects';
import { composeGateway, type ComposedGateway } from '../fixtures/composed-gateway.js';

let gateway: ComposedGateway;

const raw = [
  'From: Ann <ann@example.com>',
  'To: help@acme.example',
  'Subject: Printer',
  'MIME-Version: 1.0',
  'Content-Type: multipart/mixed; boundary=b',
  '',
  '--b',
  'Content-Type: text/plain',
  '',
  'It burns.',
  '--b',
  'Content-Type: text/html; name="page.html"',
  'Content-Disposition: attachment; filename="pa\'ge é.html"',
  '',
  '<script>alert(1)</script>',
  '--b--',
  '',
].join('\r\n');

beforeAll(async () => {
  gateway = await composeGateway();
  const objects = await openObjects(gateway.nats);
  const prefix = objectPrefix('t1', 'p1', '18c');
  await objects.put(`${prefix}/raw.eml`, Buffer.from(raw));
  await objects.put(`${prefix}/body.html`, Buffer.from('<p>hi</p>'));
});
afterAll(() => gateway?.close());

const message = (rest: string, tenant = 't1') =>
  gateway.fetch(`/api/email/providers/p1/messages/18c/${rest}`, { tenant });

it('serves a message byte for byte', async () => {
  const response = await message('raw');
  expect(await response.text()).toBe(raw);
  expect(response.headers.get('content-type')).toBe('message/rfc822');
  expect(response.headers.get('content-length')).toBe(String(Buffer.byteLength(raw)));
});

it('serves what strangers sent as a download, never as a page', async () => {
  const response = await message('body.html');
  expect(await response.text()).toBe('<p>hi</p>');
  expect(response.headers.get('content-disposition')).toMatch(/^attachment; /);
  expect(response.headers.get('x-content-type-options')).toBe('nosniff');
  expect(response.headers.get('content-security-policy')).toContain('sandbox');
});

it('serves an attachment decoded, under its own name', async () => {
  const id = await attachmentId();
  const response = await message(`attachments/${id}`);
  expect(await response.text()).toContain('<script>alert(1)</script>');
  expect(response.headers.get('content-disposition')).toMatch(
    /^attachment; filename="pa_ge _+\.html"; filename\*=UTF-8''pa%27ge%20/,
  );
});

it('has no message for another tenant, and none that is not kept', async () => {
  const id = await attachmentId();
  for (const path of ['raw', 'body.html', `attachments/${id}`])
    expect((await message(path, 't2')).status).toBe(404);
  expect((await message('body.txt')).status).toBe(404);
  expect((await message('attachments/none')).status).toBe(404);
  expect((await gateway.fetch('/api/email/providers/..%2F..%2Ft1/messages/18c/raw')).status).toBe(400);
});

async function attachmentId(): Promise<string> {
  const { openMessage } = await import('#mail/message-parts');
  const opened = await openMessage(Buffer.from(raw));
  if (!opened.ok) throw new Error(opened.reason);
  return opened.opened.attachments[0]!.id;
}
