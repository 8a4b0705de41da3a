/**
 * Many requests with random cancels from several connections to one process: every one ends once, and
 * neither memory nor file descriptors grow.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { SamplerClient } from '../../src/client/samplerClient';
import type { Transport } from '../../src/client/transport';
import { isAbort } from '../../src/protocol/errors';
import type { FillParams, LoadParams } from '../../src/protocol/messages';
import { CountingTransport } from './countingTransport';
import type { Draws } from './draws';

export interface RequestOptions {
  readonly requests: number;
  readonly connections: number;
  /** Of each connection, at a time. */
  readonly inFlight: number;
  readonly load: LoadParams;
  readonly transport: () => Transport;
  readonly draws: Draws;
  readonly endMs: number;
}

export interface RequestFigures {
  readonly requests: number;
  readonly filled: number;
  readonly cancelled: number;
  /** Messages of those that ended in another way. */
  readonly failed: readonly string[];
  /** Requests on the wire without an answer at the end. */
  readonly lost: number;
  readonly answeredTwice: number;
  readonly seconds: number;
  /** Means of the first and the last quarter, after a tenth to warm up. */
  readonly memoryBytes: readonly [number, number];
  readonly descriptors: readonly [number, number];
}

interface Sample {
  readonly memoryBytes: number;
  readonly descriptors: number;
}

export async function soakRequests(options: RequestOptions): Promise<RequestFigures> {
  const { requests, connections, inFlight, load, draws, endMs } = options;
  const transport = new CountingTransport(options.transport());
  const clients = Array.from(
    { length: connections },
    () => new SamplerClient({ transport, clientName: 'soak' }),
  );
  const begun = performance.now();
  const counts = { asked: 0, filled: 0, cancelled: 0 };
  const failed: string[] = [];
  const samples: Sample[] = [];
  const every = Math.max(1, Math.floor(requests / 200));
  try {
    await Promise.all(clients.map((client) => client.load(load)));
    const { pid } = clients[0]!;
    const work = async (client: SamplerClient) => {
      while (counts.asked < requests && Date.now() < endMs) {
        if (counts.asked++ % every === 0) samples.push(sampleOf(pid!));
        const aborter = new AbortController();
        const isCancelled = draws.chance(0.25);
        if (isCancelled) setTimeout(() => aborter.abort(), draws.below(8));
        try {
          await client.fill(randomFill(draws), { signal: aborter.signal });
          counts.filled++;
        } catch (thrown) {
          if (isAbort(thrown)) counts.cancelled++;
          else failed.push(String(thrown));
        }
      }
    };
    await Promise.all(
      clients.flatMap((client) => Array.from({ length: inFlight }, () => work(client))),
    );
    // A cancelled request is answered too, when its step is done.
    for (let wait = 0; transport.unanswered > 0 && wait < 200; wait++) {
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  } finally {
    await Promise.all(clients.map((client) => client.dispose()));
  }
  return {
    requests: counts.asked,
    filled: counts.filled,
    cancelled: counts.cancelled,
    failed: [...new Set(failed)],
    lost: transport.unanswered,
    answeredTwice: transport.stray,
    seconds: (performance.now() - begun) / 1000,
    memoryBytes: firstAndLast(samples.map(({ memoryBytes }) => memoryBytes)),
    descriptors: firstAndLast(samples.map(({ descriptors }) => descriptors)),
  };
}

function randomFill(draws: Draws): FillParams {
  const priority = draws.oneOf(['explicit', 'inline', 'speculative'] as const);
  const text = 'x = '.repeat(1 + draws.below(4));
  return { parts: [{ text }, { gap: { length: 1 + draws.below(4) } }, { text: '\n' }], priority };
}

/** Linux says both in files; elsewhere they are not looked at. */
function sampleOf(pid: number): Sample {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    const memoryBytes = Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1] ?? 0) * 1024;
    return { memoryBytes, descriptors: readdirSync(`/proc/${pid}/fd`).length };
  } catch {
    return { memoryBytes: 0, descriptors: 0 };
  }
}

function firstAndLast(values: readonly number[]): [number, number] {
  const warm = values.slice(Math.floor(values.length / 10));
  const quarter = Math.max(1, Math.floor(warm.length / 4));
  return [mean(warm.slice(0, quarter)), mean(warm.slice(-quarter))];
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
}
