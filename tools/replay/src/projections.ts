import type { ServiceDefinition } from '#hosting/service';
import type { Projection } from '#processors/processor';
import { channelsProjection } from '../../../apps/calendar/src/channels/channels.projection.js';
import { calendar } from '../../../apps/calendar/src/service.js';
import { gateway } from '../../../apps/gateway/src/service.js';
import { statuses } from '../../../apps/gateway/src/status/statuses.projection.js';
import { channelBindings } from '../../../apps/gateway/src/webhook/channel-bindings.projection.js';
import { pushBindings } from '../../../apps/gateway/src/webhook/push-bindings.projection.js';
import { mailboxesProjection } from '../../../apps/gmail/src/mailbox/mailboxes.projection.js';
import { gmail } from '../../../apps/gmail/src/service.js';
import { topicsProjection } from '../../../apps/gmail/src/topic/topics.projection.js';
import { dueWork } from '../../../apps/maintenance/src/due/due-work.projection.js';
import { googleProjects } from '../../../apps/maintenance/src/due/google-projects.projection.js';
import { knownProviders } from '../../../apps/maintenance/src/reset/known-providers.projection.js';
import { maintenance } from '../../../apps/maintenance/src/service.js';

export interface Replayable {
  service: ServiceDefinition;
  projection: Projection;
}

/** Every read model that is made of events alone. */
export const replayables: Replayable[] = [
  ...[statuses, pushBindings, channelBindings].map((projection) => ({ service: gateway, projection })),
  ...[mailboxesProjection, topicsProjection].map((projection) => ({ service: gmail, projection })),
  { service: calendar, projection: channelsProjection },
  ...[dueWork, googleProjects, knownProviders].map((projection) => ({ service: maintenance, projection })),
];
