/**
 * Writes tiny random checkpoints in the published file formats (DiffuGPT's and DiffuLLaMA's tensor
 * names), from a seed, so that loading and running can be tested without a download. Returns the
 * weights as they read back after rounding, for referenceForward.ts.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { bfloatToFloat, floatToBfloat, floatToHalf, halfToFloat } from '../../src/model/float16';
import { SafetensorsWriter } from '../../src/model/safetensorsWriter';

export interface TinyShape {
  readonly architecture: 'gpt2' | 'llama';
  readonly vocabSize: number;
  readonly hiddenSize: number;
  readonly layers: number;
  readonly heads: number;
  /** LLaMA type only; fewer than `heads` groups them. */
  readonly keyValueHeads: number;
  readonly feedForwardSize: number;
  readonly maxTokens: number;
  /** LLaMA type only; GPT-2 ties its head. */
  readonly tiedHead: boolean;
  /** LLaMA type only: biases on q, k and v. */
  readonly attentionBias: boolean;
  /** LLaMA type only: norms on query and key heads, as Qwen 3 has. */
  readonly queryKeyNorm: boolean;
}

export interface TinyOptions extends Partial<TinyShape> {
  readonly seed?: number;
  readonly dtype?: 'F32' | 'F16' | 'BF16';
  /** More than 1 writes that many files and an index. */
  readonly shards?: number;
  /** Into config.json; undefined takes a key out. The mask id is 5 unless this says otherwise. */
  readonly config?: Readonly<Record<string, unknown>>;
  /** More JSON files of the folder, by name. */
  readonly files?: Readonly<Record<string, unknown>>;
  /** Last changes to the tensors before they are written. */
  readonly change?: (tensors: Map<string, TinyTensor>) => void;
}

export interface TinyTensor {
  readonly shape: readonly number[];
  readonly values: Float32Array;
}

export interface TinyCheckpoint {
  readonly dir: string;
  readonly shape: TinyShape;
  readonly tensors: ReadonlyMap<string, TinyTensor>;
}

export const tinyMaskId = 5;

export async function writeTinyCheckpoint(
  dir: string,
  options: TinyOptions = {},
): Promise<TinyCheckpoint> {
  const shape = completeShape(options);
  const tensors = new Map<string, TinyTensor>();
  const random = normals(options.seed ?? 1);
  for (const [name, size] of tensorShapes(shape)) {
    const values = Float32Array.from({ length: product(size) }, random);
    // Norm weights around 1, the rest large enough that attention is far from uniform.
    const isNorm = /(ln_\w+|norm|layernorm)\.weight$/.test(name);
    tensors.set(name, { shape: size, values: values.map((v) => (isNorm ? 1 + 0.1 * v : 0.2 * v)) });
  }
  options.change?.(tensors);
  const dtype = options.dtype ?? 'F32';
  for (const [name, tensor] of tensors) {
    tensors.set(name, { ...tensor, values: rounded(tensor.values, dtype) });
  }
  mkdirSync(dir, { recursive: true });
  const config = { ...configOf(shape), mask_token_id: tinyMaskId, ...options.config };
  const files = { 'config.json': config, ...options.files };
  for (const [name, json] of Object.entries(files)) {
    writeFileSync(path.join(dir, name), JSON.stringify(json));
  }
  await writeTensors(dir, tensors, dtype, options.shards ?? 1);
  return { dir, shape, tensors };
}

function completeShape(options: TinyOptions): TinyShape {
  const hiddenSize = options.hiddenSize ?? 32;
  const heads = options.heads ?? 4;
  return {
    architecture: options.architecture ?? 'gpt2',
    vocabSize: options.vocabSize ?? 97,
    hiddenSize,
    layers: options.layers ?? 2,
    heads,
    keyValueHeads: options.keyValueHeads ?? heads,
    feedForwardSize:
      options.feedForwardSize ?? (options.architecture === 'llama' ? 88 : 4 * hiddenSize),
    maxTokens: options.maxTokens ?? 48,
    tiedHead: options.tiedHead ?? options.architecture !== 'llama',
    attentionBias: options.attentionBias ?? false,
    queryKeyNorm: options.queryKeyNorm ?? false,
  };
}

function configOf(shape: TinyShape): Record<string, unknown> {
  if (shape.architecture === 'gpt2') {
    return {
      model_type: 'gpt2',
      architectures: ['DiscreteDiffusionModel'],
      n_embd: shape.hiddenSize,
      n_layer: shape.layers,
      n_head: shape.heads,
      n_positions: shape.maxTokens,
      n_inner: shape.feedForwardSize,
      vocab_size: 1, // never to be trusted
      layer_norm_epsilon: 1e-5,
      activation_function: 'gelu_new',
      bos_token_id: 0,
      eos_token_id: 0,
    };
  }
  return {
    model_type: 'llama',
    architectures: ['LlamaForCausalLM'],
    hidden_size: shape.hiddenSize,
    num_hidden_layers: shape.layers,
    num_attention_heads: shape.heads,
    num_key_value_heads: shape.keyValueHeads,
    intermediate_size: shape.feedForwardSize,
    max_position_embeddings: shape.maxTokens,
    vocab_size: 1,
    rms_norm_eps: 1e-5,
    rope_theta: 10_000,
    rope_scaling: null,
    hidden_act: 'silu',
    tie_word_embeddings: shape.tiedHead,
    bos_token_id: 1,
    eos_token_id: 2,
  };
}

