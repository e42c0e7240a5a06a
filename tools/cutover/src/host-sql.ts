import type { TenantReport } from './take-over.js';

/** For every provider that was read, taken over or not: what the host's operator may run, so that its pages do not show what is over as connected. It is printed, and never run from here. */
export function hostSql(reports: TenantReport[]): string[] {
  const statements = reports.flatMap(({ tenantId, created, existing, skipped }) =>
    [...tables].flatMap(([kind, { providers, config, key, forgotten }]) => {
      const ids = [...created, ...existing, ...skipped]
        .filter((one) => one.kind === kind)
        .map(({ id }) => literal(id));
      if (ids.length === 0) return [];
      const nothing = forgotten.map((column) => `${column} = NULL`).join(', ');
      const rows = (column: string): string =>
        `WHERE tenant = ${literal(tenantId)} AND ${column} IN (${ids.join(', ')})`;
      return [
        `UPDATE ${providers} SET status = 'disconnected', error_message = NULL, updated_at = now() ${rows('id')};`,
        `UPDATE ${config} SET ${nothing}, updated_at = now() ${rows(key)};`,
      ];
    }),
  );
  if (statements.length === 0) return [];
  return [
    '-- First switch off the host’s jobs renew-google-gmail-watch and verify-google-calendar-pubsub:',
    '-- they turn rows that are disconnected into errors.',
    'BEGIN;',
    ...statements,
    'COMMIT;',
  ];
}

const tables = new Map([
  [
    'gmail',
    {
      providers: 'email_providers',
      config: 'google_email_provider_config',
      key: 'email_provider_id',
      forgotten: [
        'access_token',
        'refresh_token',
        'token_expires_at',
        'history_id',
        'watch_expiration',
        'pubsub_initialised_at',
      ],
    },
  ],
  [
    'calendar',
    {
      providers: 'calendar_providers',
      config: 'google_calendar_provider_config',
      key: 'calendar_provider_id',
      forgotten: [
        'access_token',
        'refresh_token',
        'token_expires_at',
        'sync_token',
        'webhook_subscription_id',
        'webhook_resource_id',
        'webhook_expires_at',
      ],
    },
  ],
]);

const literal = (value: string): string => `'${value.replaceAll("'", "''")}'`;
