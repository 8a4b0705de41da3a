/**
 * A process whose clock jumps by hours and days, back and forth, and one that stands still for a while
 * as on a machine that sleeps: neither is taken for dead, and both fill.
 */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { SamplerClient } from '../../src/client/samplerClient';
import { SharedTransport, type SharedOptions } from '../../src/client/sharedTransport';
import type { LoadParams } from '../../src/protocol/messages';

/** Runs inside the process, before anything else: the wall clock as a mad operator sets it. */
const madClock = `
  const now = Date.now;
  let shift = 0;
  setInterval(() => { shift = (Math.random() - 0.5) * 4 * 86400e3; }, 20).unref();
  Date.now = () => now() + shift;
`;

/** @returns fills made. @throws when one fails or the process is taken for dead. */
export async function soakClocks(
  shared: SharedOptions & { readonly folder: string },
  { load, rounds }: { readonly load: LoadParams; readonly rounds: number },
): Promise<number> {
  const preload = path.join(shared.folder, 'clock.cjs');
  writeFileSync(preload, madClock);
  const env = { NODE_OPTIONS: `--require ${preload}` };
  const client = new SamplerClient({
    transport: new SharedTransport({ ...shared, env, version: `${shared.version}-clocks` }),
    clientName: 'clocks',
    heartbeat: { everyMs: 50, patienceMs: 20_000 },
  });
  try {
    await client.load(load);
    const { pid } = client;
    for (let round = 0; round < rounds; round++) {
      process.kill(pid!, 'SIGSTOP');
      setTimeout(() => process.kill(pid!, 'SIGCONT'), 20 + 10 * (round % 10));
      await client.fill({ parts: [{ text: 'x = ' }, { gap: { length: 2 } }] });
    }
    if (client.pid !== pid) throw new Error('The process was taken for dead');
    return rounds;
  } finally {
    await client.dispose();
  }
}
