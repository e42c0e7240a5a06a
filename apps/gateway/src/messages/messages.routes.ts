import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import type { ReadableStream as WebStream } from 'node:stream/web';
import { z } from 'zod';
import { objectPrefix, type Objects, type StoredContent } from '#deliveries/objects';
import { extractAttachment } from '#mail/extract-attachment';
import { problem } from '#problems/problem';
import { guarded, type Content, type HttpAnswer, type Route } from '../api/route.js';
import { providerId } from '../providers/provider-requests.js';

export interface MessagesMeans {
  objects: Objects;
}

const tag = 'Messages';
const gmailId = z.string().regex(/^[\w-]{1,64}$/);
const ofMessage = z.object({ id: providerId, gmailId });
/** Google takes at most 50 MB in; a larger raw message was never stored. */
const largestRaw = 64 * 1024 * 1024;

const stored = [
  {
    path: 'raw',
    file: 'raw.eml',
    mediaType: 'message/rfc822',
    summary: 'The message exactly as Gmail holds it',
  },
  {
    path: 'body.txt',
    file: 'body.txt',
    mediaType: 'text/plain; charset=utf-8',
    summary: 'The whole plain text',
  },
  {
    path: 'body.html',
    file: 'body.html',
    mediaType: 'text/html; charset=utf-8',
    summary: 'The HTML as sent and not sanitised, for download only',
  },
];

/** Content of messages as deliveries refer to it. It comes from strangers: always a download, never a page of ours. */
export const messagesRoutes = ({ objects }: MessagesMeans): Route[] => [
  ...stored.map(({ path, file, mediaType, summary }) =>
    guarded({
      method: 'GET',
      path: `/api/email/providers/:id/messages/:gmailId/${path}`,
      permission: 'system_settings:read',
      tag,
      summary,
      params: ofMessage,
      answer: mediaType,
      refusals: ['message.not-found'],
      handle: async ({ params }, { tenantId }): Promise<HttpAnswer> => {
        const key = `${objectPrefix(tenantId, params.id, params.gmailId)}/${file}`;
        const found = await objects.read(tenantId, key);
        if (!found) return { problem: problem('message.not-found', { gmailId: params.gmailId }) };
        return download(
          Readable.fromWeb(found.data as WebStream),
          found.size,
          mediaType,
          `${params.gmailId}-${file}`,
        );
      },
    }),
  ),
  guarded({
    method: 'GET',
    path: '/api/email/providers/:id/messages/:gmailId/attachments/:attachmentId',
    permission: 'system_settings:read',
    tag,
    summary: 'An attachment, decoded',
    params: ofMessage.extend({ attachmentId: z.string().max(200) }),
    answer: 'application/octet-stream',
    refusals: ['message.not-found', 'request.not-found'],
    handle: async ({ params }, { tenantId }) => {
      const key = `${objectPrefix(tenantId, params.id, params.gmailId)}/raw.eml`;
      const found = await objects.read(tenantId, key);
      if (!found || found.size > largestRaw)
        return { problem: problem('message.not-found', { gmailId: params.gmailId }) };
      const extracted = await extractAttachment(await wholeOf(found), params.attachmentId);
      if (!extracted.ok) return { problem: problem('request.not-found', { what: 'this attachment' }) };
      const { attachment, content } = extracted;
      return download(content, content.length, attachment.contentType, attachment.name);
    },
  }),
];

const wholeOf = ({ data }: StoredContent): Promise<Buffer> => buffer(Readable.fromWeb(data as WebStream));

function download(content: Content['content'], size: number, mediaType: string, name: string): Content {
  return {
    status: 200,
    headers: {
      'content-type': mediaType,
      'content-length': String(size),
      'content-disposition': disposition(name),
      'content-security-policy': "default-src 'none'; sandbox",
      'cross-origin-resource-policy': 'same-origin',
    },
    content,
  };
}

/** RFC 6266: a plain name for all, and the whole one for those that read it. */
function disposition(name: string): string {
  const plain = name.replace(/[^\w. -]/g, '_');
  const whole = encodeURIComponent(name.toWellFormed()).replace(
    /['()*]/g,
    (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return `attachment; filename="${plain}"; filename*=UTF-8''${whole}`;
}
