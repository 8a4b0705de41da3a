/**
 * A hub on this machine that speaks the real one's protocol as far as a download sees it: model info,
 * paged file trees with git and LFS sums, redirects to another host with the linked checksum, ranges.
 * Faults are put in by the test: cut connections, busy answers, gates, wrong bytes.
 */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';

export const commit = '0123456789abcdef0123456789abcdef01234567';
const api = '/api/models/';

/** Returns true where it has answered itself. */
export type Fault = (request: IncomingMessage, response: ServerResponse) => boolean;

export interface FakeHub {
  readonly url: string;
  /** Where big files are; another host as far as a browser's rules go. */
  readonly storeUrl: string;
  /** `GET /path bytes=0-`, in order, both hosts. */
  readonly requests: string[];
  /** Authorization headers that the store was shown; must stay empty. */
  readonly tokensAtStore: string[];
  /** Asked first, at every request. */
  fault: Fault;
  /** Into the model's info. */
  info: Record<string, unknown>;
  close(): Promise<void>;
}

/** Serves the files of `dir` as the newest commit of `id`. */
export async function startFakeHub(id: string, dir: string): Promise<FakeHub> {
  const requests: string[] = [];
  const tokensAtStore: string[] = [];
  const note = ({ method, url, headers }: IncomingMessage) =>
    requests.push([method, url, headers.range].filter(Boolean).join(' '));

  const store = createServer((request, response) => {
    note(request);
    if (request.headers.authorization) tokensAtStore.push(request.headers.authorization);
    if (hub.fault(request, response)) return;
    const name = new URL(request.url!, 'http://x').searchParams.get('name')!;
    sendRange(request, response, readFileSync(path.join(dir, name)));
  });
  const front = createServer((request, response) => {
    note(request);
    if (hub.fault(request, response)) return;
    const url = new URL(request.url!, 'http://x');
    if (url.pathname.startsWith(`${api}${id}/revision/`)) return sendInfo(response);
    if (url.pathname.startsWith(`${api}${id}/tree/${commit}`)) return sendTree(url, response);
    const file = url.pathname.split(`/${id}/resolve/${commit}/`)[1];
    if (file === undefined || !readdirSync(dir).includes(file)) return notFound(url, response);
    const bytes = readFileSync(path.join(dir, file));
    response.setHeader('x-repo-commit', commit);
    if (!isBig(file)) return sendRange(request, response, bytes, `"${gitOid(bytes)}"`);
    response.setHeader('x-linked-etag', `"${sha256(bytes)}"`);
    response.setHeader('x-linked-size', bytes.length);
    response.writeHead(302, { location: `${hub.storeUrl}/blob?name=${file}&signature=abc` });
    response.end();
  });

  function sendInfo(response: ServerResponse): void {
    const body = {
      ...{ _id: 'x', id, private: false, gated: false, downloads: 1, likes: 1 },
      ...{ lastModified: '2025-01-01T00:00:00.000Z', sha: commit },
      cardData: { license: 'apache-2.0' },
      ...hub.info,
    };
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify(body));
  }

  /** Two entries a page, as the real hub pages by a thousand. */
  function sendTree(url: URL, response: ServerResponse): void {
    const start = Number(url.searchParams.get('cursor') ?? 0);
    const names = readdirSync(dir).toSorted();
    if (start + 2 < names.length) {
      const next = new URL(url.pathname, hub.url);
      next.searchParams.set('cursor', String(start + 2));
      response.setHeader('link', `<${next.href}>; rel="next"`);
    }
    const entries = names.slice(start, start + 2).map((name) => {
      const bytes = readFileSync(path.join(dir, name));
      const entry = { type: 'file', path: name, size: bytes.length, oid: gitOid(bytes) };
      const lfs = { oid: sha256(bytes), size: bytes.length, pointerSize: 130 };
      return isBig(name) ? { ...entry, lfs } : entry;
    });
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify([...entries, { type: 'directory', path: 'onnx', size: 0 }]));
  }

  const hub: FakeHub = {
    url: await listen(front),
    storeUrl: await listen(store),
    requests,
    tokensAtStore,
    fault: () => false,
    info: {},
    close: async () => {
      for (const server of [front, store]) {
        server.closeAllConnections();
        await new Promise((resolve) => server.close(resolve));
      }
    },
  };
  return hub;
}

/** The first `times` answers for paths that match end after `bytes` of their body. */
export function cutAfter(dir: string, pattern: RegExp, bytes: number, times = Infinity): Fault {
  let left = times;
  return (request, response) => {
    if (!pattern.test(request.url!) || left <= 0) return false;
    left--;
    const name = new URL(request.url!, 'http://x').searchParams.get('name')!;
    const whole = readFileSync(path.join(dir, name));
    const start = startOf(request);
    response.writeHead(206, {
      'content-range': `bytes ${start}-${whole.length - 1}/${whole.length}`,
      'content-length': whole.length - start,
    });
    response.write(whole.subarray(start, start + bytes), () =>
      setTimeout(() => response.socket?.destroy(), 20),
    );
    return true;
  };
}

/** The first `times` answers for paths that match are this status. */
export function answer(
  pattern: RegExp,
  status: number,
  headers: Record<string, string> = {},
  times = Infinity,
): Fault {
  let left = times;
  return (request, response) => {
    if (!pattern.test(request.url!) || left <= 0) return false;
    left--;
    response.writeHead(status, headers).end();
    return true;
  };
}

/** LFS keeps binaries and tokenizers. */
function isBig(name: string): boolean {
  return /\.(safetensors|bin)$|^tokenizer\.json$/.test(name);
}

function sendRange(
  request: IncomingMessage,
  response: ServerResponse,
  whole: Buffer,
  etag = '"d41d8cd98f00b204e9800998ecf8427e"', // S3's: an MD5, no checksum of ours
): void {
  response.setHeader('etag', etag);
  response.setHeader('accept-ranges', 'bytes');
  if (request.headers.range === undefined) return void response.end(whole);
  const start = startOf(request);
  if (start >= whole.length) {
    response.writeHead(416, { 'content-range': `bytes */${whole.length}` }).end();
    return;
  }
  const range = `bytes ${start}-${whole.length - 1}/${whole.length}`;
  response.writeHead(206, { 'content-range': range, 'content-length': whole.length - start });
  response.end(whole.subarray(start));
}

function startOf({ headers }: IncomingMessage): number {
  return Number(/^bytes=(\d+)-/.exec(headers.range ?? '')?.[1] ?? 0);
}

function notFound(url: URL, response: ServerResponse): void {
  const isFile = url.pathname.includes('/resolve/');
  response.writeHead(404, { 'x-error-code': isFile ? 'EntryNotFound' : 'RepoNotFound' }).end();
}

const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');
const gitOid = (bytes: Buffer) =>
  createHash('sha1').update(`blob ${bytes.length}\0`).update(bytes).digest('hex');

async function listen(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
