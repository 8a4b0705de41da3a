/**
 * The graph nodes that read a weight in the form weights.ts stores it: vectors, linear layers, tables
 * and the head. Which nodes depends on the format and on whether the device has an integer matrix
 * product. Every weight's stored form is checked against what the architecture expects of it.
 */
import type { WeightFormat } from '../protocol/messages';
import type { GraphBuilder, Value } from './graphBuilder';
import { badCheckpoint } from './modelErrors';
import { onnxType } from './onnxProto';
import { headBlock, linearBlock, storedTensors, zeroName } from './weights';
import type { WeightKind } from './weightSpec';

export interface WeightReading {
  readonly format: WeightFormat;
  /**
   * On a CPU 8-bit weights are multiplied as integers (activations are rounded to 8 bits on the way:
   * 2.2 times faster, 3 % of noise in the logits) and 16-bit tables are looked up as they are. GPUs
   * have no such integer product and need not know 16-bit floats; there ONNX Runtime makes 32-bit
   * floats of everything but 4-bit weights when it loads the graph.
   */
  readonly target: 'cpu' | 'gpu';
}

/** A weight as stored; scales only where it is quantised, zero points in 4 bits only. */
interface Stored {
  readonly values: Value;
  readonly scales: Value;
  readonly zeros: Value;
}

export class WeightNodes {
  constructor(
    private readonly graph: GraphBuilder,
    private readonly reading: WeightReading,
  ) {}

  vector(name: string, size: number): Value {
    return this.stored(name, 'vector', [size]).values;
  }

  /** x · weight (+ bias where there is one): [1, S, in] -> [1, S, out] */
  linear(x: Value, name: string, from: number, to: number): Value {
    const { graph, reading } = this;
    const stored = this.stored(`${name}.weight`, 'linear', [from, to]);
    const bias = graph.hasWeight(`${name}.bias`) ? this.vector(`${name}.bias`, to) : '';
    if (reading.format === 'q8' && reading.target === 'cpu') {
      return graph.dynamicQuantizeMatMul(x, stored.values, stored.scales, bias);
    }
    const product =
      reading.format === 'q4'
        ? this.matMulNBits(x, stored, { K: from, N: to, bits: 4, block_size: linearBlock })
        : graph.matMul(x, this.linearFloats(stored)); // [in, out]
    return bias ? graph.addition(product, bias) : product;
  }

  /** Rows of a table of [rows, width]: [1, S] -> [1, S, width]. */
  lookUp(name: string, indices: Value, rows: number, width: number): Value {
    return this.gatherFloats(this.stored(name, 'table', [rows, width]).values, indices);
  }

  /** Rows of a tied head, which is stored as heads are: [1, S] -> [1, S, D] */
  lookUpHead(name: string, indices: Value, vocabSize: number, width: number): Value {
    const { graph, reading } = this;
    const stored = this.stored(name, 'head', [vocabSize, width]);
    if (!stored.scales) return this.gatherFloats(stored.values, indices);
    if (reading.format === 'q8' && reading.target === 'gpu') {
      return graph.gather(this.rowFloats(stored), indices, 0);
    }
    const rows = this.toFloats(graph.gather(stored.values, indices, 0));
    const scales = graph.gather(stored.scales, indices, 0);
    if (reading.format === 'q8') return graph.mul(rows, graph.unsqueeze(scales, 2));
    const zero = graph.floats(Float32Array.of(128), [], 'zero_point');
    const blocks = graph.mul(graph.sub(rows, zero), graph.unsqueeze(scales, 3)); // [1, S, n, 128]
    const padded = Math.ceil(width / headBlock) * headBlock;
    return graph.slice(graph.reshape(blocks, graph.leading, -1, padded), 0, width, 2);
  }

  /** x · headᵀ: [R, D] -> [R, V] */
  head(x: Value, name: string, vocabSize: number, width: number): Value {
    const { graph, reading } = this;
    const stored = this.stored(name, 'head', [vocabSize, width]);
    if (reading.format === 'q4') {
      return this.matMulNBits(x, stored, {
        K: width,
        N: vocabSize,
        bits: 8,
        block_size: headBlock,
      });
    }
    if (reading.format === 'q8' && reading.target === 'cpu') {
      const columns = graph.transpose(stored.values, 1, 0); // done once, at load
      return graph.dynamicQuantizeMatMul(x, columns, stored.scales, '');
    }
    return graph.matMul(x, graph.transpose(this.rowFloats(stored), 1, 0));
  }

  /** On a CPU only the rows that are used become floats; the table stays in the mapped file. */
  private gatherFloats(table: Value, indices: Value): Value {
    const { graph, reading } = this;
    return reading.target === 'cpu'
      ? this.toFloats(graph.gather(table, indices, 0))
      : graph.gather(this.toFloats(table), indices, 0);
  }

  /** A head in 32-bit floats, [V, D]; folded like `linearFloats`. */
  private rowFloats({ values, scales }: Stored): Value {
    const floats = this.toFloats(values);
    return scales ? this.graph.mul(floats, this.graph.unsqueeze(scales, 1)) : floats;
  }

  /** [in, out] in 32-bit floats; ONNX Runtime folds these nodes when it loads the graph. */
  private linearFloats({ values, scales }: Stored): Value {
    const floats = this.toFloats(values);
    return scales ? this.graph.mul(floats, scales) : floats;
  }

  private toFloats(values: Value): Value {
    return this.reading.format === 'f32' ? values : this.graph.cast(values, onnxType.float);
  }

  private matMulNBits(x: Value, stored: Stored, sizes: Readonly<Record<string, number>>): Value {
    // Level 4 lets the kernel round activations to 8 bits; on CPUs floats are 2.5 times slower.
    const attributes = { ...sizes, accuracy_level: this.reading.target === 'cpu' ? 4 : 0 };
    const { values, scales, zeros } = stored;
    return this.graph.matMulNBits(x, values, scales, zeros, attributes);
  }

  private stored(name: string, kind: WeightKind, shape: readonly number[]): Stored {
    const { graph } = this;
    const plans = storedTensors({ name, kind, shape, sources: [] }, this.reading.format);
    for (const plan of plans) {
      const entry = graph.findWeight(plan.name);
      if (!entry && plan.name === zeroName(name)) continue; // made before there were any
      const found = entry && `${entry.dtype} [${entry.shape.join(', ')}]`;
      const expected = `${plan.dtype} [${plan.shape.join(', ')}]`;
      if (found === expected) continue;
      const trouble = found ? `is ${found}, not ${expected}` : 'is missing';
      const advice = 'Convert the checkpoint again';
      throw badCheckpoint(graph.weightFile, `tensor "${plan.name}" ${trouble}`, advice);
    }
    const [values, scales, zeros] = plans.map((plan) =>
      graph.hasWeight(plan.name) ? graph.weight(plan.name) : '',
    );
    return { values: values!, scales: scales ?? '', zeros: zeros ?? '' };
  }
}
