import { copyFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort, type RunningServer } from './child-server.js';
import { startNats } from './nats-server.js';

const deployed = join(process.cwd(), 'deploy', 'nats');

/** NATS as it is deployed, with its users and permissions, on loopback: a single server or a cluster. */
export class TestNatsCluster {
  private readonly nodes: { port: number; clusterPort: number; server?: RunningServer }[] = [];

  private constructor(
    private readonly folder: string,
    private readonly configFile: string,
  ) {}

  static async start(size: number): Promise<TestNatsCluster> {
    const folder = await mkdtemp(join(tmpdir(), 'tenant-google-nats-cluster-'));
    const cluster = new TestNatsCluster(folder, join(folder, size === 1 ? 'nats.conf' : 'cluster.conf'));
    try {
      for (let node = 0; node < size; node++)
        cluster.nodes.push({ port: await freePort(), clusterPort: await freePort() });
      for (const file of ['nats.conf', 'cluster.conf', 'permissions.conf'])
        await copyFile(join(deployed, file), join(folder, file));
      await writeFile(join(folder, 'passwords.conf'), passwords());
      await writeFile(join(folder, 'routes.conf'), cluster.routes());
      await Promise.all(cluster.nodes.map((_, node) => cluster.startNode(node)));
      return cluster;
    } catch (error) {
      await cluster.stop();
      throw error;
    }
  }

  /** What a user of the permissions file connects to. */
  urlFor(user: string): string {
    return this.nodes.map(({ port }) => `nats://${user}:${passwordOf(user)}@127.0.0.1:${port}`).join(',');
  }

  /** In order, as an upgrade would. */
  async stopNode(node: number): Promise<void> {
    await this.nodes[node]!.server?.stop();
  }

  async startNode(node: number): Promise<void> {
    const { port, clusterPort } = this.nodes[node]!;
    this.nodes[node]!.server = await startNats({
      storeDir: join(this.folder, `node-${node}`),
      port,
      cacheDir: join(process.cwd(), '.data', 'bin'),
      say: (sentence) => process.stderr.write(`${sentence}\n`),
      node: {
        configFile: this.configFile,
        name: `nats-${node + 1}`,
        ...(this.nodes.length > 1 && { cluster: routeTo(clusterPort) }),
      },
    });
  }

  async stop(): Promise<void> {
    await Promise.all(this.nodes.map((_, node) => this.stopNode(node)));
    await rm(this.folder, { recursive: true, force: true });
  }

  private routes(): string {
    const routes = this.nodes.map(({ clusterPort }) => `"${routeTo(clusterPort)}"`);
    return `ROUTE_PASSWORD: "${passwordOf('route')}"\nROUTES: [${routes.join(', ')}]\n`;
  }
}

const users = ['gateway', 'oauth', 'gmail', 'calendar', 'maintenance', 'cutover', 'psa', 'system'];

const passwordOf = (user: string): string => `${user}-of-the-test`;

/** Without the user, the server would forget the one of its configuration and let anybody in. */
const routeTo = (port: number): string => `nats-route://route:${passwordOf('route')}@127.0.0.1:${port}`;

const passwords = (): string =>
  users.map((user) => `${user.toUpperCase()}_PASSWORD: "${passwordOf(user)}"\n`).join('');
