/**
 * The first lines on a socket: both ends prove that they have read the lock file, without saying what
 * is in it. So nobody who can merely connect is served, and nobody who took over a dead process's
 * pipe is sent any code. Knows nothing of what is said afterwards.
 */
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Duplex } from 'node:stream';

/** Longest line of the greeting, bytes. */
const mostBytes = 256;
const nonceBytes = 32;
const accepted = 'ok';

/** @throws when the other end is not who it should be, hangs up, or the signal aborts. */
export async function greetAsClient(
  socket: Duplex,
  token: string,
  signal: AbortSignal,
): Promise<void> {
  const client = newNonce();
  socket.write(`lacuna ${client}\n`);
  const [server = '', proof = ''] = (await readLine(socket, signal)).split(' ');
  if (!proves(proof, token, 'server', client, server))
    throw new Error('it does not know the token');
  socket.write(`${proofOf(token, 'client', client, server)}\n`);
  if ((await readLine(socket, signal)) !== accepted) throw new Error('it refused the connection');
}

/** @throws as above; the socket is then to be destroyed without a word. */
export async function greetAsServer(
  socket: Duplex,
  token: string,
  signal: AbortSignal,
): Promise<void> {
  const [word, client = ''] = (await readLine(socket, signal)).split(' ');
  if (word !== 'lacuna' || client.length !== 2 * nonceBytes) throw new Error('no greeting came');
  const server = newNonce();
  socket.write(`${server} ${proofOf(token, 'server', client, server)}\n`);
  const proof = await readLine(socket, signal);
  if (!proves(proof, token, 'client', client, server))
    throw new Error('it does not know the token');
  socket.write(`${accepted}\n`);
}

function newNonce(): string {
  return randomBytes(nonceBytes).toString('hex');
}

/** The side is part of it, so that no end can be made to prove itself to itself. */
function proofOf(token: string, side: 'client' | 'server', client: string, server: string): string {
  return createHmac('sha256', token).update(`${side} ${client} ${server}`).digest('hex');
}

function proves(
  proof: string,
  token: string,
  side: 'client' | 'server',
  client: string,
  server: string,
): boolean {
  const given = Buffer.from(proof);
  const wanted = Buffer.from(proofOf(token, side, client, server));
  return given.length === wanted.length && timingSafeEqual(given, wanted);
}

/** What comes behind the line is put back for whoever reads next. */
function readLine(socket: Duplex, signal: AbortSignal): Promise<string> {
  return new Promise((resolve, reject) => {
    let read = Buffer.alloc(0);
    const settle = (end: () => void) => {
      socket.off('readable', take).off('end', hungUp).off('close', hungUp).off('error', fail);
      signal.removeEventListener('abort', timeOut);
      end();
    };
    const fail = (error: Error) => settle(() => reject(error));
    const hungUp = () => fail(new Error('it hung up'));
    const timeOut = () => fail(new Error('it did not answer in time'));
    const take = () => {
      const chunk = socket.read() as Buffer | null;
      if (chunk === null) return;
      read = Buffer.concat([read, chunk]);
      const end = read.indexOf('\n');
      if (end < 0 && read.length <= mostBytes) return;
      if (end < 0 || end > mostBytes) return fail(new Error('its greeting is too long'));
      const rest = read.subarray(end + 1);
      settle(() => {
        if (rest.length > 0) socket.unshift(rest);
        resolve(read.toString('latin1', 0, end));
      });
    };
    if (signal.aborted) return timeOut();
    signal.addEventListener('abort', timeOut, { once: true });
    socket.on('readable', take).on('end', hungUp).on('close', hungUp).on('error', fail);
    if (socket.destroyed) hungUp();
  });
}
