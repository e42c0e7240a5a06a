import { z } from 'zod';
import { command } from './contract.js';
import { problemShape } from './oauth.js';

// What the due list asks of oauth, so that nobody has to look after permissions and secrets.

export const ForgetFormerSecrets = command('oauth', 'ForgetFormerSecrets', {
  summary:
    'Deletes the client secrets that were replaced, once they have stood in for the new ones long enough.',
  data: z.object({}),
  answer: z.object({ left: z.array(z.enum(['gmail', 'calendar'])) }),
  refusals: ['google-app.unreadable'],
});

export const CheckGrant = command('oauth', 'CheckGrant', {
  summary:
    'Proves a permission at Google by getting the next access token before the present one ends. What a person has to mend is an answer and an event; a disturbance is refused, to be asked again.',
  data: z.object({ providerId: z.string() }),
  answer: z.object({ works: z.boolean(), problem: problemShape.nullable() }),
  refusals: ['google.sign-in-unavailable', 'google-app.unreadable'],
});

export const FindCause = command('oauth', 'FindCause', {
  summary:
    'Looks again at why a permission ended, now that it is known how the tenant’s other permissions fared. Asks nothing of Google.',
  data: z.object({ providerId: z.string() }),
  answer: z.object({ problem: problemShape.nullable() }),
});
