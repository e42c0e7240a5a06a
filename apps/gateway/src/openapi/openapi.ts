import { z } from 'zod';
import { describeProblem, problem, type ProblemCode } from '#problems/problem';
import { statusOf } from '../api/http-problems.js';
import type { Route } from '../api/route.js';

const json = 'application/json';
const problemJson = 'application/problem+json';

/** What every route may answer besides its own. */
const always: ProblemCode[] = ['request.invalid', 'service.unavailable', 'service.failed'];
const guardedToo: ProblemCode[] = ['request.unauthenticated', 'request.unverifiable', 'request.forbidden'];

const problemSchema = {
  type: 'object',
  description: 'What is wrong, who must act, and how.',
  required: ['code', 'sentence', 'actor', 'remedy', 'link', 'correlationId', 'status'],
  properties: {
    code: { type: 'string', description: 'An entry of the catalogue of problems (docs/messages.md).' },
    sentence: { type: 'string' },
    actor: {
      type: 'string',
      enum: ['tenant-admin', 'mailbox-owner', 'workspace-admin', 'operator', 'caller', 'nobody'],
    },
    remedy: { type: 'string' },
    link: { type: ['string', 'null'] },
    cause: { type: 'string', enum: ['known', 'inferred'] },
    correlationId: { type: 'string', description: 'Names this request in the log and in the history.' },
    title: { type: 'string', description: 'The sentence, under RFC 9457’s name.' },
    status: { type: 'integer' },
    error: { type: 'string', description: 'The sentence, under the host’s name.' },
    errors: {
      type: 'array',
      description: 'Only of a refused Google setup: one per field.',
      items: {
        type: 'object',
        properties: Object.fromEntries(
          ['field', 'code', 'sentence', 'remedy', 'link'].map((name) => [
            name,
            { type: name === 'link' ? ['string', 'null'] : 'string' },
          ]),
        ),
      },
    },
  },
};

/** The API as OpenAPI 3.1, from the same table that serves it: what is not in it is not served. */
export function openapiOf(routes: Route[]): Record<string, unknown> {
  const paths: Record<string, Record<string, unknown>> = Object.fromEntries(
    [push, calendarPush].map(({ path, item }) => [path, item]),
  );
  for (const route of routes) {
    const path = route.path.replace(/:(\w+)/g, '{$1}');
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: operationOf(route) };
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Tenant Google',
      version: '1',
      description: 'Connects Gmail and Google Calendar through each tenant’s own Google Cloud OAuth app.',
    },
    security: [{ host: [] }],
    paths,
    components: {
      securitySchemes: {
        host: {
          type: 'http',
          scheme: 'bearer',
          bearerFormat: 'JWT',
          description: 'A token of the PSA: tenant (or tenant_id), sub, permissions, exp.',
        },
      },
      schemas: { Problem: problemSchema },
    },
  };
}

const push = {
  path: '/api/email/webhooks/google',
  item: {
    post: {
      tags: ['Webhook'],
      summary: 'Google Pub/Sub’s push. Believed only with Google’s signature and what the tenant arranged',
      security: [],
      requestBody: {
        content: {
          [json]: {
            schema: {
              type: 'object',
              required: ['message', 'subscription'],
              properties: {
                message: {
                  type: 'object',
                  properties: { data: { type: 'string' }, messageId: { type: 'string' } },
                },
                subscription: { type: 'string' },
              },
            },
          },
        },
      },
      responses: {
        204: { description: 'Taken: it will not come again.' },
        401: { description: 'Nobody that is known here vouches for it.' },
        503: { description: 'It cannot be kept safely at the moment; to be sent again.' },
      },
    },
    options: {
      tags: ['Webhook'],
      summary: 'Which methods there are',
      security: [],
      responses: { 200: { description: 'POST.' } },
    },
  },
};

const header = (name: string, required = true): Record<string, unknown> => ({
  name,
  in: 'header',
  required,
  schema: { type: 'string' },
});

const calendarPush = {
  path: '/api/calendar/webhooks/google',
  item: {
    post: {
      tags: ['Webhook'],
      summary: 'Google Calendar’s notification. Believed only with channel, token and resource as arranged',
      security: [],
      parameters: [
        header('X-Goog-Channel-ID'),
        header('X-Goog-Channel-Token'),
        header('X-Goog-Resource-ID'),
        header('X-Goog-Resource-State'),
        header('X-Goog-Message-Number', false),
      ],
      responses: {
        200: { description: 'Taken: it will not come again.' },
        404: { description: 'Nothing of the kind was arranged.' },
        503: { description: 'It cannot be kept safely at the moment; to be sent again.' },
      },
    },
    get: {
      tags: ['Webhook'],
      summary: 'Answers `validationToken` as plain text',
      security: [],
      responses: { 200: { description: 'The token.', content: { 'text/plain': {} } } },
    },
    options: {
      tags: ['Webhook'],
      summary: 'Which methods there are',
      security: [],
      responses: { 200: { description: 'GET, POST.' } },
    },
  },
};

function operationOf(route: Route): Record<string, unknown> {
  const { tag, summary, permission, body, status = 200 } = route;
  return {
    tags: [tag],
    summary: permission === 'public' ? summary : `${summary} (${permission})`,
    ...(permission === 'public' ? { security: [] } : {}),
    parameters: [...parametersOf('path', route.params), ...parametersOf('query', route.query)],
    ...(body
      ? { requestBody: { required: true, content: { [json]: { schema: schemaOf(body, 'input') } } } }
      : {}),
    responses: { [status]: { description: 'Success', content: contentOf(route) }, ...refusalsOf(route) },
  };
}

function contentOf({ answer, alsoAs }: Route): Record<string, unknown> {
  if (typeof answer !== 'string')
    return {
      [json]: { schema: schemaOf(answer, 'output') },
      ...(alsoAs ? { [alsoAs]: { schema: { type: 'string' } } } : {}),
    };
  const [mediaType = answer] = answer.split(';');
  return { [mediaType]: { schema: { type: 'string' } } };
}

function refusalsOf({ permission, refusals = [], answer }: Route): Record<string, unknown> {
  const codes = new Set([...always, ...(permission === 'public' ? [] : guardedToo), ...refusals]);
  const byStatus = Map.groupBy(codes, (code) => statusOf(problem(code)));
  // Callbacks show their refusals on a page.
  const mediaType = answer === 'text/html' ? 'text/html' : problemJson;
  return Object.fromEntries(
    [...byStatus].map(([status, ofStatus]) => [
      status,
      {
        description: ofStatus
          .map((code) => `\`${code}\`: ${describeProblem({ code }).sentence}`)
          .join('\n\n'),
        content: {
          [mediaType]: {
            schema: mediaType === problemJson ? { $ref: '#/components/schemas/Problem' } : { type: 'string' },
          },
        },
      },
    ]),
  );
}

interface ObjectSchema {
  properties?: Record<string, { description?: string }>;
  required?: string[];
}

function parametersOf(where: 'path' | 'query', shape: z.ZodType | undefined): Record<string, unknown>[] {
  if (!shape) return [];
  const { properties = {}, required = [] } = schemaOf(shape, 'input') as ObjectSchema;
  return Object.entries(properties).map(([name, schema]) => ({
    name,
    in: where,
    required: where === 'path' || required.includes(name),
    schema,
  }));
}

function schemaOf(shape: z.ZodType, io: 'input' | 'output'): Record<string, unknown> {
  const { $schema: _, ...schema } = z.toJSONSchema(shape, { io, unrepresentable: 'any' });
  return schema;
}
