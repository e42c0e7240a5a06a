import { z } from 'zod';
import { command, query } from './contract.js';

const instant = z.iso.datetime();

export const AbandonAuthorization = command('oauth', 'AbandonAuthorization', {
  summary:
    'Ends the consents of a provider that are on their way: whoever comes back from Google with one of them connects nothing.',
  data: z.object({ providerId: z.string() }),
  answer: z.object({
    abandoned: z.number().int(),
    /** When a consent was begun, refused or given the last time; null when none ever was. */
    soughtAt: instant.nullable(),
  }),
});

/** A permission that is kept here no more. `revoked`: Google ended it too. */
export const forgottenPermission = z.object({
  account: z.string(),
  projectId: z.string(),
  revoked: z.boolean(),
});

export const GetForgottenPermission = query('oauth', 'GetForgottenPermission', {
  summary:
    'The last permission of a provider that was forgotten since a moment, and whether Google ended it.',
  data: z.object({ providerId: z.string(), since: instant }),
  answer: z.object({ permission: forgottenPermission.nullable() }),
});
