import { z } from 'zod';
import { command, query } from './contract.js';
import { problemShape } from './oauth.js';

export const GetProvisioningCommands = query('gmail', 'GetProvisioningCommands', {
  summary:
    'What a tenant’s admin runs in Cloud Shell to provision by hand. The same names that are expected then.',
  data: z.object({}),
  answer: z.object({
    topic: z.string(),
    subscription: z.string(),
    endpoint: z.string(),
    serviceAccountEmail: z.string(),
    commands: z.array(z.string()),
  }),
  refusals: ['google-app.incomplete', 'google-app.unreadable'],
});

export const VerifyTopic = command('gmail', 'VerifyTopic', {
  summary:
    'Looks whether topic, publisher grant and push subscription are still as they have to be, and repairs them. A topic that no connected mailbox needs is left alone from then on.',
  data: z.object({}),
  answer: z.object({ provisioned: z.boolean(), problem: problemShape.nullable() }),
});

/** What a `TopicProvisioned` tells. */
export const provisionedTopic = z.object({
  projectId: z.string(),
  /** `projects/<project>/topics/<topic>` */
  topic: z.string(),
  /** `projects/<project>/subscriptions/<subscription>` */
  subscription: z.string(),
  endpoint: z.string(),
  /** Byte for byte what Google’s push tokens carry and what is verified. */
  audience: z.string(),
  /** Whose push tokens are believed for this tenant. */
  serviceAccountEmail: z.string(),
  mode: z.enum(['key', 'manual']),
  /** What had to be made or mended, in words. */
  repaired: z.array(z.string()),
});
