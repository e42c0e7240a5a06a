export type DatabaseErrorCode =
  | 'database.unreachable'
  | 'database.login-refused'
  | 'database.missing'
  | 'database.not-permitted'
  | 'database.full'
  | 'database.newer-than-code';

/** The message says what is wrong and what to do about it, and holds no password. */
export class DatabaseError extends Error {
  override readonly name = 'DatabaseError';

  constructor(
    readonly code: DatabaseErrorCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

const unreachable = [
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ECONNRESET',
];

/** A plain sentence for what PostgreSQL or the network answered; any other error stays as it is. */
export function explainConnectError(error: unknown, url: string): unknown {
  const code = String((error as { code?: unknown }).code ?? '');
  const { server, database, user } = whereabouts(url);
  const explained = (kind: DatabaseErrorCode, sentence: string): DatabaseError =>
    new DatabaseError(kind, sentence, { cause: error });

  if (unreachable.includes(code) || /timeout expired|timeout exceeded/.test(String(error)))
    return explained(
      'database.unreachable',
      `PostgreSQL does not answer at ${server} (${code || 'timed out'}). Check that it runs and that host and port in the database URL are right.`,
    );
  if (code === '57P03')
    return explained(
      'database.unreachable',
      `PostgreSQL at ${server} is starting up or shutting down. Try again in a moment.`,
    );
  if (code === '28P01' || code === '28000')
    return explained(
      'database.login-refused',
      `PostgreSQL at ${server} refuses the user "${user}" for the database "${database}". Check user and password in the database URL, and the server's pg_hba.conf.`,
    );
  if (code === '3D000')
    return explained(
      'database.missing',
      `PostgreSQL at ${server} has no database "${database}". Create it with: CREATE DATABASE "${database}"; or correct the name in the database URL.`,
    );
  if (code === '42501')
    return explained(
      'database.not-permitted',
      `The user "${user}" may not create what is needed in the database "${database}" at ${server}. Grant it with: GRANT CREATE ON DATABASE "${database}" TO "${user}";`,
    );
  if (code === '53300')
    return explained(
      'database.full',
      `PostgreSQL at ${server} has no connection left for "${user}". Raise max_connections there, or lower the pool sizes here.`,
    );
  return error;
}

function whereabouts(url: string): { server: string; database: string; user: string } {
  if (!URL.canParse(url)) return { server: '(the database URL is malformed)', database: '', user: '' };
  const { hostname, port, pathname, username } = new URL(url);
  return {
    server: `${hostname}:${port || '5432'}`,
    database: decodeURIComponent(pathname.slice(1)) || decodeURIComponent(username),
    user: decodeURIComponent(username),
  };
}
