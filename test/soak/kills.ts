/**
 * The process killed at random moments: every pending request ends, with the reason; the next one
 * works; nothing is left behind.
 */
import { existsSync, readdirSync } from 'node:fs';
import { RestartPolicy } from '../../src/client/restartPolicy';
import { SamplerClient } from '../../src/client/samplerClient';
import type { Transport } from '../../src/client/transport';
import { LacunaError } from '../../src/protocol/errors';
import type { LoadParams } from '../../src/protocol/messages';
import { isRunning, type ProcessId } from '../../src/rendezvous/processes';
import type { Draws } from './draws';

export interface KillOptions {
  readonly kills: number;
  /** Windows that share the process. */
  readonly windows: number;
  readonly folder: string;
  readonly load: LoadParams;
  readonly transport: () => Transport;
  readonly draws: Draws;
  readonly endMs: number;
}

export interface KillFigures {
  readonly kills: number;
  /** Requests that were under way, and those of them that ended by the kill. */
  readonly pending: number;
  readonly ended: number;
  /** What went wrong, one line each. */
  readonly faults: readonly string[];
  readonly orphans: number;
  /** Locks and sockets left at the end. */
  readonly left: readonly string[];
  readonly seconds: number;
}

const longFill = {
  parts: [{ text: 'x = ' }, { gap: { length: 900 } }],
  sampling: { sampler: 'even', steps: 900 },
} as const;
const shortFill = { parts: [{ text: 'x = ' }, { gap: { length: 2 } }] };

export async function soakKills(options: KillOptions): Promise<KillFigures> {
  const { folder, load, draws, endMs } = options;
  const begun = performance.now();
  const limits = { delaysMs: [1], mostCrashes: Infinity, windowMs: 1000 };
  const clients = Array.from(
    { length: options.windows },
    () =>
      new SamplerClient({
        transport: options.transport(),
        clientName: 'soak',
        restartPolicy: new RestartPolicy(limits),
      }),
  );
  const faults: string[] = [];
  const seen: number[] = [];
  let kills = 0;
  let pending = 0;
  let ended = 0;
  try {
    await Promise.all(clients.map((client) => client.load(load)));
    while (kills < options.kills && Date.now() < endMs) {
      const pid = clients[0]!.pid;
      if (pid === undefined) {
        await clients[0]!.fill(shortFill); // waits until it is back
        continue;
      }
      seen.push(pid);
      const fills = clients.map((client) => client.fill(longFill));
      pending += fills.length;
      await new Promise((resolve) => setTimeout(resolve, draws.below(150)));
      process.kill(pid, 'SIGKILL');
      kills++;
      for (const outcome of await Promise.allSettled(fills)) {
        if (outcome.status === 'fulfilled') continue; // it was done before
        const error: unknown = outcome.reason;
        const isTold = error instanceof LacunaError && error.code === 'samplerGone';
        if (isTold && error.message.length > 40) ended++;
        else faults.push(`a pending request: ${String(error)}`);
      }
      const next = await Promise.allSettled(clients.map((client) => client.fill(shortFill)));
      for (const outcome of next) {
        if (outcome.status === 'rejected') faults.push(`the next one: ${String(outcome.reason)}`);
      }
    }
    seen.push(...clients.flatMap(({ pid }) => pid ?? []));
  } finally {
    await Promise.all(clients.map((client) => client.dispose()));
  }
  const orphans = await lastOf(seen);
  const left = existsSync(folder)
    ? readdirSync(folder).filter((name) => /\.(lock|sock)/.test(name))
    : [];
  const seconds = (performance.now() - begun) / 1000;
  return { kills, pending, ended, faults: [...new Set(faults)], orphans, left, seconds };
}

/** How many still run after the time that they may take to leave. */
async function lastOf(pids: readonly number[]): Promise<number> {
  const ids: ProcessId[] = [...new Set(pids)].map((pid) => ({ pid, start: 'unknown' }));
  let running = ids;
  for (let wait = 0; running.length > 0 && wait < 100; wait++) {
    await new Promise((resolve) => setTimeout(resolve, 50));
    const states = await Promise.all(running.map((id) => isRunning(id)));
    running = running.filter((_, index) => states[index]);
  }
  return running.length;
}
