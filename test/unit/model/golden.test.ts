/**
 * Logits of the golden checkpoints, which an independent float64 implementation computed. They lie
 * outside of the repository (LACUNA_GOLDEN, else ../shared/golden); without them these tests are
 * skipped, and forward.test.ts covers the same ground on checkpoints of its own.
 */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { convertCheckpoint } from '../../../src/model/convert';
import { openDenoiser } from '../../../src/model/openDenoiser';
import { openModelFolder } from '../../../src/model/modelFolder';
import { useTempFolder } from '../../support/tempFolder';

const golden = path.resolve(process.env.LACUNA_GOLDEN ?? '../shared/golden');

interface Expected {
  readonly mask_token_id: number;
  readonly logits: {
    readonly cases: readonly {
      readonly ids: readonly number[];
      readonly shape: readonly number[];
    }[];
  };
  readonly length_predictor?: {
    readonly ids: readonly number[];
    readonly logits: readonly number[];
  };
}

/** Largest difference, relative to the largest wanted value. */
function distance(got: ArrayLike<number>, wanted: ArrayLike<number>): number {
  assert.equal(got.length, wanted.length);
  let [largest, worst] = [0, 0];
  for (let i = 0; i < wanted.length; i++) {
    largest = Math.max(largest, Math.abs(wanted[i]));
    worst = Math.max(worst, Math.abs(wanted[i] - got[i]));
  }
  return worst / largest;
}

describe('golden checkpoints', () => {
  const at = useTempFolder();

  for (const name of ['diffugpt', 'diffullama', 'dream', 'llada', 'xlm-r', 'xlm-r-xl']) {
    for (const attention of ['fused', 'plain'] as const) {
      it(`${name} with ${attention} attention`, async function () {
        const dir = path.join(golden, name);
        if (!existsSync(dir)) {
          console.log(`      no golden checkpoint at ${dir}: set LACUNA_GOLDEN`);
          this.skip();
        }
        const expected: Expected = JSON.parse(
          readFileSync(path.join(dir, 'expected.json'), 'utf8'),
        );
        const bytes = new Uint8Array(readFileSync(path.join(dir, 'expected-logits.f32')));
        const numbers = new Float32Array(bytes.buffer);
        const maskId = expected.mask_token_id;
        await convertCheckpoint(dir, { outDir: at('model'), weights: 'f32', maskId });
        const denoiser = await openDenoiser(
          await openModelFolder(at('model')),
          'cpu',
          attention,
          1,
        );
        let start = 0;
        for (const { ids, shape } of expected.logits.cases) {
          const rows = Int32Array.from(ids, (_, i) => i);
          const request = { ids: Int32Array.from(ids), positions: rows, rows, banned: [] };
          const { logits } = await denoiser.forward({ ...request, wantLogits: true });
          const wanted = numbers.subarray(start, (start += shape[0] * shape[1]));
          assert.equal(logits!.length, wanted.length);
          const off = distance(logits!, wanted);
          assert.ok(off < 1e-3, `off by ${off} of the largest logit`);
        }
        assert.equal(start, numbers.length);
        const { length_predictor: predictor } = expected;
        if (predictor) {
          const logits = await denoiser.predictLength!(Int32Array.from(predictor.ids));
          assert.ok(distance(logits, predictor.logits) < 1e-3);
        }
        await denoiser.dispose();
      });
    }
  }
});
