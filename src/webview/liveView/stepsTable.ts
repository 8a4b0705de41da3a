/**
 * The run as a table, one row a step: what the canvas shows by place and colour, in words, and a way to
 * any step. Filled only while it is open; rows are added as steps come. Knows no clock.
 */
import type { RunView, StepView } from '../../protocol/liveView';
import { element, setAttribute } from '../shared/dom';
import { filled } from '../shared/filled';
import { sayChange, textAfter, words } from './words';

export class StepsTable {
  readonly #rows = element('tbody');
  readonly #goTo: (at: number) => void;
  readonly root: HTMLDetailsElement;
  #run: RunView | undefined;
  #at = 0;

  /** @param goTo is given the index of a step. */
  constructor(goTo: (at: number) => void) {
    this.#goTo = goTo;
    const heads = [words.step, words.happened, words.text].map((name) =>
      element('th', { scope: 'col' }, name),
    );
    const caption = element('caption', { class: 'unseen' }, words.caption);
    const table = element('table', {}, caption, element('thead', {}, element('tr', {}, ...heads)));
    table.append(this.#rows);
    this.root = element('details', {}, element('summary', {}, words.asText), table);
    this.root.addEventListener('toggle', () => this.#draw());
  }

  show(run: RunView | undefined, at: number): void {
    if (run?.head.id !== this.#run?.head.id) this.#rows.replaceChildren();
    this.#run = run;
    this.#at = at;
    this.#draw();
  }

  #draw(): void {
    if (!this.root.open) return this.#rows.replaceChildren();
    const steps = this.#run?.steps ?? [];
    while (this.#rows.childElementCount > steps.length) this.#rows.lastElementChild!.remove();
    for (let at = this.#rows.childElementCount; at < steps.length; at++) {
      this.#rows.append(this.#rowOf(steps[at]!, at));
    }
    [...this.#rows.rows].forEach((row, at) =>
      setAttribute(row, 'aria-current', at === this.#at && 'step'),
    );
  }

  #rowOf(step: StepView, at: number): HTMLTableRowElement {
    const label = filled(words.goTo, step.step);
    const button = element(
      'button',
      { type: 'button', 'aria-label': label, class: 'link' },
      String(step.step),
    );
    button.addEventListener('click', () => this.#goTo(at));
    return element(
      'tr',
      {},
      element('th', { scope: 'row' }, button),
      element('td', {}, sayChange(step, true)),
      element('td', { class: 'code' }, textAfter(step)),
    );
  }
}
