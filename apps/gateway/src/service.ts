import { Outbox } from '#deliveries/outbox';
import { outboxMigrations } from '#deliveries/outbox-table';
import { openObjects, type Objects } from '#deliveries/objects';
import { calendarNotificationPublisher } from '#deliveries/calendar-notifications';
import { notificationPublisher } from '#deliveries/notifications';
import { outboxWatch } from '#deliveries/outbox-watch';
import { ensureStreams } from '#deliveries/streams';
import { streamsExist } from '#deliveries/streams-check';
import { googleEndpoints } from '#google/endpoints';
import type { Means, ServiceDefinition } from '#hosting/service';
import { systemClock } from '#time/clock';
import { apiModule } from './api/api-module.js';
import { acceptEmptyBodies } from './api/empty-bodies.js';
import type { Route } from './api/route.js';
import { auditTrailRoutes } from './audit-trail/audit-trail.routes.js';
import { HostTokens } from './auth/host-tokens.js';
import { calendarActivityWorker } from './calendar/calendar-activity.js';
import { calendarConnectingRoutes } from './calendar/calendar-connecting.routes.js';
import { calendarOperatingRoutes } from './calendar/calendar-operating.routes.js';
import { calendarProvidersRoutes } from './calendar/calendar-providers.routes.js';
import { CalendarStatusTables1760000200003 } from './calendar/calendar-status-tables.js';
import { changeWorker } from './changes/change-worker.js';
import { changesRoutes } from './changes/changes.routes.js';
import { Listeners } from './changes/listeners.js';
import { connectingRoutes } from './connecting/connecting.routes.js';
import { consolePages } from './console/console-pages.js';
import { doctorRoutes } from './doctor/doctor.routes.js';
import { googleAppRoutes } from './google-app/google-app.routes.js';
import { healthRoutes } from './health/health.routes.js';
import { operatorRoutes } from './health/operator-routes.js';
import { HistoryIndex1764400000000 } from './history/history-index-table.js';
import { historyIndex } from './history/history-index.projection.js';
import { historyRoutes } from './history/history.routes.js';
import { messagesRoutes } from './messages/messages.routes.js';
import { openapiRoute } from './openapi/openapi.routes.js';
import { parkedEventsRoutes } from './processing/parked-events.routes.js';
import { ProblemTables1764300100000 } from './problems/problem-tables.js';
import { providerGauges } from './problems/provider-gauges.js';
import { tellProblems } from './problems/tell-problems.js';
import { operatingRoutes } from './providers/operating.routes.js';
import { providersRoutes } from './providers/providers.routes.js';
import { tenantResetRoutes } from './reset/tenant-reset.routes.js';
import { activityWorker } from './status/activity.js';
import { providerStatuses, StatusTables1760000200001, tenantStatuses } from './status/status-tables.js';
import { statusRoutes } from './status/status.routes.js';
import { statuses } from './status/statuses.projection.js';
import { calendarPush } from './webhook/calendar-push.js';
import { channelBindingIn, ChannelBindings } from './webhook/channel-bindings.js';
import { channelBindings } from './webhook/channel-bindings.projection.js';
import { ChannelBindingsTable1760000200002 } from './webhook/channel-bindings-table.js';
import { GoogleCertificates } from './webhook/google-certificates.js';
import { googlePush } from './webhook/google-push.js';
import { bindingsIn, PushBindings } from './webhook/push-bindings.js';
import { pushBindings } from './webhook/push-bindings.projection.js';
import { PushBindingsTable1760000200000 } from './webhook/push-bindings-table.js';
import { PushTokens } from './webhook/push-tokens.js';

export type RouteMeans = Means & { objects: Objects; listeners: Listeners };

/** Every line of the API. The webhook is not among them: it goes past Nest. */
export const routesOf = (means: RouteMeans): Route[] => [
  ...googleAppRoutes(means),
  ...doctorRoutes(means),
  ...providersRoutes(means),
  ...operatingRoutes(means),
  ...connectingRoutes(means),
  ...calendarProvidersRoutes(means),
  ...calendarOperatingRoutes(means),
  ...calendarConnectingRoutes(means),
  ...statusRoutes(means),
  ...changesRoutes(means),
  ...historyRoutes(means),
  ...auditTrailRoutes(means),
  ...messagesRoutes(means),
  ...tenantResetRoutes(means),
  ...parkedEventsRoutes(means),
  ...healthRoutes(means),
];

/** HTTP in and out. Decides nothing: requests become questions to the services, events become statuses. */
export const gateway: ServiceDefinition = {
  name: 'gateway',
  entities: [providerStatuses, tenantStatuses],
  migrations: [
    PushBindingsTable1760000200000,
    StatusTables1760000200001,
    ChannelBindingsTable1760000200002,
    CalendarStatusTables1760000200003,
    ...outboxMigrations,
    ProblemTables1764300100000,
    HistoryIndex1764400000000,
  ],
  // Only to lay what a form brought where the oauth service takes it.
  mayUseSecrets: true,
  compose: async (means) => {
    const { configuration, clock, logger, nats, database, operatorBoard } = means;
    const { development, google, messages, operator } = configuration;
    await ensureStreams(nats, messages);
    const objects = await openObjects(nats);
    if (development)
      logger.warn('This is a DEVELOPMENT installation: Google may be simulated, and plain HTTP is accepted.');
    const certificates = new GoogleCertificates(
      `${googleEndpoints(google.simulatorUrl).www}/oauth2/v3/certs`,
      clock,
    );
    const listeners = new Listeners();
    const routes = routesOf({ ...means, objects, listeners });
    const outbox = new Outbox({ ...means, service: 'gateway' });
    const waiting = outboxWatch(means);
    const forOperators =
      development && operator.port === undefined && operatorBoard ? [operatorRoutes(operatorBoard)] : [];
    return {
      handlers: [],
      processors: [pushBindings, channelBindings, statuses, historyIndex],
      workers: [
        activityWorker(means),
        calendarActivityWorker(means),
        changeWorker({ database, listeners, logger }),
        tellProblems({ ...means, outbox }),
        { name: 'gateway.outbox', run: (signal) => outbox.run(signal) },
      ],
      checks: [streamsExist(nats), ...waiting.checks],
      gauges: [...waiting.gauges, ...providerGauges(means)],
      http: apiModule({
        routes: [...routes, openapiRoute(routes)],
        plainRoutes: [
          acceptEmptyBodies,
          await consolePages({ configuration, logger }),
          ...forOperators,
          googlePush({
            tokens: new PushTokens(certificates, clock),
            bindings: new PushBindings(bindingsIn(database), clock),
            publish: notificationPublisher(nats),
            clock,
            logger,
          }),
          calendarPush({
            bindings: new ChannelBindings(channelBindingIn(database), clock),
            publish: calendarNotificationPublisher(nats),
            clock,
            logger,
          }),
        ],
        headers: development ? { 'x-tenant-google-development': 'true' } : {},
        tokens: new HostTokens(configuration.auth, systemClock),
        logger,
      }),
    };
  },
};
