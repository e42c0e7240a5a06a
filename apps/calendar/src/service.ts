import {
  AddCalendarProvider,
  ChooseCalendars,
  ConnectCalendar,
  DisconnectCalendar,
  GetCalendarProvider,
  ListAccountCalendars,
  OpenChannel,
  PauseCalendar,
  RemoveCalendar,
  RenameCalendarProvider,
  RenewChannel,
  ResumeCalendar,
} from '#contracts/calendar';
import { DiagnoseCalendars } from '#contracts/diagnosis';
import { ImportCalendarProvider } from '#contracts/cutover';
import type { ServiceDefinition } from '#hosting/service';
import { answer } from '#messaging/handler';
import { keepChannel } from './channels/channel-handlers.js';
import { channelsProjection } from './channels/channels.projection.js';
import { ChannelsTable1760000400000 } from './channels/channels-table.js';
import { diagnoseCalendars } from './doctor/diagnose-calendars.js';
import { chooseWhenAuthorized } from './cutover/choose-when-authorized.reactor.js';
import { importCalendarProvider } from './cutover/import-calendar-provider.js';
import { openAfterMove } from './follow-ups/open-after-move.js';
import {
  forgetGrantWhenDisconnected,
  openWhenAuthorized,
  openWhenChosen,
  openWhenNotificationsMissing,
  openWhenReadAgain,
  openWhenResumed,
} from './follow-ups/provider.reactors.js';
import {
  addCalendarProvider,
  chooseCalendars,
  connectCalendar,
  endCalendarProvider,
  getCalendarProvider,
  listAccountCalendars,
  pauseCalendar,
  renameCalendarProvider,
  resumeCalendar,
} from './provider/settings-handlers.js';
import { calendarSync, syncMigrations } from './sync/sync.js';

/** Google Calendar: a user's chosen calendars, the channels that tell of changes, and what changed. */
export const calendar: ServiceDefinition = {
  name: 'calendar',
  entities: [],
  migrations: [ChannelsTable1760000400000, ...syncMigrations],
  mayUseSecrets: false,
  async compose(means) {
    const sync = await calendarSync(means);
    return {
      handlers: [
        answer(AddCalendarProvider, (data, origin) => addCalendarProvider(means, data, origin)),
        answer(RenameCalendarProvider, (data, origin) => renameCalendarProvider(means, data, origin)),
        answer(ConnectCalendar, (data, origin) => connectCalendar(means, data, origin)),
        answer(ListAccountCalendars, (data, origin) => listAccountCalendars(means, data, origin)),
        answer(ChooseCalendars, (data, origin) => chooseCalendars(means, data, origin)),
        answer(GetCalendarProvider, (data, origin) => getCalendarProvider(means, data, origin)),
        answer(OpenChannel, (data, origin) => keepChannel(means, 'open', data, origin)),
        answer(RenewChannel, (data, origin) => keepChannel(means, 'renew', data, origin)),
        answer(PauseCalendar, (data, origin) => pauseCalendar(means, data, origin)),
        answer(ResumeCalendar, (data, origin) => resumeCalendar(means, data, origin)),
        answer(DisconnectCalendar, (data, origin) =>
          endCalendarProvider(means, 'DisconnectCalendar', data, origin),
        ),
        answer(ImportCalendarProvider, (data, origin) => importCalendarProvider(means, data, origin)),
        answer(RemoveCalendar, (data, origin) => endCalendarProvider(means, 'RemoveCalendar', data, origin)),
        answer(DiagnoseCalendars, (data, origin) => diagnoseCalendars(means, data, origin)),
        ...sync.handlers,
      ],
      processors: [
        channelsProjection,
        chooseWhenAuthorized(means),
        openWhenChosen(means),
        openWhenAuthorized(means),
        openWhenResumed(means),
        openWhenReadAgain(means),
        openWhenNotificationsMissing(means),
        forgetGrantWhenDisconnected(means),
        ...sync.processors,
      ],
      workers: [openAfterMove(means), ...sync.workers],
      checks: sync.checks ?? [],
      gauges: sync.gauges ?? [],
    };
  },
};
