import { Server, ServerCredentials, type ServiceError } from '@grpc/grpc-js';
import featuresGrpc from '@eventstore/db-client/generated/serverfeatures_grpc_pb.js';
import featuresPb from '@eventstore/db-client/generated/serverfeatures_pb.js';
import streamsGrpc from '@eventstore/db-client/generated/streams_grpc_pb.js';

import { EventLog } from './event-log.js';
import { read } from './reading.js';
import { refusalOf, type Trouble } from './troubles.js';
import { append, batchAppend, type Node } from './writing.js';

export interface StandInOptions {
  port?: number;
  /** Listens on loopback unless told otherwise. */
  host?: string;
  version?: string;
  /** PEM. With them the node speaks TLS and wants the credentials. */
  tls?: { key: Buffer; certificate: Buffer; username: string; password: string };
}

/** A node that speaks EventStoreDB's protocol, with one log in memory. */
export class StandIn implements Node {
  readonly log = new EventLog();
  private server: Server | undefined;
  private port: number;
  private suffering: Trouble | null = null;

  private constructor(private readonly options: StandInOptions) {
    this.port = options.port ?? 0;
  }

  static async start(options: StandInOptions = {}): Promise<StandIn> {
    const node = new StandIn(options);
    await node.listen();
    return node;
  }

  /** Without credentials. */
  get url(): string {
    return `esdb://${this.options.host ?? '127.0.0.1'}:${this.port}?tls=${this.options.tls ? 'true' : 'false'}`;
  }

  get address(): { host: string; port: number } {
    return { host: this.options.host ?? '127.0.0.1', port: this.port };
  }

  suffer(trouble: Trouble | null): void {
    this.suffering = trouble;
  }

  trouble(): Trouble | null {
    return this.suffering;
  }

  losesAnswer(): boolean {
    if (this.suffering?.kind !== 'answers-lost') return false;
    const times = this.suffering.times - 1;
    this.suffering = times > 0 ? { kind: 'answers-lost', times } : null;
    // The connection breaks and the node is there again at once.
    this.server?.forceShutdown();
    void this.listen();
    return true;
  }

  /** All connections break; what was written stays. */
  async stop(): Promise<void> {
    this.server?.forceShutdown();
    this.server = undefined;
  }

  async restart(): Promise<void> {
    await this.stop();
    this.log.forgetRemembered();
    await this.listen();
  }

  private async listen(): Promise<void> {
    const server = new Server({ 'grpc.max_receive_message_length': 64 * 1024 * 1024 });
    this.server = server;
    server.addService(featuresGrpc.ServerFeaturesService, {
      getSupportedMethods: (
        _call: unknown,
        answer: (error: null, value: featuresPb.SupportedMethods) => void,
      ) => answer(null, supportedMethods(this.options.version ?? '24.10.0')),
    });
    server.addService(streamsGrpc.StreamsService, {
      read: (call: Parameters<typeof read>[0]) => {
        const refusal = this.refusal(call.metadata);
        if (refusal) call.emit('error', refusal);
        else read(call, this.log).catch((error: ServiceError) => call.emit('error', error));
      },
      append: (call: Parameters<typeof append>[0], answer: Parameters<typeof append>[1]) => {
        const refusal = this.unauthorized(call.metadata);
        if (refusal) answer(refusal);
        else append(call, answer, this);
      },
      batchAppend: (call: Parameters<typeof batchAppend>[0]) => {
        const refusal = this.unauthorized(call.metadata);
        if (refusal) call.emit('error', refusal);
        else batchAppend(call, this);
      },
      delete: (_call: unknown, answer: (error: Partial<ServiceError>) => void) => answer(notOffered),
      tombstone: (_call: unknown, answer: (error: Partial<ServiceError>) => void) => answer(notOffered),
    });
    this.port = await bind(server, `${this.address.host}:${this.port}`, this.options.tls);
  }

  private refusal(metadata: streamsMetadata): ServiceError | null {
    return (
      this.unauthorized(metadata) ??
      refusalOf(this.suffering, metadata.get('requires-leader').includes('true'))
    );
  }

  private unauthorized(metadata: streamsMetadata): ServiceError | null {
    const { tls } = this.options;
    if (!tls) return null;
    const wanted = `Basic ${Buffer.from(`${tls.username}:${tls.password}`).toString('base64')}`;
    return metadata.get('authorization').includes(wanted)
      ? null
      : refusalOf({ kind: 'access-denied' }, false);
  }
}

type streamsMetadata = Parameters<typeof read>[0]['metadata'];

const notOffered = { code: 12, details: 'The stand-in deletes nothing.' };

function supportedMethods(version: string): featuresPb.SupportedMethods {
  const methods = new featuresPb.SupportedMethods();
  methods.setEventStoreServerVersion(version);
  for (const name of ['read', 'append', 'batchappend']) {
    const method = new featuresPb.SupportedMethod();
    method.setServiceName('event_store.client.streams.streams');
    method.setMethodName(name);
    methods.addMethods(method);
  }
  return methods;
}

const bind = (server: Server, address: string, tls: StandInOptions['tls']): Promise<number> =>
  new Promise((resolve, reject) => {
    const credentials = tls
      ? ServerCredentials.createSsl(null, [{ private_key: tls.key, cert_chain: tls.certificate }])
      : ServerCredentials.createInsecure();
    server.bindAsync(address, credentials, (error, port) => (error ? reject(error) : resolve(port)));
  });
