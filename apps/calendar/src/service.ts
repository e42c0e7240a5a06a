import type { ServiceDefinition } from '#hosting/service';

/** Google calendars. It has no capability of its own yet: the tenant's Calendar credentials are kept by the oauth service. */
export const calendar: ServiceDefinition = {
  name: 'calendar',
  entities: [],
  migrations: [],
  mayUseSecrets: false,
  compose: () => Promise.resolve({ handlers: [], processors: [], workers: [] }),
};
