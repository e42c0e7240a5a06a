import type { ServiceDefinition } from '#hosting/service';
import { askForDueWork } from './due/ask-for-due-work.js';
import {
  DueDeadlines1764550000000,
  DueWork1764100000000,
  dueWork,
  DueWorkSubject1764200000000,
} from './due/due-work.projection.js';
import { googleProjects, GoogleProjects1764560000000 } from './due/google-projects.projection.js';
import { listDueWork } from './due/list-due-work.js';

/** What is due, and the clock that asks for it. */
export const maintenance: ServiceDefinition = {
  name: 'maintenance',
  entities: [],
  migrations: [
    DueWork1764100000000,
    DueWorkSubject1764200000000,
    DueDeadlines1764550000000,
    GoogleProjects1764560000000,
  ],
  mayUseSecrets: false,
  compose: (means) =>
    Promise.resolve({
      handlers: [listDueWork(means.database)],
      processors: [dueWork, googleProjects],
      workers: [askForDueWork(means)],
    }),
};
