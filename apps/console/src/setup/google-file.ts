import { texts } from '../texts/texts.js';

export interface ClientFile {
  kind: 'client';
  clientId: string;
  clientSecret: string | null;
  projectId: string | null;
  redirectUris: string[];
}

export interface KeyFile {
  kind: 'key';
  /** The file as it is: what Google wrote is what is stored. */
  text: string;
  email: string;
  projectId: string | null;
}

export type GoogleFile = ClientFile | KeyFile;

/** A sentence for the person when the file is not what belongs there. */
export type Read<File> = { ok: true; file: File } | { ok: false; sentence: string };

const largest = 64 * 1024;
const words = texts.setup.files;

export function readClientFile(name: string, text: string): Read<ClientFile> {
  const read = readGoogleFile(name, text);
  if (!read.ok) return read;
  return read.file.kind === 'client'
    ? { ok: true, file: read.file }
    : { ok: false, sentence: words.keyInsteadOfClient };
}

export function readKeyFile(name: string, text: string): Read<KeyFile> {
  const read = readGoogleFile(name, text);
  // A desktop client is as wrong here as any client.
  if (!read.ok)
    return read.sentence === words.desktopClient ? { ok: false, sentence: words.clientInsteadOfKey } : read;
  return read.file.kind === 'key'
    ? { ok: true, file: read.file }
    : { ok: false, sentence: words.clientInsteadOfKey };
}

function readGoogleFile(name: string, text: string): Read<GoogleFile> {
  if (text.length > largest) return { ok: false, sentence: words.tooLarge(name) };
  const content = parsed(text);
  if (!content) return { ok: false, sentence: words.notJson(name) };
  if (isObject(content['installed'])) return { ok: false, sentence: words.desktopClient };
  const web = content['web'];
  if (isObject(web) && typeof web['client_id'] === 'string')
    return {
      ok: true,
      file: {
        kind: 'client',
        clientId: web['client_id'],
        clientSecret: textOf(web['client_secret']),
        projectId: textOf(web['project_id']),
        redirectUris: Array.isArray(web['redirect_uris'])
          ? web['redirect_uris'].filter((uri) => typeof uri === 'string')
          : [],
      },
    };
  if (content['type'] === 'service_account' && typeof content['client_email'] === 'string')
    return {
      ok: true,
      file: { kind: 'key', text, email: content['client_email'], projectId: textOf(content['project_id']) },
    };
  return { ok: false, sentence: words.unknown(name) };
}

function parsed(text: string): Record<string, unknown> | null {
  try {
    const content: unknown = JSON.parse(text);
    return isObject(content) ? content : null;
  } catch {
    return null;
  }
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const textOf = (value: unknown): string | null => (typeof value === 'string' && value !== '' ? value : null);
