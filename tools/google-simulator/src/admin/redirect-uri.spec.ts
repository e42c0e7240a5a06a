import { redirectUriProblem } from './redirect-uri.js';

describe('the console takes as a redirect URI', () => {
  it.each([
    'https://psa.example.com/oauth/google/callback',
    'https://psa.example.com:8443/callback?tenant=1',
    'http://localhost:3000/callback',
    'http://127.0.0.1:3000/callback',
    'http://[::1]:3000/callback',
  ])('%s', (uri) => {
    expect(redirectUriProblem(uri)).toBeUndefined();
  });
});

describe('the console refuses as a redirect URI', () => {
  it.each([
    ['http://psa.example.com/callback', 'https'],
    ['https://psa.corp.local/callback', 'public top-level domain'],
    ['https://psa/callback', 'public top-level domain'],
    ['https://10.0.0.5/callback', 'IP address'],
    ['https://[2001:db8::1]/callback', 'IP address'],
    ['https://*.example.com/callback', 'wildcard'],
    ['https://psa.example.com/callback#here', 'fragment'],
    ['https://psa.example.com/a/../callback', 'traversal'],
    ['https://psa.example.com/%zz', 'percent escape'],
    ['https://me:pass@psa.example.com/callback', 'user information'],
    ['https://x.googleusercontent.com/callback', 'googleusercontent.com'],
    ['psa://callback', 'http or https'],
    ['callback', 'must be a URI'],
  ])('%s: %s', (uri, reason) => {
    expect(redirectUriProblem(uri)).toContain(reason);
  });
});
