/**
 * CAL's bias of a model: how sure it is of a fully masked gap on average by the gap's length, where the length says
 * nothing (arXiv 2602.00476). Prints the means, then one JSON line with the five numbers that config.json takes as
 * `length_bias`. To be run on tasks that are no benchmark. Fills nothing.
 *
 * node bench/run.mjs lengthBias --data held-out.jsonl.gz [--model DIR] [--limit 100]
 */
import path from 'node:path';
import { parseArgs } from 'node:util';
import { openModel } from '../src/model/load';
import { bannedIds } from '../src/sampler/bannedIds';
import { Forwarder } from '../src/sampler/forwarder';
import { layOut } from '../src/sampler/layout';
import { biasAt, topProbability, type LengthBias } from '../src/sampler/lengthScore';
import { makeCanvas } from '../src/sampler/makeCanvas';
import { traitsOf } from '../src/sampler/traits';
import { readTasks, spread, type InfillingTask } from '../src/server/evaluation/tasks';
import { createTokenizer } from '../src/tokenizer/tokenizer';

const lengths = [1, 2, 4, 6, 8, 12, 16, 24, 32];
/** Gaps about as long as the task's own are left out: there the length does say something. */
const nearOwn = 4;

interface Mean {
  readonly length: number;
  readonly count: number;
  readonly mean: number;
}

const { values: options } = parseArgs({
  options: {
    data: { type: 'string' },
    model: { type: 'string', default: 'dist/model' },
    limit: { type: 'string', default: '100' },
  },
});

async function main(): Promise<void> {
  if (!options.data) throw new Error('Cannot fit: give --data (training/held_out_tasks.py)');
  const tasks = spread(await readTasks(options.data), Number(options.limit));
  const sureness = await opened(path.resolve(options.model));
  const sums = new Map(lengths.map((length) => [length, { count: 0, sum: 0 }]));
  for (const task of tasks) {
    for (const [length, total] of sums) {
      const sure = await sureness(task, length);
      if (sure === undefined) continue;
      total.count++;
      total.sum += sure;
    }
  }
  const means = [...sums].map(([length, { count, sum }]) => ({ length, count, mean: sum / count }));
  const bias = fit(means.filter(({ count }) => count > 0));
  for (const { length, count, mean } of means) {
    const fitted = biasAt(bias, length).toFixed(3);
    console.log(
      `${String(length).padStart(3)} masks, ${count} gaps: ${mean.toFixed(3)}, fitted ${fitted}`,
    );
  }
  const rounded = bias.map((value) => Number(value.toFixed(4)));
  console.log(JSON.stringify({ tasks: tasks.length, length_bias: rounded, means }));
}

/** Mean top probability of a task's gap at a length; undefined where that is about its own length. */
async function opened(modelDir: string) {
  const { denoiser, manifest, tokenizerFiles } = await openModel(modelDir, { device: 'cpu' });
  if (!tokenizerFiles) throw new Error(`Cannot fit: the model in ${modelDir} has no tokenizer`);
  const tokenizer = createTokenizer(tokenizerFiles.tokenizer, tokenizerFiles.config);
  const traits = traitsOf(manifest);
  const banned = [traits.maskId, ...bannedIds(tokenizer, denoiser.vocabSize)];
  return async (task: InfillingTask, length: number): Promise<number | undefined> => {
    const gold = task.canonical_solution.replace(/\n$/, '');
    const behind = task.canonical_solution.slice(gold.length) + task.suffix;
    if (Math.abs(tokenizer.encode(gold, 'middle').length - length) <= nearOwn) return undefined;
    const parts = [{ text: task.prompt }, { gap: { length, singleLine: true } }, { text: behind }];
    const layout = layOut(parts, tokenizer, traits, { languageId: task.language });
    // Without drafts a sketch is a layout.
    const { canvas } = makeCanvas(
      layout as Parameters<typeof makeCanvas>[0],
      [length],
      tokenizer,
      traits,
    );
    const forwarder = new Forwarder(canvas, denoiser, traits, { refreshEvery: 1, banned });
    const { positions, stats } = await forwarder.predict(canvas.openPositions());
    return positions.reduce((sum, _, row) => sum + topProbability(stats, row), 0) / length;
  };
}

/** Least squares, weighted by the counts: the two rates on a grid, the other three solved for. */
function fit(means: readonly Mean[]): LengthBias {
  const rates = Array.from({ length: 40 }, (_, index) => 0.005 * 1.18 ** index); // up to 3.2
  let best: { bias: LengthBias; error: number } | undefined;
  for (const b of rates) {
    for (const d of rates.filter((rate) => rate < b / 1.5)) {
      const rows = means.map(({ length }) => [Math.exp(-b * length), Math.exp(-d * length), 1]);
      const [a, c, e] = solved(rows, means) as [number, number, number];
      const bias: LengthBias = [a, b, c, d, e];
      const error = means.reduce(
        (sum, { length, mean, count }) => sum + count * (biasAt(bias, length) - mean) ** 2,
        0,
      );
      // A curve that falls to nothing or rises would divide by it.
      const isBias = [a, c, e].every((part) => part >= 0) && e > 0.01;
      if (isBias && (best === undefined || error < best.error)) best = { bias, error };
    }
  }
  if (!best) throw new Error('Cannot fit: no falling curve goes through the means');
  return best.bias;
}

/** Normal equations of three unknowns, by Gaussian elimination. */
function solved(rows: readonly (readonly number[])[], means: readonly Mean[]): number[] {
  const system = [0, 1, 2].map((i) =>
    [0, 1, 2, 3].map((j) =>
      rows.reduce(
        (sum, row, n) => {
          const other = j < 3 ? row[j]! : means[n]!.mean;
          return sum + means[n]!.count * row[i]! * other;
        },
        i === j ? 1e-9 : 0,
      ),
    ),
  );
  for (let pivot = 0; pivot < 3; pivot++) {
    for (let row = 0; row < 3; row++) {
      if (row === pivot) continue;
      const factor = system[row]![pivot]! / system[pivot]![pivot]!;
      for (let column = 0; column < 4; column++) {
        system[row]![column]! -= factor * system[pivot]![column]!;
      }
    }
  }
  return system.map((row, index) => row[3]! / row[index]!);
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
