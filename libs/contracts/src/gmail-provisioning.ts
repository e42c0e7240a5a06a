import { z } from 'zod';
import { query } from './contract.js';

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
