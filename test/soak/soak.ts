/**
 * The whole soak with its sizes given: requests with cancels, frames, clocks and kills, over real
 * processes and a tiny random model. Judges nothing; the test and `npm run soak` do.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { SamplerClient } from '../../src/client/samplerClient';
import { SharedTransport } from '../../src/client/sharedTransport';
import { buildKey, lockFileIn } from '../../src/rendezvous/folder';
import { readLock } from '../../src/rendezvous/lockFile';
import { serverFile, writeTinyModel } from '../server/tinyModel';
import { soakClocks } from './clocks';
import { Draws } from './draws';
import { soakFrames, type FrameFigures } from './frames';
import { soakKills, type KillFigures } from './kills';
import { soakRequests, type RequestFigures } from './requests';

export interface SoakSizes {
  readonly requests: number;
  readonly connections: number;
  readonly kills: number;
  readonly frames: number;
  readonly clocks: number;
  readonly seed: number;
  /** Each part ends at this share of the time, whatever is left of it. */
  readonly minutes: number;
}

export interface SoakFigures {
  readonly requests: RequestFigures;
  readonly frames: FrameFigures;
  readonly clocks: number;
  readonly kills: KillFigures;
}

const version = '0.0.0-soak';

export async function soak(
  sizes: SoakSizes,
  report: (line: string) => void = () => {},
): Promise<SoakFigures> {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'lacuna-soak-'));
  const run = path.join(folder, 'run');
  const transport = () => new SharedTransport({ serverFile, version, folder: run, graceMs: 200 });
  const draws = new Draws(sizes.seed);
  /** When a part of this share of the time has to end. */
  const endMs = (share: number) => Date.now() + share * sizes.minutes * 60_000;
  try {
    await writeTinyModel(path.join(folder, 'model'));
    const cacheDir = path.join(folder, 'cache');
    const load = { modelDir: path.join(folder, 'model'), device: 'cpu', cacheDir } as const;
    const shared = { transport, draws, load };

    report(`requests: ${sizes.requests} from ${sizes.connections} connections`);
    const requests = await soakRequests({ ...shared, ...sizes, inFlight: 4, endMs: endMs(0.4) });

    report(`frames: ${sizes.frames}`);
    const client = new SamplerClient({ transport: transport(), clientName: 'soak' });
    let frames: FrameFigures;
    try {
      await client.load(load);
      const { pid } = client;
      const lock = (await readLock(lockFileIn(run, await buildKey(serverFile, version))))!;
      frames = await soakFrames({ lock, client, draws, frames: sizes.frames, endMs: endMs(0.2) });
      if (client.pid !== pid) throw new Error('The process did not survive the frames');
    } finally {
      await client.dispose();
    }

    report(`clocks: ${sizes.clocks}`);
    const place = { serverFile, version, folder: run, graceMs: 200 };
    const clocks = await soakClocks(place, { load, rounds: sizes.clocks });

    report(`kills: ${sizes.kills}`);
    const kills = await soakKills({
      ...shared,
      kills: sizes.kills,
      windows: 3,
      folder: run,
      endMs: endMs(0.4),
    });
    return { requests, frames, clocks, kills };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** What is wrong with the figures, one line each; none: all is well. */
export function faultsOf({ requests, kills }: SoakFigures): string[] {
  const [firstBytes, lastBytes] = requests.memoryBytes;
  const [firstFiles, lastFiles] = requests.descriptors;
  const megabytes = (lastBytes - firstBytes) / 2 ** 20;
  return [
    ...requests.failed.map((message) => `A request failed: ${message}`),
    ...(requests.lost > 0 ? [`${requests.lost} requests were lost`] : []),
    ...(requests.answeredTwice > 0 ? [`${requests.answeredTwice} answers too many`] : []),
    // A heap that fills up before it is swept is no leak; what grows with the requests is.
    ...(megabytes > 0.1 * (firstBytes / 2 ** 20) + 8 ? [`${megabytes} MB more at the end`] : []),
    ...(lastFiles - firstFiles > 2 ? [`${lastFiles - firstFiles} descriptors more`] : []),
    ...kills.faults.map((message) => `After a kill: ${message}`),
    ...(kills.orphans > 0 ? [`${kills.orphans} processes were left`] : []),
    ...(kills.left.length > 0 ? [`These files were left: ${kills.left.join(', ')}`] : []),
  ];
}
