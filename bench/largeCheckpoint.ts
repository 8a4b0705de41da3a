/**
 * Makes a checkpoint of DiffuLLaMA-7B's shape out of random numbers: 13.5 GB of bfloat16 shards with an
 * index, and a byte tokenizer. For measuring conversion and speed where no real one can be fetched;
 * what it predicts means nothing. Streams: never more than a few megabytes in memory.
 *
 * node bench/run.mjs largeCheckpoint --out DIR [--layers 32]
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { floatToBfloat } from '../src/model/float16';
import { elements } from '../src/model/safetensors';
import { SafetensorsWriter } from '../src/model/safetensorsWriter';
import { byteTokenizer } from '../test/support/byteTokenizer';
import { normals } from '../test/support/tinyCheckpoint';

const { values: options } = parseArgs({
  options: { out: { type: 'string' }, layers: { type: 'string', default: '32' } },
});
if (options.out === undefined)
  throw new Error('Cannot make a checkpoint: give a folder with --out');
const out = options.out;
const layers = Number(options.layers);

const [hidden, feedForward, vocabulary] = [4096, 11008, 32000];
/** LLaMA's weights have about this deviation; one in a thousand is made an outlier. */
const deviation = 0.02;
const outlier = 12;
const pieceElements = 2 ** 21;

const config = {
  model_type: 'llama',
  architectures: ['LlamaForCausalLM'],
  ...{ hidden_size: hidden, num_hidden_layers: layers, intermediate_size: feedForward },
  ...{ num_attention_heads: 32, num_key_value_heads: 32, vocab_size: vocabulary },
  ...{ max_position_embeddings: 2048, rms_norm_eps: 1e-5, rope_theta: 10_000, rope_scaling: null },
  ...{ hidden_act: 'silu', tie_word_embeddings: false, torch_dtype: 'bfloat16' },
  ...{ bos_token_id: 1, eos_token_id: 2, mask_token_id: 811 },
};

function shapes(): [string, number[]][] {
  const layer = (i: number): [string, number[]][] => [
    [`model.layers.${i}.input_layernorm.weight`, [hidden]],
    ...['q', 'k', 'v', 'o'].map((part): [string, number[]] => [
      `model.layers.${i}.self_attn.${part}_proj.weight`,
      [hidden, hidden],
    ]),
    [`model.layers.${i}.post_attention_layernorm.weight`, [hidden]],
    [`model.layers.${i}.mlp.gate_proj.weight`, [feedForward, hidden]],
    [`model.layers.${i}.mlp.up_proj.weight`, [feedForward, hidden]],
    [`model.layers.${i}.mlp.down_proj.weight`, [hidden, feedForward]],
  ];
  return [
    ['model.embed_tokens.weight', [vocabulary, hidden]],
    ...Array.from({ length: layers }, (_, i) => layer(i)).flat(),
    ['model.norm.weight', [hidden]],
    ['lm_head.weight', [vocabulary, hidden]],
  ];
}

/** Normal numbers, drawn once; what is written are random picks from them, two to a random number. */
const normal = normals(1);
const values = Float32Array.from(
  { length: 2 ** 16 },
  (_, i) => normal() * deviation * (i % 1000 === 0 ? outlier : 1),
);
const drawn = floatToBfloat(values);
const ones = floatToBfloat(values.map((value) => 1 + value));
let state = 0x9e3779b9;

function pick(from: Uint16Array, piece: Uint16Array): Uint16Array {
  for (let i = 0; i < piece.length; i += 2) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    piece[i] = from[state & 0xffff];
    piece[i + 1] = from[state >>> 16];
  }
  return piece;
}

/** In shards of at most 5 GB, as the hub has them. */
function shards(): [string, number[]][][] {
  const all: [string, number[]][][] = [[]];
  let bytes = 0;
  for (const tensor of shapes()) {
    const size = 2 * elements(tensor[1]);
    if (bytes + size > 5e9) {
      all.push([]);
      bytes = 0;
    }
    bytes += size;
    all.at(-1)!.push(tensor);
  }
  return all;
}

async function main(): Promise<void> {
  mkdirSync(out, { recursive: true });
  const weightMap: Record<string, string> = {};
  const parts = shards();
  const number = (n: number) => String(n).padStart(5, '0');
  for (const [index, tensors] of parts.entries()) {
    const file = `model-${number(index + 1)}-of-${number(parts.length)}.safetensors`;
    const plan = tensors.map(([name, shape]) => ({ name, dtype: 'BF16' as const, shape }));
    const writer = await SafetensorsWriter.create(path.join(out, file), plan);
    for (const [name, shape] of tensors) {
      const from = shape.length === 1 ? ones : drawn;
      for (let left = elements(shape); left > 0; left -= pieceElements) {
        await writer.append(pick(from, new Uint16Array(Math.min(left, pieceElements))));
      }
      weightMap[name] = file;
    }
    await writer.finish();
    console.log(file);
  }
  const { json, vocabSize } = byteTokenizer([' return', '    ', 'self'], ['<s>', '</s>']);
  const tokenizer = json as { model: { vocab: Record<string, number> } };
  for (let id = vocabSize; id < vocabulary; id++) tokenizer.model.vocab[`unused${id}`] = id;
  const files = {
    'config.json': config,
    'tokenizer.json': tokenizer,
    'tokenizer_config.json': {},
    'model.safetensors.index.json': { metadata: {}, weight_map: weightMap },
  };
  for (const [name, file] of Object.entries(files)) {
    writeFileSync(path.join(out, name), JSON.stringify(file));
  }
}

void main();