function* tensorShapes(shape: TinyShape): Generator<[string, readonly number[]]> {
  const { vocabSize: v, hiddenSize: d, feedForwardSize: f, layers, maxTokens } = shape;
  if (shape.architecture === 'gpt2') {
    yield ['embed_tokens.weight', [v, d]];
    yield ['denoise_model.wpe.weight', [maxTokens, d]];
    for (let i = 0; i < layers; i++) {
      const block = `denoise_model.h.${i}`;
      for (const norm of ['ln_1', 'ln_2']) yield* withBias(`${block}.${norm}`, [d]);
      yield* withBias(`${block}.attn.c_attn`, [d, 3 * d]);
      yield* withBias(`${block}.attn.c_proj`, [d, d]);
      yield* withBias(`${block}.mlp.c_fc`, [d, f]);
      yield* withBias(`${block}.mlp.c_proj`, [f, d]);
    }
    yield* withBias('denoise_model.ln_f', [d]);
    return;
  }
  const group = (d / shape.heads) * shape.keyValueHeads;
  yield ['model.embed_tokens.weight', [v, d]];
  for (let i = 0; i < layers; i++) {
    const block = `model.layers.${i}`;
    yield [`${block}.input_layernorm.weight`, [d]];
    yield [`${block}.post_attention_layernorm.weight`, [d]];
    for (const [name, size] of [
      ['q', d],
      ['k', group],
      ['v', group],
    ] as const) {
      yield [`${block}.self_attn.${name}_proj.weight`, [size, d]];
      if (shape.attentionBias) yield [`${block}.self_attn.${name}_proj.bias`, [size]];
    }
    if (shape.queryKeyNorm) {
      yield [`${block}.self_attn.q_norm.weight`, [d / shape.heads]];
      yield [`${block}.self_attn.k_norm.weight`, [d / shape.heads]];
    }
    yield [`${block}.self_attn.o_proj.weight`, [d, d]];
    yield [`${block}.mlp.gate_proj.weight`, [f, d]];
    yield [`${block}.mlp.up_proj.weight`, [f, d]];
    yield [`${block}.mlp.down_proj.weight`, [d, f]];
  }
  yield ['model.norm.weight', [d]];
  if (!shape.tiedHead) yield ['lm_head.weight', [v, d]];
}

export function* withBias(
  name: string,
  size: readonly number[],
): Generator<[string, readonly number[]]> {
  yield [`${name}.weight`, size];
  yield [`${name}.bias`, size.slice(-1)];
}

function rounded(values: Float32Array, dtype: 'F32' | 'F16' | 'BF16'): Float32Array {
  if (dtype === 'F16') return halfToFloat(floatToHalf(values));
  return dtype === 'BF16' ? bfloatToFloat(floatToBfloat(values)) : values;
}

export async function writeTensors(
  dir: string,
  tensors: ReadonlyMap<string, TinyTensor>,
  dtype: 'F32' | 'F16' | 'BF16',
  shards: number,
): Promise<void> {
  const names = [...tensors.keys()];
  const perShard = Math.ceil(names.length / shards);
  const map: Record<string, string> = {};
  for (let shard = 0; shard < shards; shard++) {
    const part = names.slice(shard * perShard, (shard + 1) * perShard);
    const number = (n: number) => String(n).padStart(5, '0');
    const file =
      shards === 1
        ? 'model.safetensors'
        : `model-${number(shard + 1)}-of-${number(shards)}.safetensors`;
    const plan = part.map((name) => ({ name, dtype, shape: tensors.get(name)!.shape }));
    const writer = await SafetensorsWriter.create(path.join(dir, file), plan);
    for (const name of part) {
      const { values } = tensors.get(name)!;
      const stored = {
        F32: () => values,
        F16: () => floatToHalf(values),
        BF16: () => floatToBfloat(values),
      };
      await writer.append(stored[dtype]());
      map[name] = file;
    }
    await writer.finish();
  }
  if (shards === 1) return;
  const index = { metadata: {}, weight_map: map };
  writeFileSync(path.join(dir, 'model.safetensors.index.json'), JSON.stringify(index));
}

export function product(size: readonly number[]): number {
  return size.reduce((a, b) => a * b, 1);
}

/** Standard normal numbers: mulberry32 and Box-Muller. */
export function normals(seed: number): () => number {
  let state = seed;
  const uniform = () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
  return () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());
}
