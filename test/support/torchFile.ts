/**
 * Writes files as torch.save does: a stored zip with a pickle of protocol 2 and one entry for each
 * storage. Written from the format's description and apart from the reader, so that one mistake is not
 * made twice. `pickle` gives raw programs for what no honest file holds.
 */
import { crc32 } from 'node:zlib';

export interface TorchTensor {
  readonly shape: readonly number[];
  readonly values: Float32Array;
  /** Shares the values of that other tensor, as a tied head does. */
  readonly sameAs?: string;
  /** Stored the other way round: the strides of a transposed matrix. */
  readonly transposed?: boolean;
}

const text = (value: string): Buffer => {
  const bytes = Buffer.from(value);
  const size = Buffer.alloc(4);
  size.writeUInt32LE(bytes.length);
  return Buffer.concat([Buffer.from('X'), size, bytes]);
};
const integer = (value: number): Buffer => {
  if (value < 256) return Buffer.from([0x4b, value]);
  const bytes = Buffer.alloc(5);
  bytes[0] = 0x4a;
  bytes.writeInt32LE(value, 1);
  return bytes;
};
const global = (module: string, name: string): Buffer => Buffer.from(`c${module}\n${name}\n`);
const tupleOf = (items: readonly Buffer[]): Buffer =>
  Buffer.concat([Buffer.from('('), ...items, Buffer.from('t')]);
const ordered = Buffer.concat([global('collections', 'OrderedDict'), Buffer.from(')R')]);

/** Building blocks of a pickle, and the whole of one around a value. */
export const pickle = {
  text,
  integer,
  global,
  tupleOf,
  ordered,
  whole: (value: Buffer): Buffer =>
    Buffer.concat([Buffer.from([0x80, 2]), value, Buffer.from('.')]),
  tensor: (key: string, size: number, shape: readonly number[], strides: readonly number[]) => {
    const place = tupleOf([
      text('storage'),
      global('torch', 'FloatStorage'),
      text(key),
      text('cpu'),
      integer(size),
    ]);
    const storage = Buffer.concat([place, Buffer.from('Q')]);
    const numbers = (list: readonly number[]) => tupleOf(list.map(integer));
    const parts = [storage, integer(0), numbers(shape), numbers(strides)];
    const args = tupleOf([...parts, Buffer.from([0x89]), ordered]);
    const rebuild = global('torch._utils', '_rebuild_tensor_v2');
    return Buffer.concat([rebuild, args, Buffer.from('R')]);
  },
};

export function torchFile(tensors: ReadonlyMap<string, TorchTensor>): Buffer {
  const keys = new Map<string, string>();
  const entries = new Map<string, Buffer>();
  const items: Buffer[] = [];
  for (const [name, tensor] of tensors) {
    const owner = tensor.sameAs ?? name;
    const key = keys.get(owner) ?? String(keys.size);
    if (!keys.has(owner)) {
      keys.set(owner, key);
      const [rows = 1, columns = 1] = tensor.shape;
      const values = tensor.transposed ? turned(tensor.values, rows, columns) : tensor.values;
      entries.set(`archive/data/${key}`, Buffer.from(values.slice().buffer));
    }
    const { shape } = tensor;
    const strides = tensor.transposed
      ? [1, shape[0]!]
      : shape.map((_, axis) => shape.slice(axis + 1).reduce((a, b) => a * b, 1));
    items.push(text(name), pickle.tensor(key, tensor.values.length, shape, strides));
  }
  // As PyTorch writes it: an ordered dictionary, its items set, its `_metadata` built on.
  const metadata = Buffer.concat([
    Buffer.from('}'),
    text('_metadata'),
    ordered,
    Buffer.from('s'),
    Buffer.from('b'),
  ]);
  const dict = Buffer.concat([ordered, Buffer.from('('), ...items, Buffer.from('u'), metadata]);
  return zipFile(
    new Map([
      ['archive/data.pkl', pickle.whole(dict)],
      ['archive/byteorder', Buffer.from('little')],
      ...entries,
      ['archive/version', Buffer.from('3\n')],
    ]),
  );
}

/** [rows, columns] written column by column. */
function turned(values: Float32Array, rows: number, columns: number): Float32Array {
  return Float32Array.from(values, (_, i) => values[(i % rows) * columns + Math.floor(i / rows)]!);
}

/** Entries stored as they are; `method` and `size` lie about all of them. */
export function zipFile(
  entries: ReadonlyMap<string, Buffer>,
  { method = 0, size }: { readonly method?: number; readonly size?: number } = {},
): Buffer {
  const files: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const [name, bytes] of entries) {
    const label = Buffer.from(name);
    const claimed = size ?? bytes.length;
    const local = Buffer.alloc(30);
    local.writeUInt32LE(0x04034b50, 0);
    local.writeUInt16LE(method, 8);
    local.writeUInt32LE(crc32(bytes), 14);
    local.writeUInt32LE(claimed, 18);
    local.writeUInt32LE(claimed, 22);
    local.writeUInt16LE(label.length, 26);
    // PyTorch pads with an extra field so that the values begin at a multiple of 64.
    const padding = (64 - ((offset + 30 + label.length + 4) % 64)) % 64;
    const extra = Buffer.alloc(4 + padding);
    extra.writeUInt16LE(0x4246, 0);
    extra.writeUInt16LE(padding, 2);
    local.writeUInt16LE(extra.length, 28);
    const central = Buffer.alloc(46);
    central.writeUInt32LE(0x02014b50, 0);
    central.writeUInt16LE(method, 10);
    central.writeUInt32LE(claimed, 20);
    central.writeUInt32LE(claimed, 24);
    central.writeUInt16LE(label.length, 28);
    central.writeUInt32LE(offset, 42);
    directory.push(central, label);
    files.push(local, label, extra, bytes);
    offset += local.length + label.length + extra.length + bytes.length;
  }
  const central = Buffer.concat(directory);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(entries.size, 8);
  end.writeUInt16LE(entries.size, 10);
  end.writeUInt32LE(central.length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...files, central, end]);
}
