import { isIP } from 'node:net';

// Not on the public suffix list: names of local networks, and names reserved for tests and documents.
const NOT_PUBLIC =
  /(^|\.)(local|localdomain|lan|internal|intranet|corp|home|private|test|invalid|example|localhost)$/;
const LOOPBACK = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/;

/** Why Google's console does not take a redirect URI, or undefined when it does. */
export function redirectUriProblem(uri: string): string | undefined {
  if (!URL.canParse(uri)) return 'must be a URI';
  const url = new URL(uri);
  if (uri.includes('*')) return 'cannot contain a wildcard';
  if (uri.includes('#')) return 'cannot contain a fragment';
  if (/\/\.\.(\/|$)/.test(uri)) return 'cannot contain a path traversal';
  if (/%(?![0-9a-f]{2})/i.test(uri)) return 'cannot contain an invalid percent escape';
  if (url.username !== '' || url.password !== '') return 'cannot contain user information';
  if (url.protocol !== 'https:' && url.protocol !== 'http:') return 'must use http or https';
  if (LOOPBACK.test(url.hostname)) return undefined;
  if (url.protocol !== 'https:') return 'must use https, unless it leads to localhost';
  if (isIP(url.hostname.replace(/^\[|\]$/g, '')) !== 0) return 'cannot be an IP address';
  if (!url.hostname.includes('.') || NOT_PUBLIC.test(url.hostname)) {
    return 'must end with a public top-level domain, such as .com or .org';
  }
  if (/(^|\.)googleusercontent\.com$/.test(url.hostname)) return 'cannot be on googleusercontent.com';
  return undefined;
}
