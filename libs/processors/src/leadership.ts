import pg from 'pg';
import type { DataSource } from 'typeorm';
import type { PostgresDataSourceOptions } from 'typeorm/driver/postgres/PostgresDataSourceOptions.js';
import { nudgeChannel, schemaOf } from './parked-events.js';

const lookEveryMs = 1_000;

/**
 * Who runs which processor: a session lock per processor id, all on one connection, so that they are free again the
 * moment this process dies. Looks once a second, and at once when nudged.
 */
export class Leadership {
  private client: pg.Client | undefined;
  private readonly led = new Set<string>();
  private timer: NodeJS.Timeout | undefined;
  private looking: Promise<void> | undefined;
  private again = false;
  private ended = false;

  constructor(
    private readonly database: DataSource,
    private readonly processors: string[],
    private readonly on: {
      won: (processor: string) => void;
      lost: () => void;
      looked: () => void;
      trouble: (sentence: string) => void;
    },
  ) {}

  look(): void {
    if (this.ended) return;
    if (this.looking) {
      this.again = true;
      return;
    }
    clearTimeout(this.timer);
    this.looking = this.lookOnce()
      .catch((error: unknown) => {
        this.on.trouble(
          `The processors of ${schemaOf(this.database)} cannot reach the database: ${String(error)}`,
        );
        this.lose();
      })
      .then(() => {
        this.looking = undefined;
        if (this.ended) return;
        if (this.again) {
          this.again = false;
          this.look();
        } else {
          this.timer = setTimeout(() => this.look(), lookEveryMs);
        }
      });
  }

  async end(): Promise<void> {
    this.ended = true;
    clearTimeout(this.timer);
    await this.looking;
    await this.client?.end().catch(() => {});
  }

  private async lookOnce(): Promise<void> {
    const client = this.client ?? (await this.connect());
    const wanted = this.processors.filter((processor) => !this.led.has(processor));
    const { rows } = await client.query<{ processor: string }>(
      `SELECT processor FROM unnest($1::text[]) AS processor
        WHERE pg_try_advisory_lock(hashtextextended('processor ' || $2 || ' ' || processor, 0))`,
      [wanted, schemaOf(this.database)],
    );
    for (const { processor } of rows) {
      this.led.add(processor);
      this.on.won(processor);
    }
    this.on.looked();
  }

  private async connect(): Promise<pg.Client> {
    const { url } = this.database.options as PostgresDataSourceOptions;
    const client = new pg.Client({
      connectionString: url!,
      application_name: `${schemaOf(this.database)}-processors`,
      keepAlive: true,
      connectionTimeoutMillis: 5_000,
      query_timeout: 10_000,
      // A machine that vanished without a word must not lead for hours.
      options: '-c tcp_keepalives_idle=10 -c tcp_keepalives_interval=5 -c tcp_keepalives_count=3',
    });
    client.on('error', () => this.lose(client));
    client.on('end', () => this.lose(client));
    client.on('notification', () => this.look());
    await client.connect();
    this.client = client;
    await client.query(`LISTEN ${nudgeChannel(this.database)}`);
    return client;
  }

  private lose(client = this.client): void {
    if (this.ended || !client || client !== this.client) return;
    this.client = undefined;
    this.led.clear();
    client.end().catch(() => {});
    this.on.lost();
  }
}
