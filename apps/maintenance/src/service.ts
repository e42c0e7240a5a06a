import type { ServiceDefinition } from '#hosting/service';
import { askForDueWork } from './due/ask-for-due-work.js';
import {
  DueDeadlines1764550000000,
  DueWork1764100000000,
  dueWork,
  DueWorkSubject1764200000000,
} from './due/due-work.projection.js';
import { dueWatch } from './due/due-watch.js';
import { googleProjects, GoogleProjects1764560000000 } from './due/google-projects.projection.js';
import { HeldWork1764300000000 } from './due/held-work.js';
import { LastSender1764300500000 } from './due/last-sender.js';
import { listDueWork } from './due/list-due-work.js';
import { KnownProviders1764300000000, knownProviders } from './reset/known-providers.projection.js';
import { resetWhenRequested } from './reset/reset-when-requested.reactor.js';
import { tenantResetHandlers } from './reset/tenant-resets.js';

/** What is due, and the clock that asks for it. */
export const maintenance: ServiceDefinition = {
  name: 'maintenance',
  entities: [],
  migrations: [
    DueWork1764100000000,
    DueWorkSubject1764200000000,
    KnownProviders1764300000000,
    HeldWork1764300000000,
    LastSender1764300500000,
    DueDeadlines1764550000000,
    GoogleProjects1764560000000,
  ],
  mayUseSecrets: false,
  compose: (means) =>
    Promise.resolve({
      handlers: [listDueWork(means.database), ...tenantResetHandlers(means)],
      processors: [dueWork, googleProjects, knownProviders, resetWhenRequested(means)],
      workers: [askForDueWork(means)],
      ...dueWatch(means),
    }),
};
