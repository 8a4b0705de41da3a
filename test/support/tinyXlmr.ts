/**
 * A tiny random XLM-R diffusion model with its length predictor, in seed 2's names, as safetensors or as
 * torch.save writes it; and its forward pass in plain loops. Shares no code with src/model.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { add, attention, layerNorm, outIn, range } from './referenceForward';
import type { Rows } from './referenceForward';
import { normals, product, withBias, writeTensors } from './tinyCheckpoint';
import type { TinyTensor } from './tinyCheckpoint';
import { torchFile } from './torchFile';
import type { TorchTensor } from './torchFile';

export interface XlmrOptions {
  readonly preNorm?: boolean;
  readonly hiddenSize?: number;
  readonly heads?: number;
  readonly layers?: number;
  readonly feedForwardSize?: number;
  readonly vocabSize?: number;
  readonly positions?: number;
  /** Without one it could be any XLM-R. */
  readonly lengthPredictor?: boolean;
  readonly prefix?: string;
  readonly format?: 'safetensors' | 'torch';
  /** `stored` twice, as PyTorch has tied weights; `empty`, as ZeRO leaves it; `own` is another matrix. */
  readonly decoder?: 'absent' | 'stored' | 'empty' | 'own';
  readonly config?: Readonly<Record<string, unknown>> | false;
}

export const lengthClasses = 30;

export interface TinyXlmr {
  readonly tensors: ReadonlyMap<string, TinyTensor>;
  readonly options: Required<Omit<XlmrOptions, 'config'>>;
}

export async function writeTinyXlmr(dir: string, given: XlmrOptions = {}): Promise<TinyXlmr> {
  const options = { ...defaults, ...given };
  const random = normals(3);
  const tensors = new Map<string, TinyTensor>();
  for (const [name, shape] of shapes(options)) {
    const isNorm = /(LayerNorm|layer_norm|norm\d)\.weight$/.test(name);
    const values = Float32Array.from({ length: product(shape) }, random);
    tensors.set(name, { shape, values: values.map((v) => (isNorm ? 1 + 0.1 * v : 0.2 * v)) });
  }
  mkdirSync(dir, { recursive: true });
  if (given.config !== false) {
    const config = {
      model_type: options.preNorm ? 'xlm-roberta-xl' : 'xlm-roberta',
      num_attention_heads: options.heads,
      layer_norm_eps: 1e-5,
      mask_token_id: options.vocabSize - 1,
      vocab_size: 1, // never to be trusted
      ...given.config,
    };
    writeFileSync(path.join(dir, 'config.json'), JSON.stringify(config));
  }
  if (options.format === 'torch') {
    const stored = new Map<string, TorchTensor>(tensors);
    const words = `${options.prefix}roberta.embeddings.word_embeddings.weight`;
    const decoder = `${options.prefix}lm_head.decoder.weight`;
    const { shape, values } = tensors.get(words)!;
    if (options.decoder === 'stored') stored.set(decoder, { shape, values, sameAs: words });
    if (options.decoder === 'empty') {
      stored.set(decoder, { shape: [0], values: new Float32Array() });
    }
    writeFileSync(path.join(dir, 'pytorch_model.bin'), torchFile(stored));
  } else await writeTensors(dir, tensors, 'F32', 1);
  return { tensors, options };
}

const defaults: Required<Omit<XlmrOptions, 'config'>> = {
  preNorm: false,
  hiddenSize: 24,
  heads: 3,
  layers: 2,
  feedForwardSize: 40,
  vocabSize: 61,
  positions: 34,
  lengthPredictor: true,
  prefix: 'model.',
  format: 'safetensors',
  decoder: 'absent',
};

function* shapes(o: typeof defaults): Generator<[string, readonly number[]]> {
  const { hiddenSize: d, feedForwardSize: f, vocabSize: v, prefix } = o;
  const body = `${prefix}roberta.`;
  yield [`${body}embeddings.word_embeddings.weight`, [v, d]];
  yield [`${body}embeddings.position_embeddings.weight`, [o.positions, d]];
  yield [`${body}embeddings.token_type_embeddings.weight`, [1, d]];
  if (!o.preNorm) yield* withBias(`${body}embeddings.LayerNorm`, [d]);
  for (let i = 0; i < o.layers; i++) {
    const layer = `${body}encoder.layer.${i}.`;
    for (const part of ['query', 'key', 'value']) {
      yield* outBias(`${layer}attention.self.${part}`, d, d);
    }
    yield* outBias(`${layer}attention.output.dense`, d, d);
    yield* outBias(`${layer}intermediate.dense`, d, f);
    yield* outBias(`${layer}output.dense`, f, d);
    const [first, second] = normNames(o.preNorm);
    yield* withBias(layer + first, [d]);
    yield* withBias(layer + second, [d]);
  }
  if (o.preNorm) yield* withBias(`${body}encoder.LayerNorm`, [d]);
  yield* outBias(`${prefix}lm_head.dense`, d, d);
  yield* withBias(`${prefix}lm_head.layer_norm`, [d]);
  yield [`${prefix}lm_head.bias`, [v]];
  if (o.decoder === 'own') yield [`${prefix}lm_head.decoder.weight`, [v, d]];
  if (!o.lengthPredictor) return;
  const there = 'length_trm.layers.0';
  yield [`${there}.self_attn.in_proj_weight`, [3 * d, d]];
  yield [`${there}.self_attn.in_proj_bias`, [3 * d]];
  yield* outBias(`${there}.self_attn.out_proj`, d, d);
  yield* outBias(`${there}.linear1`, d, f);
  yield* outBias(`${there}.linear2`, f, d);
  yield* withBias(`${there}.norm1`, [d]);
  yield* withBias(`${there}.norm2`, [d]);
  yield* outBias('length_predictor.0', d, f);
  yield* outBias('length_predictor.2', f, lengthClasses);
}

