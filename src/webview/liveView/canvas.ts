/**
 * Draws the canvas as it stood after a step: the text around the gaps, dimmed, and every token as a cell
 * in its place. Only cells that changed since the last drawing are touched. Knows no run and no clock.
 */
import type { Cell, Piece, StepView } from '../../protocol/liveView';
import { element, setAttribute } from '../shared/dom';
import { filled } from '../shared/filled';
import { maskBlock, words } from './words';

export class CanvasView {
  readonly root = element('div', { class: 'canvas', role: 'img' });
  readonly #gaps: HTMLElement[] = [];

  /** Another run. */
  layOut(pieces: readonly Piece[]): void {
    this.#gaps.length = 0;
    const nodes = pieces.map((piece) => {
      if ('text' in piece) return element('span', { class: 'around' }, piece.text);
      const gap = element('span', { class: 'gap' });
      this.#gaps[piece.gap] = gap;
      return gap;
    });
    this.root.replaceChildren(...nodes);
  }

  /** @param said what is to be seen, for those who do not see it. */
  draw(step: StepView | undefined, said: string): void {
    setAttribute(this.root, 'aria-label', filled(words.canvas, said));
    this.#gaps.forEach((gap, index) => drawGap(gap, step?.gaps[index] ?? []));
  }
}

function drawGap(gap: HTMLElement, cells: readonly Cell[]): void {
  while (gap.childElementCount > cells.length) gap.lastElementChild!.remove();
  while (gap.childElementCount < cells.length) gap.append(element('span'));
  cells.forEach((cell, index) => drawCell(gap.children[index] as HTMLElement, cell));
}

function drawCell(into: HTMLElement, cell: Cell): void {
  const { kind, bucket, percent } = cell;
  const text = cell.text ?? maskBlock;
  const isRated = bucket !== undefined && kind !== 'given';
  const names = ['cell', kind, ...(isRated ? [`bucket-${bucket}`] : [])].join(' ');
  if (into.className !== names) into.className = names;
  if (into.textContent !== text) into.textContent = text;
  into.title = percent === undefined ? words[kind] : `${words[kind]}, ${percent}`;
}
