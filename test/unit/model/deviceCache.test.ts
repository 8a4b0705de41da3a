/** Caches that a device holds do what those in memory do; here the CPU is the device. */
import assert from 'node:assert/strict';
import path from 'node:path';
import { DeviceCaches, pickGraph } from '../../../src/model/deviceCache';
import type { ModelDimensions } from '../../../src/model/manifest';
import { layerNames, noPositions } from '../../../src/model/onnxDenoiser';
import { float32Tensor, float32Values, Session, type Feeds } from '../../../src/model/session';
import { TensorCache } from '../../../src/model/tensorCache';

const dimensions = { layers: 2, keyValueHeads: 3, headSize: 4 } as ModelDimensions;

/** Each number once, so that no row is taken for another. */
function tensors(length: number, from: number): Feeds {
  const size = 3 * length * 4;
  const entries = layerNames(dimensions).map((name, at) => {
    const values = Float32Array.from({ length: size }, (_, i) => from + at * 1000 + i);
    return [name, float32Tensor(values, [1, 3, length, 4])] as const;
  });
  return Object.fromEntries(entries);
}

describe('caches on a device', () => {
  let caches: DeviceCaches;
  beforeEach(async () => {
    const graph = pickGraph(dimensions, layerNames(dimensions));
    const weightFile = path.resolve('package.json'); // none is read
    const session = await Session.create(graph, weightFile, { device: 'cpu', threads: 1 });
    caches = new DeviceCaches(session, noPositions(dimensions));
  });
  afterEach(() => caches.dispose());

  const numbersOf = async (feeds: Feeds | Promise<Feeds>) =>
    Object.entries(await feeds).map(([name, tensor]) => [name, [...float32Values(tensor)]]);

  it('choose rows as caches in memory do', async () => {
    const indices = Int32Array.of(0, 1, 4, 6);
    const chosen = caches.make(7, tensors(7, 0)).select(indices);
    const expected = new TensorCache(7, tensors(7, 0)).select(indices);
    assert.equal(chosen.length, 4);
    assert.deepEqual(
      await numbersOf(chosen.feeds('past')),
      await numbersOf(expected.feeds('past')),
    );
  });

  it('take rows of another as caches in memory do, and free what was there', async () => {
    const [before, by] = [tensors(7, 0), tensors(3, 5e4)];
    const [cache, other] = [caches.make(7, before), caches.make(3, by)];
    const indices = Int32Array.of(5, 0, 1);
    cache.replace(indices, other);
    other.dispose(); // at once: what was asked for before still reads it
    const expected = new TensorCache(7, tensors(7, 0));
    expected.replace(indices, new TensorCache(3, tensors(3, 5e4)));
    assert.deepEqual(await numbersOf(cache.feeds('near')), await numbersOf(expected.feeds('near')));
    await caches.inTurn(async () => undefined);
    for (const { location } of [...Object.values(before), ...Object.values(by)]) {
      assert.equal(location, 'none');
    }
  });

  it('are their own only, and gone with the model', async () => {
    const given = tensors(2, 0);
    const cache = caches.make(2, given);
    assert.ok(caches.owns(cache));
    assert.ok(!caches.owns(new TensorCache(2, given)));
    await caches.dispose();
    assert.ok(!caches.owns(cache));
    assert.equal(given['key_0']!.location, 'none');
  });
});
