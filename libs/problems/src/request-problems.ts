import type { ProblemDefinition } from './problem-definition.js';

/** What a caller of the API may be told. */
export const requestProblems = {
  'request.invalid': {
    sentence: 'The request is not valid: {detail}',
    actor: 'caller',
    remedy: 'Correct the named fields and send the request again.',
    kind: 'refusal',
  },
  'request.unauthenticated': {
    sentence: 'The request carries no valid token.',
    actor: 'caller',
    remedy: 'Send "Authorization: Bearer <token>" with an unexpired token of the PSA.',
    kind: 'refusal',
  },
  'request.unverifiable': {
    sentence: 'No token can be verified at the moment, because the PSA’s keys cannot be had.',
    actor: 'operator',
    remedy: 'Try again in a moment. If it persists, check that AUTH_JWKS_URL answers this service.',
    kind: 'transient',
  },
  'request.forbidden': {
    sentence: 'The token does not carry the permission {permission}.',
    actor: 'caller',
    remedy: 'Ask an administrator of the PSA for the permission {permission}.',
    kind: 'refusal',
  },
  'request.not-found': {
    sentence: 'There is no such thing here: {what}.',
    actor: 'caller',
    remedy: 'Check the id; another tenant’s things are never visible.',
    kind: 'refusal',
  },
  'request.too-large': {
    sentence: 'The request is larger than what is taken here.',
    actor: 'caller',
    remedy: 'Send less at once: a request of this API is a few kilobytes.',
    kind: 'refusal',
  },
  'request.too-many-listeners': {
    sentence: 'Too many pages of this tenant listen for changes at the moment.',
    actor: 'caller',
    remedy: 'Read every half minute instead, or close other pages and try again.',
    kind: 'transient',
  },
  'message.not-found': {
    sentence: 'The content of the message {gmailId} is not kept here.',
    actor: 'caller',
    remedy:
      'Check the id. Content is kept as long as MESSAGE_RETENTION_DAYS says; Gmail itself still has the message.',
    kind: 'refusal',
  },
  'service.unavailable': {
    sentence: 'The {service} service did not answer in time.',
    actor: 'operator',
    remedy:
      'Try again in a moment. If it persists, check that the {service} service runs and reaches NATS and PostgreSQL.',
    kind: 'transient',
  },
  'stream.busy': {
    sentence: 'Somebody else changes the same thing at this moment.',
    actor: 'caller',
    remedy: 'Send the request again.',
    kind: 'transient',
  },
  'service.failed': {
    sentence: 'The {service} service failed unexpectedly.',
    actor: 'operator',
    remedy: 'Look in the log of the {service} service for the correlation id {correlationId}.',
    kind: 'transient',
  },
  'parked.not-found': {
    sentence: 'Nothing with the id {id} is parked.',
    actor: 'caller',
    remedy: 'List what is parked; it may have been processed meanwhile.',
    kind: 'refusal',
  },
} satisfies Record<string, ProblemDefinition>;
