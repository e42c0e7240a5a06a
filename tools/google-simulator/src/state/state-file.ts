import { mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { z } from 'zod';
import type { Mail } from '../gmail/gmail-state.js';
import type { World } from '../world.js';
import { savedWorld } from './saved-world.js';

const FORMAT = 'google-simulator';
const VERSION = 1;
const BATCH_CHARACTERS = 1024 * 1024;
const LINE_FEED = 10;
const OWNER_ONLY = 0o600;

const header = z.object({ format: z.literal(FORMAT), version: z.number().int(), world: z.unknown() });
const mailLine = z.object({ mailbox: z.string(), id: z.string(), raw: z.string() });

/** A state file that cannot be used; the message names it and says what to do. */
export class StateFileProblem extends Error {}

/** A moment of the world as a state file has it: one line of JSON for everything but mail, then one line for each mail. */
export interface Moment {
  readonly firstLine: string;
  /** Turned into lines while they are written: bytes of mails never change. */
  readonly mails: readonly Mail[];
}

export function momentOf(world: World): Moment {
  const firstLine = { format: FORMAT, version: VERSION, world: z.encode(savedWorld, world.snapshot()) };
  return { firstLine: JSON.stringify(firstLine), mails: world.gmail.mails() };
}

/** Replaces the file as a whole: whoever reads it, even after a crash, finds either the former state or this one. */
export async function writeMoment(path: string, { firstLine, mails }: Moment): Promise<void> {
  const unfinished = `${path}.unfinished`;
  try {
    await mkdir(dirname(path), { recursive: true });
    await rm(unfinished, { force: true });
    const file = await open(unfinished, 'w', OWNER_ONLY);
    try {
      await file.writeFile(batches(firstLine, mails));
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(unfinished, path);
  } catch (error) {
    throw new StateFileProblem(
      `The state file ${path} cannot be written (${(error as Error).message}): make room for it, or set STATE_FILE to a place where it can be.`,
    );
  }
}

/** Fills a new world from the file; leaves it as it is when there is no file. @throws StateFileProblem */
export async function restoreWorld(path: string, world: World): Promise<void> {
  const content = await contentOf(path);
  if (!content) return;
  const [first, ...rest] = linesOf(content);
  const { version, world: json } = parsed(path, 1, header, first);
  if (version > VERSION) {
    throw new StateFileProblem(
      `The state file ${path} is of a newer simulator (its format is ${version}, this one knows ${VERSION}): start that simulator, or move the file away to start empty.`,
    );
  }
  const saved = decoded(path, 1, savedWorld, json);
  const mails = new Map<string, Buffer>();
  for (const [index, line] of rest.entries()) {
    const { mailbox, id, raw } = parsed(path, index + 2, mailLine, line);
    mails.set(`${mailbox}/${id}`, Buffer.from(raw, 'base64'));
  }
  for (const { sub, mailbox } of saved.gmail.mailboxes) {
    for (const { id, size } of mailbox.messages) {
      if (mails.get(`${sub}/${id}`)?.length !== size) throw damaged(path, `mail ${id} is not whole`);
    }
  }
  try {
    world.restore(saved, (mailbox, id) => mails.get(`${mailbox}/${id}`)!);
  } catch (error) {
    throw damaged(path, (error as Error).message);
  }
}

async function contentOf(path: string): Promise<Buffer | undefined> {
  try {
    return await readFile(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new StateFileProblem(
      `The state file ${path} cannot be read (${(error as Error).message}): make it readable, or set STATE_FILE to another file.`,
    );
  }
}

function* linesOf(content: Buffer): Generator<string> {
  for (let start = 0; start < content.length;) {
    const end = content.indexOf(LINE_FEED, start);
    yield content.toString('utf8', start, end < 0 ? content.length : end);
    start = end < 0 ? content.length : end + 1;
  }
}

function* batches(firstLine: string, mails: readonly Mail[]): Generator<string> {
  let batch = `${firstLine}\n`;
  for (const { mailbox, id, raw } of mails) {
    batch += `${JSON.stringify({ mailbox, id, raw: raw.toString('base64') })}\n`;
    if (batch.length < BATCH_CHARACTERS) continue;
    yield batch;
    batch = '';
  }
  yield batch;
}

function parsed<Schema extends z.ZodType>(path: string, line: number, schema: Schema, text = '') {
  try {
    return decoded(path, line, schema, JSON.parse(text));
  } catch (error) {
    // The parser's own words would quote the file, which has secrets.
    throw error instanceof StateFileProblem ? error : damaged(path, `line ${line} is not JSON`);
  }
}

function decoded<Schema extends z.ZodType>(path: string, line: number, schema: Schema, json: unknown) {
  const { success, data, error } = schema.safeParse(json);
  if (success) return data;
  const [issue] = error.issues;
  throw damaged(path, `line ${line}, ${issue?.path.join('.') || 'as a whole'}: ${issue?.message}`);
}

function damaged(path: string, detail: string): StateFileProblem {
  return new StateFileProblem(
    `The state file ${path} is damaged or not the simulator's (${detail}): put a good copy in its place, or move it away to start empty.`,
  );
}
