/**
 * The protocol of the sampler process over sockets: every connection is one client, as the editor's pipe
 * is, on the model and the queue that all share. What concerns this machine (other models, their files,
 * ending the process) is refused. Knows no tokens; whoever comes here was let in.
 */
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { createMessageConnection } from 'vscode-jsonrpc/node';
import { WebSocketServer, type WebSocket } from 'ws';
import { version } from '../../../package.json';
import { chatRequest, countTokensRequest, previewRequest } from '../../protocol/chatMessages';
import { LacunaError } from '../../protocol/errors';
import { fillRequest, helloRequest, loadRequest, scoreRequest } from '../../protocol/messages';
import { SocketMessageReader, SocketMessageWriter } from '../../protocol/socketMessages';
import { Server } from '../server';
import type { Caller, Gate } from './gate';
import { busy, HttpError } from './httpError';
import type { ServedEngine } from './servedEngine';
import type { ServedQueue } from './servedQueue';

/** Cost a forward, or the reading of a text. */
const spending = new Set(
  [fillRequest, scoreRequest, chatRequest, countTokensRequest, previewRequest].map(
    ({ method }) => method,
  ),
);
const greeting = new Set<string>([helloRequest.method, loadRequest.method]);

const pingMs = 30_000;
/** Of answers that a client does not read. */
const mostUnreadBytes = 16 * 2 ** 20;
/** RFC 6455's registry: the server goes down, come again. */
const serviceRestart = 1012;

export class RpcSockets {
  readonly #engine: ServedEngine;
  readonly #queue: ServedQueue;
  readonly #gate: Gate;
  readonly #sockets: WebSocketServer;
  readonly #timer: NodeJS.Timeout;
  readonly #silent = new WeakSet<WebSocket>();

  constructor(engine: ServedEngine, queue: ServedQueue, gate: Gate, mostBytes: number) {
    this.#engine = engine;
    this.#queue = queue;
    this.#gate = gate;
    const quiet = { noServer: true, perMessageDeflate: false, clientTracking: true };
    this.#sockets = new WebSocketServer({ ...quiet, maxPayload: mostBytes });
    this.#timer = setInterval(() => this.#look(), pingMs);
    queue.metrics.gauge(
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
    new Server(connection, this.#engine, {
      version,
      onShutdown: () => {},
      queue: this.#queue,
      admit: (method) => this.#admit(method, caller),
    }).listen();
  }

  #admit(method: string, caller: Caller): void {
    if (greeting.has(method)) return;
    if (!spending.has(method)) throw notHere();
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

function notHere(): LacunaError {
  return new LacunaError('badUsage', {
    doing: 'Cannot do this on the server',
    found: 'its models and its process are in the hands of whoever runs it',
    advice: 'Unset the server to add, choose and remove models on this machine',
  });
}
