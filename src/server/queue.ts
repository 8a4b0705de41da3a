/**
 * Who may run the next forward. The network runs on one thread and blocks it, so fills take turns
 * between denoise steps: an explicit fill goes before an inline one, that before a speculative one;
 * within a rank the owners take turns of some steps each, and one owner's requests come in the order
 * of their arrival. A newer inline fill aborts the older one of the same owner: its text has changed.
 * Knows no model and no messages.
 */
export type Priority = 'explicit' | 'inline' | 'speculative';

/**
 * How long an owner goes on before another one of the same rank has its turn, milliseconds: most fills
 * end within it, and a long answer in one window keeps the others waiting no longer than this.
 */
const sliceMs = 250;

const ranks: Readonly<Record<Priority, number>> = { explicit: 0, inline: 1, speculative: 2 };

export interface QueueRequest {
  readonly priority: Priority;
  /** Whose request it is: a connection. */
  readonly owner: object;
  readonly signal: AbortSignal;
}

/** What a running request holds. */
export interface Ticket {
  /** Aborts when the sender cancels or a newer request takes this one's place. */
  readonly signal: AbortSignal;
  /** To be awaited before each forward: lets messages in, and lets a more urgent request go first. */
  turn(): Promise<void>;
  /** Time spent waiting for others so far. */
  waitedMs(): number;
}

interface Entry {
  readonly rank: number;
  readonly owner: object;
  readonly aborter: AbortController;
  waitedMs: number;
  /** Set while it stands still. */
  wake?: () => void;
}

export class RequestQueue {
  /** By rank, then by arrival. */
  readonly #entries: Entry[] = [];
  /** Whose slice it is, and how much of it is used up. */
  #favoured: { readonly owner: object; usedMs: number } | undefined;
  /** When each owner's last slice began, counted in slices; absent: never. */
  readonly #slices = new WeakMap<object, number>();
  #slice = 0;
  #runningSinceMs = 0;
  /** Between two of its turns; nobody else may start a forward meanwhile. */
  #running: Entry | undefined;
  readonly #now: () => number;

  /** @param now milliseconds of a clock that never goes back. */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /** Requests running or standing still. */
  get size(): number {
    return this.#entries.length;
  }

  /** Runs `work` when its turn comes; rejects with the abort reason when cancelled while it waits. */
  async run<T>(request: QueueRequest, work: (ticket: Ticket) => Promise<T>): Promise<T> {
    request.signal.throwIfAborted();
    if (request.priority === 'inline') this.#abortInline(request.owner);
    const entry: Entry = {
      rank: ranks[request.priority],
      owner: request.owner,
      aborter: new AbortController(),
      waitedMs: 0,
    };
    const cancel = () => this.#abort(entry, request.signal.reason);
    request.signal.addEventListener('abort', cancel, { once: true });
    this.#insert(entry);
    try {
      await this.#acquire(entry);
      return await work({
        signal: entry.aborter.signal,
        turn: async () => {
          this.#release(entry);
          await letMessagesIn();
          await this.#acquire(entry);
        },
        waitedMs: () => entry.waitedMs,
      });
    } finally {
      request.signal.removeEventListener('abort', cancel);
      this.#entries.splice(this.#entries.indexOf(entry), 1);
      this.#release(entry);
    }
  }

  #insert(entry: Entry): void {
    const behind = this.#entries.findIndex((other) => other.rank > entry.rank);
    this.#entries.splice(behind < 0 ? this.#entries.length : behind, 0, entry);
  }

  async #acquire(entry: Entry): Promise<void> {
    const since = this.#now();
    const { signal } = entry.aborter;
    while (!signal.aborted && (this.#running !== undefined || this.#next() !== entry)) {
      await new Promise<void>((resolve) => (entry.wake = resolve));
      delete entry.wake;
    }
    entry.waitedMs += this.#now() - since;
    signal.throwIfAborted();
    this.#running = entry;
    this.#runningSinceMs = this.#now();
    if (this.#favoured?.owner === entry.owner) return;
    this.#favoured = { owner: entry.owner, usedMs: 0 };
    this.#slices.set(entry.owner, ++this.#slice);
  }

  /** Of the most urgent rank the owner whose slice it is, else the one whose last is longest ago. */
  #next(): Entry | undefined {
    const [first] = this.#entries;
    const favoured = this.#favoured;
    let next = first;
    for (const entry of this.#entries) {
      if (entry.rank !== first!.rank) break;
      const hasSlice = favoured?.owner === entry.owner && favoured.usedMs < sliceMs;
      if (hasSlice) return entry;
      if (this.#sliceOf(entry) < this.#sliceOf(next!)) next = entry;
    }
    return next;
  }

  #sliceOf({ owner }: Entry): number {
    return this.#slices.get(owner) ?? 0;
  }

  #release(entry: Entry): void {
    if (this.#running === entry) {
      this.#running = undefined;
      this.#favoured!.usedMs += this.#now() - this.#runningSinceMs;
      // Alone among its equals it begins its slice again as soon as another one comes.
      if (this.#favoured!.usedMs >= sliceMs) this.#favoured = undefined;
    }
    this.#next()?.wake?.();
  }

  #abortInline(owner: object): void {
    for (const entry of this.#entries) {
      if (entry.rank === ranks.inline && entry.owner === owner) {
        this.#abort(entry, new DOMException('A newer inline fill took its place', 'AbortError'));
      }
    }
  }

  #abort(entry: Entry, reason: unknown): void {
    entry.aborter.abort(reason);
    entry.wake?.();
  }
}

/**
 * Lets the event loop read and dispatch what has arrived. vscode-jsonrpc reads in the poll phase,
 * decodes in one setImmediate and dispatches in another, so one turn of the loop is not enough.
 */
export async function letMessagesIn(): Promise<void> {
  for (let turn = 0; turn < 3; turn++) await new Promise<void>((resolve) => setImmediate(resolve));
}
