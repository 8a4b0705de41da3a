/**
 * Fills of the golden checkpoints, token by token, against an independent float64 sampler. The
 * folders lie outside of the repository (LACUNA_GOLDEN, else ../shared/golden); without them these
 * tests are skipped, visibly.
 */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { convertCheckpoint } from '../../../src/model/convert';
import { openModel, type LoadedModel } from '../../../src/model/load';
import type { SamplerName } from '../../../src/protocol/messages';
import { fillIds, type IdRequest } from '../../../src/sampler/fillIds';
import { traitsOf } from '../../../src/sampler/traits';
import { useTempFolder } from '../../support/tempFolder';

const golden = path.resolve(process.env.LACUNA_GOLDEN ?? '../shared/golden');

interface GoldenCase {
  readonly sampler: SamplerName;
  /** Steps, or the factor. */
  readonly argument: number;
  readonly forwards: number;
  readonly prefix?: number[];
  readonly length?: number;
  readonly suffix?: number[];
  readonly middle?: number[];
  readonly order?: number[];
  readonly canvas?: number[];
  readonly holes?: [number, number][];
  readonly filled?: number[];
}

describe('golden fills', () => {
  const at = useTempFolder();

  for (const name of ['diffugpt', 'diffullama', 'dream', 'llada', 'xlm-r', 'xlm-r-xl']) {
    it(`${name}: every case token by token`, async function () {
      const dir = path.join(golden, name);
      if (!existsSync(dir)) {
        console.log(`      no golden checkpoint at ${dir}: set LACUNA_GOLDEN`);
        this.skip();
      }
      const expected = JSON.parse(readFileSync(path.join(dir, 'expected.json'), 'utf8')) as {
        mask_token_id: number;
        shift: boolean;
        infill: GoldenCase[];
      };
      const { mask_token_id: maskId, shift } = expected;
      await convertCheckpoint(dir, { outDir: at('model'), weights: 'f32', maskId, shift });
      const model = await openModel(at('model'), { device: 'cpu' });
      assert.ok(expected.infill.length > 10);
      for (const one of expected.infill) await check(one, model);
      await model.denoiser.dispose();
    }).timeout(60_000);
  }
});

async function check(one: GoldenCase, model: LoadedModel): Promise<void> {
  const request = (one.canvas ? { canvas: one.canvas, holes: one.holes } : one) as IdRequest;
  const option = one.sampler === 'factor' ? { factor: one.argument } : { steps: one.argument };
  const label = `${one.sampler} ${one.argument}, ${JSON.stringify(request).slice(0, 80)}`;
  const fill = await fillIds(request, model.denoiser, traitsOf(model.manifest), {
    sampler: one.sampler,
    ...option,
  });
  if (one.filled) {
    assert.deepEqual([...fill.ids], one.filled, label);
  } else {
    const { start, end } = fill.spans[0]!;
    assert.deepEqual([...fill.ids.subarray(start, end)], one.middle, label);
    if (one.order!.length > 0) {
      assert.deepEqual(
        fill.order.map((position) => position - start),
        one.order,
        label,
      );
    }
  }
  assert.ok(fill.forwards <= one.forwards, `${label}: ${fill.forwards} forwards`);
}
