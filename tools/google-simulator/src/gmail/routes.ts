import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { World } from '../world.js';
import { enter, FULL, LABELS, mayReadContent, MODIFY, READ, READONLY } from './access.js';
import { forbidden, invalidArgument, notFound } from './gmail-refusals.js';
import { historyResource, isChangeType, pageOf, searchMessages } from './listing.js';
import type { Mailbox, StoredMessage } from './mailbox.js';
import { registerMailboxes } from './mailbox-routes.js';
import { attachmentOf, messageResource, toBase64Url } from './message-resource.js';

const many = z.preprocess((value) => (value === undefined ? [] : [value].flat()), z.array(z.string()));
const count = z.coerce.number().int().optional().catch(undefined);
const flag = z.preprocess((value) => value === 'true' || value === true, z.boolean());
const watchBody = z.looseObject({
  topicName: z.string().default(''),
  labelIds: many,
  labelFilterBehavior: z.string().optional(),
  labelFilterAction: z.string().optional(),
});

const user = '/gmail/v1/users/:userId';

/** Gmail's REST API v1 as far as a reader of mail needs it, and the admin's way to put mail into mailboxes. */
export function registerGmail(app: FastifyInstance, world: World): void {
  registerMailboxes(app, world);

  app.get(`${user}/profile`, (request) => {
    const { mailbox } = enter(world, request, 'getProfile');
    const messages = [...mailbox.messages.values()];
    return {
      emailAddress: mailbox.address,
      messagesTotal: messages.length,
      threadsTotal: new Set(messages.map(({ threadId }) => threadId)).size,
      historyId: mailbox.historyId.toString(),
    };
  });

  app.get(`${user}/labels`, (request) => {
    const { mailbox } = enter(world, request, 'labels.list', [...READ, LABELS]);
    return { labels: mailbox.labels };
  });

  app.get(`${user}/labels/:id`, (request) => {
    const { mailbox } = enter(world, request, 'labels.get', [...READ, LABELS]);
    const label = mailbox.labels.find(({ id }) => id === parameter(request, 'id'));
    if (!label) throw notFound();
    const labelled = [...mailbox.messages.values()].filter(({ labelIds }) => labelIds.includes(label.id));
    const unread = labelled.filter(({ labelIds }) => labelIds.includes('UNREAD'));
    return { ...label, messagesTotal: labelled.length, messagesUnread: unread.length };
  });

  app.get(`${user}/messages`, (request) => {
    const { mailbox, caller } = enter(world, request, 'messages.list');
    const query = z
      .looseObject({
        q: z.string().default(''),
        labelIds: many,
        includeSpamTrash: flag,
        maxResults: count,
        pageToken: z.string().optional(),
      })
      .parse(request.query);
    if (query.q !== '' && !mayReadContent(caller))
      throw forbidden("Metadata scope does not support 'q' parameter");
    const found = searchMessages(mailbox, query, world.now());
    const page = pageOf(found, (message) => BigInt(-message.arrival), query);
    return {
      ...(page.items.length > 0 && { messages: page.items.map(({ id, threadId }) => ({ id, threadId })) }),
      ...(page.nextPageToken && { nextPageToken: page.nextPageToken }),
      resultSizeEstimate: found.length,
    };
  });

  app.get(`${user}/messages/:id`, (request) => {
    const { mailbox, caller } = enter(world, request, 'messages.get');
    const query = z
      .looseObject({ format: z.string().default('full'), metadataHeaders: many })
      .parse(request.query);
    const format = z.enum(['minimal', 'full', 'raw', 'metadata']).safeParse(query.format.toLowerCase());
    if (!format.success) throw invalidArgument(`Invalid value for format: ${query.format}`);
    if ((format.data === 'full' || format.data === 'raw') && !mayReadContent(caller)) {
      throw forbidden(`Metadata scope doesn't allow format ${format.data.toUpperCase()}`);
    }
    return messageResource(messageIn(mailbox, parameter(request, 'id')), format.data, query.metadataHeaders);
  });

  app.get(`${user}/messages/:id/attachments/:attachmentId`, (request) => {
    const { mailbox } = enter(world, request, 'attachments.get', [FULL, MODIFY, READONLY]);
    const message = messageIn(mailbox, parameter(request, 'id'));
    const part = attachmentOf(message, parameter(request, 'attachmentId'));
    if (!part) throw invalidArgument('Invalid attachment token');
    return { size: part.body.length, data: toBase64Url(part.body) };
  });

  app.post(`${user}/messages/:id/modify`, (request) => {
    const { mailbox } = enter(world, request, 'messages.modify', [FULL, MODIFY]);
    const message = messageIn(mailbox, parameter(request, 'id'));
    const { addLabelIds, removeLabelIds } = z
      .looseObject({ addLabelIds: many, removeLabelIds: many })
      .parse(request.body ?? {});
    const unknown = [...addLabelIds, ...removeLabelIds].find((id) => !mailbox.hasLabel(id));
    if (unknown !== undefined) throw invalidArgument(`Invalid label: ${unknown}`);
    mailbox.addLabels(message, addLabelIds);
    mailbox.removeLabels(message, removeLabelIds);
    return messageResource(message, 'minimal');
  });

  app.get(`${user}/history`, (request) => {
    const { mailbox } = enter(world, request, 'history.list');
    const query = z
      .looseObject({
        startHistoryId: z.string().optional(),
        historyTypes: many,
        labelId: z.string().optional(),
        maxResults: count,
        pageToken: z.string().optional(),
      })
      .parse(request.query);
    if (query.startHistoryId === undefined)
      throw invalidArgument('Missing required parameter: startHistoryId');
    if (!/^\d{1,20}$/.test(query.startHistoryId)) {
      throw invalidArgument(`Invalid value at 'start_history_id' (TYPE_UINT64), "${query.startHistoryId}"`);
    }
    const badType = query.historyTypes.find((type) => !isChangeType(type));
    if (badType !== undefined) {
      throw invalidArgument(`Invalid value at 'history_types' (Type.History), "${badType}"`);
    }
    const records = mailbox.historyAfter(
      BigInt(query.startHistoryId),
      world.gmail.settings.historyLifetimeMs,
    );
    if (!records) throw notFound();
    const { labelId, historyTypes } = query;
    const wanted = records
      .filter(({ type }) => historyTypes.length === 0 || historyTypes.includes(type))
      .filter((one) => !labelId || [...one.labelIds, ...one.changedLabelIds].includes(labelId));
    const page = pageOf(wanted, ({ id }) => id, query);
    return {
      ...(page.items.length > 0 && { history: page.items.map(historyResource) }),
      ...(page.nextPageToken && { nextPageToken: page.nextPageToken }),
      historyId: mailbox.historyId.toString(),
    };
  });

  app.post(`${user}/watch`, (request) => {
    const { mailbox, caller } = enter(world, request, 'watch');
    const body = watchBody.parse(request.body ?? {});
    const behavior = (body.labelFilterBehavior ?? body.labelFilterAction ?? 'include').toLowerCase();
    if (behavior !== 'include' && behavior !== 'exclude') {
      throw invalidArgument(`Invalid value at 'label_filter_behavior', "${behavior}"`);
    }
    const { topicName, labelIds } = body;
    const { expiration } = world.gmail.watches.start(mailbox, caller.project.id, {
      topicName,
      labelIds,
      behavior,
    });
    return { historyId: mailbox.historyId.toString(), expiration: expiration.getTime().toString() };
  });

  app.post(`${user}/stop`, (request, reply) => {
    const { mailbox, caller } = enter(world, request, 'stop');
    world.gmail.watches.stop(mailbox, caller.project.id);
    return reply.code(204).send();
  });
}

function parameter(request: FastifyRequest, name: string): string {
  return (request.params as Record<string, string>)[name] ?? '';
}

function messageIn(mailbox: Mailbox, id: string): StoredMessage {
  if (!/^[0-9a-f]{1,16}$/i.test(id)) throw invalidArgument('Invalid id value');
  const message = mailbox.messages.get(id);
  if (!message) throw notFound();
  return message;
}
