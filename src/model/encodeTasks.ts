/**
 * What there is to do when weights are encoded, the same list on every thread: each chunk of each
 * weight, by number. Also what a thread is told to be able to do a part of it. Knows no threads.
 */
import type { WeightFormat } from '../protocol/messages';
import { openAdapted } from './adapter';
import { chunksOf, encodeChunk } from './encodeWeight';
import type { Chunk } from './encodeWeight';
import { elements } from './safetensors';
import type { TensorPlan } from './safetensorsWriter';
import { TensorStore } from './tensorStore';
import type { TensorSource } from './tensorStore';
import { PieceWriter } from './weightFile';
import { storedTensors } from './weights';
import type { ResolvedWeight } from './weightSpec';

/** Plain values: it goes to other threads. */
export interface EncodeJob {
  /** Folder of the weights, and of the adapter that is merged into them. */
  readonly dir: string;
  readonly adapterDir?: string;
  readonly weights: readonly ResolvedWeight[];
  readonly format: WeightFormat;
  /** The file to write. */
  readonly file: string;
}

export interface EncodeTask {
  readonly number: number;
  readonly weight: ResolvedWeight;
  readonly chunk: Chunk;
  readonly elements: number;
}

export function tasksOf({ weights, format }: EncodeJob): EncodeTask[] {
  let number = 0;
  return weights.flatMap((weight) => {
    const chunks = chunksOf(weight, format);
    const rows = chunks.reduce((sum, { count }) => sum + count, 0);
    return chunks.map((chunk) => ({
      ...{ number: number++, weight, chunk },
      elements: (elements(weight.shape) / rows) * chunk.count,
    }));
  });
}

export function planOf({ weights, format }: EncodeJob): TensorPlan[] {
  return weights.flatMap((weight) => storedTensors(weight, format));
}

/** Reads, encodes and writes tasks on the thread it is made on. */
export class Encoder {
  private constructor(
    private readonly job: EncodeJob,
    private readonly source: TensorSource,
    private readonly writer: PieceWriter,
  ) {}

  static async open(job: EncodeJob): Promise<Encoder> {
    const store = await TensorStore.open(job.dir);
    let source: TensorSource = store;
    try {
      if (job.adapterDir !== undefined) source = await openAdapted(store, job.adapterDir);
      return new Encoder(job, source, await PieceWriter.open(job.file, planOf(job)));
    } catch (error) {
      await source.close();
      throw error;
    }
  }

  async run({ weight, chunk }: EncodeTask): Promise<void> {
    const pieces = await encodeChunk(weight, chunk, this.job.format, this.source);
    for (const piece of pieces) await this.writer.write(piece);
  }

  async close(): Promise<void> {
    await Promise.all([this.source.close(), this.writer.close()]);
  }
}
