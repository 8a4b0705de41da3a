/**
 * The safetensors format, writing: the list of tensors is known first, then their bytes come in that
 * order, in pieces, so that a 7B model never stands in memory. What is written has another name
 * until `finish`. Knows no tensor names.
 */
import { open, rename, rm } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { elements } from './safetensors';

export type WritableDtype = 'F32' | 'F16' | 'BF16' | 'I8' | 'U8' | 'I64';

const dtypeBytes: Readonly<Record<WritableDtype, number>> = {
  ...{ F32: 4, F16: 2, BF16: 2, I8: 1, U8: 1, I64: 8 },
};

export interface TensorPlan {
  readonly name: string;
  readonly dtype: WritableDtype;
  readonly shape: readonly number[];
}

export interface SafetensorsLayout {
  /** What stands before the tensors. */
  readonly head: Uint8Array;
  /** Where each tensor begins, bytes from the start of the file. */
  readonly offsets: ReadonlyMap<string, number>;
  /** Of the whole file. */
  readonly bytes: number;
}

export function layoutOf(plan: readonly TensorPlan[]): SafetensorsLayout {
  const header: Record<string, unknown> = { __metadata__: { format: 'pt' } };
  const begins = new Map<string, number>();
  let end = 0;
  for (const { name, dtype, shape } of plan) {
    const begin = end;
    begins.set(name, begin);
    end += elements(shape) * dtypeBytes[dtype];
    header[name] = { dtype, shape, data_offsets: [begin, end] };
  }
  const json = JSON.stringify(header);
  // Padded with blanks, which JSON allows, so that the first tensor starts at a multiple of 8.
  const text = Buffer.from(json.padEnd(Math.ceil(Buffer.byteLength(json) / 8) * 8));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(text.length));
  const head = Buffer.concat([length, text]);
  const offsets = new Map([...begins].map(([name, begin]) => [name, head.length + begin]));
  return { head, offsets, bytes: head.length + end };
}

export class SafetensorsWriter {
  private writtenBytes = 0;

  private constructor(
    private readonly path: string,
    private readonly handle: FileHandle,
    private readonly dataBytes: number,
  ) {}

  static async create(path: string, plan: readonly TensorPlan[]): Promise<SafetensorsWriter> {
    const { head, bytes } = layoutOf(plan);
    const handle = await open(`${path}.partial`, 'w');
    const writer = new SafetensorsWriter(path, handle, bytes - head.length);
    await handle.write(head);
    return writer;
  }

  /** The next bytes of the planned tensors, in their order; any piece size will do. */
  async append(values: ArrayBufferView): Promise<void> {
    const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
    const maxWriteBytes = 2 ** 30; // one write call takes at most 2 GiB
    for (let start = 0; start < bytes.length; start += maxWriteBytes) {
      const piece = bytes.subarray(start, start + maxWriteBytes);
      for (let done = 0; done < piece.length;) {
        done += (await this.handle.write(piece, done)).bytesWritten;
      }
    }
    this.writtenBytes += bytes.length;
  }

  async finish(): Promise<void> {
    if (this.writtenBytes !== this.dataBytes) {
      throw new Error(`wrote ${this.writtenBytes} bytes where the plan says ${this.dataBytes}`);
    }
    await this.handle.sync();
    await this.handle.close();
    await rename(`${this.path}.partial`, this.path);
  }

  /** Leaves nothing behind; also after a failed `finish`. */
  async abandon(): Promise<void> {
    await this.handle.close().catch(() => undefined);
    await rm(`${this.path}.partial`, { force: true });
  }
}
