import { ListAuditTrail } from './audit-trail.js';
import type { RequestContract, ServiceName } from './contract.js';
import * as calendar from './calendar.js';
import * as cutover from './cutover.js';
import * as diagnosis from './diagnosis.js';
import * as gmail from './gmail.js';
import * as provisioning from './gmail-provisioning.js';
import * as maintenance from './maintenance.js';
import * as oauth from './oauth.js';
import * as oauthReset from './oauth-reset.js';
import * as upkeep from './oauth-upkeep.js';
import * as reset from './reset.js';

/** Who asks over NATS: the services, and the tool that takes over the host's own Google connections. */
export type Asker = ServiceName | 'cutover';

const subjects = (...contracts: { subject: string }[]): string[] =>
  contracts.map(({ subject }) => subject).sort();

/**
 * What each asks for, of others or of itself through its own queue. NATS refuses everything else (deploy/nats), and a spec compares
 * this with what the services' code asks for.
 */
export const asks: Record<Asker, RequestContract['subject'][]> = {
  gateway: subjects(
    oauth.StoreConfig,
    oauth.ClearConfig,
    oauth.GetGoogleAppStatus,
    oauth.CompleteAuthorization,
    provisioning.GetProvisioningCommands,
    gmail.AddMailbox,
    gmail.AlterMailbox,
    gmail.ConnectMailbox,
    gmail.PauseMailbox,
    gmail.ResumeMailbox,
    gmail.DisconnectMailbox,
    gmail.RemoveMailbox,
    gmail.RenewWatch,
    gmail.GetMailbox,
    gmail.ListParkedMessages,
    gmail.RetryParkedMessage,
    calendar.AddCalendarProvider,
    calendar.RenameCalendarProvider,
    calendar.ConnectCalendar,
    calendar.ListAccountCalendars,
    calendar.ChooseCalendars,
    calendar.PauseCalendar,
    calendar.ResumeCalendar,
    calendar.DisconnectCalendar,
    calendar.RemoveCalendar,
    calendar.GetCalendarProvider,
    reset.ResetMailbox,
    reset.ResetCalendarProvider,
    maintenance.ResetTenant,
    maintenance.GetTenantReset,
    diagnosis.DiagnoseClients,
    diagnosis.DiagnoseProject,
    diagnosis.DiagnoseGrant,
    diagnosis.DiagnosePubSub,
    diagnosis.DiagnoseMailbox,
    diagnosis.DiagnoseCalendars,
    ListAuditTrail,
  ),
  oauth: subjects(gmail.DisconnectMailbox, calendar.DisconnectCalendar),
  gmail: subjects(
    oauth.GetAccessToken,
    oauth.GetProvisioningToken,
    oauth.GetGoogleAppStatus,
    oauth.StartAuthorization,
    oauthReset.AbandonAuthorization,
    oauth.ForgetGrant,
    oauthReset.GetForgottenPermission,
    gmail.ProvisionTopic,
    provisioning.VerifyTopic,
    gmail.StartWatch,
  ),
  calendar: subjects(
    oauth.GetAccessToken,
    oauth.GetGoogleAppStatus,
    oauth.StartAuthorization,
    oauthReset.AbandonAuthorization,
    oauth.ForgetGrant,
    oauthReset.GetForgottenPermission,
    calendar.OpenChannel,
    calendar.ChooseCalendars,
  ),
  maintenance: subjects(
    upkeep.CheckGrant,
    upkeep.FindCause,
    upkeep.ForgetFormerSecrets,
    gmail.ProvisionTopic,
    provisioning.VerifyTopic,
    gmail.StartWatch,
    gmail.RenewWatch,
    gmail.CheckFirstNotification,
    gmail.SyncMailbox,
    calendar.OpenChannel,
    calendar.RenewChannel,
    calendar.SyncCalendar,
    reset.ResetMailbox,
    reset.ResetCalendarProvider,
  ),
  cutover: subjects(oauth.GetGoogleAppStatus, cutover.ImportMailbox, cutover.ImportCalendarProvider),
};
