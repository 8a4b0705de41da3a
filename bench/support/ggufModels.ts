/**
 * A shape as llama.cpp runs it: random weights in q8_0 under its names of LLaMA's or GPT-2's tensors, and a
 * vocabulary of made-up tokens, since only ids are sent. Order of columns and rotary layout do not matter to
 * a speed and are not converted. Knows no file layout; gguf.ts writes.
 */
import { existsSync, mkdirSync, renameSync } from 'node:fs';
import path from 'node:path';
import { elements } from '../../src/model/safetensors';
import { quantizeQ8, writeGguf, type GgufTensor, type GgufValue } from './gguf';
import { keySize, randomWeights, type Shape } from './shapes';

/** Writes the file where it is not yet. */
export function randomGguf(shape: Shape, folder: string): string {
  const file = path.join(folder, `${shape.name}-q8_0.gguf`);
  if (existsSync(file)) return file;
  mkdirSync(folder, { recursive: true });
  writeGguf(`${file}.partial`, metadataOf(shape), ggufTensors(shape).map(filled));
  renameSync(`${file}.partial`, file);
  return file;
}

type Planned = Omit<GgufTensor, 'data'>;

/** The output head is absent: llama.cpp takes the embedding for it, as both models do. */
export function ggufTensors(shape: Shape): Planned[] {
  const { architecture, layers, hidden: d, feedForward: f, vocabulary, positions } = shape;
  const matrix = (name: string, ...size: number[]): Planned => ({
    name,
    shape: size,
    type: 'q8_0',
  });
  const plain = (name: string, ...size: number[]): Planned => ({ name, shape: size, type: 'f32' });
  const both = (name: string, out: number, into: number) => [
    matrix(`${name}.weight`, out, into),
    plain(`${name}.bias`, out),
  ];
  const norm = (name: string) =>
    architecture === 'gpt2'
      ? [plain(`${name}.weight`, d), plain(`${name}.bias`, d)]
      : [plain(`${name}.weight`, d)];
  const layer = (i: number) => {
    const at = `blk.${i}`;
    const norms = [...norm(`${at}.attn_norm`), ...norm(`${at}.ffn_norm`)];
    if (architecture === 'gpt2') {
      const attention = [...both(`${at}.attn_qkv`, 3 * d, d), ...both(`${at}.attn_output`, d, d)];
      return [
        ...norms,
        ...attention,
        ...both(`${at}.ffn_up`, f, d),
        ...both(`${at}.ffn_down`, d, f),
      ];
    }
    const attention = ['q', 'k', 'v', 'output'].map((x) =>
      matrix(`${at}.attn_${x}.weight`, x === 'k' || x === 'v' ? keySize(shape) : d, d),
    );
    const widening = ['gate', 'up'].map((x) => matrix(`${at}.ffn_${x}.weight`, f, d));
    return [...norms, ...attention, ...widening, matrix(`${at}.ffn_down.weight`, d, f)];
  };
  return [
    matrix('token_embd.weight', vocabulary, d),
    ...(architecture === 'gpt2' ? [plain('position_embd.weight', positions, d)] : []),
    ...Array.from({ length: layers }, (_, i) => layer(i)).flat(),
    ...norm('output_norm'),
  ];
}

function filled(tensor: Planned): GgufTensor {
  const values = randomWeights(tensor.name, elements(tensor.shape));
  const data = tensor.type === 'q8_0' ? quantizeQ8(values) : new Uint8Array(values.buffer);
  return { ...tensor, data };
}

export function metadataOf(shape: Shape): Record<string, GgufValue> {
  const { architecture, layers, hidden, heads, feedForward, vocabulary, positions } = shape;
  const count = (value: number): GgufValue => ({ kind: 'u32', value });
  const number = (value: number): GgufValue => ({ kind: 'f32', value });
  const text = (value: string): GgufValue => ({ kind: 'string', value });
  const own: Record<string, GgufValue> =
    architecture === 'gpt2'
      ? { 'attention.layer_norm_epsilon': number(1e-5) }
      : {
          'attention.head_count_kv': count(shape.keyHeads ?? heads),
          'attention.layer_norm_rms_epsilon': number(1e-5),
          'rope.dimension_count': count(hidden / heads),
          'rope.freq_base': number(10000),
          vocab_size: count(vocabulary),
        };
  const sizes: Record<string, GgufValue> = {
    context_length: count(positions),
    embedding_length: count(hidden),
    feed_forward_length: count(feedForward),
    block_count: count(layers),
    'attention.head_count': count(heads),
    ...own,
  };
  return {
    'general.architecture': text(architecture),
    'general.name': text(shape.name),
    'general.file_type': count(7), // mostly q8_0
    ...Object.fromEntries(
      Object.entries(sizes).map(([key, value]) => [`${architecture}.${key}`, value]),
    ),
    'tokenizer.ggml.model': text('gpt2'),
    'tokenizer.ggml.pre': text('gpt-2'),
    'tokenizer.ggml.tokens': { kind: 'strings', value: madeUpTokens(vocabulary) },
    'tokenizer.ggml.token_type': { kind: 'i32s', value: new Int32Array(vocabulary).fill(1) },
    'tokenizer.ggml.merges': { kind: 'strings', value: ['a b'] },
    'tokenizer.ggml.bos_token_id': count(vocabulary - 1),
    'tokenizer.ggml.eos_token_id': count(vocabulary - 1),
  };
}

/** The byte alphabet of GPT-2 first, so that any text has ids; then names nobody writes. */
function madeUpTokens(vocabulary: number): string[] {
  const printable = (byte: number) =>
    (byte >= 33 && byte <= 126) || (byte >= 161 && byte <= 172) || byte >= 174;
  let next = 256;
  const bytes = Array.from({ length: 256 }, (_, byte) =>
    String.fromCharCode(printable(byte) ? byte : next++),
  );
  const names = Array.from({ length: vocabulary - 256 - 1 }, (_, i) => `token${i}`);
  return [...bytes.slice(0, vocabulary - 1), ...names, '<|endoftext|>'];
}
