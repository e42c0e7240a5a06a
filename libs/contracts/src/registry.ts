import * as calendar from './calendar.js';
import * as diagnosis from './diagnosis.js';
import * as cutover from './cutover.js';
import type { EventContract, RequestContract, ServiceName } from './contract.js';
import * as gmail from './gmail.js';
import * as gmailProvisioning from './gmail-provisioning.js';
import * as maintenance from './maintenance.js';
import * as oauth from './oauth.js';
import * as oauthReset from './oauth-reset.js';
import * as oauthUpkeep from './oauth-upkeep.js';
import * as reset from './reset.js';

const isRequest = (value: unknown): value is RequestContract =>
  typeof value === 'object' && value !== null && 'subject' in value;

/** Every request of every service: the host checks at the start that each has exactly one handler. */
export const requests: RequestContract[] = [
  oauth,
  oauthReset,
  oauthUpkeep,
  gmail,
  gmailProvisioning,
  calendar,
  maintenance,
  diagnosis,
  cutover,
  reset,
].flatMap((contracts) => Object.values<unknown>(contracts).filter(isRequest));

export const requestsOf = (service: ServiceName): RequestContract[] =>
  requests.filter((request) => request.service === service);

/** Every event, in the order of the story: setup, permission, pipeline, mailbox, calendar, reset. */
export const eventContracts: EventContract[] = [
  oauth.googleAppEvents,
  oauth.grantEvents,
  gmail.topicEvents,
  gmail.mailboxEvents,
  calendar.calendarEvents,
  maintenance.tenantResetEvents,
].flatMap((contracts) => Object.values(contracts) as EventContract[]);
