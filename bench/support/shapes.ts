/**
 * The shapes that are measured, and checkpoints of random weights in them: a speed is the shape's, not the
 * weights'. GPT-2 shapes are written under DiffuGPT's names (seed 1), the embedded model's under LLaMA's.
 * How surely a trained model commits is another matter, and said wherever it counts.
 */
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { floatToHalf } from '../../src/model/float16';
import { elements } from '../../src/model/safetensors';
import { SafetensorsWriter } from '../../src/model/safetensorsWriter';

export interface Shape {
  readonly name: string;
  readonly architecture: 'gpt2' | 'llama';
  readonly layers: number;
  readonly hidden: number;
  readonly heads: number;
  /** Heads of keys and values; absent: as many. */
  readonly keyHeads?: number;
  readonly feedForward: number;
  readonly vocabulary: number;
  readonly positions: number;
  readonly maskId: number;
}

const gpt2 = { architecture: 'gpt2', vocabulary: 50257, positions: 2048, maskId: 10541 } as const;

export const shapes = {
  /** The embedded model's own. */
  embedded: {
    ...{ name: 'embedded', architecture: 'llama', layers: 6, hidden: 384, heads: 6 },
    ...{ feedForward: 1024, vocabulary: 8192, positions: 512, maskId: 8185 },
  },
  /** Its successor's, in training (training/README.md). */
  next: {
    ...{ name: 'next', architecture: 'llama', layers: 30, hidden: 576, heads: 9, keyHeads: 3 },
    ...{ feedForward: 1536, vocabulary: 24576, positions: 512, maskId: 1 },
  },
  '7M': {
    ...{ ...gpt2, name: '7M', vocabulary: 8192, maskId: 8185 },
    ...{ layers: 6, hidden: 256, heads: 4, feedForward: 1024 },
  },
  /** DiffuGPT-S; its config says 512 tokens, its table of positions is made longer here to measure more. */
  '127M': { ...gpt2, name: '127M', layers: 12, hidden: 768, heads: 12, feedForward: 3072 },
  /** DiffuGPT-M. */
  '355M': { ...gpt2, name: '355M', layers: 24, hidden: 1024, heads: 16, feedForward: 4096 },
} as const satisfies Record<string, Shape>;

/** Multiplied with every row that runs; the head only with the rows that are asked for. */
export function linearParameters(shape: Shape): number {
  const { architecture, layers, hidden, feedForward } = shape;
  const matrices = architecture === 'gpt2' ? 2 : 3;
  return layers * (2 * hidden * (hidden + keySize(shape)) + matrices * hidden * feedForward);
}

/** Numbers of a row's keys, and of its values, in one layer. */
export function keySize({ hidden, heads, keyHeads = heads }: Shape): number {
  return (hidden / heads) * keyHeads;
}

export function headParameters({ hidden, vocabulary }: Shape): number {
  return hidden * vocabulary;
}

/** Writes the checkpoint where it is not yet: 16-bit safetensors and config.json. */
export async function randomCheckpoint(shape: Shape, folder: string): Promise<string> {
  const dir = path.join(folder, `checkpoint-${shape.name}`);
  if (existsSync(path.join(dir, 'model.safetensors'))) return dir;
  mkdirSync(dir, { recursive: true });
  writeFileSync(path.join(dir, 'config.json'), JSON.stringify(configOf(shape), null, 1));
  const plan = tensorsOf(shape).map((tensor) => ({ ...tensor, dtype: 'F16' as const }));
  const writer = await SafetensorsWriter.create(path.join(dir, 'model.safetensors'), plan);
  for (const { name, shape: size } of plan) {
    await writer.append(floatToHalf(randomWeights(name, elements(size))));
  }
  await writer.finish();
  return dir;
}

