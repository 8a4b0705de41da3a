/**
 * How fast this machine multiplies: forwards of a random GPT-2 with layers as wide as those of real
 * models, 8-bit weights, for some seconds. The result is kept in the models folder, where choosing
 * a model finds it. Says nothing about any model's quality, and needs none.
 */
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { floatToHalf } from '../../model/float16';
import { convertCheckpoint } from '../../model/convert';
import { openModel } from '../../model/load';
import { SafetensorsWriter } from '../../model/safetensorsWriter';
import { forwardMacs, shapeOf } from '../../hub/fit';
import type { Denoiser } from '../../model/denoiser';
import type { DeviceWish } from '../../protocol/messages';
import type { MachineSpeed } from '../../protocol/modelMessages';
import { letMessagesIn } from '../queue';

const speedFile = '.speed.json';
const window = 256;
const config = {
  model_type: 'gpt2',
  architectures: ['DiscreteDiffusionModel'],
  n_embd: 1024,
  n_layer: 2,
  n_head: 16,
  n_positions: window,
  n_inner: 4096,
  vocab_size: 4096,
  mask_token_id: 0,
};
/** Before these many the caches are cold and the clock of the processor is low. */
const warmUps = 2;

export interface BenchOptions {
  readonly device: DeviceWish;
  readonly seconds?: number;
  readonly signal?: AbortSignal;
  /** Milliseconds of a clock that never goes back. */
  readonly now?: () => number;
}

/** Measures and keeps the result in `modelsDir`. */
export async function measureMachine(
  modelsDir: string,
  { device, seconds = 10, signal, now = () => performance.now() }: BenchOptions,
): Promise<MachineSpeed> {
  const startMs = now();
  const folder = await mkdtemp(path.join(os.tmpdir(), 'lacuna-bench-'));
  try {
    const parameters = await writeRandomCheckpoint(path.join(folder, 'checkpoint'));
    const outDir = path.join(folder, 'model');
    await convertCheckpoint(path.join(folder, 'checkpoint'), {
      outDir,
      weights: 'q8',
      ...(signal && { signal }),
    });
    const model = await openModel(outDir, { device, ...(signal && { signal }) });
    try {
      const leftMs = Math.max(1000, 1000 * seconds - (now() - startMs));
      const ms = await timeForward(model.denoiser, window, {
        leftMs,
        now,
        ...(signal && { signal }),
      });
      const macs = forwardMacs(shapeOf(config, parameters)!, window);
      const speed: MachineSpeed = {
        macsPerSecond: (1000 * macs) / ms,
        device: model.device,
        cpu: processor(),
        measuredAt: new Date().toISOString(),
      };
      await mkdir(modelsDir, { recursive: true });
      await writeFile(path.join(modelsDir, speedFile), `${JSON.stringify(speed, null, 2)}\n`);
      return speed;
    } finally {
      await model.denoiser.dispose();
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** What an earlier bench found on this processor. */
export async function readSpeed(modelsDir: string): Promise<MachineSpeed | undefined> {
  try {
    const text = await readFile(path.join(modelsDir, speedFile), 'utf8');
    const speed = JSON.parse(text) as MachineSpeed;
    return speed.macsPerSecond > 0 && speed.cpu === processor() ? speed : undefined;
  } catch {
    return undefined;
  }
}

export interface TimingOptions {
  readonly leftMs: number;
  readonly now: () => number;
  readonly signal?: AbortSignal;
}

/** Median of full forwards over a canvas of `tokens`, milliseconds. */
export async function timeForward(
  denoiser: Denoiser,
  tokens: number,
  { leftMs, now, signal }: TimingOptions,
): Promise<number> {
  const ids = new Int32Array(tokens).fill(1);
  const positions = Int32Array.from(ids.keys());
  const rows = positions.slice(0, Math.min(tokens, 32));
  const deadlineMs = now() + leftMs;
  const times: number[] = [];
  for (let round = 0; round < warmUps + 1 || now() < deadlineMs; round++) {
    signal?.throwIfAborted();
    const startMs = now();
    await denoiser.forward({ ids, positions, rows, banned: [0] });
    if (round >= warmUps) times.push(now() - startMs);
    await letMessagesIn();
  }
  return times.toSorted((a, b) => a - b)[Math.floor(times.length / 2)]!;
}

function processor(): string {
  return os.cpus()[0]?.model.trim() || 'unknown processor';
}

/** A checkpoint in the published layout, of small numbers; the count of its parameters. */
async function writeRandomCheckpoint(dir: string): Promise<number> {
  await mkdir(dir, { recursive: true });
  await writeFile(path.join(dir, 'config.json'), JSON.stringify(config));
  const plan = tensorsOf(config).map(([name, shape]) => ({ name, dtype: 'F16' as const, shape }));
  const writer = await SafetensorsWriter.create(path.join(dir, 'model.safetensors'), plan);
  const numbers = someNumbers(2 ** 20);
  let parameters = 0;
  for (const { shape } of plan) {
    const count = shape.reduce((product, size) => product * size, 1);
    for (let done = 0; done < count; done += numbers.length) {
      await writer.append(numbers.subarray(0, Math.min(numbers.length, count - done)));
    }
    parameters += count;
  }
  await writer.finish();
  return parameters;
}

function tensorsOf(shape: typeof config): [string, number[]][] {
  const { n_embd: d, n_inner: f, vocab_size: v, n_positions: p, n_layer: layers } = shape;
  const withBias = (name: string, size: number[]): [string, number[]][] => [
    [`${name}.weight`, size],
    [`${name}.bias`, size.slice(-1)],
  ];
  const blocks = Array.from({ length: layers }, (_, i) => `denoise_model.h.${i}`);
  return [
    ['embed_tokens.weight', [v, d]],
    ['denoise_model.wpe.weight', [p, d]],
    ...blocks.flatMap((block) => [
      ...withBias(`${block}.ln_1`, [d]),
      ...withBias(`${block}.attn.c_attn`, [d, 3 * d]),
      ...withBias(`${block}.attn.c_proj`, [d, d]),
      ...withBias(`${block}.ln_2`, [d]),
      ...withBias(`${block}.mlp.c_fc`, [d, f]),
      ...withBias(`${block}.mlp.c_proj`, [f, d]),
    ]),
    ...withBias('denoise_model.ln_f', [d]),
  ];
}

/** Between -0.05 and 0.05; always the same. */
function someNumbers(length: number): Uint16Array {
  let state = 1;
  const next = () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0;
    return (0.1 * (state >>> 0)) / 2 ** 32 - 0.05;
  };
  return floatToHalf(Float32Array.from({ length }, next));
}
