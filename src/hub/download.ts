/**
 * One file from an address to the disk, whatever happens on the way: it grows beside its final name,
 * goes on where it stopped, and gets that name only when length and checksum are those promised.
 * @huggingface/hub has no such thing: it reads a file into one stream and starts anew each time.
 * Knows no hub but for the header in which one tells the checksum.
 */
import { createHash, type Hash } from 'node:crypto';
import { open, rename, rm, stat, type FileHandle } from 'node:fs/promises';
import { isDiskFull } from '../protocol/diskFull';
import { LacunaError } from '../protocol/errors';
import type { Network } from './network';
import { unreachable } from './network';
import { fetchPatiently, pauseMs, type Patience } from './retry';

export interface FileWish {
  readonly url: URL;
  /** Final name; `.partial` is appended until it is whole. */
  readonly target: string;
  readonly bytes: number;
  /** Hexadecimal. */
  readonly sha256?: string;
  readonly gitOid?: string;
}

export interface DownloadOptions {
  readonly network: Network;
  readonly patience: Patience;
  readonly signal?: AbortSignal;
  /** Bytes that the file has now; falls where it has to start anew. */
  readonly onBytes?: (present: number) => void;
  /** What a refusal means. */
  readonly onRefusal: (response: Response) => Promise<LacunaError>;
  /** Instead of the file system's own, for disks that fill up. */
  readonly openFile?: (path: string, flags: string) => Promise<FileHandle>;
}

/** A whole file with a wrong checksum is fetched once more: proxies and disks do err. */
const triesOfWrongSum = 2;

export const partialOf = (target: string): string => `${target}.partial`;

/** Bytes of the file, or of its part, that are on the disk. */
export async function presentBytes(target: string): Promise<number> {
  return (await sizeOf(target)) ?? (await sizeOf(partialOf(target))) ?? 0;
}

export async function downloadFile(wish: FileWish, options: DownloadOptions): Promise<void> {
  if ((await sizeOf(wish.target)) === wish.bytes) {
    options.onBytes?.(wish.bytes); // took its name when its sum was right
    return;
  }
  const partial = partialOf(wish.target);
  try {
    for (let attempt = 1; ; attempt++) {
      const found = await fetchWhole(wish, partial, options);
      if (found === undefined) break;
      await rm(partial, { force: true });
      if (attempt === triesOfWrongSum) throw damaged(wish, found);
    }
    await rename(partial, wish.target);
  } catch (thrown) {
    throw isDiskFull(thrown) ? diskFull(wish, thrown) : thrown;
  }
}

/** Fetches until the length is reached. The checksum found where it is wrong, else undefined. */
async function fetchWhole(
  wish: FileWish,
  partial: string,
  options: DownloadOptions,
): Promise<string | undefined> {
  const { patience, signal, onBytes, openFile = open } = options;
  const file = await openFile(partial, 'a+');
  try {
    const sink = await Sink.resume(file, wish, signal);
    onBytes?.(sink.bytes);
    for (let attempt = 1; sink.bytes < wish.bytes; attempt++) {
      const before = sink.bytes;
      const lost = await fetchPiece(wish, sink, options);
      if (sink.bytes >= wish.bytes) break;
      if (sink.bytes > before) attempt = 1;
      if (attempt >= patience.tries) throw lost;
      const wait = pauseMs(attempt);
      patience.onWait?.('the connection was lost', wait);
      await patience.sleep(wait, signal);
    }
    await file.sync();
    return sink.wrongSum();
  } finally {
    await file.close();
  }
}

/** One response, written as it comes. Resolves to the reason when it ended too soon. */
async function fetchPiece(
  wish: FileWish,
  sink: Sink,
  options: DownloadOptions,
): Promise<LacunaError> {
  const { signal, onBytes } = options;
  const response = await followed(wish, sink, options);
  const start = startOf(response);
  if (start === 0 && sink.bytes > 0) await sink.restart(); // this server knows no ranges
  if (start !== sink.bytes) {
    await response.body?.cancel();
    await sink.restart();
    return cutOff(wish, 0);
  }
  try {
    for await (const piece of response.body ?? []) {
      signal?.throwIfAborted();
      if (sink.bytes + piece.length > wish.bytes) throw tooLong(wish);
      await sink.write(piece);
      onBytes?.(sink.bytes);
    }
    return cutOff(wish, sink.bytes);
  } catch (thrown) {
    signal?.throwIfAborted();
    if (thrown instanceof LacunaError || isOfDisk(thrown)) throw thrown;
    return unreachable(new URL(wish.url), thrown);
  }
}

