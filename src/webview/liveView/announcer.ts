/**
 * The line that says what is shown, read out politely. While steps follow each other by themselves it
 * speaks once a second at most, and always says where they came to rest.
 */
import { element } from '../shared/dom';

const pauseMs = 1000;

export class Announcer {
  readonly root = element('p', { class: 'said', role: 'status', 'aria-live': 'polite' });
  #timer: number | undefined;
  #next = '';

  /** @param isMoving more follows by itself. */
  say(text: string, isMoving = false): void {
    this.#next = text;
    if (!isMoving) {
      window.clearTimeout(this.#timer);
      this.#timer = undefined;
      return this.#speak();
    }
    if (this.#timer !== undefined) return;
    this.#speak();
    this.#timer = window.setTimeout(() => {
      this.#timer = undefined;
      this.#speak();
    }, pauseMs);
  }

  #speak(): void {
    if (this.root.textContent !== this.#next) this.root.textContent = this.#next;
  }
}
