/**
 * What the machine can do at most: the rate of large matrix products through ONNX Runtime, 8-bit and
 * 32-bit, and of copying memory. The bounds of the arithmetic are made of these. Knows no model.
 */
import path from 'node:path';
import { GraphBuilder } from '../../src/model/graphBuilder';
import { onnxType } from '../../src/model/onnxProto';
import { readSafetensors } from '../../src/model/safetensors';
import { SafetensorsWriter } from '../../src/model/safetensorsWriter';
import { float32Tensor, Session } from '../../src/model/session';
import { randomWeights } from './shapes';
import { sample } from './statistics';

/** Rows, inner and outer size of the product that is timed: large enough to reach the peak. */
const [rows, inner, outer] = [2048, 2048, 2048];
const operations = 2 * rows * inner * outer;

export type Product = 'q8' | 'f32';

/** A session of ours with one product in it; each call of `side` gives its 10^9 operations a second
 * of processor time, so on one thread. */
export async function productRate(kind: Product, cache: string, threads: number) {
  const file = path.join(cache, `product-${kind}.safetensors`);
  const shape = [inner, outer];
  const plan =
    kind === 'q8'
      ? [
          { name: 'w', dtype: 'I8' as const, shape },
          { name: 's', dtype: 'F32' as const, shape: [outer] },
        ]
      : [{ name: 'w', dtype: 'F32' as const, shape }];
  const values = randomWeights('product', inner * outer);
  const writer = await SafetensorsWriter.create(file, plan);
  await writer.append(kind === 'q8' ? Int8Array.from(values, (value) => value * 3000) : values);
  if (kind === 'q8') await writer.append(new Float32Array(outer).fill(1e-3));
  await writer.finish();

  const graph = new GraphBuilder(file, await readSafetensors(file));
  const x = graph.input('x', onnxType.float, [rows, inner]);
  const weight = graph.weight('w');
  const product =
    kind === 'q8'
      ? graph.dynamicQuantizeMatMul(x, weight, graph.weight('s'), '')
      : graph.matMul(x, weight);
  // One column leaves the graph: copying the product out would be timed as well.
  graph.output('y', graph.slice(product, 0, 1, 1), onnxType.float, [rows, 1]);
  const session = await Session.create(graph.encode(), file, { device: 'cpu', threads });
  const feeds = { x: float32Tensor(randomWeights('x', rows * inner), [rows, inner]) };
  return {
    side: async () => {
      const { cpuMs } = await sample(() => session.run(feeds, ['y']));
      return operations / 1e6 / cpuMs;
    },
    dispose: () => session.release(),
  };
}

/** 10^9 bytes a second of processor time that a copy reads and writes, both counted. */
export function copyRate(bytes: number): () => Promise<number> {
  const [from, to] = [new Uint8Array(bytes).fill(1), new Uint8Array(bytes).fill(2)];
  return async () => {
    const { cpuMs } = await sample(() => Promise.resolve(to.set(from)));
    return (2 * bytes) / 1e6 / cpuMs;
  };
}
