/**
 * The weight file of a model folder while it is made: all tensors have their place from the start and
 * are written in any order, by several threads at once. A list beside it says which chunks are on the
 * disk for good, so that a conversion that was killed is continued. Knows no formats and no tensors'
 * meaning.
 */
import { open, readFile, rename, rm, stat } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import type { EncodedPiece } from './encodeWeight';
import { layoutOf } from './safetensorsWriter';
import type { SafetensorsLayout, TensorPlan } from './safetensorsWriter';

/** What is done is waited for to reach the disk, and noted, this often. */
const noteEveryMs = 300;

export const partialName = (file: string) => `${file}.partial`;
const listName = (file: string) => `${file}.done`;

/** Writes pieces to their places; any number of these may write to one file. */
export class PieceWriter {
  private constructor(
    private readonly handle: FileHandle,
    private readonly layout: SafetensorsLayout,
  ) {}

  static async open(file: string, plan: readonly TensorPlan[]): Promise<PieceWriter> {
    return new PieceWriter(await open(partialName(file), 'r+'), layoutOf(plan));
  }

  async write({ tensor, offset, bytes: { buffer, byteOffset, byteLength } }: EncodedPiece) {
    const bytes = new Uint8Array(buffer, byteOffset, byteLength);
    const at = this.layout.offsets.get(tensor)! + offset;
    const maxWriteBytes = 2 ** 30; // one write call takes at most 2 GiB
    for (let done = 0; done < bytes.length;) {
      const length = Math.min(maxWriteBytes, bytes.length - done);
      done += (await this.handle.write(bytes, done, length, at + done)).bytesWritten;
    }
  }

  async close(): Promise<void> {
    await this.handle.close();
  }
}

export class WeightFile {
  private noted = performance.now();
  private waiting: number[] = [];

  private constructor(
    readonly file: string,
    private readonly handle: FileHandle,
    private readonly list: FileHandle,
    /** Numbers of the chunks that were there already. */
    readonly done: ReadonlySet<number>,
  ) {}

  /** Continues what is there, else starts. The caller vouches that it is of the same plan. */
  static async open(file: string, plan: readonly TensorPlan[]): Promise<WeightFile> {
    const { head, bytes } = layoutOf(plan);
    const done = await earlier(file, head, bytes);
    const handle = await open(partialName(file), done.size > 0 ? 'r+' : 'w');
    const list = await open(listName(file), done.size > 0 ? 'a' : 'w');
    if (done.size === 0) {
      await handle.write(head);
      await handle.truncate(bytes); // its length now, its blocks as they are written
    } else {
      await list.write('\n'); // the last line may have been cut off
    }
    return new WeightFile(file, handle, list, done);
  }

  /** Chunk number `chunk` has been written. */
  async note(chunk: number): Promise<void> {
    this.waiting.push(chunk);
    if (performance.now() - this.noted < noteEveryMs) return;
    const numbers = this.waiting;
    this.waiting = [];
    this.noted = performance.now();
    // First the bytes, then the word that they are there: else a power cut would make it a lie.
    await this.handle.datasync();
    await this.list.write(numbers.map((number) => `${number};\n`).join(''));
  }

  /** All is written: gives the file its name. */
  async finish(): Promise<void> {
    await this.handle.sync();
    await this.close();
    await rename(partialName(this.file), this.file);
    await rm(listName(this.file), { force: true });
  }

  async close(): Promise<void> {
    await Promise.all([this.handle.close(), this.list.close()]);
  }
}

/** What the list says is done, where the file is one that the list can be of. */
async function earlier(file: string, head: Uint8Array, bytes: number): Promise<Set<number>> {
  const size = await stat(partialName(file)).then(
    (found) => found.size,
    () => -1,
  );
  const text = size === bytes ? await readFile(listName(file), 'utf8').catch(() => '') : '';
  const numbers = [...text.matchAll(/^(\d{1,9});$/gm)].map(([, number]) => Number(number));
  if (numbers.length === 0) return new Set();
  const handle = await open(partialName(file), 'r');
  try {
    const { buffer } = await handle.read(Buffer.alloc(head.length), 0, head.length, 0);
    return new Set(buffer.equals(head) ? numbers : []);
  } finally {
    await handle.close();
  }
}
