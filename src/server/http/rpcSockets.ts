/**
 * The sockets of editors: each opened one becomes a connection of the protocol, is asked now and then
 * whether it is still there, and told to look elsewhere when the server goes down. Knows no messages;
 * whoever comes here was let in.
 */
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { createMessageConnection } from 'vscode-jsonrpc/node';
import { WebSocketServer, type WebSocket } from 'ws';
import { version } from '../../../package.json';
import { SocketMessageReader, SocketMessageWriter } from '../../protocol/socketMessages';
import type { Caller, Gate } from './gate';
import { busy, HttpError } from './httpError';
import type { LentEngine } from './lentEngine';
import { serveRpc } from './rpcConnection';

const pingMs = 30_000;
/** Of answers that a client does not read. */
const mostUnreadBytes = 16 * 2 ** 20;
/** RFC 6455's registry: the server goes down, come again. */
const serviceRestart = 1012;

export class RpcSockets {
  readonly #lent: LentEngine;
  readonly #gate: Gate;
  readonly #sockets: WebSocketServer;
  readonly #timer: NodeJS.Timeout;
  readonly #silent = new WeakSet<WebSocket>();

  constructor(lent: LentEngine, gate: Gate, mostBytes: number) {
    this.#lent = lent;
    this.#gate = gate;
    const quiet = { noServer: true, perMessageDeflate: false, clientTracking: true };
    this.#sockets = new WebSocketServer({ ...quiet, maxPayload: mostBytes });
    this.#timer = setInterval(() => this.#look(), pingMs);
    lent.queue.metrics.gauge(
      'lacuna_sockets',
      'Editors that are connected.',
      () => this.#sockets.clients.size,
    );
  }

  accept(request: IncomingMessage, socket: Duplex, head: Buffer, caller: Caller): void {
    this.#sockets.handleUpgrade(request, socket, head, (opened) => this.#serve(opened, caller));
  }

  /** Tells the clients to look for another server. To be called once nothing runs any more. */
  close(): void {
    clearInterval(this.#timer);
    for (const socket of this.#sockets.clients) socket.close(serviceRestart, 'going down');
    const late = setTimeout(() => {
      for (const socket of this.#sockets.clients) socket.terminate();
    }, 1000);
    late.unref();
  }

  #serve(socket: WebSocket, caller: Caller): void {
    const connection = createMessageConnection(
      new SocketMessageReader(socket),
      new SocketMessageWriter(socket),
    );
    connection.onError(() => socket.terminate());
    connection.onClose(() => connection.dispose());
    socket.on('pong', () => this.#silent.delete(socket));
    serveRpc(connection, this.#lent, { version, admit: () => this.#admit(caller) });
  }

  /** What HTTP says by a status is one of our own errors here. */
  #admit(caller: Caller): void {
    try {
      this.#gate.spend(caller);
    } catch (thrown) {
      throw thrown instanceof HttpError ? busy(thrown.options.found) : thrown;
    }
  }

  /** A client that is gone without a word answers no ping. */
  #look(): void {
    for (const socket of this.#sockets.clients) {
      if (this.#silent.has(socket) || socket.bufferedAmount > mostUnreadBytes) {
        socket.terminate();
      } else {
        this.#silent.add(socket);
        socket.ping();
      }
    }
  }
}
