import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { World } from '../world.js';
import { invalidArgument, notFound } from './gmail-refusals.js';
import { composeMail } from './compose-mail.js';
import { gmailSettings } from './gmail-state.js';
import type { Mailbox, StoredMessage } from './mailbox.js';

const LARGEST_MAIL_BYTES = 35 * 1024 * 1024;

export const simpleMail = z.object({
  from: z.string().default('Customer <customer@example.com>'),
  subject: z.string().default('(no subject)'),
  text: z.string().default(''),
  messageId: z.string().optional(),
  inReplyTo: z.string().optional(),
  labelIds: z.array(z.string()).optional(),
});

const settings = gmailSettings.partial();
const mailboxPath = '/simulator/mailboxes/:address';

/** What a mailbox's owner, the rest of the world and time itself do to mailboxes; no token is needed. */
export function registerMailboxes(app: FastifyInstance, world: World): void {
  const mailboxIn = (request: FastifyRequest): Mailbox => {
    const { address } = request.params as { address: string };
    const user = world.user(address);
    const mailbox = user && world.gmail.mailboxOf(user);
    if (!mailbox) throw notFound(`No account with Gmail has the address ${address}`);
    return mailbox;
  };
  const messageIn = (request: FastifyRequest): { mailbox: Mailbox; message: StoredMessage } => {
    const mailbox = mailboxIn(request);
    const message = mailbox.messages.get((request.params as { id: string }).id);
    if (!message) throw notFound();
    return { mailbox, message };
  };
  const checked = (mailbox: Mailbox, labelIds: readonly string[]): readonly string[] => {
    const unknown = labelIds.find((id) => !mailbox.hasLabel(id));
    if (unknown !== undefined) throw invalidArgument(`Invalid label: ${unknown}`);
    return labelIds;
  };

  app.get('/simulator/gmail/settings', () => world.gmail.settings);
  app.patch('/simulator/gmail/settings', (request) => {
    for (const [name, value] of Object.entries(settings.parse(request.body))) {
      if (value !== undefined) Object.assign(world.gmail.settings, { [name]: value });
    }
    return world.gmail.settings;
  });

  /** Turns an existing account into one with Gmail. */
  app.put(mailboxPath, (request) => {
    const { address } = request.params as { address: string };
    const user = world.user(address);
    if (!user) throw notFound(`No account has the address ${address}`);
    user.hasGmail = true;
    return summary(mailboxIn(request), world);
  });

  app.get(mailboxPath, (request) => summary(mailboxIn(request), world));

  app.post(`${mailboxPath}/history/expire`, (request) => {
    const mailbox = mailboxIn(request);
    mailbox.expireHistory();
    return { oldestUsableHistoryId: mailbox.historyId.toString() };
  });

  /** Another system of the same project stops the watch that is there and starts its own, by Google's rules. */
  app.post(`${mailboxPath}/watches`, (request) => {
    const mailbox = mailboxIn(request);
    const { topicName } = z.object({ topicName: z.string() }).parse(request.body);
    const projectId = topicName.split('/')[1] ?? '';
    world.gmail.watches.stop(mailbox, projectId);
    world.gmail.watches.start(mailbox, projectId, { topicName, labelIds: [], behavior: 'include' });
    return summary(mailbox, world);
  });

  /** That system stops it again. */
  app.delete(`${mailboxPath}/watches`, (request) => {
    const mailbox = mailboxIn(request);
    for (const { projectId } of world.gmail.watches.on(mailbox)) world.gmail.watches.stop(mailbox, projectId);
    return summary(mailbox, world);
  });

  app.post(`${mailboxPath}/labels`, (request) =>
    mailboxIn(request).createLabel(z.object({ name: z.string().min(1) }).parse(request.body).name),
  );

  app.get(`${mailboxPath}/messages`, (request) => ({ arrivals: mailboxIn(request).arrivals }));

  void app.register(async (scope) => {
    scope.addContentTypeParser(
      ['message/rfc822', 'application/octet-stream', 'text/plain'],
      { parseAs: 'buffer' },
      (_request, body, done) => done(null, body),
    );
    scope.post(`${mailboxPath}/messages`, { bodyLimit: LARGEST_MAIL_BYTES }, (request) => {
      const mailbox = mailboxIn(request);
      if (Buffer.isBuffer(request.body)) {
        const { labelIds } = z.object({ labelIds: z.string().optional() }).parse(request.query);
        return handle(
          mailbox.deliver(request.body, labelIds ? checked(mailbox, labelIds.split(',')) : undefined),
        );
      }
      const mail = simpleMail.parse(request.body ?? {});
      const raw = composeMail({ ...mail, to: mailbox.address, date: world.now() });
      return handle(mailbox.deliver(raw, mail.labelIds && checked(mailbox, mail.labelIds)));
    });
  });

  app.post(`${mailboxPath}/messages/:id/labels`, (request) => {
    const { mailbox, message } = messageIn(request);
    const { add, remove } = z
      .object({ add: z.array(z.string()).default([]), remove: z.array(z.string()).default([]) })
      .parse(request.body);
    mailbox.addLabels(message, checked(mailbox, add));
    mailbox.removeLabels(message, checked(mailbox, remove));
    return handle(message);
  });

  app.post(`${mailboxPath}/messages/:id/move`, (request) => {
    const { mailbox, message } = messageIn(request);
    mailbox.moveTo(message, z.object({ to: z.enum(['SPAM', 'TRASH']) }).parse(request.body).to);
    return handle(message);
  });

  app.delete(`${mailboxPath}/messages/:id`, (request) => {
    const { mailbox, message } = messageIn(request);
    mailbox.deleteForever(message);
    return handle(message);
  });
}

function handle({ id, threadId, historyId, labelIds, rfc822MessageId }: StoredMessage) {
  return { id, threadId, historyId: historyId.toString(), labelIds, rfc822MessageId };
}

function summary(mailbox: Mailbox, world: World) {
  return {
    address: mailbox.address,
    historyId: mailbox.historyId.toString(),
    messages: mailbox.messages.size,
    labels: mailbox.labels,
    watches: world.gmail.watches.on(mailbox),
  };
}
