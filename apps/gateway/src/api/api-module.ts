import {
  Catch,
  Controller,
  Module,
  type ArgumentsHost,
  type DynamicModule,
  type ExceptionFilter,
  type OnModuleInit,
  type Type,
  Delete,
  Get,
  Patch,
  Post,
  Put,
  HttpException,
  Req,
  Res,
} from '@nestjs/common';
import { APP_FILTER, HttpAdapterHost } from '@nestjs/core';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { randomUUID } from 'node:crypto';
import { problem, type Problem } from '#problems/problem';
import { problemBody, statusOf } from './http-problems.js';
import type { HttpAnswer, Route } from './route.js';
import { serve, type ServingMeans } from './serve.js';

class GatewayHttp {}
Module({})(GatewayHttp);

/** A route that is given to Fastify as it is, past Nest's pipeline. */
export type PlainRoute = (instance: FastifyInstance) => void;

export interface ApiOptions extends ServingMeans {
  routes: Route[];
  plainRoutes: PlainRoute[];
  /** Headers of every answer of the API. */
  headers: Record<string, string>;
}

/** Nest's part of the API, generated from the table of routes: one controller, and one filter for what Nest itself refuses. */
export function apiModule(options: ApiOptions): DynamicModule {
  const send = sending(options.headers);
  return {
    module: GatewayHttp,
    controllers: [controllerOf(options, send)],
    providers: [
      { provide: APP_FILTER, useValue: new RefusedByNest(send) },
      {
        provide: 'plain routes',
        inject: [HttpAdapterHost],
        useFactory: (host: HttpAdapterHost) => new PlainRoutes(host, options.plainRoutes),
      },
    ],
  };
}

class PlainRoutes implements OnModuleInit {
  constructor(
    private readonly host: HttpAdapterHost,
    private readonly routes: PlainRoute[],
  ) {}

  onModuleInit(): void {
    const instance: FastifyInstance = this.host.httpAdapter.getInstance();
    for (const add of this.routes) add(instance);
  }
}

type Send = (reply: FastifyReply, answer: HttpAnswer, correlationId: string) => void;

const sending =
  (headers: Record<string, string>): Send =>
  (reply, answer, correlationId) => {
    void reply.headers({
      'x-correlation-id': correlationId,
      'x-content-type-options': 'nosniff',
      'cache-control': 'no-store',
      ...headers,
    });
    if ('problem' in answer) {
      const body = { ...problemBody(answer.problem, correlationId), ...answer.about };
      void reply.status(statusOf(answer.problem)).type('application/problem+json; charset=utf-8');
      void reply.send(JSON.stringify(body));
    } else if ('content' in answer) {
      void reply.status(answer.status).headers(answer.headers).send(answer.content);
    } else {
      void reply
        .status(answer.status ?? 200)
        .type('application/json; charset=utf-8')
        .send(JSON.stringify(answer.body));
    }
  };

const verbs = { GET: Get, POST: Post, PUT: Put, PATCH: Patch, DELETE: Delete };

function controllerOf({ routes, ...means }: ApiOptions, send: Send): Type {
  class Api {}
  const methods = Api.prototype as unknown as Record<string, unknown>;
  for (const route of routes) {
    const name = `${route.method} ${route.path}`;
    if (Object.hasOwn(methods, name)) throw new Error(`Two routes are called ${name}.`);
    methods[name] = async (request: FastifyRequest, reply: FastifyReply): Promise<void> => {
      const { answer, correlationId } = await serve(route, request, means);
      send(reply, answer, correlationId);
    };
    verbs[route.method](route.path)(methods, name, Object.getOwnPropertyDescriptor(methods, name)!);
    Req()(methods, name, 0);
    Res()(methods, name, 1);
  }
  Controller()(Api);
  return Api;
}

/** Unknown paths, malformed JSON and bodies that are too large never reach a route. */
@Catch()
class RefusedByNest implements ExceptionFilter {
  constructor(private readonly send: Send) {}

  catch(error: unknown, host: ArgumentsHost): void {
    const correlationId = randomUUID();
    this.send(host.switchToHttp().getResponse(), { problem: refusalOf(error, correlationId) }, correlationId);
  }
}

function refusalOf(error: unknown, correlationId: string): Problem {
  const status =
    error instanceof HttpException
      ? error.getStatus()
      : (error as { statusCode?: number } | null)?.statusCode;
  if (status === 404) return problem('request.not-found', { what: 'this path' });
  if (status === 413) return problem('request.too-large');
  if (status !== undefined && status >= 400 && status < 500)
    return problem('request.invalid', { detail: 'its body is not readable as the content type says.' });
  return problem('service.failed', { service: 'gateway', correlationId });
}
