/**
 * Notices a process that hangs: asks again and again whether it is there, and allows for what keeps a
 * sound one from answering. Counts its own looks, not time: a machine that slept, a clock that was
 * set and an editor that was busy make nobody look dead. Knows no process.
 */
import type { PingResult } from '../protocol/processMessages';

export interface HeartbeatOptions {
  readonly ping: () => Promise<PingResult>;
  /** Called once, with how long it has not answered. */
  readonly onHung: (silentMs: number) => void;
  readonly everyMs?: number;
  /** A silence that means nothing yet. */
  readonly patienceMs?: number;
}

const usualEveryMs = 5000;
/** One forward of a large model on a CPU takes seconds, and blocks. */
const usualPatienceMs = 60_000;
/** A process that was silent for some time before may be silent for some time again. */
const margin = 4;

export class Heartbeat {
  readonly #options: HeartbeatOptions;
  readonly #everyMs: number;
  readonly #timer: NodeJS.Timeout;
  #isAsking = false;
  #silentMs = 0;
  #longestMs = 0;
  #announcedMs = 0;

  constructor(options: HeartbeatOptions) {
    this.#options = options;
    this.#everyMs = options.everyMs ?? usualEveryMs;
    this.#timer = setInterval(() => this.#look(), this.#everyMs);
    this.#timer.unref();
  }

  /** It said that it may be silent for this long; 0: no longer. */
  announce(silenceMs: number): void {
    this.#announcedMs = silenceMs;
    this.#silentMs = 0;
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #look(): void {
    if (!this.#isAsking) return void this.#ask();
    this.#silentMs += this.#everyMs;
    const { patienceMs = usualPatienceMs } = this.#options;
    if (this.#silentMs < Math.max(patienceMs, this.#announcedMs, margin * this.#longestMs)) return;
    this.stop();
    this.#options.onHung(this.#silentMs);
  }

  async #ask(): Promise<void> {
    this.#isAsking = true;
    this.#silentMs = 0;
    try {
      this.#longestMs = (await this.#options.ping()).longestSilenceMs;
    } catch {
      // The connection is over; whoever holds it knows.
    }
    this.#isAsking = false;
  }
}
