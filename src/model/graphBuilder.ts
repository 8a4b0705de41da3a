/**
 * Puts an ONNX graph together, one call a node, the calls named as the operators are. A value is its
 * name. Weights stay where they are, in the weight file, and are referred to by offset. Knows no
 * architecture.
 */
import path from 'node:path';
import { encodeModel, onnxType } from './onnxProto';
import type { Attribute, Dimension, NodeProto, OnnxType, TensorProto } from './onnxProto';
import type { ValueInfoProto } from './onnxProto';
import type { TensorEntry } from './safetensors';

export type Value = string;
type Attributes = Readonly<Record<string, Attribute>>;

/** Operators outside of ONNX's own set that ONNX Runtime brings along. */
const contrib = 'com.microsoft';

/** LayerNormalization came with 17, axes of Reduce* as an input with 18; 21 goes with IR 10. */
const opsets = { '': 21, [contrib]: 1 };
const irVersion = 10;

const typeOfDtype: Readonly<Record<string, OnnxType>> = {
  F32: onnxType.float,
  F16: onnxType.float16,
  I8: onnxType.int8,
  U8: onnxType.uint8,
};

export class GraphBuilder {
  private readonly nodes: NodeProto[] = [];
  private readonly initializers = new Map<string, TensorProto>();
  private readonly inputs: ValueInfoProto[] = [];
  private readonly outputs: ValueInfoProto[] = [];
  private readonly outputNames = new Map<Value, string>();

  /**
   * @param weights the tensors of `weightFile`.
   * @param isBatched several canvases of one length at once and no cache: the graph of a model server.
   */
  constructor(
    readonly weightFile: string,
    private readonly weights: ReadonlyMap<string, TensorEntry>,
    readonly isBatched = false,
  ) {}

  /** Canvases in one run, as the first dimension of inputs has it. */
  get batch(): Dimension {
    return this.isBatched ? 'B' : 1;
  }

  /** The same as a reshape's target has it: 0 takes what is there. */
  get leading(): number {
    return this.isBatched ? 0 : 1;
  }

  encode(): Uint8Array {
    const rename = (value: Value) => this.outputNames.get(value) ?? value;
    const nodes = this.nodes.map((node) => ({
      ...node,
      inputs: node.inputs.map(rename),
      outputs: node.outputs.map(rename),
    }));
    return encodeModel({
      irVersion,
      opsets,
      graphName: 'lacuna',
      nodes,
      initializers: [...this.initializers.values()],
      inputs: this.inputs,
      outputs: this.outputs,
    });
  }

  input(name: string, type: OnnxType, shape: readonly Dimension[]): Value {
    this.inputs.push({ name, type, shape });
    return name;
  }

  /** `value` leaves the graph under `name`: renamed, since an Identity node would copy it. */
  output(name: string, value: Value, type: OnnxType, shape: readonly Dimension[]): void {
    this.outputNames.set(value, name);
    this.outputs.push({ name, type, shape });
  }

  hasWeight(name: string): boolean {
    return this.weights.has(name);
  }

  findWeight(name: string): TensorEntry | undefined {
    return this.weights.get(name);
  }

  /** A tensor of the weight file, which must hold it. */
  weight(name: string): Value {
    const { dtype, shape, offset, sizeBytes } = this.weights.get(name)!;
    const data = { location: path.basename(this.weightFile), offset, length: sizeBytes };
    this.initializers.set(name, { name, type: typeOfDtype[dtype], shape, data });
    return name;
  }

  integers(...values: number[]): Value {
    const name = `integers_${values.join('_')}`; // equal constants are written once
    const data = new Uint8Array(BigInt64Array.from(values, BigInt).buffer);
    this.initializers.set(name, { name, type: onnxType.int64, shape: [values.length], data });
    return name;
  }

  floats(values: Float32Array, shape: readonly number[], name: string): Value {
    const data = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
    this.initializers.set(name, { name, type: onnxType.float, shape, data });
    return name;
  }

  // --- ONNX's own operators ------------------------------------------------------------------

