import { startSimulator, type Simulator } from '../server.js';
import type { TenantProject } from '../admin/tenant-project.js';

let google: Simulator;
let project: TenantProject;
beforeAll(async () => {
  google = await startSimulator();
  project = await google.client.seedTenantProject({ projectId: 'tenant-one', redirectUris: [] });
});
afterAll(() => google?.close());

const everything = 'https://www.googleapis.com/auth/cloud-platform';
async function ask(path: string, body?: unknown, scope = everything) {
  const holder = { kind: 'service-account' as const, email: project.serviceAccountEmail };
  const { token } = google.world.oauth.issueAccessToken(holder, [scope]);
  const response = await fetch(`${google.url}${path}`, {
    method: body === undefined ? 'GET' : 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}
const gmail = '/v1/projects/tenant-one/services/gmail.googleapis.com';
const permissions = '/v3/projects/tenant-one:testIamPermissions';
const refusedAs = (message: string) =>
  expect.objectContaining({ message: expect.stringContaining(message) as string });

it('says whether an API is on, and the project’s number', async () => {
  expect(await ask(gmail)).toMatchObject({
    status: 200,
    body: { state: 'ENABLED', parent: `projects/${project.projectNumber}` },
  });
  const { enabledApis } = await google.client.project('tenant-one');
  await google.client.changeProject('tenant-one', {
    enabledApis: enabledApis.filter((api) => api !== 'gmail.googleapis.com'),
  });
  expect(await ask(gmail, undefined, `${everything}.read-only`)).toMatchObject({
    body: { state: 'DISABLED' },
  });
});

it('hides that from accounts without the permission, of other projects, and without the scope', async () => {
  expect((await ask('/v1/projects/nobody/services/gmail.googleapis.com')).status).toBe(403);
  expect((await ask(gmail, undefined, 'https://www.googleapis.com/auth/pubsub')).body).toEqual({
    error: refusedAs('insufficient authentication scopes'),
  });
  await google.client.changeServiceAccount(project.serviceAccountEmail, { roles: [] });
  expect((await ask(gmail)).status).toBe(403);
});

it('names the permissions that an account holds in the project', async () => {
  const asked = ['pubsub.topics.get', 'pubsub.topics.setIamPolicy'];
  await google.client.changeServiceAccount(project.serviceAccountEmail, { roles: ['roles/pubsub.editor'] });
  expect((await ask(permissions, { permissions: asked })).body).toEqual({
    permissions: ['pubsub.topics.get'],
  });
  await google.client.changeServiceAccount(project.serviceAccountEmail, { roles: [] });
  expect((await ask(permissions, { permissions: asked })).body).toEqual({});
  await google.client.changeProject('tenant-one', { enabledApis: ['iam.googleapis.com'] });
  expect((await ask(permissions, { permissions: asked })).body).toEqual({
    error: refusedAs('Cloud Resource Manager API has not been used'),
  });
});

it('names what an account may do with a service account', async () => {
  const path = `/v1/projects/-/serviceAccounts/${project.serviceAccountEmail}:testIamPermissions`;
  const body = { permissions: ['iam.serviceAccounts.actAs'] };
  expect((await ask(path, body)).body).toEqual(body);
  await google.client.changeServiceAccount(project.serviceAccountEmail, { canActAs: [] });
  expect((await ask(path, body)).body).toEqual({});
});

it('gives a disabled account no token, and lets none of its tokens through', async () => {
  await google.client.changeServiceAccount(project.serviceAccountEmail, { disabled: true });
  expect((await ask(gmail)).status).toBe(401);
});
