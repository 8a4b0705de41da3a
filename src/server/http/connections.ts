/**
 * Who holds connections: a share for each address and one for all. Where a share is used up, the connection that
 * has been idle for longest and never had a right token gives way, so that a right one always finds room. Knows
 * neither requests nor tokens.
 */
import type { IncomingMessage } from 'node:http';

type Socket = IncomingMessage['socket'];

export interface ConnectionLimits {
  /** Of one address without a right token; a proxy's holds those of all its clients. */
  readonly perAddress: number;
  readonly all: number;
}

interface Connection {
  readonly socket: Socket;
  readonly address: string;
  /** Requests that are being read or answered. */
  active: number;
  /** A right token has come over it. */
  isTrusted: boolean;
}

type Ends = Pick<Socket, 'remoteAddress' | 'remotePort'>;

export class Connections {
  /** In the order in which they were last used. */
  readonly #open = new Map<string, Connection>();
  readonly #limits: ConnectionLimits;

  constructor(limits: ConnectionLimits) {
    this.#limits = limits;
  }

  get size(): number {
    return this.#open.size;
  }

  /** Takes a new one in; another gives way, or where all are at work this one. */
  add(socket: Socket): void {
    const address = socket.remoteAddress ?? '';
    const key = keyOf(socket);
    const own = [...this.#open.values()].filter(
      (each) => each.address === address && !each.isTrusted,
    );
    const isFull = own.length >= this.#limits.perAddress;
    const among = isFull
      ? own
      : this.#open.size >= this.#limits.all
        ? [...this.#open.values()]
        : [];
    if (among.length > 0) {
      const idle = among.filter(({ active }) => active === 0);
      const last = idle.find(({ isTrusted }) => !isTrusted) ?? idle[0];
      if (!last) return void socket.destroy();
      this.#open.delete(keyOf(last.socket));
      last.socket.destroy();
    }
    this.#open.set(key, { socket, address, active: 0, isTrusted: false });
    socket.once('close', () => {
      if (this.#open.get(key)?.socket === socket) this.#open.delete(key);
    });
  }

  /** A request has begun on it. */
  begin(socket: Ends): void {
    this.#use(socket, (connection) => connection.active++);
  }

  end(socket: Ends): void {
    this.#use(socket, (connection) => connection.active--);
  }

  trust(socket: Ends): void {
    this.#use(socket, (connection) => (connection.isTrusted = true));
  }

  #use(socket: Ends, change: (connection: Connection) => void): void {
    const key = keyOf(socket);
    const connection = this.#open.get(key);
    if (!connection) return;
    change(connection);
    this.#open.delete(key);
    this.#open.set(key, connection);
  }
}

/** The same for a socket and for the encrypted one over it. */
function keyOf({ remoteAddress, remotePort }: Ends): string {
  return `${remoteAddress} ${remotePort}`;
}
