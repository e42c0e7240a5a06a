import { isIP } from 'node:net';
import type { Finding } from '#contracts/diagnosis';
import { problem, type Problem } from '#problems/problem';

/** Names of local networks, and names that are reserved for tests and documents: none of them is on the list of public suffixes. */
const notPublic =
  /(^|\.)(local|localdomain|lan|internal|intranet|corp|home|private|test|invalid|example|localhost|onion|arpa)$/;
const loopback = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/;

/** Whether Google would take addresses under the installation's own. By rule alone: nobody is asked. */
export function baseUrlFinding({
  baseUrl,
  simulated,
}: {
  baseUrl: string;
  /** A simulated Google reaches the developer's own machine. */
  simulated: boolean;
}): Finding {
  const url = new URL(baseUrl);
  const asked = `Would Google take ${shown(url)} as a redirect URI and push address?`;
  if (loopback.test(url.hostname) && simulated)
    return {
      check: 'base-url',
      result: 'pass',
      evidence: {
        asked,
        answered:
          'It is this machine itself, which the simulated Google of a development installation reaches.',
      },
    };
  const found = faultOf(url, baseUrl);
  return found
    ? {
        check: 'base-url',
        result: 'fail',
        evidence: { asked, answered: 'No, by its published rules for redirect URIs.' },
        problem: found,
      }
    : {
        check: 'base-url',
        result: 'pass',
        evidence: {
          asked,
          answered:
            'Yes, by its published rules. Whether Google reaches it only a first notification proves.',
        },
      };
}

function faultOf(url: URL, baseUrl: string): Problem | null {
  if (url.protocol !== 'https:') return problem('base-url.not-https', { baseUrl: shown(url) });
  if (isIP(url.hostname.replace(/^\[|\]$/g, '')) !== 0)
    return problem('base-url.ip-address', { baseUrl: shown(url) });
  if (!url.hostname.includes('.') || notPublic.test(url.hostname.replace(/\.$/, '')))
    return problem('base-url.not-public', { baseUrl: shown(url) });
  const what = unregistrable(url, baseUrl);
  return what ? problem('base-url.malformed', { baseUrl: shown(url), what }) : null;
}

/** Without what may be a password. */
const shown = ({ origin, pathname }: URL): string => `${origin}${pathname === '/' ? '' : pathname}`;

function unregistrable(url: URL, baseUrl: string): string | null {
  if (url.username !== '' || url.password !== '') return 'a user name';
  if (baseUrl.includes('*')) return 'a wildcard';
  if (url.hash !== '') return 'a fragment';
  if (url.search !== '') return 'a query';
  if (/(^|\.)googleusercontent\.com$/.test(url.hostname)) return 'a host of googleusercontent.com';
  return null;
}
