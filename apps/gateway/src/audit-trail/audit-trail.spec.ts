import { ListAuditTrail } from '#contracts/audit-trail';
import { accepted } from '#messaging/envelope';
import { composeGateway, type ComposedGateway } from '../fixtures/composed-gateway.js';

describe('the audit trail over HTTP', () => {
  let gateway: ComposedGateway;
  beforeAll(async () => {
    gateway = await composeGateway();
    gateway.services.answer(ListAuditTrail, () => accepted({ trail: [], earlier: null }));
  });
  afterAll(() => gateway.close());

  it('is asked of oauth with the filter, for the caller’s tenant', async () => {
    const query = '?kind=secret-read&providerId=p1&limit=7&from=2026-11-23T13:00:00%2B01:00';
    const response = await gateway.fetch(`/api/google/audit-trail${query}`);
    expect([response.status, await response.json()]).toEqual([200, { trail: [], earlier: null }]);
    expect(gateway.services.asked.at(-1)).toMatchObject({
      data: { kind: 'secret-read', providerId: 'p1', limit: 7, from: '2026-11-23T12:00:00.000Z' },
      origin: { tenantId: 't1' },
    });
  });

  it('refuses what it does not know, and whoever may not read it', async () => {
    expect((await gateway.fetch('/api/google/audit-trail?kind=rumour')).status).toBe(400);
    const authorization = `Bearer ${await gateway.token({ permissions: ['system_settings:update'] })}`;
    expect((await gateway.fetch('/api/google/audit-trail', { headers: { authorization } })).status).toBe(403);
  });
});
