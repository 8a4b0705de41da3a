/**
 * What the extension and the live view say to each other: plain values that are ready to be shown. Each
 * side reads what came with the functions below, and ignores what is none of these. Knows neither
 * VS Code nor the DOM.
 */
import { isInteger, isList, isObject, isString, oneOf, type Check } from './shape';

/**
 * A token as it stands after a step. `fresh`: committed in this very step; `remasked`: it was taken
 * back in it; `given`: it was there before.
 */
export interface Cell {
  readonly kind: 'masked' | 'remasked' | 'fresh' | 'committed' | 'given';
  /** Absent while masked. */
  readonly text?: string;
  /** One of five, 0 the least likely. */
  readonly bucket?: number;
  /** The confidence in words. */
  readonly percent?: string;
}
export interface StepView {
  readonly step: number;
  readonly forwards: number;
  readonly masked: number;
  /** Since the run began. */
  readonly ms: number;
  readonly gaps: readonly (readonly Cell[])[];
}
/** What stands around the gaps, shortened; and the gaps, by their number. */
export type Piece = { readonly text: string } | { readonly gap: number };

export const runStates = ['running', 'repeating', 'done', 'cancelled', 'failed'] as const;
export interface RunHead {
  readonly id: number;
  readonly title: string;
  readonly file: string;
  /** Model, seed, figures. */
  readonly facts: string;
  readonly state: (typeof runStates)[number];
  /** What there is to say about the state. */
  readonly detail: string;
  /** Of the last steps; another one is proposed to resume with. */
  readonly seed: number;
  readonly canExport: boolean;
  readonly canOffer: boolean;
  /** It was started by the live view. */
  readonly canStop: boolean;
}
export interface RunView {
  readonly head: RunHead;
  readonly pieces: readonly Piece[];
  readonly steps: readonly StepView[];
}

export type ToView =
  | { readonly type: 'run'; readonly run: RunView }
  | { readonly type: 'step'; readonly id: number; readonly step: StepView }
  /** The run went into another state, or its steps are no longer kept. */
  | { readonly type: 'head'; readonly head: RunHead; readonly steps: number }
  | { readonly type: 'empty' }
  /** Said once, for eyes and screen readers. */
  | { readonly type: 'said'; readonly text: string };

export type FromView =
  | { readonly type: 'ready' }
  | {
      readonly type: 'resume';
      readonly id: number;
      readonly fromStep: number;
      readonly seed: number;
    }
  | { readonly type: 'export' | 'copy' | 'offer' | 'stop'; readonly id: number };

const isBoolean: Check = (value) => typeof value === 'boolean';
const isCell = isObject({
  kind: oneOf('masked', 'remasked', 'fresh', 'committed', 'given'),
  text: isString.optional,
  bucket: isInteger(0, 4).optional,
  percent: isString.optional,
});
const count = isInteger(0);
const isStep = isObject({
  step: count,
  forwards: count,
  masked: count,
  ms: (value) => typeof value === 'number' && value >= 0,
  gaps: isList(isList(isCell)),
});
const isHead = isObject({
  id: count,
  title: isString,
  file: isString,
  facts: isString,
  state: oneOf(...runStates),
  detail: isString,
  seed: count,
  canExport: isBoolean,
  canOffer: isBoolean,
  canStop: isBoolean,
});
const isPiece: Check = (value) => isObject({ text: isString })(value) || isGap(value);
const isGap = isObject({ gap: count });
const isRun = isObject({ head: isHead, pieces: isList(isPiece), steps: isList(isStep) });

const toView: Readonly<Record<ToView['type'], Check>> = {
  run: isObject({ run: isRun }),
  step: isObject({ id: count, step: isStep }),
  head: isObject({ head: isHead, steps: count }),
  empty: isObject({}),
  said: isObject({ text: isString }),
};
const aboutRun = isObject({ id: count });
const fromView: Readonly<Record<FromView['type'], Check>> = {
  ready: isObject({}),
  resume: isObject({ id: count, fromStep: count, seed: count }),
  export: aboutRun,
  copy: aboutRun,
  offer: aboutRun,
  stop: aboutRun,
};

export function readToView(value: unknown): ToView | undefined {
  return read(value, toView) as ToView | undefined;
}
export function readFromView(value: unknown): FromView | undefined {
  return read(value, fromView) as FromView | undefined;
}

function read(value: unknown, checks: Readonly<Record<string, Check>>): unknown {
  const type = (value as { readonly type?: unknown } | null | undefined)?.type;
  if (typeof type !== 'string' || !Object.hasOwn(checks, type)) return undefined;
  return checks[type]!(value) ? value : undefined;
}
