import { ratio, type Finding } from '../measuring/findings.js';
import { Helper, processorTime } from '../measuring/program.js';
import type { Load, LoadResult } from './load.js';

export interface Side {
  /** Of the process that answers. */
  pid: number;
  port: number;
  requests: string[];
  status: number;
}

const connections = 32;
const seconds = 2;

type Result = LoadResult & { processorUs: number };

/** The same load on both sides in turn, from a process of its own. A first round only warms up. */
export async function compare(
  ours: Side,
  bare: Side,
  rounds: number,
  { rateAtLeast, p99AtMost }: { rateAtLeast: number; p99AtMost?: number },
): Promise<Finding[]> {
  const load = Helper.start<Load, LoadResult>('bench/http/load.js');
  const results: Record<'ours' | 'bare', Result[]> = { ours: [], bare: [] };
  try {
    for (let round = 0; round <= rounds; round++) {
      for (const [name, side] of [
        ['bare', bare],
        ['ours', ours],
      ] as const) {
        const { pid, ...asked } = side;
        const before = await processorTime(pid);
        const result = await load.ask({ ...asked, connections, seconds });
        const processorUs = ((await processorTime(pid)) - before) * 1_000;
        if (round > 0) results[name].push({ ...result, processorUs: processorUs / result.requests });
      }
    }
  } finally {
    await load.stop();
  }
  const finding = (what: string, unit: Finding['unit'], name: keyof typeof results, of: keyof Result) => ({
    what,
    unit,
    rounds: results[name].map((result) => result[of]),
  });
  const rate = finding('the gateway', '/s', 'ours', 'perSecond');
  const bareRate = finding('the bare route', '/s', 'bare', 'perSecond');
  const p99 = finding('the gateway, p99', 'ms', 'ours', 'p99Ms');
  const bareP99 = finding('the bare route, p99', 'ms', 'bare', 'p99Ms');
  const processor = finding('the gateway, processor time of a request', 'µs', 'ours', 'processorUs');
  const bareProcessor = finding('the bare route, processor time of a request', 'µs', 'bare', 'processorUs');
  return [
    ratio('rate, gateway / bare route', rate, bareRate, { atLeast: rateAtLeast }),
    ratio('p99, gateway / bare route', p99, bareP99, p99AtMost ? { atMost: p99AtMost } : undefined),
    ratio('processor time of a request, gateway / bare route', processor, bareProcessor),
    rate,
    bareRate,
    finding('the gateway, p50', 'ms', 'ours', 'p50Ms'),
    finding('the bare route, p50', 'ms', 'bare', 'p50Ms'),
    p99,
    bareP99,
    processor,
    bareProcessor,
  ];
}

export const httpRequest = (
  method: string,
  path: string,
  { token, body = '' }: { token?: string; body?: string },
): string =>
  [
    `${method} ${path} HTTP/1.1`,
    'host: 127.0.0.1',
    ...(token ? [`authorization: Bearer ${token}`] : []),
    ...(body ? ['content-type: application/json', `content-length: ${Buffer.byteLength(body)}`] : []),
    '',
    body,
  ].join('\r\n');
