/**
 * A step in words: for the line under the canvas, the table of steps and screen readers; and the words
 * of the page, in English until the page was told others. Pure.
 */
import type { Cell, RunView, StepView } from '../../protocol/liveView';
import { liveViewWords, type LiveViewWords } from '../../protocol/liveViewWords';
import { filled } from '../shared/filled';
import { isRunning } from './playback';

const mostNamed = 5;

export let words: LiveViewWords = liveViewWords;

/** Before anything is drawn. @param told of each word, by key; what is missing stays English. */
export function useWords(told: Partial<LiveViewWords>): void {
  words = { ...liveViewWords, ...told };
}

/** `step 4 of 12: committed "width", 3 masks left`. */
export function sayStep(run: RunView, at: number): string {
  const step = run.steps[at];
  if (!step) return sayState(run);
  const change = sayChange(step);
  if (isRunning(run)) return filled(words.stepSoFar, step.step, change);
  return filled(words.stepOf, step.step, run.steps.at(-1)!.step, change);
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
  const list = named.join(', ');
  const fresh = more > 0 ? words.committedMore : words.committedThese;
  const left = [words.noMaskLeft, words.maskLeft][step.masked] ?? words.masksLeft;
  const said = [
    named.length > 0 && filled(fresh, list, more),
    remasked.length > 0 && filled(words.maskedAgain, remasked.length),
    filled(left, step.masked),
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
  const made = Math.max(0, steps.length - 1);
  const said = {
    ...words,
    running: filled(made === 1 ? words.runningOne : words.running, made),
    done: steps.length > 0 ? words.done : words.noSteps,
  }[state];
  return detail === '' ? said : `${said}: ${detail}`;
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
