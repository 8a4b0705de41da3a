/**
 * Where the counts are kept: in VS Code's own storage on this machine, for all windows. Only what is new
 * is added to what stands there, so that two windows do not undo each other's counts. Counts nothing
 * itself.
 */
import type * as vscode from 'vscode';
import { noCounts, readCounts, withEvents, type Counts, type Event } from './counts';

const key = 'lacuna.statistics';
const writeAfterMs = 5000;

export class StatisticsStore {
  readonly #memento: vscode.Memento;
  readonly #today: () => string;
  #events: Event[] = [];
  #timer: NodeJS.Timeout | undefined;

  constructor(memento: vscode.Memento, today: () => string = isoDay) {
    this.#memento = memento;
    this.#today = today;
  }

  /** With what is not written yet. */
  get counts(): Counts {
    return withEvents(readCounts(this.#memento.get(key)), this.#events, this.#today());
  }

  add(event: Event): void {
    this.#events.push(event);
    this.#timer ??= setTimeout(() => void this.write(), writeAfterMs);
  }

  async write(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#events.length === 0) return;
    const { counts } = this;
    this.#events = [];
    await this.#memento.update(key, counts);
  }

  async reset(): Promise<void> {
    this.#events = [];
    await this.#memento.update(key, noCounts);
  }

  dispose(): void {
    void this.write();
  }
}

function isoDay(): string {
  return new Date().toISOString().slice(0, 10);
}
