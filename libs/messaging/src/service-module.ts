import { Controller, Module, type DynamicModule, type Type } from '@nestjs/common';
import { CommandBus, CommandHandler, CqrsModule, QueryBus, QueryHandler } from '@nestjs/cqrs';
import { MessagePattern } from '@nestjs/microservices';
import { z } from 'zod';
import { problem } from '#problems/problem';
import type { Logger } from '#logging/logger';
import { refused, type Envelope, type Reply } from './envelope.js';
import type { Handler } from './handler.js';

class ServiceModule {}
Module({})(ServiceModule);

const envelopeShape = z.object({
  id: z.string(),
  tenantId: z.string(),
  correlationId: z.string(),
  by: z.string(),
  data: z.unknown(),
});

/**
 * Nest's part of a service, generated from its routing table: a message class and a CQRS handler for each request, and one controller that
 * takes requests from NATS, checks their shape, revives them by their type and puts them on the command or query bus.
 */
export function serviceModule(name: string, handlers: Handler[], logger: Logger): DynamicModule {
  const routes = handlers.map((handler) => ({ handler, message: messageClass(handler.contract.type) }));
  return {
    module: ServiceModule,
    imports: [CqrsModule.forRoot()],
    controllers: [controllerOf(name, routes, logger)],
    providers: routes.map(({ handler, message }) => busHandler(handler, message)),
  };
}

type MessageClass = new (envelope: Envelope) => { envelope: Envelope };

interface Route {
  handler: Handler;
  message: MessageClass;
}

const messageClass = (type: string): MessageClass =>
  ({
    [type]: class {
      constructor(readonly envelope: Envelope) {}
    },
  })[type]!;

function busHandler({ contract, handle }: Handler, message: MessageClass): Type {
  class Generated {
    async execute({ envelope }: { envelope: Envelope }): Promise<Reply<unknown>> {
      const parsed = contract.data.safeParse(envelope.data);
      if (!parsed.success) {
        return refused(
          problem('request.invalid', { detail: z.prettifyError(parsed.error).replaceAll('\n', ' ') }),
        );
      }
      const { id, tenantId, correlationId, by } = envelope;
      return handle(parsed.data, { id, tenantId, correlationId, by });
    }
  }
  Object.defineProperty(Generated, 'name', { value: `${contract.type}Handler` });
  if (contract.kind === 'command') CommandHandler(message)(Generated);
  else QueryHandler(message)(Generated);
  return Generated;
}

/** Whom a request is about, as far as it says so. */
function namedIn(data: unknown): { providerId?: string; calendarId?: string } {
  const { providerId, calendarId } = (data ?? {}) as Record<string, unknown>;
  return {
    ...(typeof providerId === 'string' && { providerId }),
    ...(typeof calendarId === 'string' && { calendarId }),
  };
}

function controllerOf(name: string, routes: Route[], logger: Logger): Type {
  class Wire {
    constructor(
      readonly commands: CommandBus,
      readonly queries: QueryBus,
    ) {}
  }
  for (const { handler, message } of routes) {
    const { kind, type, subject } = handler.contract;
    const method = async function (this: Wire, received: unknown): Promise<Reply<unknown>> {
      const envelope = envelopeShape.safeParse(received);
      if (!envelope.success)
        return refused(problem('request.invalid', { detail: 'the envelope is incomplete' }));
      const { id, tenantId, correlationId, by } = envelope.data;
      const about = { type, id, tenantId, ...namedIn(envelope.data.data), correlationId, by };
      try {
        const revived = new message(envelope.data as Envelope);
        const reply: Reply<unknown> = await (kind === 'command'
          ? this.commands.execute(revived)
          : this.queries.execute(revived));
        logger.debug({ ...about, refused: reply.ok ? undefined : reply.problem.code }, 'answered');
        return reply;
      } catch (error) {
        logger.error({ ...about, err: error }, 'failed unexpectedly');
        return refused(problem('service.failed', { service: name, correlationId }));
      }
    };
    Object.defineProperty(Wire.prototype, type, { value: method, configurable: true, writable: true });
    MessagePattern(subject)(Wire.prototype, type, Object.getOwnPropertyDescriptor(Wire.prototype, type)!);
  }
  Controller()(Wire);
  Reflect.defineMetadata('design:paramtypes', [CommandBus, QueryBus], Wire);
  return Wire;
}
