/**
 * The only file that knows onnxruntime-node: which execution providers it brings, sessions over a
 * graph in memory with its weights in a file, and tensors. Knows nothing of what a graph computes.
 */
import path from 'node:path';
import './quietRuntime'; // before the library
import * as ort from 'onnxruntime-node';
import type { Device } from '../protocol/messages';
import { multipliesBytesExactly } from './cpuFeatures';

export type Tensor = ort.Tensor;
export type Feeds = Readonly<Record<string, Tensor>>;

/** An execution provider and whether its libraries come with onnxruntime-node itself. */
export interface Backend {
  readonly name: string;
  readonly bundled: boolean;
}

export function supportedBackends(): Backend[] {
  return ort.listSupportedBackends().map(({ name, bundled }) => ({ name, bundled }));
}

export interface SessionOptions {
  readonly device: Device;
  /** Threads of the matrix products on the CPU. */
  readonly threads: number;
  /** Outputs that stay in the device's memory, with WebGPU; every run then computes all outputs. */
  readonly onDevice?: readonly string[];
}

export class Session {
  private constructor(
    private readonly session: ort.InferenceSession,
    private readonly keepsOnDevice: boolean,
  ) {}

  /**
   * @param weightFile real path: ONNX Runtime follows no symbolic link out of the folder it is given.
   * @throws when the provider is not there (it does not fall back by itself) or refuses the graph.
   */
  static async create(
    graph: Uint8Array,
    weightFile: string,
    { device, threads, onDevice = [] }: SessionOptions,
  ): Promise<Session> {
    const session = await ort.InferenceSession.create(graph, {
      executionProviders: [device],
      intraOpNumThreads: threads,
      interOpNumThreads: 1,
      executionMode: 'sequential',
      logSeverityLevel: 4, // fatal; errors are thrown, warnings about placement would fill the log
      ...(onDevice.length > 0 && { preferredOutputLocation: inDeviceMemory(onDevice) }),
      ...(device === 'dml' ? { enableMemPattern: false } : {}), // DirectML's own condition
      extra: {
        session: {
          model_external_initializers_file_folder_path: path.dirname(weightFile),
          // Idle threads would spin between two steps: 2.6 times the CPU time for no speed.
          intra_op: { allow_spinning: '0' },
          // Without VNNI the 8-bit product of older AVX2 machines overflows. Where it does not, this
          // would keep ONNX Runtime from its fast kernels: 5 times slower with AMX.
          x64quantprecision: multipliesBytesExactly() ? '0' : '1',
        },
      },
    });
    return new Session(session, onDevice.length > 0);
  }

  /** Only the fetched outputs are copied out of the runtime: ask for no more than is used. */
  async run(feeds: Feeds, fetches: readonly string[]): Promise<Readonly<Record<string, Tensor>>> {
    // Where outputs are bound to the device, leaving one out fails: its tensor of the run before stays bound.
    return this.keepsOnDevice ? this.session.run(feeds) : this.session.run(feeds, [...fetches]);
  }

  async release(): Promise<void> {
    await this.session.release();
  }
}

function inDeviceMemory(outputs: readonly string[]) {
  return Object.fromEntries(outputs.map((name) => [name, 'gpu-buffer'] as const));
}

export function int64Tensor(values: Int32Array, shape: readonly number[]): Tensor {
  return new ort.Tensor('int64', BigInt64Array.from(values, BigInt), shape);
}

export function float32Tensor(values: Float32Array, shape: readonly number[]): Tensor {
  return new ort.Tensor('float32', values, shape);
}

export function float32Values(tensor: Tensor): Float32Array {
  if (tensor.data instanceof Float32Array) return tensor.data;
  throw new Error(`expected a float32 tensor, got ${tensor.type}`);
}

/** 64-bit integers as 32-bit ones: token ids fit. */
export function int32Values(tensor: Tensor): Int32Array {
  if (tensor.data instanceof BigInt64Array) return Int32Array.from(tensor.data, Number);
  throw new Error(`expected an int64 tensor, got ${tensor.type}`);
}
