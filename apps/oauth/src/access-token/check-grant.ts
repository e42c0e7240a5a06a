import type { z } from 'zod';
import type { CheckGrant } from '#contracts/oauth-upkeep';
import { accepted, refused, type Origin, type Reply } from '#messaging/envelope';
import { definitionOf } from '#problems/problem';
import { minutes, type Clock } from '#time/clock';
import type { AccessTokens } from './access-tokens.js';

/** The due list asks at least every 50 minutes: so what ended is known within the hour, however the times fall. */
const provenWithinMs = minutes(8);

/** Gets the next access token before the present one ends, and so proves the refresh token. Google is not asked about what was just proven. */
export const checkGrant =
  (tokens: AccessTokens, clock: Clock) =>
  async (
    { providerId }: z.infer<typeof CheckGrant.data>,
    origin: Origin,
  ): Promise<Reply<z.infer<typeof CheckGrant.answer>>> => {
    const provenSince = new Date(clock.now().getTime() - provenWithinMs);
    const reply = await tokens.check(providerId, origin, { provenSince });
    if (reply.ok) return accepted({ works: true, problem: null });
    return definitionOf(reply.problem.code).kind === 'transient'
      ? refused(reply.problem)
      : accepted({ works: false, problem: reply.problem });
  };
