import { join } from 'node:path';
import { MovableClock, seconds } from '#time/clock';
import type { EmbeddedSettings } from '#configuration/configuration';
import type { SimulatorClient } from '#google-simulator/client';
import { startEmbedded, type Embedded } from '../apps/embedded/src/start-embedded.js';
import { PsaConsumer } from './consumer.js';
import { Visitor } from './visitor.js';
import { Wire } from './wire.js';

/** Google's grants take minutes to act; this is how long the simulated one lets wait. */
export const grantPropagationMs = seconds(45);

export interface StageOptions extends Partial<
  Pick<EmbeddedSettings, 'databaseUrl' | 'natsUrl' | 'logLevel'>
> {
  /** Whether all that was said is kept, to be searched for secrets in the end. */
  keepsWords?: boolean;
}

/** Where the story plays: all services, a simulated Google, the PSA that consumes, somebody who listens to the wire, and one time for all. */
export class Stage {
  readonly clock = new MovableClock();
  readonly psa = new PsaConsumer();
  readonly wire = new Wire();
  readonly visitor: Visitor;
  private running: Embedded | undefined;
  private ports = { gateway: 0, simulator: 0 };

  constructor(
    readonly dataDir: string,
    private readonly say: (sentence: string) => void,
    private readonly options: StageOptions = {},
  ) {
    this.visitor = new Visitor(this.keepsWords);
  }

  private get keepsWords(): boolean {
    return this.options.keepsWords ?? true;
  }

  get embedded(): Embedded {
    if (!this.running) throw new Error('Nothing runs at the moment.');
    return this.running;
  }

  get google(): SimulatorClient {
    return this.embedded.simulator.client;
  }

  /** A second time on the same ports, as the addresses are known to Google. */
  async open(): Promise<void> {
    const { databaseUrl, natsUrl, logLevel = 'debug' } = this.options;
    this.running = await startEmbedded({
      ...(databaseUrl !== undefined && { databaseUrl }),
      ...(natsUrl !== undefined && { natsUrl }),
      dataDir: this.dataDir,
      gatewayPort: this.ports.gateway,
      simulatorPort: this.ports.simulator,
      logLevel,
      requestPubsubScope: true,
      clock: this.clock,
      say: this.say,
      onFailure: (error) => this.say(`A part of the service failed: ${error.message}`),
    });
    this.ports = {
      gateway: portOf(this.embedded.gatewayUrl),
      simulator: portOf(this.embedded.simulator.url),
    };
    if (this.keepsWords) await this.wire.listen(this.embedded.natsUrl);
    await this.psa.begin(this.embedded.natsUrl);
    await this.google.pubsub.configure({ grantPropagationMs });
  }

  async close(): Promise<void> {
    if (!this.running) return;
    await this.psa.end();
    await this.wire.stop();
    await this.running.close();
    this.running = undefined;
  }

  /** Time passes, for the services and for Google alike. */
  async pass(milliseconds: number): Promise<void> {
    await this.google.advance(milliseconds);
    this.clock.advance(milliseconds);
  }

  get logFile(): string {
    return join(this.dataDir, 'log', 'tenant-google.log');
  }
}

const portOf = (url: string): number => Number(new URL(url).port);
