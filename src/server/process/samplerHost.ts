/**
 * What all connections of one sampler process have in common: its models, the queue for the one
 * network that can run at a time, its limits, its end. Knows neither how a connection comes about nor
 * how a fill is made.
 */
import type { MessageConnection } from 'vscode-jsonrpc/node';
import type { LogMessage } from '../../protocol/messages';
import {
  goodbyeNotification,
  silenceNotification,
  type ProcessLimits,
  type ProcessStatus,
} from '../../protocol/processMessages';
import { Engine } from '../engine';
import { letMessagesIn, RequestQueue } from '../queue';
import { Server } from '../server';
import { MemoryWatch } from './memoryWatch';
import { ModelPool } from './modelPool';

export interface HostOptions {
  readonly version: string;
  readonly isShared: boolean;
  /** Called when somebody asked for the end, once the answer is on its way. */
  readonly onShutdown: () => void;
  /** How long the model of a closed connection stays: a window that reloads comes back for it. */
  readonly lingerMs?: number;
}

/** How often memory and idle models are looked at. */
const tickMs = 5000;
/** To open a model may keep the process from answering; a large one from a slow disk takes minutes. */
const openingMs = 10 * 60_000;
const usualUnloadMinutes = 10;

export class SamplerHost {
  readonly version: string;
  readonly queue = new RequestQueue();
  readonly models: ModelPool;
  readonly memory: MemoryWatch;
  readonly #options: HostOptions;
  readonly #servers = new Set<Server>();
  readonly #ticker: NodeJS.Timeout;
  #unloadAfterMinutes = usualUnloadMinutes;
  #expectedTickMs = performance.now() + tickMs;
  #longestSilenceMs = 0;
  #openings = 0;

  constructor(options: HostOptions) {
    this.version = options.version;
    this.#options = options;
    this.models = new ModelPool({
      onNote: (text) => this.broadcast('info', text),
      onOpening: (isOpening) => this.#tellOpening(isOpening),
    });
    this.memory = new MemoryWatch({
      unload: (idleMs, wishes) => this.models.unloadIdle(idleMs, wishes),
    });
    this.#ticker = setInterval(() => void this.#tick(), tickMs);
    this.#ticker.unref();
  }

  /** Serves a connection until it closes. */
  serve(connection: MessageConnection): Server {
    const server = new Server(connection, new Engine({ open: this.models.open }), this);
    this.#servers.add(server);
    connection.onClose(() => {
      this.#servers.delete(server);
      server.close();
      setTimeout(() => void server.engine.dispose(), this.#options.lingerMs ?? 0).unref();
    });
    server.listen();
    return server;
  }

  get longestSilenceMs(): number {
    return this.#longestSilenceMs;
  }

  setLimits({ unloadAfterMinutes, memoryMegabytes }: ProcessLimits): void {
    if (unloadAfterMinutes !== undefined) this.#unloadAfterMinutes = unloadAfterMinutes;
    if (memoryMegabytes !== undefined) this.memory.setLimit(memoryMegabytes);
  }

  status(): ProcessStatus {
    return {
      pid: process.pid,
      version: this.version,
      isShared: this.#options.isShared,
      uptimeMs: Math.round(process.uptime() * 1000),
      memoryBytes: this.memory.heldBytes,
      memoryLimitBytes: this.memory.limitBytes,
      unloadAfterMinutes: this.#unloadAfterMinutes,
      clients: [...this.#servers].flatMap(({ clientName }) => clientName ?? []),
      requests: this.queue.size,
      models: this.models.describe(),
    };
  }

  /** Ends the process; every connection but the one that asked hears why. */
  shutdown(from: Server, stop: boolean): void {
    const by = from.clientName ?? 'another window';
    const reason = `it was ${stop ? 'stopped' : 'restarted'} from ${by}`;
    for (const server of this.#servers) {
      if (server !== from) server.notify(goodbyeNotification, { reason, stop });
    }
    setImmediate(this.#options.onShutdown);
  }

  broadcast(level: LogMessage['level'], text: string): void {
    for (const server of this.#servers) server.log(level, text);
  }

  async #tellOpening(isOpening: boolean): Promise<void> {
    this.#openings += isOpening ? 1 : -1;
    const forMs = this.#openings > 0 ? openingMs : 0;
    for (const server of this.#servers) server.notify(silenceNotification, { forMs });
    await letMessagesIn(); // and ours out
  }

  async #tick(): Promise<void> {
    const nowMs = performance.now();
    // On some systems the clock goes on while the machine sleeps; that is no forward.
    const silentMs = Math.min(openingMs, nowMs - this.#expectedTickMs);
    this.#longestSilenceMs = Math.max(this.#longestSilenceMs, silentMs);
    this.#expectedTickMs = nowMs + tickMs;
    await this.memory.relax();
    const unloadMs = this.#unloadAfterMinutes * 60_000;
    if (unloadMs > 0) await this.models.unloadIdle(unloadMs);
  }
}
