import { z } from 'zod';
import { savedCalendarState } from '../calendar/calendar-state.js';
import { savedGmail } from '../gmail/gmail-state.js';
import { savedSigningKey } from '../keys.js';
import { savedOAuth } from '../oauth/saved-oauth.js';
import { savedProject } from '../projects.js';
import { savedPubSub } from '../pubsub/pubsub-state.js';
import { savedUser, savedWorkspace } from '../users.js';

/** All that outlives a restart, apart from the bytes of mails. Faults, the request log and push records do not. */
export const savedWorld = z.object({
  clockOffsetMs: z.number(),
  signingKey: savedSigningKey,
  projects: z.array(savedProject),
  users: z.array(savedUser),
  workspaces: z.array(savedWorkspace),
  oauth: savedOAuth,
  gmail: savedGmail,
  pubsub: savedPubSub,
  /** Absent in files of simulators that had no calendars. */
  calendar: savedCalendarState.exactOptional(),
});
export type SavedWorld = z.output<typeof savedWorld>;
