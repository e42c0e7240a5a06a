import { connect, type Msg, type NatsConnection } from '@nats-io/transport-node';

/** A message as it went over NATS: requests, replies, notifications, deliveries, objects, and JetStream's own talk. */
export interface Heard {
  subject: string;
  reply: string;
  headers: string;
  text: string;
}

/**
 * Everything but what JetStream hands to its consumers, which was heard when it was published: who listens there makes
 * JetStream believe that a process that has ended still listens.
 */
const subjects = [
  'command.>',
  'query.>',
  'reply.>',
  'notification.>',
  'delivery.>',
  'activity.>',
  '$JS.>',
  '$O.>',
];

/** Listens to all subjects from beginning to end, as somebody would who got hold of the wire. */
export class Wire {
  readonly heard: Heard[] = [];
  private nats: NatsConnection | undefined;

  async listen(natsUrl: string): Promise<void> {
    this.nats = await connect({ servers: natsUrl, name: 'demo.wire' });
    for (const subject of subjects)
      this.nats.subscribe(subject, { callback: (_error, message) => this.keep(message) });
    await this.nats.flush();
  }

  async stop(): Promise<void> {
    await this.nats?.flush();
    await this.nats?.close();
  }

  /** Everything that was published before this call has been heard when it resolves. */
  async caughtUp(): Promise<void> {
    await this.nats?.flush();
  }

  count(subjectPrefix: string): number {
    return this.heard.filter(({ subject }) => subject.startsWith(subjectPrefix)).length;
  }

  private keep(message: Msg): void {
    const { subject, reply = '', headers, data } = message;
    this.heard.push({
      subject,
      reply,
      headers: headers?.toString() ?? '',
      text: Buffer.from(data).toString('latin1'),
    });
  }
}
