import { texts } from '../texts/texts.js';
import { readClientFile, readKeyFile } from './google-file.js';

const words = texts.setup.files;
const client = {
  client_id: '123456789012-abc.apps.googleusercontent.com',
  project_id: 'acme-psa-1234',
  client_secret: 'GOCSPX-secret',
  redirect_uris: ['https://psa.example.com/api/auth/google/callback'],
};
const web = JSON.stringify({ web: client });
const key = JSON.stringify({
  type: 'service_account',
  project_id: 'acme-psa-1234',
  client_email: 'mail@acme-psa-1234.iam.gserviceaccount.com',
  private_key: '-----BEGIN PRIVATE KEY-----',
});

describe('the file of the OAuth client', () => {
  it('fills id, secret and project', () => {
    expect(readClientFile('client.json', web)).toEqual({
      ok: true,
      file: {
        kind: 'client',
        clientId: client.client_id,
        clientSecret: 'GOCSPX-secret',
        projectId: 'acme-psa-1234',
        redirectUris: client.redirect_uris,
      },
    });
  });

  it.each([
    ['a service account key', key, words.keyInsteadOfClient],
    ['a desktop client', JSON.stringify({ installed: client }), words.desktopClient],
    ['a picture', 'PNG', words.notJson('x.json')],
    ['some other JSON', '{"name":"acme"}', words.unknown('x.json')],
    ['a list', '[]', words.notJson('x.json')],
    ['a huge file', `"${'x'.repeat(70_000)}"`, words.tooLarge('x.json')],
  ])('is not %s, and says what that is', (_, text, sentence) => {
    expect(readClientFile('x.json', text)).toEqual({ ok: false, sentence });
  });
});

describe('the file of the key', () => {
  it('is kept as Google wrote it', () => {
    expect(readKeyFile('key.json', key)).toEqual({
      ok: true,
      file: {
        kind: 'key',
        text: key,
        email: 'mail@acme-psa-1234.iam.gserviceaccount.com',
        projectId: 'acme-psa-1234',
      },
    });
  });

  it.each([
    ['a client', web],
    ['a desktop client', JSON.stringify({ installed: client })],
  ])('is not %s, and says so', (_, text) => {
    expect(readKeyFile('x.json', text)).toEqual({ ok: false, sentence: words.clientInsteadOfKey });
  });
});