/** Follows redirects by hand: the hub tells the checksum only in the first answer. */
async function followed(wish: FileWish, sink: Sink, options: DownloadOptions): Promise<Response> {
  const { network, patience, signal, onRefusal } = options;
  let url = wish.url;
  for (let hop = 0; hop < 8; hop++) {
    const request = {
      // Compressed bytes have other ranges than the file.
      headers: { range: `bytes=${sink.bytes}-`, 'accept-encoding': 'identity' },
      ...(signal && { signal }),
    };
    const response = await fetchPatiently(network.fetch, url, request, patience);
    sink.hear(response.headers.get('x-linked-etag') ?? response.headers.get('etag'));
    const { status } = response;
    const place = response.headers.get('location');
    if (status >= 300 && status < 400 && place !== null) {
      await response.body?.cancel();
      url = new URL(place, url);
    } else if (status === 416) {
      await response.body?.cancel();
      await sink.restart(); // what is here is no beginning of what is there
    } else if (status === 200 || status === 206) return response;
    else throw await onRefusal(response);
  }
  throw failed(wish, 'it redirects again and again', 'Try again later');
}

/** First byte that a response holds; undefined for one that is no answer to a range. */
function startOf(response: Response): number | undefined {
  if (response.status === 200) return 0;
  const start = /^bytes (\d+)-/.exec(response.headers.get('content-range') ?? '')?.[1];
  return start === undefined ? undefined : Number(start);
}

/** The growing file and its checksum. */
class Sink {
  #hash: Hash;
  #told: string | undefined;

  private constructor(
    private readonly file: FileHandle,
    private readonly wish: FileWish,
    public bytes: number,
    hash: Hash,
  ) {
    this.#hash = hash;
  }

  /** Reads what is there already: the checksum is of the whole file. */
  static async resume(file: FileHandle, wish: FileWish, signal?: AbortSignal): Promise<Sink> {
    const sink = new Sink(file, wish, 0, newHash(wish));
    const { size } = await file.stat();
    if (size > wish.bytes) {
      await sink.restart();
      return sink;
    }
    const piece = Buffer.alloc(Math.min(2 ** 20, Math.max(1, size)));
    while (sink.bytes < size) {
      signal?.throwIfAborted();
      const { bytesRead } = await file.read(piece, 0, piece.length, sink.bytes);
      if (bytesRead === 0) break;
      sink.#hash.update(piece.subarray(0, bytesRead));
      sink.bytes += bytesRead;
    }
    return sink;
  }

  async restart(): Promise<void> {
    await this.file.truncate(0);
    this.#hash = newHash(this.wish);
    this.bytes = 0;
  }

  async write(piece: Uint8Array): Promise<void> {
    for (let done = 0; done < piece.length;) {
      done += (await this.file.write(piece, done)).bytesWritten; // opened for appending
    }
    this.#hash.update(piece);
    this.bytes += piece.length;
  }

  /** A checksum from the headers, where the list of files has none. */
  hear(etag: string | null): void {
    this.#told ??= /^(?:W\/)?"?([0-9a-f]{64})"?$/.exec(etag ?? '')?.[1];
  }

  /** The checksum where it is not the right one. */
  wrongSum(): string | undefined {
    const expected = this.wish.sha256 ?? this.wish.gitOid ?? this.#told;
    const found = this.#hash.digest('hex');
    return expected === undefined || expected === found ? undefined : found;
  }
}

/** git names a small file by the sha1 of a header and its bytes. */
function newHash({ sha256, gitOid, bytes }: FileWish): Hash {
  const isGit = sha256 === undefined && gitOid !== undefined;
  return isGit ? createHash('sha1').update(`blob ${bytes}\0`) : createHash('sha256');
}

async function sizeOf(path: string): Promise<number | undefined> {
  return stat(path).then(
    ({ size }) => size,
    () => undefined,
  );
}

function isOfDisk(thrown: unknown): boolean {
  const { syscall } = thrown as { syscall?: unknown };
  return syscall === 'write' || syscall === 'fsync' || syscall === 'ftruncate';
}

function damaged(wish: FileWish, found: string): LacunaError {
  const expected = wish.sha256 ?? wish.gitOid ?? 'what the server told';
  return failed(
    wish,
    `its checksum is ${found}, not ${expected}, twice in a row`,
    'Try again later, or from another endpoint; nothing of it was kept',
  );
}

function cutOff(wish: FileWish, bytes: number): LacunaError {
  const found = `the connection ends again and again, after ${bytes} of ${wish.bytes} bytes`;
  return failed(wish, found, 'Run the same command again: it goes on from there');
}

function tooLong(wish: FileWish): LacunaError {
  return failed(wish, `the server sends more than its ${wish.bytes} bytes`, 'Use another endpoint');
}

function failed({ url }: FileWish, found: string, advice: string): LacunaError {
  const name = decodeURIComponent(url.pathname.split('/').at(-1) ?? '');
  return new LacunaError('downloadFailed', { doing: `Cannot download "${name}"`, found, advice });
}

function diskFull({ target }: FileWish, cause: unknown): LacunaError {
  return new LacunaError(
    'diskFull',
    {
      doing: `Cannot write "${target}"`,
      found: 'the disk is full',
      advice: 'Free some space and run the same command again: it goes on where it stopped',
    },
    { cause },
  );
}
