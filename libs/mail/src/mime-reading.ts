import type { AttachmentStream, HeaderLines, MessageText } from 'mailparser';
import { MailParser } from 'mailparser';
import { guarded } from './guarded-parser.js';
import {
  MAX_HEADER_BYTES,
  MAX_HTML_CHARACTERS_TO_CONVERT,
  MAX_PARTS,
  PARSE_DEADLINE,
} from './parsed-message.js';

/** A part that is not shown as body text, with its decoded content. */
export interface MimePart {
  partPath: string;
  contentType: string;
  name?: string;
  contentId?: string;
  content: Buffer;
}

export interface MimeReading {
  /** One entry for each header, still folded, bytes as latin1 characters. */
  headerLines: HeaderLines;
  /** Encoded words decoded. */
  subject: string;
  contentType: string;
  text?: string;
  html?: string;
  parts: MimePart[];
  warnings: string[];
}

export type MimeOutcome = { ok: true; reading: MimeReading } | { ok: false; reason: string };

/**
 * One message taken apart: its bodies and every other part. Messages within it stay closed, as one part each,
 * so that their bytes are kept and their depth can be limited. Delivery statuses stay parts too: the human
 * text of a bounce is readable without them, and a machine finds them whole.
 */
export function readMime(raw: Buffer, maxParts: number = MAX_PARTS): Promise<MimeOutcome> {
  return new Promise((resolve) => {
    const parser = guarded(
      new MailParser({
        checksumAlgo: false,
        ignoreEmbedded: true,
        keepDeliveryStatus: true,
        skipTextLinks: true,
        maxHeadSize: MAX_HEADER_BYTES,
        maxChildNodes: Math.max(1, maxParts),
        maxHtmlLengthToParse: MAX_HTML_CHARACTERS_TO_CONVERT,
      }),
    );
    const reading: MimeReading = { headerLines: [], subject: '', contentType: '', parts: [], warnings: [] };
    const deadline = setTimeout(() => giveUp('reading the message did not come to an end'), PARSE_DEADLINE);

    function giveUp(reason: string): void {
      clearTimeout(deadline);
      resolve({ ok: false, reason });
      parser.destroy();
    }

    parser.on('error', (error: Error) => giveUp(error.message));
    parser.on('headers', (headers) => {
      const type = headers.get('content-type');
      reading.contentType =
        typeof type === 'object' && 'value' in type ? String(type.value).toLowerCase() : '';
      // Plain parts become HTML only where they stand beside HTML, which takes several parts.
      parser.options.skipTextToHtml = !reading.contentType.startsWith('multipart/');
      reading.subject = String(headers.get('subject') ?? '');
    });
    parser.on('headerLines', (lines) => (reading.headerLines = lines));
    parser.on('data', (data) => {
      if (data.type === 'attachment') collect(data, reading, giveUp);
      else takeText(data, reading);
    });
    parser.on('end', () => {
      clearTimeout(deadline);
      resolve({ ok: true, reading });
    });
    parser.end(raw);
  });
}

function collect(stream: AttachmentStream, reading: MimeReading, giveUp: (reason: string) => void): void {
  const part: MimePart = {
    partPath: unusedPath(stream.partId ?? '1', reading.parts),
    contentType: stream.contentType || 'application/octet-stream',
    content: Buffer.alloc(0),
    ...(stream.filename ? { name: stream.filename } : {}),
    ...(stream.cid ? { contentId: stream.cid } : {}),
  };
  reading.parts.push(part);
  const chunks: Buffer[] = [];
  stream.content.on('data', (chunk: Buffer) => chunks.push(chunk));
  stream.content.on('error', (error: Error) => giveUp(error.message));
  stream.content.on('end', () => {
    part.content = Buffer.concat(chunks);
    stream.release?.();
  });
}

function takeText(body: MessageText, reading: MimeReading): void {
  if (body.text !== undefined) reading.text = body.text;
  if (body.html !== undefined) reading.html = body.html;
  if (body.textConversionError) {
    reading.warnings.push(`Part of the HTML was not turned into text: ${body.textConversionError.message}.`);
  }
}

/** Broken nesting can number two parts alike, but an attachment is found by its path. */
function unusedPath(path: string, parts: MimePart[]): string {
  let candidate = path;
  for (let copy = 2; parts.some((part) => part.partPath === candidate); copy++) candidate = `${path}~${copy}`;
  return candidate;
}
