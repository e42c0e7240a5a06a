import { startSimulator } from './server.js';
import type { Simulator } from './server.js';

describe('the simulator', () => {
  let google: Simulator;
  beforeAll(async () => {
    google = await startSimulator();
  });
  afterAll(() => google.close());

  it('answers an unknown path with an HTML 404, as Google does', async () => {
    const response = await fetch(`${google.url}/nowhere`);
    expect(response.status).toBe(404);
    expect(response.headers.get('content-type')).toContain('text/html');
  });

  it('names its public address, where it has one, in discovery and on its home page', async () => {
    const published = await startSimulator({ publicUrl: 'https://google.example.com/' });
    const discovery = await fetch(`${published.url}/.well-known/openid-configuration`);
    expect(await discovery.json()).toMatchObject({
      issuer: 'https://accounts.google.com',
      authorization_endpoint: 'https://google.example.com/o/oauth2/v2/auth',
      jwks_uri: 'https://google.example.com/oauth2/v3/certs',
    });
    const homePage = await (await fetch(`${published.url}/simulator`)).text();
    expect(homePage).toContain('https://google.example.com');
    expect(homePage).not.toContain(published.url);
    await published.close();
  });
});
