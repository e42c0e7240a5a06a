import type { Configuration } from '#configuration/configuration';
import { problem, type Problem } from '#problems/problem';

/** Where Google notifies about calendars, or why it cannot. Only a development installation may have its simulated Google nearby. */
export function channelAddress({
  baseUrl,
  development,
}: Pick<Configuration, 'baseUrl' | 'development'>): { url: string } | { missingBecause: Problem } {
  const { protocol, hostname } = new URL(baseUrl);
  const isPublic = protocol === 'https:' && !isLocal(hostname);
  if (!isPublic && !development) return { missingBecause: problem('calendar.webhook-not-public') };
  if (protocol !== 'https:' && !isLoopback(hostname))
    return { missingBecause: problem('calendar.webhook-not-public') };
  return { url: `${baseUrl}/api/calendar/webhooks/google` };
}

const isLoopback = (hostname: string): boolean =>
  hostname === 'localhost' || hostname === '[::1]' || /^127\./.test(hostname);

/** Names and addresses that nobody outside can reach. */
const isLocal = (hostname: string): boolean =>
  isLoopback(hostname) ||
  /\.(local|internal|lan|localhost)$/.test(hostname) ||
  /^(10\.|192\.168\.|169\.254\.|172\.(1[6-9]|2\d|3[01])\.)/.test(hostname);
