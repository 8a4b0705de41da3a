/**
 * The sampler process that all windows of a user share: listens on a socket of its own, takes the lock
 * or leaves the field to whoever has it, lets in who knows the token, and goes when the last one has
 * gone. Knows nothing of what is asked of it.
 */
import { randomBytes } from 'node:crypto';
import { readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import {
  createMessageConnection,
  StreamMessageReader,
  StreamMessageWriter,
} from 'vscode-jsonrpc/node';
import { addressIn, lockFileIn } from '../../rendezvous/folder';
import { greetAsServer } from '../../rendezvous/greeting';
import { dropLock, holdsLock, takeLock, type Lock } from '../../rendezvous/lockFile';
import { ownProcess } from '../../rendezvous/processes';
import type { SharedArguments } from '../../rendezvous/sharedArguments';
import { listenOn, type Server as Listener, type Socket } from '../../rendezvous/socket';
import { letMessagesIn } from '../queue';
import { FrameLimit } from './frameLimit';
import { SamplerHost } from './samplerHost';
import { startWatchdog } from './watchdog';

/** Whoever started it connects within this, or is gone. */
const firstMs = 30_000;
const greetingMs = 30_000;
const lockCheckMs = 5000;
/** More windows than anybody has; beyond that something is wrong. */
const mostConnections = 200;
const stalledMs = 60_000;

interface Options extends SharedArguments {
  readonly version: string;
}

export async function serveShared({ folder, key, graceMs, version }: Options): Promise<void> {
  process.chdir(folder); // so that it keeps no folder of a workspace busy
  const sockets = new Set<Socket>();
  const lockFile = lockFileIn(folder, key);
  let isLeaving = false;
  let goodbye: NodeJS.Timeout | undefined;
  let lock: Lock | undefined;
  let listener: Listener | undefined;

  const leave = async () => {
    if (isLeaving) return;
    isLeaving = true;
    // The lock first: whoever comes now finds none, and starts the next one.
    if (lock) await dropLock(lockFile, lock).catch(() => {});
    listener?.close(); // removes the socket
    for (const socket of sockets) socket.end();
    setTimeout(() => process.exit(), 50); // with the code that is set
  };
  const leaveSoon = (ms: number) => {
    clearTimeout(goodbye);
    goodbye = setTimeout(() => void leave(), ms);
  };
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) {
    process.on(signal, () => void leave());
  }
  const onShutdown = () => void leave();
  const host = new SamplerHost({ version, isShared: true, onShutdown, lingerMs: graceMs });

  const token = randomBytes(32).toString('hex');
  const admit = async (socket: Socket) => {
    sockets.add(socket);
    clearTimeout(goodbye);
    socket.on('error', () => {}); // 'close' comes after it
    socket.once('close', () => {
      sockets.delete(socket);
      if (sockets.size === 0) leaveSoon(graceMs);
    });
    try {
      if (isLeaving || sockets.size > mostConnections) throw new Error('there are too many');
      await greeted(socket, token);
      serve(host, socket);
    } catch {
      socket.destroy(); // without a word: who it is, is not known
    }
  };

  const name = `${process.pid}-${randomBytes(4).toString('hex')}`;
  try {
    await removeDeadSockets(folder);
    const address = addressIn(folder, name);
    listener = await listenOn(address, (socket) => void admit(socket));
    lock = { ...(await ownProcess()), version, address, token };
    if (!(await takeLock(lockFile, lock))) return await leave(); // another one was first
  } catch (error) {
    console.error(error instanceof Error ? error.message : String(error));
    process.exitCode = 1;
    return leave();
  }
  if (sockets.size === 0) leaveSoon(firstMs);
  startWatchdog();
  // Whose lock was taken away serves those that it has and gets no more.
  const held = lock;
  setInterval(async () => {
    if (isLeaving || (await holdsLock(lockFile, held))) return;
    listener?.close();
    if (sockets.size === 0) await leave();
  }, lockCheckMs).unref();
}

async function greeted(socket: Socket, token: string): Promise<void> {
  const patience = new AbortController();
  const timer = setTimeout(async () => {
    await letMessagesIn(); // a forward may have kept us from reading what has long arrived
    patience.abort();
  }, greetingMs);
  try {
    await greetAsServer(socket, token, patience.signal);
  } finally {
    clearTimeout(timer);
  }
}

function serve(host: SamplerHost, socket: Socket): void {
  const frames = new FrameLimit();
  frames.on('error', () => socket.destroy()); // what comes after it cannot be told apart
  const connection = createMessageConnection(
    new StreamMessageReader(socket.pipe(frames)),
    new StreamMessageWriter(socket),
  );
  connection.onError(() => {}); // one message could not be read or sent; the next one can
  socket.once('close', () => frames.end());
  host.serve(connection);
  destroyStalled(socket);
}

/** What is to be sent to a window that reads nothing would fill the memory. */
function destroyStalled(socket: Socket): void {
  let sentBytes = 0;
  const timer = setInterval(() => {
    if (socket.writableLength > 0 && socket.bytesWritten === sentBytes) socket.destroy();
    sentBytes = socket.bytesWritten;
  }, stalledMs);
  socket.once('close', () => clearInterval(timer));
}

/** A process that was killed could not remove its own. */
async function removeDeadSockets(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    const pid = Number(/^(\d+)-[0-9a-f]+\.sock$/.exec(name)?.[1]);
    if (pid && !isAlive(pid)) await rm(path.join(folder, name), { force: true });
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
