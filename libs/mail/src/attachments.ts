import { createHash } from 'node:crypto';
import type { MimePart } from './mime-reading.js';
import type { Attachment } from './parsed-message.js';

const NAMES: Record<string, string> = {
  'text/calendar': 'invite.ics',
  'message/rfc822': 'message.eml',
  'message/delivery-status': 'delivery-status.txt',
  'text/rfc822-headers': 'headers.txt',
  'application/ms-tnef': 'winmail.dat',
  'application/pkcs7-signature': 'smime.p7s',
  'application/pkcs7-mime': 'smime.p7m',
};

const ENDINGS: Record<string, string> = {
  'image/png': 'png',
  'image/jpeg': 'jpg',
  'image/gif': 'gif',
  'application/pdf': 'pdf',
  'text/plain': 'txt',
  'text/html': 'html',
};

/** The longest file name that is kept, in characters; a longer one keeps its ending. */
const MAX_NAME = 200;

/** RFC 2045; whatever serves the attachment can use it as a header. */
const CONTENT_TYPE = /^[\w!#$&^.+-]+\/[\w!#$&^.+-]+$/;

export function attachmentOf(part: MimePart, shownInHtml: Set<string>): Attachment {
  const name = attachmentName(part);
  const size = part.content.length;
  return {
    id: attachmentId(part.partPath, name, size),
    name,
    contentType: CONTENT_TYPE.test(part.contentType) ? part.contentType : 'application/octet-stream',
    size,
    sha256: createHash('sha256').update(part.content).digest('hex'),
    ...(part.contentId ? { contentId: part.contentId } : {}),
    isInline: part.contentId !== undefined && shownInHtml.has(part.contentId),
    partPath: part.partPath,
  };
}

/** Google hands out another attachment id on each fetch, so ours is made of what the message itself fixes. */
function attachmentId(partPath: string, name: string, size: number): string {
  const digest = createHash('sha256')
    .update(JSON.stringify([partPath, name, size]))
    .digest('hex');
  return `${partPath.replaceAll(/[^0-9A-Za-z.]/g, '-')}-${digest.slice(0, 16)}`;
}

function attachmentName(part: MimePart): string {
  // A name is never a path, and neither control nor direction marks may disguise its ending.
  const given = (part.name ?? '')
    .replaceAll(/[\p{Cc}\p{Cf}\uFFFD]/gu, '')
    .split(/[/\\]/)
    .at(-1)
    ?.trim();
  if (given && !/^\.+$/.test(given)) return shortened(given);
  const fixed = NAMES[part.contentType];
  if (fixed) return fixed;
  return `part-${part.partPath}.${ENDINGS[part.contentType] ?? 'bin'}`;
}

function shortened(name: string): string {
  if (name.length <= MAX_NAME) return name;
  const ending = /\.[^.]{1,10}$/.exec(name)?.[0] ?? '';
  return name.slice(0, MAX_NAME - ending.length).toWellFormed() + ending;
}

/** The content ids that HTML refers to with `cid:`. */
export function contentIdsShownIn(html: string | undefined): Set<string> {
  const shown = new Set<string>();
  for (const [, id = ''] of (html ?? '').matchAll(/\bcid:([^'"\s<>)]{1,256})/gi)) {
    shown.add(id);
    shown.add(percentDecoded(id));
  }
  return shown;
}

function percentDecoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