function normNames(preNorm: boolean): [string, string] {
  return preNorm
    ? ['attention.self_attn_layer_norm', 'LayerNorm']
    : ['attention.output.LayerNorm', 'output.LayerNorm'];
}

function* outBias(name: string, from: number, to: number): Generator<[string, readonly number[]]> {
  yield [`${name}.weight`, [to, from]];
  yield [`${name}.bias`, [to]];
}

/** (L, V) logits, and the length logits of the same ids as a prompt. */
export function referenceXlmr(
  { tensors, options: o }: TinyXlmr,
  ids: readonly number[],
): { logits: Rows; lengths: number[] } {
  const get = (name: string) => tensors.get(name)!.values;
  const { hiddenSize: d, heads, preNorm, prefix } = o;
  const body = `${prefix}roberta.`;
  const norm = (rows: Rows, name: string) =>
    rows.map((row) => layerNorm(row, get(`${name}.weight`), get(`${name}.bias`)));
  const dense = (rows: Rows, weight: Float32Array, bias: Float32Array) =>
    rows.map((row) => outIn(row, weight, bias.length).map((v, i) => v + bias[i]!));
  const linear = (rows: Rows, name: string) =>
    dense(rows, get(`${name}.weight`), get(`${name}.bias`));
  const [words, places, type] = ['word', 'position', 'token_type'].map((kind) =>
    get(`${body}embeddings.${kind}_embeddings.weight`),
  );

  let x: Rows = ids.map((id, p) =>
    range(d).map((i) => words![id * d + i]! + places![(p + 2) * d + i]! + type![i]!),
  );
  if (!preNorm) x = norm(x, `${body}embeddings.LayerNorm`);
  const [first, second] = normNames(preNorm);
  for (let layer = 0; layer < o.layers; layer++) {
    const there = `${body}encoder.layer.${layer}.`;
    const before = preNorm ? norm(x, there + first) : x;
    const [q, k, v] = ['query', 'key', 'value'].map((part) =>
      linear(before, `${there}attention.self.${part}`),
    );
    x = add(x, linear(attention(q!, k!, v!, heads, heads), `${there}attention.output.dense`));
    if (!preNorm) x = norm(x, there + first);
    const middle = preNorm ? norm(x, there + second) : x;
    const wide = linear(middle, `${there}intermediate.dense`).map((row) => row.map(gelu));
    x = add(x, linear(wide, `${there}output.dense`));
    if (!preNorm) x = norm(x, there + second);
  }
  if (preNorm) x = norm(x, `${body}encoder.LayerNorm`);
  const hidden = norm(
    linear(x, `${prefix}lm_head.dense`).map((row) => row.map(gelu)),
    `${prefix}lm_head.layer_norm`,
  );
  const own = tensors.get(`${prefix}lm_head.decoder.weight`)?.values;
  const logits = dense(hidden, own ?? words!, get(`${prefix}lm_head.bias`));
  if (!o.lengthPredictor) return { logits, lengths: [] };

  const there = 'length_trm.layers.0';
  const projected = dense(
    x,
    get(`${there}.self_attn.in_proj_weight`),
    get(`${there}.self_attn.in_proj_bias`),
  );
  const part = (n: number) => projected.map((row) => row.slice(n * d, (n + 1) * d));
  const mixed = attention(part(0), part(1), part(2), heads, heads);
  let feature = norm(add(x, linear(mixed, `${there}.self_attn.out_proj`)), `${there}.norm1`);
  const inner = linear(feature, `${there}.linear1`).map((row) => row.map((v) => Math.max(0, v)));
  feature = norm(add(feature, linear(inner, `${there}.linear2`)), `${there}.norm2`);
  const mean = range(d).map((i) => feature.reduce((sum, row) => sum + row[i]!, 0) / feature.length);
  const bent = linear([mean], 'length_predictor.0').map((row) => row.map(Math.tanh));
  return { logits, lengths: linear(bent, 'length_predictor.2')[0]! };
}

/** Exact: z times the normal distribution function, by Simpson's rule. */
function gelu(z: number): number {
  const density = (t: number) => Math.exp((-t * t) / 2) / Math.sqrt(2 * Math.PI);
  const steps = 400;
  const h = z / steps;
  let sum = density(0) + density(z);
  for (let i = 1; i < steps; i++) sum += (i % 2 ? 4 : 2) * density(i * h);
  return z * (0.5 + (sum * h) / 3);
}
