import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { World } from '../world.js';
import type { GoogleUser } from '../users.js';
import { accountRefusal, parseAuthorizationRequest } from './authorization-request.js';
import type { AuthorizationRequest, ErrorPage } from './authorization-request.js';
import type { Attempt } from './oauth-state.js';
import { accountChooser, consentPage, errorPage, isHinted, unverifiedWarning } from './pages.js';
import { needsVerification } from './scopes.js';

export const ISSUER = 'https://accounts.google.com';
const LOST_ATTEMPT: ErrorPage = {
  page: 'invalid_request',
  status: 400,
  text: 'This sign-in is over or never began. Start again from the app.',
};

/** The pages between an app's authorization request and its callback. */
export function registerAuthorize(app: FastifyInstance, world: World): void {
  app.get('/o/oauth2/v2/auth', (request, reply) => {
    const query = new URL(request.url, world.url).searchParams;
    const parsed = parseAuthorizationRequest(world, query, request.headers['user-agent'] ?? '');
    if ('page' in parsed) return showError(reply, parsed);
    const hinted = [...world.users.values()].find((user) => isHinted(user, parsed.loginHint));
    if (parsed.prompts.has('none')) return answerSilently(world, reply, parsed, hinted);
    const attempt = world.oauth.startAttempt(parsed);
    if (hinted && !parsed.prompts.has('select_account')) {
      attempt.user = hinted;
      return proceed(world, reply, attempt);
    }
    return reply.redirect(`/signin/oauth/accountchooser?attempt=${attempt.id}`);
  });

  app.get('/signin/oauth/accountchooser', (request, reply) => {
    const attempt = attemptOf(world, request);
    if (!attempt) return showError(reply, LOST_ATTEMPT);
    return showPage(reply, accountChooser(attempt, [...world.users.values()]));
  });

  app.post('/signin/oauth/accountchooser', (request, reply) => {
    const attempt = attemptOf(world, request);
    const user = world.user(fields(request).get('email') ?? '');
    if (!attempt || !user) return showError(reply, LOST_ATTEMPT);
    attempt.user = user;
    return proceed(world, reply, attempt);
  });

  app.get('/signin/oauth/warning', (request, reply) => {
    const attempt = attemptOf(world, request);
    return attempt ? showPage(reply, unverifiedWarning(attempt)) : showError(reply, LOST_ATTEMPT);
  });

  app.post('/signin/oauth/warning', (request, reply) => {
    const attempt = attemptOf(world, request);
    if (!attempt) return showError(reply, LOST_ATTEMPT);
    if (fields(request).get('decision') !== 'continue') return cancel(world, reply, attempt);
    attempt.warningAccepted = true;
    return proceed(world, reply, attempt);
  });

  app.get('/signin/oauth/consent', (request, reply) => {
    const attempt = attemptOf(world, request);
    if (!attempt?.user) return showError(reply, LOST_ATTEMPT);
    return showPage(reply, consentPage(attempt, attempt.user.email, isTrusted(world, attempt)));
  });

  app.post('/signin/oauth/consent', (request, reply) => {
    const attempt = attemptOf(world, request);
    if (!attempt?.user) return showError(reply, LOST_ATTEMPT);
    const form = fields(request);
    const ticked = attempt.request.scopes.filter((scope) => form.getAll('scope').includes(scope));
    if (form.get('decision') !== 'allow' || ticked.length === 0) return cancel(world, reply, attempt);
    world.oauth.attempts.delete(attempt.id);
    const seconds = Number(form.get('access_seconds') ?? '');
    const { code, scopes } = world.oauth.issueCode(attempt.user, attempt.request, ticked, {
      consentShown: true,
      ...(seconds > 0 && { accessMs: seconds * 1_000 }),
    });
    return callBack(reply, attempt.request, { code, scope: scopes.join(' ') });
  });
}

/** Leads to the next page that is due, or back to the app when none is. */
function proceed(world: World, reply: FastifyReply, attempt: Attempt) {
  const { user, request } = attempt;
  if (!user) return reply.redirect(`/signin/oauth/accountchooser?attempt=${attempt.id}`, 303);
  const refusal = accountRefusal(world, request, user);
  if (refusal) return showError(reply, refusal);
  if (!request.prompts.has('consent') && isGranted(world, request, user)) {
    world.oauth.attempts.delete(attempt.id);
    return callBack(reply, request, codeWithoutConsent(world, request, user));
  }
  const { userType, verified } = request.project;
  const suspicious = userType === 'external' && !verified && request.scopes.some(needsVerification);
  const next = suspicious && !attempt.warningAccepted ? 'warning' : 'consent';
  return reply.redirect(`/signin/oauth/${next}?attempt=${attempt.id}`, 303);
}

function answerSilently(
  world: World,
  reply: FastifyReply,
  request: AuthorizationRequest,
  user: GoogleUser | undefined,
) {
  if (!user) return callBack(reply, request, { error: 'login_required' });
  const refusal = accountRefusal(world, request, user);
  if (refusal) return showError(reply, refusal);
  if (!isGranted(world, request, user)) return callBack(reply, request, { error: 'interaction_required' });
  return callBack(reply, request, codeWithoutConsent(world, request, user));
}

function codeWithoutConsent(world: World, request: AuthorizationRequest, user: GoogleUser) {
  const { code, scopes } = world.oauth.issueCode(user, request, request.scopes, { consentShown: false });
  return { code, scope: scopes.join(' ') };
}

function isGranted(world: World, { scopes, project }: AuthorizationRequest, user: GoogleUser): boolean {
  const granted = world.oauth.consents.granted(user.sub, project.id);
  return scopes.every((scope) => granted.has(scope));
}

function isTrusted(world: World, { user, request }: Attempt): boolean {
  const workspace = world.workspaces.get(user?.workspaceDomain ?? '');
  return workspace?.trustedClientIds.has(request.client.clientId) ?? false;
}

function cancel(world: World, reply: FastifyReply, attempt: Attempt) {
  world.oauth.attempts.delete(attempt.id);
  return callBack(reply, attempt.request, { error: 'access_denied' });
}

function callBack(reply: FastifyReply, request: AuthorizationRequest, answer: Record<string, string>) {
  const url = new URL(request.redirectUri);
  if (request.state !== undefined) url.searchParams.set('state', request.state);
  url.searchParams.set('iss', ISSUER);
  for (const [name, value] of Object.entries(answer)) url.searchParams.set(name, value);
  return reply.redirect(url.href, 302);
}

function showPage(reply: FastifyReply, html: string) {
  return reply.type('text/html; charset=utf-8').header('cache-control', 'no-store').send(html);
}

function showError(reply: FastifyReply, error: ErrorPage) {
  return showPage(reply.code(error.status), errorPage(error));
}

function fields(request: FastifyRequest): URLSearchParams {
  return request.body instanceof URLSearchParams ? request.body : new URLSearchParams();
}

function attemptOf(world: World, request: FastifyRequest): Attempt | undefined {
  const query = request.query as Record<string, string | undefined>;
  return world.oauth.attempts.get(fields(request).get('attempt') ?? query['attempt'] ?? '');
}
