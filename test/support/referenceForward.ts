/**
 * The forward pass once more, in plain loops and double precision, straight from a tiny checkpoint's
 * tensors: what the ONNX graphs are compared with. Slow and obvious on purpose; shares no code with
 * src/model. Full attention, no cache, no shift.
 */
import type { TinyCheckpoint } from './tinyCheckpoint';

export type Rows = number[][];

/** (L, V) logits of every row, before any shift. */
export function referenceForward(checkpoint: TinyCheckpoint, ids: ArrayLike<number>): Rows {
  const list = Array.from(ids);
  return checkpoint.shape.architecture === 'gpt2'
    ? gpt2(checkpoint, list)
    : llama(checkpoint, list);
}

function gpt2({ shape, tensors }: TinyCheckpoint, ids: readonly number[]): Rows {
  const get = (name: string) => tensors.get(name)!.values;
  const { hiddenSize: d, heads } = shape;
  const embed = get('embed_tokens.weight');
  const places = get('denoise_model.wpe.weight');
  const norm = (rows: Rows, name: string) =>
    rows.map((row) => layerNorm(row, get(`${name}.weight`), get(`${name}.bias`)));
  const linear = (rows: Rows, name: string) =>
    rows.map((row) => inOut(row, get(`${name}.weight`), get(`${name}.bias`)));

  let x = ids.map((id, p) => range(d).map((i) => embed[id * d + i] + places[p * d + i]));
  for (let layer = 0; layer < shape.layers; layer++) {
    const block = `denoise_model.h.${layer}`;
    const qkv = linear(norm(x, `${block}.ln_1`), `${block}.attn.c_attn`);
    const part = (n: number) => qkv.map((row) => row.slice(n * d, (n + 1) * d));
    const mixed = attention(part(0), part(1), part(2), heads, heads);
    x = add(x, linear(mixed, `${block}.attn.c_proj`));
    const wide = linear(norm(x, `${block}.ln_2`), `${block}.mlp.c_fc`);
    x = add(
      x,
      linear(
        wide.map((row) => row.map(geluNew)),
        `${block}.mlp.c_proj`,
      ),
    );
  }
  return norm(x, 'denoise_model.ln_f').map((row) => outIn(row, embed, shape.vocabSize));
}

function llama({ shape, tensors }: TinyCheckpoint, ids: readonly number[]): Rows {
  const get = (name: string) => tensors.get(name)!.values;
  const { hiddenSize: d, heads, keyValueHeads } = shape;
  const embed = get('model.embed_tokens.weight');
  const norm = (rows: Rows, name: string) => rows.map((row) => rmsNorm(row, get(`${name}.weight`)));
  const linear = (rows: Rows, name: string) => {
    const { values, shape: size } = tensors.get(`${name}.weight`)!;
    const bias = tensors.get(`${name}.bias`)?.values;
    return rows.map((row) => outIn(row, values, size[0]).map((v, i) => v + (bias?.[i] ?? 0)));
  };

  let x = ids.map((id) => range(d).map((i) => embed[id * d + i]));
  for (let layer = 0; layer < shape.layers; layer++) {
    const block = `model.layers.${layer}`;
    const before = norm(x, `${block}.input_layernorm`);
    const [q, k, v] = ['q', 'k', 'v'].map((n) => linear(before, `${block}.self_attn.${n}_proj`));
    const normed = [q, k].map((rows, i) => {
      const scale = tensors.get(`${block}.self_attn.${'qk'[i]}_norm.weight`)?.values;
      return scale ? rows.map((row) => eachHead(row, d / heads, (h) => rmsNorm(h, scale))) : rows;
    });
    const turned = normed.map((rows) => rows.map((row, p) => rotate(row, p, d / heads)));
    const mixed = attention(turned[0], turned[1], v, heads, keyValueHeads);
    x = add(x, linear(mixed, `${block}.self_attn.o_proj`));
    const middle = norm(x, `${block}.post_attention_layernorm`);
    const gate = linear(middle, `${block}.mlp.gate_proj`);
    const up = linear(middle, `${block}.mlp.up_proj`);
    const gated = gate.map((row, r) => row.map((g, i) => (g / (1 + Math.exp(-g))) * up[r][i]));
    x = add(x, linear(gated, `${block}.mlp.down_proj`));
  }
  const head = shape.tiedHead ? embed : get('lm_head.weight');
  return norm(x, 'model.norm').map((row) => outIn(row, head, shape.vocabSize));
}

/** Every row attends to every row. */
export function attention(q: Rows, k: Rows, v: Rows, heads: number, keyValueHeads: number): Rows {
  const size = q[0].length / heads;
  return q.map((query) =>
    range(heads).flatMap((head) => {
      const own = Math.floor(head / (heads / keyValueHeads)) * size;
      const scores = k.map((key) => {
        let dot = 0;
        for (let i = 0; i < size; i++) dot += query[head * size + i] * key[own + i];
        return dot / Math.sqrt(size);
      });
      const largest = Math.max(...scores);
      const shares = scores.map((score) => Math.exp(score - largest));
      const total = shares.reduce((a, b) => a + b);
      return range(size).map((i) =>
        v.reduce((sum, value, row) => sum + (shares[row] / total) * value[own + i], 0),
      );
    }),
  );
}

function eachHead(
  row: readonly number[],
  size: number,
  change: (head: number[]) => number[],
): number[] {
  return range(row.length / size).flatMap((i) => change(row.slice(i * size, (i + 1) * size)));
}

/** "Rotate half": dimension j of a head turns together with j + size/2. */
function rotate(row: readonly number[], position: number, size: number): number[] {
  const half = size / 2;
  return row.map((value, at) => {
    const j = at % size;
    const angle = position * 10_000 ** ((-2 * (j % half)) / size);
    const partner = j < half ? -row[at + half] : row[at - half];
    return value * Math.cos(angle) + partner * Math.sin(angle);
  });
}

export function layerNorm(
  row: readonly number[],
  scale: Float32Array,
  bias: Float32Array,
): number[] {
  const mean = row.reduce((a, b) => a + b) / row.length;
  const variance = row.reduce((sum, v) => sum + (v - mean) ** 2, 0) / row.length;
  return row.map((v, i) => ((v - mean) / Math.sqrt(variance + 1e-5)) * scale[i] + bias[i]);
}

function rmsNorm(row: readonly number[], scale: Float32Array): number[] {
  const square = row.reduce((sum, v) => sum + v * v, 0) / row.length;
  return row.map((v, i) => (v / Math.sqrt(square + 1e-5)) * scale[i]);
}

function geluNew(z: number): number {
  return 0.5 * z * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (z + 0.044715 * z ** 3)));
}

/** row · W + b with W stored [in, out] */
function inOut(row: readonly number[], weight: Float32Array, bias: Float32Array): number[] {
  const out = bias.length;
  return range(out).map((o) => row.reduce((sum, v, i) => sum + v * weight[i * out + o], bias[o]));
}

/** row · Wᵀ with W stored [out, in] */
export function outIn(row: readonly number[], weight: Float32Array, out: number): number[] {
  const width = row.length;
  return range(out).map((o) => row.reduce((sum, v, i) => sum + v * weight[o * width + i], 0));
}

export function add(a: Rows, b: Rows): Rows {
  return a.map((row, r) => row.map((v, i) => v + b[r][i]));
}

export function range(length: number): number[] {
  return Array.from({ length }, (_, i) => i);
}
