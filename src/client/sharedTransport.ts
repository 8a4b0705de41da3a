/**
 * One sampler process for all windows of a user: finds the one that runs by its lock file, starts it
 * where there is none, and proves to it, as it to us, that both have read that file. Knows nothing of
 * what is said afterwards; the process is src/server/process/sharedProcess.ts.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { StreamMessageReader, StreamMessageWriter } from 'vscode-jsonrpc/node';
import { buildKey, lockFileIn, openFolder, runtimeFolder } from '../rendezvous/folder';
import { greetAsClient } from '../rendezvous/greeting';
import { readLock, type Lock } from '../rendezvous/lockFile';
import { isRunning, killProcess } from '../rendezvous/processes';
import { connectTo, type Socket } from '../rendezvous/socket';
import { DetachedProcess } from './detachedProcess';
import type { Channel, ConnectOptions, Transport } from './transport';

export interface SharedOptions {
  /** dist/server.js. */
  readonly serverFile: string;
  /** Of Lacuna. */
  readonly version: string;
  /** False: only a process that runs already will do. */
  readonly mayStart?: boolean;
  /** How long the process stays when the last window has left, milliseconds. */
  readonly graceMs?: number;
  /** Absent: where this user's processes meet. */
  readonly folder?: string;
  readonly env?: Readonly<Record<string, string>>;
}

const usualGraceMs = 5000;
/** From the start of a process to its lock; a cold disk is slow. */
const startMs = 30_000;
/** A forward of a large model blocks a process that is sound. */
const greetingMs = 60_000;
const pollMs = 25;
const mostStarts = 8;

export class SharedTransport implements Transport {
  readonly #options: SharedOptions;
  /** The one that this window started last; it may still be the one that serves. */
  #child: DetachedProcess | undefined;

  constructor(options: SharedOptions) {
    this.#options = options;
  }

  async connect({ signal }: Pick<ConnectOptions, 'signal'>): Promise<Channel> {
    const { serverFile, version, mayStart = true } = this.#options;
    const folder = this.#options.folder ?? runtimeFolder();
    await openFolder(folder);
    const key = await buildKey(serverFile, version);
    const lockFile = lockFileIn(folder, key);
    let starting: DetachedProcess | undefined;
    let starts = 0;
    for (let waitedMs = 0; waitedMs < startMs; waitedMs += pollMs) {
      signal.throwIfAborted();
      const lock = await readLock(lockFile);
      // Before a byte is sent: the process of the lock, and not whoever has its address now.
      const isThere = lock !== undefined && (await isRunning(lock));
      const socket = lock && isThere ? await this.#reach(lock, signal) : undefined;
      if (lock && socket) return this.#channel(lock, socket);
      if (!isThere && !mayStart) throw new Error('no shared sampler process runs');
      if (starting?.end !== undefined && starting.end.code !== 0)
        throw new Error(starting.reason());
      // One that ended well has found another one, which may be gone again by now.
      if (!isThere && (starting === undefined || starting.end !== undefined)) {
        if (++starts > mostStarts) throw new Error(`it ended ${mostStarts} times at its start`);
        starting = this.#start(folder, key);
      }
      await sleep(pollMs, undefined, { signal });
    }
    throw new Error(`no shared sampler process came up within ${startMs / 1000} s`);
  }

  #start(folder: string, key: string): DetachedProcess {
    const { serverFile, env = {}, graceMs = usualGraceMs } = this.#options;
    this.#child = new DetachedProcess({ serverFile, env, shared: { folder, key, graceMs } });
    return this.#child;
  }

  /** Nothing where nobody listens any more, or whoever does is about to leave. */
  async #reach(lock: Lock, signal: AbortSignal): Promise<Socket | undefined> {
    let socket: Socket | undefined;
    const patience = new AbortController();
    const timer = setTimeout(() => patience.abort(), greetingMs);
    const callOff = () => patience.abort();
    signal.addEventListener('abort', callOff, { once: true });
    try {
      socket = await connectTo(lock.address);
      await greetAsClient(socket, lock.token, patience.signal);
      return socket;
    } catch {
      socket?.destroy();
      signal.throwIfAborted();
      if (!patience.signal.aborted) return undefined;
      throw new Error(`the shared sampler process did not answer for ${greetingMs / 1000} s`);
    } finally {
      clearTimeout(timer);
      signal.removeEventListener('abort', callOff);
    }
  }

  #channel(lock: Lock, socket: Socket): Channel {
    const closed = new Promise<void>((resolve) => {
      if (socket.destroyed) resolve();
      else socket.once('close', () => resolve());
    });
    const child = this.#child;
    return {
      reader: new StreamMessageReader(socket),
      writer: new StreamMessageWriter(socket),
      pid: lock.pid,
      ended: closed.then(() =>
        child?.pid === lock.pid
          ? child.whyItEnded()
          : `the shared process ${lock.pid} closed the connection`,
      ),
      close: () => {
        socket.end();
        setTimeout(() => socket.destroy(), 500).unref(); // one that hangs does not answer this either
        return closed;
      },
      kill: () => void killProcess(lock).finally(() => socket.destroy()),
    };
  }
}
