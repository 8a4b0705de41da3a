/**
 * Instructions for a regenerate: the presets, the ones used before, and what is offered while one is
 * typed. A preset also says how much room its answer needs: a comment has to go somewhere. Pure; the
 * prompt is instructionPrompt.ts.
 */
import { later } from '../l10n';

export interface Preset {
  readonly label: string;
  /** What the model is told, in English: that is what models were trained on. */
  readonly instruction: string;
  /** Slots for each masked token. */
  readonly growth: number;
}

export const presets: readonly Preset[] = [
  { label: later('document'), instruction: 'Add a documentation comment', growth: 1.5 },
  { label: later('fix'), instruction: 'Fix the bug', growth: 1 },
  { label: later('simplify'), instruction: 'Simplify', growth: 0.8 },
  { label: later('add types'), instruction: 'Add type annotations', growth: 1.25 },
];

const mostRemembered = 20;

export interface Offer {
  readonly label: string;
  readonly instruction: string;
  readonly origin: 'typed' | 'history' | 'preset';
}

export function growthFor(instruction: string): number {
  return presets.find((preset) => preset.instruction === instruction)?.growth ?? 1;
}

/** What is typed comes first, then what was used before, then the presets. */
export function offersFor(typed: string, history: readonly string[]): Offer[] {
  const wanted = typed.trim();
  const own = wanted === '' || history.includes(wanted) ? [] : [wanted];
  const isPreset = (text: string) => presets.some(({ instruction }) => instruction === text);
  return [
    ...own.map((text) => offer(text, 'typed')),
    ...history.filter((text) => !isPreset(text)).map((text) => offer(text, 'history')),
    ...presets.map(({ label, instruction }) => ({ label, instruction, origin: 'preset' as const })),
  ];
}

/** The latest first, each once. */
export function remembered(history: readonly string[], used: string): string[] {
  return [used, ...history.filter((text) => text !== used)].slice(0, mostRemembered);
}

function offer(instruction: string, origin: Offer['origin']): Offer {
  return { label: instruction, instruction, origin };
}
