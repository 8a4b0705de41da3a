/**
 * The files of torch.save since PyTorch 1.6, reading: a zip archive with `data.pkl` (names, shapes, and
 * which entry holds which tensor) and the tensors as raw entries, so that they can be read in place.
 * No Python and no code of the file takes part. Knows no tensor names.
 */
import { open } from 'node:fs/promises';
import { badCheckpoint } from './modelErrors';
import { elements } from './safetensors';
import type { TensorEntry } from './safetensors';
import { isKind, PickleError } from './pickled';
import type { Pickled, PickledDict, PickledTensor } from './pickled';
import { unpickle } from './unpickle';
import { readZipEntries } from './zipFile';
import type { ZipEntry } from './zipFile';

/** The names and shapes of a 10B model take some hundred kilobytes. */
const maxPickleBytes = 64 * 2 ** 20;

const dtypeBytes: Readonly<Record<string, number>> = {
  ...{ F64: 8, F32: 4, F16: 2, BF16: 2, I64: 8, I32: 4, I16: 2, I8: 1, U8: 1, BOOL: 1 },
};

const advice = 'Download the checkpoint again, or convert it to safetensors where you trust it';

/**
 * Tensors of one file by name; two names may stand for the same values (a tied head).
 * @param path what errors name; @param file real path.
 */
export async function readTorchFile(path: string, file: string): Promise<Map<string, TensorEntry>> {
  const handle = await open(file);
  try {
    const { size } = await handle.stat();
    const start = Buffer.alloc(4);
    await handle.read(start, 0, 4, 0);
    if (size < 100 || start.readUInt32LE(0) !== 0x04034b50) {
      const found = 'it is no zip archive, as PyTorch writes since 1.6';
      throw badCheckpoint(path, found, advice);
    }
    const entries = await readZipEntries(path, handle, size);
    const program = [...entries.values()].find(({ name }) => /(^|\/)data\.pkl$/.test(name));
    if (!program || program.sizeBytes > maxPickleBytes) {
      const found = program
        ? `its list of tensors has ${program.sizeBytes} bytes`
        : 'it lists none';
      throw badCheckpoint(path, `${found}: not a PyTorch file of tensors`, advice);
    }
    const root = program.name.slice(0, -'data.pkl'.length);
    const content = async ({ offset, sizeBytes }: ZipEntry): Promise<Uint8Array> => {
      const bytes = new Uint8Array(sizeBytes);
      await handle.read(bytes, 0, sizeBytes, offset);
      return bytes;
    };
    const order = entries.get(`${root}byteorder`);
    if (order && order.sizeBytes < 16 && Buffer.from(await content(order)).toString() === 'big') {
      throw badCheckpoint(path, 'its numbers are big-endian', advice);
    }
    const list = stateOf(path, unpickled(path, await content(program)));
    return placeAll(path, file, root, list, entries);
  } finally {
    await handle.close();
  }
}

function unpickled(path: string, bytes: Uint8Array): Pickled {
  try {
    return unpickle(bytes);
  } catch (error) {
    if (!(error instanceof PickleError)) throw error;
    const found = `its list of tensors is refused: ${error.message}`;
    throw badCheckpoint(path, found, advice, { cause: error });
  }
}

/** The dictionary of tensors itself, or the one that a trainer put under `module` or `state_dict`. */
function stateOf(path: string, value: Pickled): PickledDict {
  if (value instanceof Map) {
    for (const key of ['state_dict', 'module', 'model']) {
      const inner = value.get(key);
      if (inner instanceof Map) return inner;
    }
    return value;
  }
  throw badCheckpoint(path, 'it does not hold a dictionary of tensors', advice);
}

function placeAll(
  path: string,
  file: string,
  root: string,
  list: PickledDict,
  entries: ReadonlyMap<string, ZipEntry>,
): Map<string, TensorEntry> {
  const tensors = new Map<string, TensorEntry>();
  for (const [name, value] of list) {
    if (typeof name !== 'string' || !isKind(value, 'tensor')) continue; // counters of trainers
    const entry = entries.get(`${root}data/${value.storage.key}`);
    const placed = entry ? place(name, value, file, entry) : 'has no values in the file';
    if (typeof placed === 'string') throw badCheckpoint(path, `tensor "${name}" ${placed}`, advice);
    tensors.set(name, placed);
  }
  return tensors;
}

/** Where a tensor lies in the file, or what is wrong with it. */
function place(
  name: string,
  { storage, offset, shape, strides }: PickledTensor,
  file: string,
  entry: ZipEntry,
): TensorEntry | string {
  const bytes = dtypeBytes[storage.dtype]!;
  const size = elements(shape);
  if (storage.elements * bytes > entry.sizeBytes) {
    return `claims ${storage.elements} values of ${storage.dtype}, its entry has ${entry.sizeBytes} bytes`;
  }
  if (!Number.isSafeInteger(size)) return `has the shape [${shape.join(', ')}]`;
  const last = shape.reduce((sum, length, axis) => sum + (length - 1) * strides[axis]!, offset);
  // Each value may be seen once only: a stride of 0 would make gigabytes of a few bytes.
  if (size > 0 && (last >= storage.elements || size > storage.elements)) {
    return `reaches value ${Math.max(last, size)} of ${storage.elements}`;
  }
  let step = 1;
  const isPlain = shape.toReversed().every((length, back) => {
    const expected = step;
    step *= length;
    return length <= 1 || strides[shape.length - 1 - back] === expected;
  });
  return {
    name,
    dtype: storage.dtype,
    shape,
    file,
    offset: entry.offset + offset * bytes,
    sizeBytes: size * bytes,
    ...(isPlain || size === 0 ? {} : { strides }),
  };
}
