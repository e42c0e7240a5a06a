import { createPrivateKey } from 'node:crypto';
import { days } from '#time/clock';
import type { SimulatorClient } from '../client.js';
import { startSimulator } from '../server.js';
import type { Simulator } from '../server.js';

const CALLBACK = 'https://psa.example.com/callback';

describe('the console', () => {
  let simulator: Simulator;
  let google: SimulatorClient;
  beforeAll(async () => {
    simulator = await startSimulator();
    google = simulator.client;
  });
  afterAll(() => simulator.close());

  it('hands out everything a tenant needs, in Google’s formats', async () => {
    const tenant = await google.seedTenantProject({
      projectId: 'tenant-formats',
      redirectUris: [CALLBACK],
      users: [{ email: 'Support@Customer.example' }],
    });
    expect(tenant.projectNumber).toMatch(/^\d{12}$/);
    expect(tenant.clientId).toMatch(
      new RegExp(`^${tenant.projectNumber}-[a-z0-9]{32}\\.apps\\.googleusercontent\\.com$`),
    );
    expect(tenant.clientSecret).toMatch(/^GOCSPX-[A-Za-z0-9_-]{28}$/);
    const key = JSON.parse(tenant.serviceAccountKeyJson ?? '') as Record<string, string>;
    expect(key).toMatchObject({
      type: 'service_account',
      project_id: 'tenant-formats',
      client_email: 'helpdesk-mail@tenant-formats.iam.gserviceaccount.com',
      client_id: expect.stringMatching(/^\d{21}$/),
      private_key_id: expect.stringMatching(/^[0-9a-f]{40}$/),
      token_uri: 'https://oauth2.googleapis.com/token',
      universe_domain: 'googleapis.com',
    });
    expect(createPrivateKey(key['private_key'] ?? '').asymmetricKeyDetails?.modulusLength).toBe(2048);
    expect(key['private_key']).toMatch(/^-----BEGIN PRIVATE KEY-----\n/);
  });

  it('shows a secret’s last four characters only, after it was made', async () => {
    const { clientSecret } = await google.seedTenantProject({
      projectId: 'tenant-shown-once',
      redirectUris: [CALLBACK],
    });
    const project = JSON.stringify(await google.project('tenant-shown-once'));
    expect(project).not.toContain(clientSecret);
    expect(project).toContain(`"lastFour":"${clientSecret.slice(-4)}"`);
  });

  it('allows two enabled secrets, and a third once one is disabled', async () => {
    const { clientId } = await google.seedTenantProject({
      projectId: 'tenant-rotates',
      redirectUris: [CALLBACK],
    });
    const { secretId } = await google.addSecret(clientId);
    await expect(google.addSecret(clientId)).rejects.toThrow('at most two enabled secrets');
    await google.enableSecret(clientId, secretId, false);
    await google.addSecret(clientId);
    await expect(google.enableSecret(clientId, secretId, true)).rejects.toThrow('at most two');
    await google.deleteSecret(clientId, secretId);
    const [client] = (await google.project('tenant-rotates')).clients;
    expect(client?.secrets.map(({ id }) => id)).not.toContain(secretId);
    expect(client?.secrets).toHaveLength(2);
  });

  it('makes no key in a secure-by-default organisation', async () => {
    const tenant = await google.seedTenantProject({
      projectId: 'tenant-secured',
      redirectUris: [CALLBACK],
      organization: { domain: 'secured.example', secureByDefault: true, domainRestrictedSharing: true },
    });
    expect(tenant.serviceAccountKeyJson).toBeUndefined();
    await expect(google.createServiceAccountKey(tenant.serviceAccountEmail)).rejects.toThrow(
      'iam.disableServiceAccountKeyCreation',
    );
  });

  it('changes a project’s audience, organisation and APIs without touching the rest', async () => {
    await google.seedTenantProject({ projectId: 'tenant-changes', redirectUris: [CALLBACK] });
    const before = await google.project('tenant-changes');
    expect(before).toMatchObject({ userType: 'external', publishingStatus: 'production' });
    const after = await google.changeProject('tenant-changes', {
      publishingStatus: 'testing',
      enabledApis: ['gmail.googleapis.com'],
      organization: { domain: 'changes.example' },
    });
    expect(after).toMatchObject({
      publishingStatus: 'testing',
      userType: 'external',
      enabledApis: ['gmail.googleapis.com'],
      organization: { domain: 'changes.example', secureByDefault: false },
      clients: before.clients,
    });
    const without = await google.changeProject('tenant-changes', { organization: null });
    expect(without).not.toHaveProperty('organization');
  });

  it('grants a service account roles and the right to act as itself', async () => {
    await google.createProject('tenant-grants');
    const { email } = await google.createServiceAccount('tenant-grants', {
      name: 'provisioner',
      canActAs: ['self'],
      permissions: ['pubsub.topics.create'],
    });
    await google.changeServiceAccount(email, { roles: ['roles/pubsub.editor'] });
    const [account] = (await google.project('tenant-grants')).serviceAccounts;
    expect(account).toMatchObject({
      roles: ['roles/pubsub.editor'],
      permissions: ['pubsub.topics.create'],
      canActAs: [email],
    });
  });

  it('takes redirect URIs by Google’s rules only', async () => {
    await google.createProject('tenant-redirects');
    await expect(
      google.createClient('tenant-redirects', { redirectUris: ['https://psa.corp.local/callback'] }),
    ).rejects.toThrow('must end with a public top-level domain');
  });

  it('keeps an account’s sub when the account is changed', async () => {
    const { sub } = await google.createUser('kept@customer.example');
    const changed = await google.createUser('kept@customer.example', { name: 'Kept', hasGmail: false });
    expect(changed).toMatchObject({ sub, name: 'Kept', hasGmail: false });
  });

  it('refuses what it does not understand, and says where', async () => {
    await expect(
      google.changeProject('tenant-changes', { userType: 'secret' as 'internal' }),
    ).rejects.toThrow(/400: .*userType/);
    await expect(google.seedTenantProject({ projectId: 'X', redirectUris: [CALLBACK] })).rejects.toThrow(
      /answered 400: .*Not a project id: X/,
    );
    await expect(google.createProject('X')).rejects.toThrow('Not a project id: X');
    await expect(google.project('nowhere-to-be-found')).rejects.toThrow('404');
    await expect(google.changePassword('nobody@example.com')).rejects.toThrow('404');
  });

  it('moves the clock', async () => {
    const before = await google.now();
    const after = await google.advance(days(3));
    expect(after.getTime() - before.getTime()).toBeGreaterThanOrEqual(days(3));
    expect((await google.now()).getTime()).toBeGreaterThanOrEqual(after.getTime());
  });

  it('shows a person what is here, with forms to set a project up and to send a mail', async () => {
    await google.createUser('inbox@customer.example', { name: '<b>Inbox</b>' });
    const response = await fetch(`${simulator.url}/simulator`);
    const html = await response.text();
    expect(response.headers.get('content-type')).toContain('text/html');
    expect(html).toContain('tenant-formats');
    expect(html).toContain('id="project"');
    expect(html).toContain('<option>inbox@customer.example</option>');
    expect(html).not.toContain('<b>Inbox</b>');
  });
});
