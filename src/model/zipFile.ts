/**
 * The entries of a zip archive that are stored as they are, by name and place in the file: what
 * torch.save writes. Nothing is inflated, so nothing can grow; compressed and encrypted entries are
 * refused. Every offset is checked against the file. Knows nothing of what the entries hold.
 */
import type { FileHandle } from 'node:fs/promises';
import { badCheckpoint } from './modelErrors';

export interface ZipEntry {
  readonly name: string;
  /** First byte of the content, from the start of the file. */
  readonly offset: number;
  readonly sizeBytes: number;
}

const endSignature = 0x06054b50;
const end64Signature = 0x06064b50;
const end64LocatorSignature = 0x07064b50;
const centralSignature = 0x02014b50;
const localSignature = 0x04034b50;

/** A comment of 65,535 bytes may follow the end record of 22. */
const longestTail = 65_535 + 22;
/** A 7B checkpoint has some hundred tensors, 100 bytes of directory each. */
const maxDirectoryBytes = 64 * 2 ** 20;
const maxEntries = 200_000;

export async function readZipEntries(
  path: string,
  handle: FileHandle,
  fileBytes: number,
): Promise<Map<string, ZipEntry>> {
  const refuse = (found: string) => badCheckpoint(path, `${found}: damaged, or not a PyTorch file`);
  const read = async (offset: number, size: number): Promise<Buffer> => {
    if (offset < 0 || size < 0 || !Number.isSafeInteger(offset) || offset + size > fileBytes) {
      throw refuse(`it points to bytes ${offset} to ${offset + size} of ${fileBytes}`);
    }
    const bytes = Buffer.alloc(size);
    const { bytesRead } = await handle.read(bytes, 0, size, offset);
    if (bytesRead !== size) throw refuse(`it ended at byte ${offset + bytesRead} while reading`);
    return bytes;
  };

  const tailBytes = Math.min(longestTail, fileBytes);
  const tailStart = fileBytes - tailBytes;
  const tail = await read(tailStart, tailBytes);
  let at = tailBytes - 22;
  while (at >= 0 && tail.readUInt32LE(at) !== endSignature) at--;
  if (at < 0) throw refuse('it has no zip directory');
  let count = tail.readUInt16LE(at + 10);
  let size = tail.readUInt32LE(at + 12);
  let start = tail.readUInt32LE(at + 16);
  const locator = at - 20;
  if (locator >= 0 && tail.readUInt32LE(locator) === end64LocatorSignature) {
    const end64 = await read(Number(tail.readBigUInt64LE(locator + 8)), 56);
    if (end64.readUInt32LE(0) !== end64Signature) throw refuse('its zip64 end record is missing');
    count = Number(end64.readBigUInt64LE(32));
    size = Number(end64.readBigUInt64LE(40));
    start = Number(end64.readBigUInt64LE(48));
  }
  if (count > maxEntries || size > maxDirectoryBytes) {
    throw refuse(`its directory claims ${count} entries in ${size} bytes`);
  }

  const directory = await read(start, size);
  const entries = new Map<string, ZipEntry>();
  let cursor = 0;
  for (let index = 0; index < count; index++) {
    if (cursor + 46 > size || directory.readUInt32LE(cursor) !== centralSignature) {
      throw refuse(`entry ${index} of its directory is damaged`);
    }
    const lengths = [28, 30, 32].map((field) => directory.readUInt16LE(cursor + field));
    const [nameBytes, extraBytes, commentBytes] = lengths as [number, number, number];
    const past = cursor + 46 + nameBytes + extraBytes + commentBytes;
    if (past > size) throw refuse(`entry ${index} of its directory is damaged`);
    const name = directory.toString('utf8', cursor + 46, cursor + 46 + nameBytes);
    const flags = directory.readUInt16LE(cursor + 8);
    const method = directory.readUInt16LE(cursor + 10);
    if (method !== 0 || (flags & 1) !== 0) {
      throw refuse(`its entry "${name}" is ${method === 0 ? 'encrypted' : 'compressed'}`);
    }
    const extra = directory.subarray(cursor + 46 + nameBytes, past - commentBytes);
    const sizes = sizesOf(directory, cursor, extra);
    if (sizes === undefined || sizes.packed !== sizes.plain) {
      throw refuse(`its entry "${name}" has no sound size`);
    }
    if (entries.has(name)) throw refuse(`its entry "${name}" stands there twice`);
    const local = await read(sizes.local, 30);
    if (local.readUInt32LE(0) !== localSignature) throw refuse(`its entry "${name}" is not there`);
    const offset = sizes.local + 30 + local.readUInt16LE(26) + local.readUInt16LE(28);
    if (offset + sizes.plain > fileBytes) {
      throw refuse(`its entry "${name}" ends at byte ${offset + sizes.plain} of ${fileBytes}`);
    }
    entries.set(name, { name, offset, sizeBytes: sizes.plain });
    cursor = past;
  }
  return entries;
}

/** Sizes and the local header's place; those that 32 bits cannot hold stand in the zip64 field. */
function sizesOf(
  directory: Buffer,
  cursor: number,
  extra: Buffer,
): { packed: number; plain: number; local: number } | undefined {
  const short = {
    plain: directory.readUInt32LE(cursor + 24),
    packed: directory.readUInt32LE(cursor + 20),
    local: directory.readUInt32LE(cursor + 42),
  };
  let long: Buffer | undefined;
  for (let at = 0; at + 4 <= extra.length;) {
    const length = extra.readUInt16LE(at + 2);
    if (extra.readUInt16LE(at) === 1) long = extra.subarray(at + 4, at + 4 + length);
    at += 4 + length;
  }
  let used = 0;
  const whole = (value: number): number => {
    if (value !== 0xffffffff) return value;
    if (long === undefined || used + 8 > long.length) return NaN;
    used += 8;
    return Number(long.readBigUInt64LE(used - 8));
  };
  // The order is the format's: plain size, packed size, place; each only where it is too large.
  const plain = whole(short.plain);
  const packed = whole(short.packed);
  const local = whole(short.local);
  return [plain, packed, local].every(Number.isSafeInteger) ? { plain, packed, local } : undefined;
}
