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
});
