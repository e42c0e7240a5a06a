import { forgeries } from '#google-simulator/pubsub/forged-push';
import type { Cast } from '../cast.js';
import { simpleMail } from '../mailbox.js';
import { check, type Report } from '../report.js';

export async function trustNoPush(
  { stage, harbor, nordlicht, helpdesk, support }: Cast,
  report: Report,
): Promise<void> {
  const { google, psa, wire } = stage;

  await report.step('A push comes three times', async () => {
    await google.addFault({
      match: { on: 'pubsub-push', pathPattern: harbor.subscription },
      effect: { kind: 'duplicate', copies: 2 },
      times: 1,
    });
    const before = psa.emails.size;
    const id = await helpdesk.gets(simpleMail('Told three times'));
    await helpdesk.received([id]);
    await google.pubsub.settled({ subscription: harbor.subscription });
    check(psa.emails.size === before + 1, 'one mail came of it', psa.emails.size - before);
    return 'one delivery';
  });

  await report.step('Three pushes come in reverse order', async () => {
    await google.addFault({
      match: { on: 'pubsub-push', pathPattern: harbor.subscription },
      effect: { kind: 'reorder', hold: 3 },
      times: 3,
    });
    const ids = [];
    for (const subject of ['First', 'Second', 'Third']) ids.push(await helpdesk.gets(simpleMail(subject)));
    await helpdesk.received(ids);
    await google.pubsub.settled({ subscription: harbor.subscription });
    return 'three deliveries';
  });

  await report.step(`Forged pushes of ${forgeries.length} kinds`, async () => {
    const data = { emailAddress: helpdesk.address, historyId: 999_999_999 };
    const before = wire.count('notification.');
    const statuses = new Map<string, number>();
    for (const forgery of forgeries) {
      const { status, body } = await google.pubsub.sendForgedPush({
        subscription: harbor.subscription,
        forgery,
        data,
      });
      statuses.set(forgery, status);
      check(!body.includes(harbor.id), 'the answer tells a stranger nothing', body);
    }
    check(
      [...statuses.values()].every((status) => status === 401),
      'all are refused',
      [...statuses],
    );
    await wire.caughtUp();
    check(wire.count('notification.') === before, 'nothing comes of them');
    return `all ${statuses.size} are refused with 401: ${[...statuses.keys()].join(', ')}`;
  });

  await report.step('A true identity of one tenant, in the name of another', async () => {
    const before = wire.count('notification.');
    const { keys } = stage.embedded.simulator.world;
    const endpoint = `${stage.embedded.gatewayUrl}/api/email/webhooks/google`;
    const now = stage.embedded.simulator.world.epochSeconds();
    const token = keys.signIdToken({
      iss: 'https://accounts.google.com',
      aud: endpoint,
      azp: '1',
      sub: '1',
      email: nordlicht.project.serviceAccountEmail,
      email_verified: true,
      iat: now,
      exp: now + 3_600,
    });
    const push = (subscription: string) =>
      stage.visitor.visit('POST', endpoint, {
        token,
        body: {
          message: {
            data: Buffer.from(JSON.stringify({ emailAddress: support.address, historyId: 1 })).toString(
              'base64',
            ),
            messageId: '1',
            publishTime: new Date(now * 1_000).toISOString(),
          },
          subscription,
        },
      });
    const foreign = await push(harbor.subscription);
    check(foreign.status === 401, 'it is refused', foreign.status);
    await wire.caughtUp();
    check(wire.count('notification.') === before, 'nothing comes of it');
    const own = await push(nordlicht.subscription);
    check(own.status < 300, 'the same identity is believed for its own tenant', own.status);
    return `${foreign.status}; for its own tenant ${own.status}`;
  });
}
