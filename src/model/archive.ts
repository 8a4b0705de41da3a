/**
 * Seed 2's downloads: a tar.gz, whole or cut into `.part0`, `.part1` ..., unpacked into a folder of the
 * caller's as a stream. Only plain files are taken, and no more bytes than weights can grow by; links,
 * devices and ways out of the folder end it. Knows no tensors.
 */
import { createReadStream } from 'node:fs';
import { mkdir, readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { unpackTar } from 'modern-tar/fs';
import type { TarHeader } from 'modern-tar';
import { realFileOf } from './containedFile';
import { badCheckpoint } from './modelErrors';

const packed = /^(.+\.(?:tar\.gz|tgz))(?:\.part[-_]?(\d+))?$/;

/** Weights hardly shrink: what grows more than this is no checkpoint. */
const mostGrowth = 20;
const mostFiles = 1000;

/** The name of the archive in a folder that holds nothing else that could be a checkpoint. */
export async function archiveIn(dir: string): Promise<string | undefined> {
  const names = await readdir(dir).catch(() => []);
  const isOpen = names.some((name) =>
    /^(config|adapter_config|args)\.json$|\.safetensors$|\.bin$/.test(name),
  );
  const name = names.map((file) => packed.exec(file)?.[1]).find((whole) => whole !== undefined);
  return isOpen ? undefined : name?.replace(/\.(tar\.gz|tgz)$/, '');
}

/** @returns the folder inside `outDir` that holds the checkpoint. */
export async function unpackArchive(
  dir: string,
  outDir: string,
  { signal }: { readonly signal?: AbortSignal } = {},
): Promise<string> {
  const files = await partsOf(dir);
  const sizes = await Promise.all(files.map(async (file) => (await stat(file)).size));
  const most = mostGrowth * sizes.reduce((sum, size) => sum + size, 0) + 2 ** 20;
  await mkdir(outDir, { recursive: true });
  const stop = new AbortController();
  let written = 0;
  let count = 0;
  let refused: string | undefined;
  const unpacker = unpackTar(outDir, {
    strict: true,
    fmode: 0o644,
    dmode: 0o755,
    maxDepth: 8,
    filter: (header) => {
      const verdict = verdictOn(header);
      if (verdict === 'take') {
        written += header.size;
        count++;
        if (written > most || count > mostFiles) {
          refused ??= `its archive unpacks to ${count} files of ${written} bytes and more`;
        }
      } else if (verdict !== 'leave') refused ??= `its archive holds "${header.name}", ${verdict}`;
      if (refused !== undefined) stop.abort();
      return refused === undefined && verdict === 'take';
    },
  });
  const signals = AbortSignal.any([stop.signal, ...(signal ? [signal] : [])]);
  try {
    const bytes = Readable.from(bytesOf(files));
    await pipeline(bytes, createGunzip(), unpacker, { signal: signals });
  } catch (cause) {
    signal?.throwIfAborted();
    if (refused !== undefined) throw badCheckpoint(dir, refused, 'Do not use this download');
    if (isSystemError(cause)) throw cause;
    const reason = cause instanceof Error ? cause.message : String(cause);
    const found = `its archive cannot be unpacked (${reason})`;
    throw badCheckpoint(dir, found, 'Download all of its parts again', { cause });
  }
  if (refused !== undefined) throw badCheckpoint(dir, refused, 'Do not use this download');
  return checkpointIn(outDir, dir);
}

/** The parts of the one archive, in order. */
async function partsOf(dir: string): Promise<string[]> {
  const found = (await readdir(dir)).flatMap((name) => {
    const match = packed.exec(name);
    return match
      ? [{ name, whole: match[1]!, part: match[2] === undefined ? -1 : Number(match[2]) }]
      : [];
  });
  const archives = [...new Set(found.map(({ whole }) => whole))];
  if (archives.length > 1) {
    const text = `it holds ${archives.length} archives (${archives.slice(0, 3).join(', ')})`;
    throw badCheckpoint(dir, text, 'Give each its own folder');
  }
  const parts = found.sort((a, b) => a.part - b.part);
  const first = parts[0]!.part;
  for (const [index, { part }] of parts.entries()) {
    if (part !== first + index || first > 1) {
      throw badCheckpoint(
        dir,
        `part ${first > 1 ? 0 : first + index} of "${archives[0]}" is missing`,
      );
    }
  }
  return Promise.all(parts.map(({ name }) => realFileOf(dir, name)));
}

async function* bytesOf(files: readonly string[]): AsyncGenerator<Buffer> {
  for (const file of files) yield* createReadStream(file, { highWaterMark: 2 ** 20 });
}

/** Whether an entry is unpacked, or what makes it one that has no business in a checkpoint. */
function verdictOn({ type = 'file', name }: TarHeader): 'take' | 'leave' | string {
  if (type === 'directory' || type.startsWith('pax-') || type.startsWith('gnu-')) return 'leave';
  if (type !== 'file') return `which is a ${type} and no plain file`;
  const parts = name.split(/[\\/]+/);
  if (parts.includes('..') || path.isAbsolute(name) || parts.some((part) => part.includes(':'))) {
    return 'which leads out of the folder';
  }
  // Optimizer states are larger than the weights and of no use here.
  const isState = /^(optimizer|scheduler|rng_state|zero_pp_rank).*\.(pt|pth|bin)$/;
  return isState.test(parts.at(-1) ?? '') ? 'leave' : 'take';
}

/** The uppermost folder that is a checkpoint: args.json or config.json, or the weights themselves. */
async function checkpointIn(outDir: string, dir: string): Promise<string> {
  let level = [outDir];
  for (let depth = 0; depth < 6 && level.length > 0; depth++) {
    const below: string[] = [];
    for (const folder of level) {
      const entries = await readdir(folder, { withFileTypes: true });
      const isCheckpoint = entries.some(({ name }) =>
        /^(args|config)\.json$|^pytorch_model.*\.bin$|^model.*\.safetensors$/.test(name),
      );
      if (isCheckpoint) return folder;
      below.push(...entries.filter((e) => e.isDirectory()).map((e) => path.join(folder, e.name)));
    }
    level = below;
  }
  throw badCheckpoint(
    dir,
    'its archive holds no checkpoint (no args.json, config.json or weights)',
  );
}

function isSystemError(error: unknown): boolean {
  return error instanceof Error && 'syscall' in error;
}
