/**
 * Logits of the golden checkpoints, which an independent float64 implementation computed. They lie
 * outside of the repository (LACUNA_GOLDEN, else ../shared/golden); without them these tests are
 * skipped, and forward.test.ts covers the same ground on checkpoints of its own.
 */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { convertCheckpoint } from '../../../src/model/convert';
import { openDenoiser } from '../../../src/model/openDevice';
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
}

describe('golden checkpoints', () => {
  const at = useTempFolder();

  for (const name of ['diffugpt', 'diffullama']) {
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
          const largest = wanted.reduce((most, v) => Math.max(most, Math.abs(v)), 0);
          const worst = wanted.reduce((most, v, i) => Math.max(most, Math.abs(v - logits![i])), 0);
          assert.ok(worst < 1e-3 * largest, `off by ${worst / largest} of the largest logit`);
        }
        assert.equal(start, numbers.length);
        await denoiser.dispose();
      });
    }
  }
});
