import { DeliverPolicy, jetstream } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';

/** What comes out of a stream from now on, by a key that each message carries. */
export class Arrivals {
  private readonly awaited = new Map<string, () => void>();
  private readonly early = new Set<string>();
  private end: () => Promise<void> = () => Promise.resolve();

  static async of(
    nats: NatsConnection,
    stream: string,
    keyOf: (message: Record<string, unknown>) => string,
  ): Promise<Arrivals> {
    const arrivals = new Arrivals();
    const consumer = await jetstream(nats).consumers.get(stream, { deliver_policy: DeliverPolicy.New });
    const messages = await consumer.consume({
      callback: (message) => arrivals.arrived(keyOf(message.json())),
    });
    arrivals.end = async () => {
      await messages.close();
    };
    return arrivals;
  }

  /** Resolves when it came, also if that was before the question. */
  of(key: string): Promise<void> {
    if (this.early.delete(key)) return Promise.resolve();
    return new Promise((resolve, reject) => {
      const late = setTimeout(() => reject(new Error(`${key} did not arrive within 30 s.`)), 30_000);
      this.awaited.set(key, () => {
        clearTimeout(late);
        resolve();
      });
    });
  }

  stop(): Promise<void> {
    return this.end();
  }

  private arrived(key: string): void {
    const resolve = this.awaited.get(key);
    this.awaited.delete(key);
    if (resolve) resolve();
    else this.early.add(key);
  }
}
