/**
 * The only file that opens sockets between processes of this machine: by a path in the user's own
 * folder, or by the name of a pipe, never by a port. Knows nothing of what is said on them.
 */
import { chmod } from 'node:fs/promises';
import net, { type Server, type Socket } from 'node:net';

export type { Server, Socket } from 'node:net';

/** Listens, and lets no other user connect. */
export async function listenOn(
  address: string,
  onConnection: (socket: Socket) => void,
): Promise<Server> {
  const server = net.createServer(onConnection);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen({ path: address, readableAll: false, writableAll: false }, () => {
      server.off('error', reject);
      resolve();
    });
  });
  if (process.platform !== 'win32') await chmod(address, 0o600);
  return server;
}

/** @throws the system's error: `ENOENT` and `ECONNREFUSED` when nobody listens there any more. */
export function connectTo(address: string): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = net.connect({ path: address });
    socket.once('error', reject);
    socket.once('connect', () => {
      socket.off('error', reject);
      socket.on('error', () => {}); // 'close' comes after it
      resolve(socket);
    });
  });
}
