/**
 * A pause of automatic completion: until when, and the event when it starts and ends. Invoked
 * completion is not its business. Not kept over a restart.
 */
import * as vscode from 'vscode';

export class Snooze {
  readonly #changed = new vscode.EventEmitter<void>();
  readonly onChange = this.#changed.event;
  #end: NodeJS.Timeout | undefined;

  get isActive(): boolean {
    return this.#end !== undefined;
  }

  start(minutes: number): void {
    clearTimeout(this.#end);
    this.#end = setTimeout(() => this.stop(), minutes * 60_000);
    this.#changed.fire();
  }

  stop(): void {
    clearTimeout(this.#end);
    this.#end = undefined;
    this.#changed.fire();
  }

  dispose(): void {
    clearTimeout(this.#end);
    this.#changed.dispose();
  }
}
