import { DiagnoseMailbox, DiagnosePubSub } from '#contracts/diagnosis';
import {
  AddMailbox,
  AlterMailbox,
  CheckFirstNotification,
  ConnectMailbox,
  DisconnectMailbox,
  GetMailbox,
  PauseMailbox,
  ProvisionTopic,
  RemoveMailbox,
  RenewWatch,
  ResumeMailbox,
  StartWatch,
} from '#contracts/gmail';
import { ImportMailbox } from '#contracts/cutover';
import { GetProvisioningCommands, VerifyTopic } from '#contracts/gmail-provisioning';
import type { ServiceDefinition } from '#hosting/service';
import { answer } from '#messaging/handler';
import { diagnoseMailbox } from './doctor/diagnose-mailbox.js';
import { diagnosePubSub } from './doctor/diagnose-pubsub.js';
import { importMailbox } from './cutover/import-mailbox.js';
import { connectWhenAuthorized } from './follow-ups/connect-when-authorized.reactor.js';
import {
  forgetGrantWhenDisconnected,
  lookIntoMissingNotifications,
  mendTopicWhenWatchRenewedOrPrevented,
  watchAnewWhenFilterSet,
  watchWhenResumed,
} from './follow-ups/mailbox.reactors.js';
import { provisionAfterMove } from './follow-ups/provision-after-move.js';
import { provisionWhenConfigStored } from './follow-ups/provision-when-config-stored.reactor.js';
import { watchWhenProvisioned } from './follow-ups/watch-when-provisioned.reactor.js';
import { inbound, inboundMigrations } from './inbound/inbound.js';
import { MailboxTables1760000100000 } from './mailbox/mailbox-tables.js';
import { mailboxesProjection } from './mailbox/mailboxes.projection.js';
import {
  addMailbox,
  alterMailbox,
  connectMailbox,
  endMailbox,
  getMailbox,
  pauseMailbox,
  resumeMailbox,
} from './mailbox/settings-handlers.js';
import { checkFirstNotification, watchMailbox } from './mailbox/watch-handlers.js';
import { getProvisioningCommands, provisionTopic, verifyTopic } from './topic/provision-topic.js';
import { topicsProjection } from './topic/topics.projection.js';

/** Gmail: a tenant's topic, its mailboxes and their watch, and what arrives in them. */
export const gmail: ServiceDefinition = {
  name: 'gmail',
  entities: [],
  migrations: [MailboxTables1760000100000, ...inboundMigrations],
  mayUseSecrets: false,
  async compose(means) {
    const arriving = await inbound(means);
    return {
      handlers: [
        answer(ProvisionTopic, (_data, origin) => provisionTopic(means, origin)),
        answer(VerifyTopic, (_data, origin) => verifyTopic(means, origin)),
        answer(GetProvisioningCommands, (_data, origin) => getProvisioningCommands(means, origin)),

        answer(AddMailbox, (data, origin) => addMailbox(means, data, origin)),
        answer(AlterMailbox, (data, origin) => alterMailbox(means, data, origin)),
        answer(ConnectMailbox, (data, origin) => connectMailbox(means, data, origin)),
        answer(PauseMailbox, (data, origin) => pauseMailbox(means, data, origin)),
        answer(ResumeMailbox, (data, origin) => resumeMailbox(means, data, origin)),
        answer(DisconnectMailbox, (data, origin) => endMailbox(means, 'DisconnectMailbox', data, origin)),
        answer(RemoveMailbox, (data, origin) => endMailbox(means, 'RemoveMailbox', data, origin)),
        answer(ImportMailbox, (data, origin) => importMailbox(means, data, origin)),
        answer(GetMailbox, (data, origin) => getMailbox(means, data, origin)),

        answer(StartWatch, (data, origin) => watchMailbox(means, 'StartWatch', data, origin)),
        answer(RenewWatch, (data, origin) => watchMailbox(means, 'RenewWatch', data, origin)),
        answer(CheckFirstNotification, (data, origin) => checkFirstNotification(means, data, origin)),

        answer(DiagnosePubSub, (_data, origin) => diagnosePubSub(means, origin)),
        answer(DiagnoseMailbox, (data, origin) => diagnoseMailbox(means, data, origin)),

        ...arriving.handlers,
      ],
      processors: [
        mailboxesProjection,
        topicsProjection,
        connectWhenAuthorized(means),
        watchWhenProvisioned(means),
        watchWhenResumed(means),
        watchAnewWhenFilterSet(means),
        forgetGrantWhenDisconnected(means),
        provisionWhenConfigStored(means),
        mendTopicWhenWatchRenewedOrPrevented(means),
        lookIntoMissingNotifications(means),
        ...arriving.processors,
      ],
      workers: [provisionAfterMove(means), ...arriving.workers],
      checks: arriving.checks ?? [],
      gauges: arriving.gauges ?? [],
    };
  },
};