  addition(a: Value, b: Value): Value {
    return this.one('Add', [a, b]);
  }
  sub(a: Value, b: Value): Value {
    return this.one('Sub', [a, b]);
  }
  mul(a: Value, b: Value): Value {
    return this.one('Mul', [a, b]);
  }
  matMul(a: Value, b: Value): Value {
    return this.one('MatMul', [a, b]);
  }
  softmax(x: Value, axis: number): Value {
    return this.one('Softmax', [x], { axis });
  }
  cast(x: Value, to: OnnxType): Value {
    return this.one('Cast', [x], { to });
  }
  gather(table: Value, indices: Value, axis: number): Value {
    return this.one('Gather', [table, indices], { axis });
  }
  concat(parts: readonly Value[], axis: number): Value {
    return this.one('Concat', parts, { axis });
  }
  reshape(x: Value, ...shape: number[]): Value {
    return this.one('Reshape', [x, this.integers(...shape)]);
  }
  transpose(x: Value, ...perm: number[]): Value {
    return this.one('Transpose', [x], { perm });
  }
  unsqueeze(x: Value, axis: number): Value {
    return this.one('Unsqueeze', [x, this.integers(axis)]);
  }
  expand(x: Value, ...shape: number[]): Value {
    return this.one('Expand', [x, this.integers(...shape)]);
  }
  slice(x: Value, start: number, end: number, axis: number): Value {
    const [from, to, at] = [start, end, axis].map((value) => this.integers(value));
    return this.one('Slice', [x, from, to, at]);
  }
  split(x: Value, sizes: readonly number[], axis: number): Value[] {
    return this.node('Split', [x, this.integers(...sizes)], { axis }, sizes.length);
  }
  layerNormalization(x: Value, scale: Value, bias: Value, epsilon: number): Value {
    return this.one('LayerNormalization', [x, scale, bias], {
      axis: -1,
      epsilon: { float: epsilon },
    });
  }
  exp(x: Value): Value {
    return this.one('Exp', [x]);
  }
  log(x: Value): Value {
    return this.one('Log', [x]);
  }
  relu(x: Value): Value {
    return this.one('Relu', [x]);
  }
  tanh(x: Value): Value {
    return this.one('Tanh', [x]);
  }
  /** The axis stays, with size 1. */
  reduceMean(x: Value, axis: number): Value {
    return this.one('ReduceMean', [x, this.integers(axis)], { keepdims: 1 });
  }
  /** The axis stays, with size 1. */
  reduceSum(x: Value, axis: number): Value {
    return this.one('ReduceSum', [x, this.integers(axis)], { keepdims: 1 });
  }
  /** Rows of each canvas: [B, S, D], [B, R] -> [B, R, D] */
  gatherRows(x: Value, rows: Value): Value {
    return this.one('GatherND', [x, this.unsqueeze(rows, 2)], { batch_dims: 1 });
  }
  /** Its sizes, 1-D. */
  shape(x: Value): Value {
    return this.one('Shape', [x]);
  }
  /** To sizes that are known only when the graph runs. */
  reshapeTo(x: Value, shape: Value): Value {
    return this.one('Reshape', [x, shape]);
  }
  expandTo(x: Value, shape: Value): Value {
    return this.one('Expand', [x, shape]);
  }
  /** `x` with `updates` at `indices` of its second axis. */
  scatterColumns(x: Value, indices: Value, updates: Value): Value {
    return this.one('ScatterElements', [x, indices, updates], { axis: 1 });
  }
  /** The `count` largest along the last axis, descending, and where they stand. */
  topK(x: Value, count: number): { values: Value; indices: Value } {
    const attributes = { axis: -1, largest: 1, sorted: 1 };
    const [values, indices] = this.node('TopK', [x, this.integers(count)], attributes, 2);
    return { values, indices };
  }

  // --- ONNX Runtime's --------------------------------------------------------------------------

  /** RMS norm; a contrib operator that ONNX Runtime files under ONNX's own domain. */
  simplifiedLayerNormalization(x: Value, scale: Value, epsilon: number): Value {
    const attributes = { axis: -1, epsilon: { float: epsilon }, stash_type: 1 };
    return this.one('SimplifiedLayerNormalization', [x, scale], attributes);
  }
  /** The exact form, with erf. */
  gelu(x: Value): Value {
    return this.contribOne('Gelu', [x]);
  }
  /** gelu_new, the tanh form. */
  fastGelu(x: Value): Value {
    return this.contribOne('FastGelu', [x]);
  }
  /** x * sigmoid(alpha x): SiLU at alpha 1. */
  quickGelu(x: Value, alpha: number): Value {
    return this.contribOne('QuickGelu', [x], { alpha: { float: alpha } });
  }
  rotaryEmbedding(x: Value, positions: Value, cos: Value, sin: Value): Value {
    return this.contribOne('RotaryEmbedding', [x, positions, cos, sin], { interleaved: 0 });
  }
  multiHeadAttention(query: Value, key: Value, value: Value, heads: number): Value {
    return this.contribOne('MultiHeadAttention', [query, key, value], { num_heads: heads });
  }
  dynamicQuantizeMatMul(x: Value, weights: Value, scales: Value, bias: Value | ''): Value {
    const inputs = ['', bias]; // no zero point: the weights are symmetric
    return this.contribOne('DynamicQuantizeMatMul', [x, weights, scales, ...inputs]);
  }
  /** @param zeros '' where the values stand around the middle. */
  matMulNBits(
    x: Value,
    weights: Value,
    scales: Value,
    zeros: Value | '',
    attributes: Attributes,
  ): Value {
    const inputs = [x, weights, scales, ...(zeros ? [zeros] : [])];
    return this.contribOne('MatMulNBits', inputs, attributes);
  }

  // --------------------------------------------------------------------------------------------

  private one(op: string, inputs: readonly Value[], attributes: Attributes = {}): Value {
    return this.node(op, inputs, attributes, 1)[0];
  }

  private contribOne(op: string, inputs: readonly Value[], attributes: Attributes = {}): Value {
    const output = this.newName(op);
    this.add(op, inputs, attributes, [output], contrib);
    return output;
  }

  private node(
    op: string,
    inputs: readonly Value[],
    attributes: Attributes,
    count: number,
  ): Value[] {
    const outputs = Array.from({ length: count }, (_, i) => this.newName(op) + (i ? `_${i}` : ''));
    this.add(op, inputs, attributes, outputs);
    return outputs;
  }

  private add(
    op: string,
    inputs: readonly Value[],
    attributes: Attributes,
    outputs: readonly Value[],
    domain = '',
  ): void {
    this.nodes.push({ name: outputs[0], op, domain, inputs, outputs, attributes });
  }

  private newName(op: string): Value {
    return `${op}_${this.nodes.length}`;
  }
}
