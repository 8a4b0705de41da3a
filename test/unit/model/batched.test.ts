/**
 * The graph that is exported for a model server: several canvases in one run come out as each alone, on all
 * architectures and weight formats; and what is written around it.
 */
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { convertCheckpoint } from '../../../src/model/convert';
import { buildGraph } from '../../../src/model/graph';
import { openModelFolder } from '../../../src/model/modelFolder';
import { openDenoiser } from '../../../src/model/openDenoiser';
import { float32Values, int32Values, int64Tensor, Session } from '../../../src/model/session';
import { tritonName } from '../../../src/model/tritonConfig';
import { writeTritonRepository } from '../../../src/model/tritonRepository';
import type { WeightFormat } from '../../../src/protocol/messages';
import { expectError } from '../../support/expectError';
import { useTempFolder } from '../../support/tempFolder';
import { writeTinyCheckpoint, type TinyOptions } from '../../support/tinyCheckpoint';

const length = 24;
const canvas = (seed: number) => Int32Array.from({ length }, (_, i) => (i * 29 + seed) % 97);
const places = Int32Array.from({ length }, (_, i) => i);
const rowLists = [Int32Array.of(2, 9), Int32Array.of(23, 0)];
const bans = [Int32Array.of(3, 4), Int32Array.of(7, 97)]; // 97 is the vocabulary's size: bans nothing

const models: Readonly<Record<string, TinyOptions>> = {
  gpt2: { architecture: 'gpt2' },
  llama: { architecture: 'llama' },
  'llama with grouped heads': { architecture: 'llama', keyValueHeads: 2, hiddenSize: 48 },
  'llama with a tied head': { architecture: 'llama', tiedHead: true },
};

describe('the batched graph', () => {
  const at = useTempFolder();
  const convert = async (options: TinyOptions, weights: WeightFormat) => {
    await writeTinyCheckpoint(at('tiny'), options);
    await convertCheckpoint(at('tiny'), { outDir: at('model'), weights });
    return openModelFolder(at('model'));
  };

  for (const [name, options] of Object.entries(models)) {
    for (const weights of ['f32', 'q8', 'q4'] as const) {
      it(`computes two canvases as each alone: ${name}, ${weights}`, async () => {
        const model = await convert(options, weights);
        const { manifest, weightFile } = model;
        const how = { attention: 'plain', target: 'gpu' } as const;
        const graph = buildGraph(manifest, weightFile, model.weights, { ...how, isBatched: true });
        const session = await Session.create(graph, weightFile, { device: 'cpu', threads: 1 });
        const both = (lists: readonly Int32Array[]) =>
          int64Tensor(Int32Array.from(lists.flatMap((list) => [...list])), [2, lists[0]!.length]);
        const feeds = {
          ids: both([canvas(5), canvas(60)]),
          positions: both([places, places]),
          rows: both(rowLists),
          ban: both(bans),
        };
        const names = ['top_ids', 'top_logits', 'log_sum_exp', 'logits'];
        const found = await session.run(feeds, names);
        const single = await openDenoiser(model, 'cpu', 'plain', 1, 'gpu');
        for (const [index, seed] of [5, 60].entries()) {
          const { stats, logits } = await single.forward({
            ...{ ids: canvas(seed), positions: places, rows: rowLists[index]!, wantLogits: true },
            banned: [...bans[index]!].filter((id) => id < 97),
          });
          const part = <T extends { subarray(from: number, to: number): T; length: number }>(
            values: T,
          ) => values.subarray((index * values.length) / 2, ((index + 1) * values.length) / 2);
          const isNear = (a: Float32Array, b: Float32Array) =>
            assert.ok(
              a.every((value, i) => Math.abs(value - b[i]!) < 1e-3 * Math.max(1, Math.abs(b[i]!))),
            );
          isNear(part(float32Values(found.logits)), logits!);
          isNear(part(float32Values(found.log_sum_exp)), stats.logSumExp);
          isNear(
            part(float32Values(found.top_logits)).subarray(0, 32),
            stats.logits.subarray(0, 32),
          );
          assert.equal(part(int32Values(found.top_ids))[0], stats.ids[0]);
        }
        await single.dispose();
        await session.release();
      });
    }
  }
});

describe('a model repository for Triton', () => {
  const at = useTempFolder();

  it('has the graph, the weights beside it and a configuration that batches', async () => {
    await writeTinyCheckpoint(at('tiny'), { architecture: 'gpt2' });
    const manifest = await convertCheckpoint(at('tiny'), { outDir: at('model'), weights: 'f32' });
    const name = await writeTritonRepository(at('model'), { outDir: at('repo'), maxBatch: 4 });
    assert.equal(name, tritonName(manifest));
    assert.deepEqual(readdirSync(at('repo')), [name]); // nothing half is left
    assert.deepEqual(readdirSync(at('repo', name, '1')).sort(), [
      'model.onnx',
      'weights.safetensors',
    ]);
    const config = readFileSync(at('repo', name, 'config.pbtxt'), 'utf8');
    assert.match(config, /max_batch_size: 4\n/);
    assert.match(config, /dynamic_batching \{ max_queue_delay_microseconds: \d+ \}/);
    assert.match(config, /name: "top_ids" data_type: TYPE_INT64 dims: \[ -1, 64 \]/);
    const weights = path.join(at('repo', name, '1'), 'weights.safetensors');
    assert.deepEqual(readFileSync(weights), readFileSync(at('model', 'weights.safetensors')));
    await expectError(
      writeTritonRepository(at('model'), { outDir: at('repo') }),
      'badUsage',
      /is there already.*Remove it/,
    );
    assert.ok(existsSync(weights));
  });

  it('names a model so that it can be part of an address', () => {
    assert.equal(tritonName({ name: 'some org/a model:2' }), 'some-org-a-model-2');
  });
});
