import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { LoadedModel, OpenOptions } from '../../../src/model/load';
import { isAbort } from '../../../src/protocol/errors';
import { ModelPool } from '../../../src/server/process/modelPool';
import { MemoryWatch } from '../../../src/server/process/memoryWatch';
import { expectError } from '../../support/expectError';
import { ToyDenoiser } from '../../support/toyDenoiser';

describe('ModelPool', () => {
  let folder = '';
  let now = 0;
  let opened = 0;
  let living = 0;
  let hold: Promise<void> | undefined;
  const notes: string[] = [];
  beforeEach(() => {
    folder = mkdtempSync(path.join(os.tmpdir(), 'lacuna-pool-'));
    [now, opened, living] = [0, 0, 0];
    hold = undefined;
    notes.length = 0;
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  async function open(dir: string, { signal, onProgress }: OpenOptions): Promise<LoadedModel> {
    opened++;
    onProgress?.({ stage: 'building', fraction: 0.5 });
    await hold;
    signal?.throwIfAborted();
    living++;
    const denoiser = new ToyDenoiser(4, () => [0, 1, 2, 3]);
    denoiser.dispose = async () => void living--;
    const manifest = { name: path.basename(dir), weights: 'q8' } as LoadedModel['manifest'];
    return {
      ...{ manifest, dir, denoiser, weights: 'q8', device: 'cpu', attention: 'fused' },
      ...{ notes: [], loadMs: 1 },
    };
  }
  const newPool = () => new ModelPool({ open, now: () => now, onNote: (note) => notes.push(note) });
  const wish = { device: 'cpu' } as const;
  const one = Int32Array.of(0);
  const forward = { ids: one, positions: one, rows: one, banned: [] };

  it('opens what many want at once a single time, and closes it with the last of them', async () => {
    const pool = newPool();
    const models = await Promise.all([1, 2, 3].map(() => pool.open(folder, wish)));
    assert.deepEqual([opened, living], [1, 1]);
    for (const { denoiser } of models) await denoiser.forward(forward);
    await models[0]!.denoiser.dispose();
    await models[0]!.denoiser.dispose(); // twice is once
    await models[1]!.denoiser.dispose();
    assert.equal(living, 1);
    await models[2]!.denoiser.forward(forward);
    await models[2]!.denoiser.dispose();
    assert.equal(living, 0);
    assert.deepEqual(pool.describe(), []);
  });

  it('opens another device, and a folder that was written anew, by themselves', async () => {
    const pool = newPool();
    await pool.open(folder, wish);
    await pool.open(folder, { device: 'auto' });
    writeFileSync(path.join(folder, 'lacuna.json'), '{}');
    await pool.open(folder, wish);
    assert.equal(opened, 3);
  });

  it('goes on opening while one still waits, and stops when nobody does', async () => {
    const pool = newPool();
    const [first, second] = [new AbortController(), new AbortController()];
    let release = () => {};
    hold = new Promise((resolve) => (release = resolve));
    const seen: number[] = [];
    const onProgress = ({ fraction }: { fraction: number }) => seen.push(fraction);
    const [a, b] = [first, second].map(({ signal }) =>
      pool.open(folder, { ...wish, signal, onProgress }),
    );
    const left = assert.rejects(a!, isAbort);
    await new Promise((resolve) => setTimeout(resolve, 20));
    first.abort();
    await left;
    release();
    await (await b!).denoiser.dispose();
    assert.ok(seen.includes(0.5));

    hold = new Promise((resolve) => (release = resolve));
    const alone = new AbortController();
    const gone = assert.rejects(pool.open(folder, { ...wish, signal: alone.signal }), isAbort);
    await new Promise((resolve) => setTimeout(resolve, 20));
    alone.abort();
    await gone;
    // Who comes right after does not get the opening that was called off.
    const next = pool.open(folder, wish);
    release();
    assert.equal((await next).manifest.name, path.basename(folder));
    assert.equal(living, 1);
  });

  it('takes idle weights out of memory and brings them back for the next forward', async () => {
    const pool = newPool();
    const { denoiser } = await pool.open(folder, wish);
    now = 5000;
    await pool.unloadIdle(6000);
    assert.equal(living, 1);
    now = 7000;
    await pool.unloadIdle(6000);
    assert.equal(living, 0);
    assert.equal(pool.describe()[0]!.inMemory, false);
    await Promise.all([denoiser.forward(forward), denoiser.forward(forward)]);
    assert.deepEqual([opened, living], [2, 1]);
    assert.match(notes.join(' / '), /^Unloaded .*, idle for 7 s \/ Loaded .* again in \d+ ms$/);
  });

  it('does not bring back what was changed meanwhile', async () => {
    const pool = newPool();
    const { denoiser } = await pool.open(folder, wish);
    await pool.unloadIdle(0);
    writeFileSync(path.join(folder, 'weights'), 'other');
    await expectError(denoiser.forward(forward), 'badCheckpoint', /was changed since/);
  });

  it('takes nothing away that runs', async () => {
    const pool = newPool();
    const { denoiser } = await pool.open(folder, wish);
    const running = denoiser.forward(forward);
    await pool.unloadIdle(0);
    assert.equal(living, 1);
    await running;
  });

  it('makes room by what is idle for longest, never by what is about to be used', async () => {
    const pool = newPool();
    const names = ['a', 'b', 'c'];
    const held = () => living * 100;
    for (const name of names) {
      await (await pool.open(path.join(folder, name), wish)).denoiser.forward(forward);
      now += 10_000;
    }
    const memory = new MemoryWatch({
      unload: (idleMs, options) => pool.unloadIdle(idleMs, options),
      heldBytes: held,
    });
    memory.setLimit(250 / 2 ** 20);
    await memory.makeRoom('Cannot fill', 0, path.join(folder, 'a'));
    const inMemory = () => pool.describe().flatMap((m) => (m.inMemory ? m.name : []));
    assert.deepEqual(inMemory(), ['a', 'c']);
    await memory.makeRoom('Cannot load', 100, path.join(folder, 'a'));
    assert.deepEqual(inMemory(), ['a']);
    const refused = memory.makeRoom('Cannot load', 200, path.join(folder, 'a'));
    await expectError(refused, 'memoryFull', /Cannot load: .*would take .* more; it may hold/);
  });
});
