/** Which numbers of threads are tried, which one wins, and that it is not measured twice. */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import type { Denoiser } from '../../../src/model/denoiser';
import type { Manifest } from '../../../src/model/manifest';
import { physicalCores } from '../../../src/model/threads';
import { candidateThreads, chooseThreads, fewestFast } from '../../../src/model/threadTrial';
import { mixedLogits, ToyDenoiser } from '../../support/toyDenoiser';
import { useTempFolder } from '../../support/tempFolder';

describe('the number of threads', () => {
  const at = useTempFolder();

  it('is tried at 1, 2, 4 ..., all cores and all but one', () => {
    assert.deepEqual(candidateThreads(1), [1]);
    assert.deepEqual(candidateThreads(2), [1, 2]);
    assert.deepEqual(candidateThreads(6), [1, 2, 4, 5, 6]);
    assert.deepEqual(candidateThreads(16), [1, 2, 4, 8, 15, 16]);
  });

  it('is the smallest that is about as fast as the fastest', () => {
    assert.equal(fewestFast({ 1: 100, 2: 60, 4: 42, 7: 40, 8: 41 }), 4);
    assert.equal(fewestFast({ 1: 41, 2: 40, 4: 90 }), 1);
    assert.equal(fewestFast({ 1: 41 }), 1);
  });

  it('is measured once for a model and a machine, and again when the file is spoilt', async function () {
    if (physicalCores() === 1) return assert.deepEqual(candidateThreads(1), [1]); // nothing to choose
    const manifest = { parameters: 1e6, weights: 'q8', architecture: 'llama' } as Manifest;
    const tried: number[] = [];
    let live = 0;
    const open = async (threads: number): Promise<Denoiser> => {
      tried.push(threads);
      live++;
      const toy = new ToyDenoiser(20, mixedLogits(20));
      return Object.assign(toy, { dispose: async () => void live-- });
    };
    const first = await chooseThreads(manifest, at('cache'), open);
    assert.deepEqual(tried, Object.keys(first.measured!).map(Number));
    assert.equal(live, 0);
    const again = await chooseThreads(manifest, at('cache'), open);
    assert.deepEqual(again, { threads: first.threads });
    const other = await chooseThreads({ ...manifest, weights: 'f32' }, at('cache'), open);
    assert.ok(other.measured);
    const kept = JSON.parse(readFileSync(at('cache', 'threads.json'), 'utf8')) as object;
    assert.equal(Object.keys(kept).length, 2);
    writeFileSync(at('cache', 'threads.json'), '{"broken');
    assert.ok((await chooseThreads(manifest, at('cache'), open)).measured);
  });

  it('is not measured with a model that takes long to open', async () => {
    const open = () => assert.fail('opened');
    await chooseThreads({ parameters: 7e9 } as Manifest, at('cache'), open);
  });
});
