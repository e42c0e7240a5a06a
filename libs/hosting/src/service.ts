import type { DynamicModule } from '@nestjs/common';
import type { NatsConnection } from '@nats-io/transport-node';
import type { DataSource } from 'typeorm';
import type { Configuration } from '#configuration/configuration';
import type { ServiceName } from '#contracts/contract';
import type { DatabaseOptions } from '#database/database';
import type { EventStore } from '#event-sourcing/event-store';
import type { JobRunner } from '#jobs/job-runner';
import type { Locks } from '#locks/locks';
import type { Logger } from '#logging/logger';
import type { Ask } from '#messaging/ask';
import type { Handler } from '#messaging/handler';
import type { Check, GaugeSource, OperatorBoard } from '#operating/operator-board';
import type { Processor } from '#processors/processor';
import type { SecretsProvider } from '#secrets/secrets-provider';
import type { Clock } from '#time/clock';

/** What a service is given. Everything in it is closed by the host, after the service. */
export interface Means {
  configuration: Configuration;
  clock: Clock;
  logger: Logger;
  /** On the service's own schema, migrated. */
  database: DataSource;
  store: EventStore;
  nats: NatsConnection;
  ask: Ask;
  locks: Locks;
  jobs: JobRunner;
  /** An empty box of its own for a service that has no business with secrets. */
  secrets: SecretsProvider;
  /** What this process tells its operators, where the gateway is to show it on its own address. */
  operatorBoard?: OperatorBoard;
}

/** A loop that runs until the signal aborts, such as a JetStream consumer or the outbox. A rejection ends the process. */
export interface Worker {
  name: string;
  run(signal: AbortSignal): Promise<void>;
}

/** What a service consists of, as a table of contents. */
export interface Composition {
  /** Exactly one for each request of the service's contracts. */
  handlers: Handler[];
  processors: Processor[];
  workers: Worker[];
  /** Only the gateway's: the module with the HTTP routes. */
  http?: DynamicModule;
  /** What has to be so for the service to do its work, besides NATS, PostgreSQL and its processors. */
  checks?: Check[];
  /** What operators may read of it, besides what every service shows. */
  gauges?: GaugeSource[];
  /** Worth knowing for operators, in sentences. */
  notes?(): Promise<string[]>;
  /** Frees what the composition itself opened. */
  close?(): Promise<void>;
}

export interface ServiceDefinition {
  name: ServiceName;
  entities: DatabaseOptions['entities'];
  /** Besides the processors' own tables, which every service has. */
  migrations: DatabaseOptions['migrations'];
  /** Whether the service may open the Secrets Provider. */
  mayUseSecrets: boolean;
  compose(means: Means): Promise<Composition>;
}
