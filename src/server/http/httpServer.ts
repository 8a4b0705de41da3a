/**
 * The HTTP face of the sampler: opens the port, passes each request by the gate to its route, and goes
 * down without losing what runs. Knows neither what routes do nor where tokens come from.
 */
import http, { type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import https from 'node:https';
import type { Duplex } from 'node:stream';
import { LacunaError } from '../../protocol/errors';
import { Connections } from './connections';
import type { Caller, Gate } from './gate';
import { HttpError, toHttpAnswer } from './httpError';
import { readJson } from './jsonBody';
import { sendJson, type Route } from './route';
import type { ServedQueue } from './servedQueue';

export interface HttpOptions {
  readonly host: string;
  /** 0 lets the system choose. */
  readonly port: number;
  /** PEM; absent: plain HTTP. */
  readonly tls?: { readonly cert: Buffer; readonly key: Buffer };
  readonly mostBodyBytes: number;
  /** All clients come from one address. */
  readonly isBehindProxy?: boolean;
  readonly gate: Gate;
  readonly queue: ServedQueue;
  readonly routes: readonly Route[];
  /** Takes over a socket at `/v1/rpc` once its caller is known. */
  readonly onUpgrade: (request: IncomingMessage, socket: Duplex, head: Buffer, by: Caller) => void;
  readonly log: (text: string) => void;
}

export const rpcPath = '/v1/rpc';

/** Browsers and editors hold a handful; nobody needs as many as these. */
const connections = { perAddress: 64, all: 1024 };
/** For what the system has accepted and we have not looked at yet. */
const mostAccepted = 4096;
/** Node's own is two minutes. */
const handshakeMs = 10_000;
/** Longer than a proxy keeps an idle connection (nginx: 60 s), so that it is the one to close. */
const keepAliveMs = 75_000;
const mostHeaderBytes = 16 * 1024;

export class HttpServer {
  readonly #options: HttpOptions;
  readonly #server: Server;
  readonly #connections: Connections;

  constructor(options: HttpOptions) {
    this.#options = options;
    const { perAddress, all } = connections;
    this.#connections = new Connections({
      all,
      perAddress: options.isBehindProxy ? all : perAddress,
    });
    const limits = { maxHeaderSize: mostHeaderBytes, requireHostHeader: false };
    const handle = (request: IncomingMessage, response: ServerResponse) =>
      void this.#answer(request, response);
    const secure = { minVersion: 'TLSv1.2', handshakeTimeout: handshakeMs } as const;
    this.#server = options.tls
      ? https.createServer({ ...limits, ...options.tls, ...secure }, handle)
      : http.createServer(limits, handle);
    this.#server.headersTimeout = 10_000;
    this.#server.requestTimeout = 30_000;
    this.#server.keepAliveTimeout = keepAliveMs;
    this.#server.maxConnections = mostAccepted;
    const seen = new WeakSet<Duplex>();
    this.#server.on('connection', (socket: IncomingMessage['socket']) => {
      if (seen.has(socket)) return; // put back by #ignoreUpgrade
      seen.add(socket);
      this.#connections.add(socket);
    });
    this.#server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
      const isWebSocket = request.headers.upgrade?.toLowerCase() === 'websocket';
      if (isWebSocket) this.#upgrade(request, socket, head);
      else this.#ignoreUpgrade(request, socket, head);
    });
  }

  /** @returns the address it listens on. @throws LacunaError `badUsage` where the port is taken. */
  async listen(): Promise<string> {
    const { host, port, tls } = this.#options;
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', (error: NodeJS.ErrnoException) => {
        reject(
          new LacunaError('badUsage', {
            doing: `Cannot listen on ${host} port ${port}`,
            found: error.code === 'EADDRINUSE' ? 'something else does' : error.message,
            advice: 'Choose another one with --port or --host',
          }),
        );
      });
      this.#server.listen(port, host, resolve);
    });
    this.#server.on('error', (error) => this.#options.log(`Connection: ${error.message}`));
    const bound = this.#server.address() as Exclude<ReturnType<Server['address']>, string | null>;
    const name = bound.family === 'IPv6' ? `[${bound.address}]` : bound.address;
    return `${tls ? 'https' : 'http'}://${name}:${bound.port}`;
  }

  /** Waits for the answers under way; nothing new is taken by then. */
  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    this.#server.closeIdleConnections();
    await closed;
  }

  closeNow(): void {
    this.#server.closeAllConnections();
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { queue, gate, mostBodyBytes } = this.#options;
    const gone = new AbortController();
    this.#connections.begin(request.socket);
    response.on('close', () => {
      this.#connections.end(request.socket);
      if (!response.writableFinished) gone.abort();
    });
    response.on('error', () => {}); // whoever asked is gone; the signal says so
    response.setHeader('Cache-Control', 'no-store');
    response.setHeader('X-Content-Type-Options', 'nosniff');
    response.setHeader('Cross-Origin-Resource-Policy', 'same-origin');
    if (queue.isDraining) response.setHeader('Connection', 'close');
    let doing = 'Cannot answer';
    try {
      gate.checkOrigin(request);
      const route = this.#routeOf(request);
      doing = route.doing;
      if (route.isOpen !== true) {
        const caller = gate.identify(request);
        this.#connections.trust(request.socket);
        gate.spend(caller);
      }
      const json = () => readJson(request, mostBodyBytes);
      await route.run({ request, response, signal: gone.signal, json });
    } catch (thrown) {
      this.#refuse(response, thrown, doing);
    } finally {
      request.resume(); // a body that nobody read would hold the connection
    }
  }

  #refuse(response: ServerResponse, thrown: unknown, doing: string): void {
    const { status, headers, body } = toHttpAnswer(thrown, doing);
    if (status >= 500) this.#options.log(`${status}: ${body.error.message}`);
    if (response.headersSent) response.destroy();
    else sendJson(response, status, body, headers);
  }

  #routeOf({ method, url = '' }: IncomingMessage): Route {
    const path = url.split('?')[0]!;
    const routes = this.#options.routes.filter((candidate) => candidate.path === path);
    const route = routes.find((candidate) => candidate.method === method);
    if (route !== undefined) return route;
    if (routes.length === 0) {
      const paths = this.#options.routes.map((candidate) => candidate.path).join(', ');
      throw new HttpError(404, {
        code: 'not_found',
        found: 'there is nothing at this path',
        advice: `Use one of ${paths}, or ${rpcPath} for a socket`,
      });
    }
    const allowed = routes.map((candidate) => candidate.method).join(', ');
    throw new HttpError(405, {
      code: 'method_not_allowed',
      found: 'the path is not for this method',
      advice: `Use ${allowed}`,
      headers: { Allow: allowed },
    });
  }

  /**
   * An upgrade that is not wanted is ignored (RFC 9110, 7.8): JVM programs offer h2c with every request. Node hands
   * over each of them, so the request is put back without the offer and read once more, its body with it.
   */
  #ignoreUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const { method, url, httpVersion, rawHeaders } = request;
    const lines = [`${method} ${url} HTTP/${httpVersion}`];
    for (let i = 0; i < rawHeaders.length; i += 2) {
      const [name, value] = [rawHeaders[i]!, rawHeaders[i + 1]!];
      const lower = name.toLowerCase();
      if (lower === 'upgrade' || lower === 'http2-settings') continue;
      const kept = lower === 'connection' ? withoutOffer(value) : value;
      if (kept !== '') lines.push(`${name}: ${kept}`);
    }
    socket.unshift(Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1'), head]));
    this.#server.emit(this.#options.tls ? 'secureConnection' : 'connection', socket);
  }

  /** The same gate; a refusal is written by hand, since no response object exists. */
  #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const { gate, queue, onUpgrade, log } = this.#options;
    socket.on('error', () => {});
    try {
      gate.checkOrigin(request);
      if (request.url?.split('?')[0] !== rpcPath) {
        const advice = `Open a socket at ${rpcPath}`;
        throw new HttpError(404, { code: 'not_found', found: 'no socket is here', advice });
      }
      const caller = gate.identify(request);
      this.#connections.trust(request.socket);
      this.#connections.begin(request.socket); // until it closes
      gate.spend(caller);
      if (queue.isDraining) {
        const found = 'this server is going down';
        throw new HttpError(503, { code: 'busy', found, advice: 'Try again in a moment' });
      }
      onUpgrade(request, socket, head, caller);
    } catch (thrown) {
      const { status, headers, body } = toHttpAnswer(thrown, 'Cannot connect');
      if (status >= 500) log(`${status}: ${body.error.message}`);
      const text = JSON.stringify(body);
      const lines = [
        `HTTP/1.1 ${status} ${http.STATUS_CODES[status] ?? ''}`,
        'Content-Type: application/json; charset=utf-8',
        `Content-Length: ${Buffer.byteLength(text)}`,
        ...Object.entries({ ...headers, Connection: 'close' }).map(([k, v]) => `${k}: ${v}`),
      ];
      socket.end(`${lines.join('\r\n')}\r\n\r\n${text}`);
    }
  }
}

function withoutOffer(connection: string): string {
  const tokens = connection.split(',').map((token) => token.trim());
  return tokens.filter((token) => !/^(upgrade|http2-settings)?$/i.test(token)).join(', ');
}
