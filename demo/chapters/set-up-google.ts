import type { Cast } from '../cast.js';
import { check, type Report } from '../report.js';

interface Refusal {
  errors: { field: string; code: string; sentence: string; remedy: string }[];
}
interface Status {
  badge: string;
  gmail: { maskedClientId: string | null };
  serviceAccountKeyStored: boolean;
}

/** A credentials file of another kind, as the same page of Google's console offers it. */
const oauthClientFile = JSON.stringify({
  web: { client_id: 'x.apps.googleusercontent.com', project_id: 'p' },
});

export async function setUpGoogle(
  { stage, harbor, nordlicht, helpdesk, billing, support, alerts }: Cast,
  report: Report,
): Promise<void> {
  await report.step('Each tenant makes its own project in Google’s console', async () => {
    await harbor.begin({
      projectId: 'harbor-it-psa',
      appName: 'Harbor IT Helpdesk',
      users: [{ email: helpdesk.address }, { email: billing.address }, { email: 'owner@harbor-it.com' }],
    });
    await nordlicht.begin({
      projectId: 'nordlicht-psa',
      appName: 'Nordlicht Service',
      publishingStatus: 'testing',
      // An editor may make topics, but may not let Gmail publish to them.
      roles: ['roles/pubsub.editor'],
      users: [{ email: support.address }, { email: alerts.address }],
    });
    const [one, other] = [harbor.project.clientId, nordlicht.project.clientId];
    check(one !== other, 'the tenants have OAuth clients of their own', one);
    return `${harbor.project.projectId} and ${nordlicht.project.projectId}`;
  });

  await report.step('A mailbox before the Google app is there', async () => {
    const answer = await harbor.call('POST', '/api/email/providers', {
      name: 'Helpdesk',
      mailbox: helpdesk.address,
    });
    const { code } = JSON.parse(answer.text) as { code: string };
    check(answer.status === 409 && code === 'google-app.incomplete', 'it is refused as incomplete', answer);
    return `${answer.status} ${code}`;
  });

  await report.step('The wrong file, and an e-mail address as client id', async () => {
    const answer = await harbor.call('PUT', '/api/google/config', {
      ...harbor.googleApp(),
      gmail: { clientId: helpdesk.address, clientSecret: harbor.project.clientSecret },
      serviceAccountKey: oauthClientFile,
    });
    const { errors = [] } = JSON.parse(answer.text) as Refusal;
    const fields = errors.map(({ field }) => field);
    check(answer.status === 422, 'the form is refused', { status: answer.status, body: answer.text });
    check(fields.includes('gmail.clientId'), 'the client id is named', errors);
    check(fields.includes('serviceAccountKey'), 'the key file is named', errors);
    check(
      errors.every(({ remedy }) => remedy.length > 0),
      'each says what to do',
      errors,
    );
    const { badge } = await harbor.ask<Status>('GET', '/api/google/config');
    check(badge === 'not-configured', 'nothing of it was stored', badge);
    return errors.map(({ field, code }) => `${field} → ${code}`).join(', ');
  });

  for (const tenant of [harbor, nordlicht]) {
    await report.step(`${tenant.id} stores its Google app`, async () => {
      const stored = await tenant.ask<Status>('PUT', '/api/google/config', tenant.googleApp());
      check(stored.badge === 'ready' && stored.serviceAccountKeyStored, 'all is stored', stored);
      const { clientId } = tenant.project;
      const masked = stored.gmail.maskedClientId ?? '';
      check(masked !== '' && !clientId.includes(masked), 'the client id is shown masked', masked);
      return `ready, client ${masked}`;
    });
  }

  await report.step('Somebody without a token, and somebody without the permission', async () => {
    const { embedded, visitor } = stage;
    const url = `${embedded.gatewayUrl}/api/google/config`;
    const anonymous = await visitor.visit('GET', url);
    const reader = await embedded.token({
      tenant: harbor.id,
      user: 'reader',
      permissions: ['system_settings:read'],
    });
    const writing = await visitor.visit('PUT', url, { token: reader, body: harbor.googleApp() });
    check(anonymous.status === 401 && writing.status === 403, 'both are refused', [
      anonymous.status,
      writing.status,
    ]);
    return `${anonymous.status} and ${writing.status}`;
  });
}