/** Names and shapes as they are published. */
export function tensorsOf(shape: Shape): { readonly name: string; readonly shape: number[] }[] {
  const { architecture, layers, hidden: d, feedForward: f, vocabulary, positions } = shape;
  const tensors: [string, number[]][] = [];
  if (architecture === 'gpt2') {
    tensors.push(['embed_tokens.weight', [vocabulary, d]]);
    tensors.push(['denoise_model.wpe.weight', [positions, d]]);
    const pair = (name: string, size: number[]) => {
      tensors.push([`denoise_model.${name}.weight`, size]);
      tensors.push([`denoise_model.${name}.bias`, size.slice(-1)]);
    };
    for (let i = 0; i < layers; i++) {
      pair(`h.${i}.ln_1`, [d]);
      pair(`h.${i}.attn.c_attn`, [d, 3 * d]);
      pair(`h.${i}.attn.c_proj`, [d, d]);
      pair(`h.${i}.ln_2`, [d]);
      pair(`h.${i}.mlp.c_fc`, [d, f]);
      pair(`h.${i}.mlp.c_proj`, [f, d]);
    }
    pair('ln_f', [d]);
  } else {
    tensors.push(['model.embed_tokens.weight', [vocabulary, d]]);
    for (let i = 0; i < layers; i++) {
      const at = `model.layers.${i}`;
      for (const x of ['q', 'o']) tensors.push([`${at}.self_attn.${x}_proj.weight`, [d, d]]);
      for (const x of ['k', 'v'])
        tensors.push([`${at}.self_attn.${x}_proj.weight`, [keySize(shape), d]]);
      for (const x of ['gate', 'up']) tensors.push([`${at}.mlp.${x}_proj.weight`, [f, d]]);
      tensors.push([`${at}.mlp.down_proj.weight`, [d, f]]);
      tensors.push([`${at}.input_layernorm.weight`, [d]]);
      tensors.push([`${at}.post_attention_layernorm.weight`, [d]]);
    }
    tensors.push(['model.norm.weight', [d]]);
  }
  return tensors.map(([name, size]) => ({ name, shape: size }));
}

/** GPT-2's own start: normal with deviation 0.02; norms 1, biases 0. Same name, same numbers. */
export function randomWeights(name: string, count: number): Float32Array {
  if (/(norm|ln_\w+)\.weight$/.test(name)) return new Float32Array(count).fill(1);
  if (name.endsWith('.bias')) return new Float32Array(count);
  let state = [...name].reduce((sum, c) => Math.imul(sum, 31) + c.charCodeAt(0), 7) >>> 0;
  const uniform = () => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) / 2 ** 32;
  // The sum of four uniform numbers is near enough to a normal one, and quick.
  const scale = 0.02 / Math.sqrt(4 / 12);
  return Float32Array.from({ length: count }, () => {
    return scale * (uniform() + uniform() + uniform() + uniform() - 2);
  });
}

function configOf(shape: Shape): object {
  const { layers, hidden, heads, feedForward, vocabulary, positions } = shape;
  if (shape.architecture === 'gpt2') {
    return {
      ...{ model_type: 'gpt2', architectures: ['DiscreteDiffusionModel'] },
      ...{ n_embd: hidden, n_layer: layers, n_head: heads, n_inner: feedForward },
      ...{ n_positions: positions, n_ctx: positions, vocab_size: vocabulary },
      ...{ layer_norm_epsilon: 1e-5, activation_function: 'gelu_new', torch_dtype: 'float16' },
    };
  }
  return {
    ...{ model_type: 'llama', architectures: ['LlamaForCausalLM'], hidden_act: 'silu' },
    ...{ hidden_size: hidden, num_hidden_layers: layers, num_attention_heads: heads },
    ...{
      num_key_value_heads: shape.keyHeads ?? heads,
      intermediate_size: feedForward,
      vocab_size: vocabulary,
    },
    ...{ max_position_embeddings: positions, rms_norm_eps: 1e-5, rope_theta: 10000 },
    ...{ tie_word_embeddings: true, torch_dtype: 'float16' },
  };
}
