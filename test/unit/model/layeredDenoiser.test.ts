/** Run layer by layer, a model says what it says as a whole. */
import assert from 'node:assert/strict';
import { open } from 'node:fs/promises';
import { convertCheckpoint } from '../../../src/model/convert';
import { LayeredDenoiser } from '../../../src/model/layeredDenoiser';
import { openModelFolder } from '../../../src/model/modelFolder';
import { openDenoiser } from '../../../src/model/openDenoiser';
import { expectError } from '../../support/expectError';
import { useTempFolder } from '../../support/tempFolder';
import { writeTinyCheckpoint } from '../../support/tinyCheckpoint';
import type { TinyOptions } from '../../support/tinyCheckpoint';
import { writeTinyXlmr } from '../../support/tinyXlmr';

describe('LayeredDenoiser', () => {
  const at = useTempFolder();
  const request = (last: number) => ({
    ids: Int32Array.of(0, 5, 9, 5, last),
    positions: Int32Array.of(0, 1, 2, 3, 4),
    rows: Int32Array.of(1, 3),
    banned: [5],
    wantLogits: true,
  });

  const makers: Record<string, () => Promise<unknown>> = {
    gpt2: () => writeTinyCheckpoint(at('tiny'), { layers: 3 }),
    llama: () => writeTinyCheckpoint(at('tiny'), llama),
    'xlmr, norms behind': () => writeTinyXlmr(at('tiny'), { layers: 3 }),
  };
  const llama: TinyOptions = { architecture: 'llama', layers: 3, keyValueHeads: 2 };

  for (const [name, make] of Object.entries(makers)) {
    it(`computes what the whole graph computes: ${name}`, async () => {
      await make();
      await convertCheckpoint(at('tiny'), { outDir: at('model'), weights: 'q8' });
      const model = await openModelFolder(at('model'));
      const whole = await openDenoiser(model, 'cpu', 'fused', 1);
      const layered = new LayeredDenoiser(model, 1, 1); // one layer at a time
      const results = await Promise.all([7, 8].map((last) => layered.forward(request(last))));
      for (const [i, last] of [7, 8].entries()) {
        const expected = await whole.forward(request(last));
        assert.deepEqual(results[i]!.logits, expected.logits);
        assert.deepEqual(results[i]!.stats, expected.stats);
      }
      assert.notDeepEqual(results[0]!.logits, results[1]!.logits);
      await whole.dispose();
    });
  }

  it('refuses what computes no finite numbers, and fails every forward that waits', async () => {
    // Finite weights, infinite sums: only running the model can tell.
    const change: TinyOptions['change'] = (tensors) =>
      tensors.get('model.layers.1.mlp.up_proj.weight')!.values.fill(3e38);
    await writeTinyCheckpoint(at('tiny'), { ...llama, layers: 2 });
    await convertCheckpoint(at('tiny'), { outDir: at('model'), weights: 'f32' });
    await writeTinyCheckpoint(at('bad'), { ...llama, change });
    const refused = convertCheckpoint(at('bad'), { outDir: at('other'), weights: 'f32' });
    await expectError(refused, 'badCheckpoint', /no finite numbers/);
    const model = await openModelFolder(at('model'));
    const { offset } = model.weights.get('layers.0.up.weight')!;
    const file = await open(model.weightFile, 'r+');
    await file.write(new Float32Array(64).fill(3e38), 0, 256, offset);
    await file.close();
    const layered = new LayeredDenoiser(model, 1, 1);
    const both = await Promise.allSettled([1, 2].map((last) => layered.forward(request(last))));
    for (const one of both) {
      assert.equal(one.status, 'rejected');
      assert.match(String(one.reason), /layers 0 to 0 compute no finite numbers/);
    }
  });
});
