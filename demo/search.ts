import { readFile } from 'node:fs/promises';
import pg from 'pg';
import { spellings, type Canaries, type SecretKind } from './canaries.js';
import { secondLog } from './second-process.js';
import type { Stage } from './stage.js';

/** A text that left a trace, and what it is. */
export interface Trace {
  place: string;
  text: string;
}

export interface Finding {
  kind: SecretKind | 'PKCE verifier';
  trace: Trace;
}

export interface Traces {
  events: Trace[];
  tables: Trace[];
  log: Trace[];
  wire: Trace[];
  http: Trace[];
}

/** Everything that the run wrote down or said. */
export async function gatherTraces(stage: Stage): Promise<Traces> {
  const rows = await tableRows(stage);
  const log = [
    await readFile(stage.logFile, 'utf8'),
    await readFile(secondLog(stage), 'utf8').catch(() => ''),
  ].join('\n');
  return {
    events: rows.filter(({ place }) => place.startsWith('events.')),
    tables: rows.filter(({ place }) => !place.startsWith('events.')),
    log: log.split('\n').map((text) => ({ place: 'log', text })),
    wire: wireTraces(stage),
    http: stage.visitor.answers.map(({ request, headers, text }) => ({
      place: `HTTP answer to ${request}`,
      text: `${headers}\n${text}`,
    })),
  };
}

/** Where a secret was found, in whatever spelling. */
export function searchFor(canaries: Canaries, traces: Trace[]): Finding[] {
  const all = traces.map(({ text }) => text).join('\n');
  const found: Finding[] = [];
  for (const [secret, kind] of canaries.byValue) {
    const written = spellings(secret).filter((spelling) => all.includes(spelling));
    if (written.length === 0) continue;
    const holding = traces.filter(({ text }) => written.some((spelling) => text.includes(spelling)));
    found.push(...holding.map((trace) => ({ kind, trace })));
  }
  for (const trace of traces) {
    const candidates = trace.text.match(/[A-Za-z0-9._~-]{43,128}/g) ?? [];
    if (candidates.some((text) => canaries.isVerifier(text))) found.push({ kind: 'PKCE verifier', trace });
  }
  return found;
}

async function tableRows({ embedded }: Stage): Promise<Trace[]> {
  const client = new pg.Client({ connectionString: embedded.postgresUrl });
  await client.connect();
  try {
    const { rows: tables } = await client.query<{ name: string }>(
      `SELECT format('%I.%I', table_schema, table_name) AS name FROM information_schema.tables
        WHERE table_type = 'BASE TABLE' AND table_schema NOT IN ('pg_catalog', 'information_schema')`,
    );
    const traces: Trace[] = [];
    for (const { name } of tables) {
      const { rows } = await client.query<{ text: string }>(`SELECT t::text AS text FROM ${name} t`);
      traces.push(...rows.map(({ text }) => ({ place: name, text })));
    }
    return traces;
  } finally {
    await client.end();
  }
}

/** Replies go to inboxes: the request that named the inbox says what they answer. */
function wireTraces({ wire }: Stage): Trace[] {
  const requestOf = new Map(
    wire.heard.filter(({ reply }) => reply !== '').map(({ subject, reply }) => [reply, subject]),
  );
  return wire.heard.map(({ subject, headers, text }) => {
    const answered = requestOf.get(subject);
    return { place: answered ? `reply to ${answered}` : subject, text: `${headers}\n${text}` };
  });
}
