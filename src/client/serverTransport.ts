/**
 * The way to a team's server: one socket over TLS, with the token in its first request. Notices when the
 * other end is gone without a word. Knows nothing of what is said; `lacuna serve` is at the other end.
 */
import type { IncomingMessage } from 'node:http';
import WebSocket from 'ws';
import { LacunaError, type ErrorCode } from '../protocol/errors';
import { SocketMessageReader, SocketMessageWriter } from '../protocol/socketMessages';
import { serverAddress } from './serverAddress';
import type { Channel, ConnectOptions, Transport } from './transport';

export interface ServerOptions {
  /** As a person wrote it. */
  readonly address: string;
  /** Asked for at each connection, so that a new one is used at once. */
  readonly token: () => Promise<string | undefined>;
  /** What to do where the token is missing or refused. */
  readonly tokenAdvice: string;
  /** A server that says nothing for so long is taken for gone, milliseconds. */
  readonly silenceMs?: number;
}

const handshakeMs = 15_000;
/** The server asks every 30 s whether we are there. */
const usualSilenceMs = 75_000;
const mostAnswerBytes = 64 * 2 ** 20;

export class ServerTransport implements Transport {
  readonly #options: ServerOptions;

  constructor(options: ServerOptions) {
    this.#options = options;
  }

  async connect({ signal }: Pick<ConnectOptions, 'signal'>): Promise<Channel> {
    const { shown, socket: url } = serverAddress(this.#options.address);
    const token = await this.#options.token();
    signal.throwIfAborted();
    if (!token) throw this.#refused(shown, 'no token is set', 'accessDenied');
    const socket = new WebSocket(url, {
      headers: { authorization: `Bearer ${token}` },
      handshakeTimeout: handshakeMs,
      maxPayload: mostAnswerBytes,
      perMessageDeflate: false,
      followRedirects: false, // the token is for this server alone
    });
    const callOff = () => socket.terminate();
    signal.addEventListener('abort', callOff, { once: true });
    try {
      await this.#opened(socket, shown);
    } finally {
      signal.removeEventListener('abort', callOff);
    }
    return channelOf(socket, shown, this.#options.silenceMs ?? usualSilenceMs);
  }

  #opened(socket: WebSocket, shown: string): Promise<void> {
    return new Promise((resolve, reject) => {
      socket.once('open', resolve);
      socket.on('error', (error: NodeJS.ErrnoException) =>
        reject(this.#refused(shown, error.code ?? error.message, 'samplerGone')),
      );
      socket.once('unexpected-response', (_request, response: IncomingMessage) => {
        void this.#reason(response, shown).then((error) => {
          reject(error);
          socket.terminate();
        });
      });
    });
  }

  /** What a server, or a proxy before it, answered instead. */
  async #reason(response: IncomingMessage, shown: string): Promise<LacunaError> {
    const { statusCode: status = 0 } = response;
    response.resume();
    if (status === 401) return this.#refused(shown, 'it refuses the token', 'accessDenied');
    const known: Readonly<Record<number, string>> = {
      403: 'it refuses programs like this one',
      404: 'no Lacuna server is at this address',
      421: 'it does not go by this name (see --allow-host)',
      429: 'it was asked too often',
      503: 'it is going down or still starting',
    };
    return this.#refused(shown, known[status] ?? `it answered ${status}`, 'samplerGone');
  }

  #refused(shown: string, found: string, code: ErrorCode): LacunaError {
    const advice =
      code === 'accessDenied' ? this.#options.tokenAdvice : 'Check the address and the network';
    return new LacunaError(code, { doing: `Cannot use the server ${shown}`, found, advice });
  }
}

function channelOf(socket: WebSocket, shown: string, silenceMs: number): Channel {
  let silence: NodeJS.Timeout | undefined;
  let reason = `the connection to ${shown} broke off`;
  const heard = () => {
    clearTimeout(silence);
    silence = setTimeout(() => {
      reason = `${shown} said nothing for ${Math.round(silenceMs / 1000)} s`;
      socket.terminate();
    }, silenceMs);
    silence.unref();
  };
  heard();
  socket.on('ping', heard).on('message', heard);
  const ended = new Promise<string>((resolve) => {
    socket.once('close', (code: number) => {
      clearTimeout(silence);
      if (code === 1012 || code === 1001) reason = `${shown} went down`;
      if (code === 1009) reason = `${shown} found a message too large`;
      resolve(reason);
    });
  });
  return {
    reader: new SocketMessageReader(socket),
    writer: new SocketMessageWriter(socket),
    ended,
    close: async () => {
      socket.close();
      const late = setTimeout(() => socket.terminate(), 500);
      await ended;
      clearTimeout(late);
    },
    kill: () => socket.terminate(),
  };
}
