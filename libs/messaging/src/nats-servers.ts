/** What a NATS client is opened with. */
export interface NatsServers {
  servers: string[];
  user?: string;
  pass?: string;
}

/** NATS_URL, which may name several servers of a cluster, and whose user and password the client wants separately. */
export function natsServers(natsUrl: string): NatsServers {
  const urls = natsUrl.split(',').map((each) => new URL(each.trim()));
  const named = urls.find(({ username }) => username !== '');
  return {
    servers: urls.map(({ protocol, host }) => `${protocol}//${host}`),
    ...(named && { user: decodeURIComponent(named.username), pass: decodeURIComponent(named.password) }),
  };
}

/** Everything that a service is sent on its own connection comes here, and NATS lets nobody else listen. */
export const inboxOf = (service: string): string => `inbox.${service}`;

/** Replies may carry access tokens: under a name of their own, NATS can be told who may listen to them. */
export const repliesOf = (service: string): string => `reply.${service}`;
