import type { MailParser } from 'mailparser';

type Done = (error?: Error | null) => void;

/** The parts of the parser that its types leave out. A release without them makes every spec of this folder fail. */
interface ParserInside {
  processChunk(chunk: MimeNode | { type: 'body' | 'data' }, done: Done): void;
  splitter: { processLine(line: Buffer, final: boolean, next: Done): void };
}

interface MimeNode {
  type: 'node';
  contentType: string | false;
  disposition: string | false;
  filename: string | false;
  parentNode: MimeNode | false;
}

/**
 * The same parser with two changes:
 * - it works in callbacks of the event loop, where an exception that a crafted message provokes would end the whole
 *   process; here it becomes the parser's error;
 * - a text file that a mail program put inline behind the text stays a file with its name, as in Gmail, instead of
 *   flowing into the body.
 */
export function guarded(parser: MailParser): MailParser {
  const inside = parser as unknown as ParserInside;
  const processChunk = inside.processChunk.bind(inside);
  let isTextSeen = false;
  inside.processChunk = (chunk, done) => {
    try {
      if (chunk.type === 'node' && isShownText(chunk)) {
        if (isTextSeen && isInlineFile(chunk)) chunk.disposition = 'attachment';
        isTextSeen = true;
      }
      processChunk(chunk, done);
    } catch (error) {
      done(asError(error));
    }
  };
  const processLine = inside.splitter.processLine.bind(inside.splitter);
  inside.splitter.processLine = (line, final, next) => {
    try {
      processLine(line, final, next);
    } catch (error) {
      next(asError(error));
    }
  };
  return parser;
}

function isShownText({ contentType, disposition }: MimeNode): boolean {
  return (contentType === 'text/plain' || contentType === 'text/html') && disposition !== 'attachment';
}

function isInlineFile({ disposition, filename, parentNode }: MimeNode): boolean {
  const isAlternative = parentNode && parentNode.contentType === 'multipart/alternative';
  return disposition === 'inline' && filename !== false && !isAlternative;
}

function asError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown));
}
