/**
 * A step in words: for the line under the canvas, the table of steps and screen readers. Pure.
 */
import type { Cell, RunView, StepView } from '../../protocol/liveView';
import { isRunning } from './playback';

const mostNamed = 5;

/** `step 4 of 12: committed "width", 3 masks left`. */
export function sayStep(run: RunView, at: number): string {
  const step = run.steps[at];
  if (!step) return sayState(run);
  const of = isRunning(run) ? '' : ` of ${run.steps.at(-1)!.step}`;
  return `step ${step.step}${of}: ${sayChange(step)}`;
}

/**
 * What happened in a step, and what is left.
 * @param isRated each token with its confidence.
 */
export function sayChange(step: StepView, isRated = false): string {
  const { committed, remasked } = changeOf(step);
  const named = committed.slice(0, mostNamed).map(({ text = '', percent }) => {
    const rating = isRated && percent !== undefined ? ` (${percent})` : '';
    return `\`${oneLine(text)}\`${rating}`;
  });
  const more = committed.length - named.length;
  const said = [
    named.length > 0 && `committed ${named.join(', ')}${more > 0 ? ` and ${more} more` : ''}`,
    remasked.length > 0 && `masked ${remasked.length} again`,
    step.masked === 0 ? 'no mask left' : `${count(step.masked, 'mask')} left`,
  ];
  return said.filter((part) => part !== false).join(', ');
}

export function changeOf({ gaps }: StepView): { committed: Cell[]; remasked: Cell[] } {
  const cells = gaps.flat();
  return {
    committed: cells.filter(({ kind }) => kind === 'fresh'),
    remasked: cells.filter(({ kind }) => kind === 'remasked'),
  };
}

export function sayState({ head, steps }: RunView): string {
  const { state, detail } = head;
  const words = {
    running: `denoising, ${count(Math.max(0, steps.length - 1), 'step')} so far`,
    repeating: 'its steps were not recorded: repeating it with the same seed',
    done: steps.length > 0 ? 'complete' : 'no steps to show',
    cancelled: 'cancelled',
    failed: 'failed',
  };
  return detail === '' ? words[state] : `${words[state]}: ${detail}`;
}

/** The gaps after a step as one text, masks as blocks. */
export function textAfter({ gaps }: StepView): string {
  const texts = gaps.map((cells) => cells.map(({ text }) => text ?? maskBlock).join(''));
  return texts.map(oneLine).join(' ┆ ');
}

export const maskBlock = '▒▒';

function oneLine(text: string): string {
  return text.replaceAll('\n', '');
}

export function count(amount: number, noun: string): string {
  return `${amount} ${noun}${amount === 1 ? '' : 's'}`;
}
