import { join } from 'node:path';
import { freePort, type RunningServer } from '#servers/child-server';
import { startNats } from '#servers/nats-server';
import { startPostgres } from '#servers/postgres-server';

/** PostgreSQL and NATS of the days, outside of the services, so that they can go away and come back under them. */
export class OwnServers {
  private postgres: RunningServer | undefined;
  private nats: RunningServer | undefined;

  private constructor(
    private readonly folder: string,
    private readonly say: (sentence: string) => void,
    private readonly ports: { postgres: number; nats: number },
  ) {}

  static async start(folder: string, say: (sentence: string) => void): Promise<OwnServers> {
    const servers = new OwnServers(folder, say, { postgres: await freePort(), nats: await freePort() });
    await servers.startPostgres();
    await servers.startNats();
    return servers;
  }

  get urls(): { databaseUrl: string; natsUrl: string } {
    return { databaseUrl: this.postgres!.url, natsUrl: this.nats!.url };
  }

  async startPostgres(): Promise<void> {
    this.postgres = await startPostgres({
      dataDir: join(this.folder, 'postgres'),
      port: this.ports.postgres,
    });
  }

  async stopPostgres(): Promise<void> {
    await this.postgres?.stop();
  }

  async startNats(): Promise<void> {
    this.nats = await startNats({
      storeDir: join(this.folder, 'nats'),
      port: this.ports.nats,
      cacheDir: join(this.folder, 'bin'),
      say: this.say,
    });
  }

  async stopNats(): Promise<void> {
    await this.nats?.stop();
  }

  async stop(): Promise<void> {
    await this.stopNats();
    await this.stopPostgres();
  }
}
