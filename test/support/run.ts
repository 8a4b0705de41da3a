/** A run of a sampler in values: steps, results and models as short as a test about them can have them. */
import type { FillResult, FillStep, ModelInfo, StepToken } from '../../src/protocol/messages';
import type { RunHead, RunView, StepView } from '../../src/protocol/liveView';

export const model = {
  name: 'm',
  dir: '/m',
  weights: 'q8',
  device: 'cpu',
} as ModelInfo;

export const mask: StepToken = {};
export const token = (text: string, confidence = 0.9, fresh = false): StepToken => ({
  text,
  confidence,
  ...(fresh && { fresh }),
});

export function step(number: number, ...gaps: (readonly StepToken[])[]): FillStep {
  const maskedTokens = gaps.flat().filter(({ text }) => text === undefined).length;
  return { step: number, forwards: number, maskedTokens, gaps };
}

export function result(...texts: string[]): FillResult {
  const fills = texts.map((text) => ({
    text,
    confidence: 0.9,
    tokens: [{ text, confidence: 0.9 }],
  }));
  return { fills, steps: 2, forwards: 2, elapsedMs: 3, forwardMs: 2, queueMs: 0 };
}

export const head = (over: Partial<RunHead> = {}): RunHead => ({
  id: 1,
  title: 'Ghost text',
  file: 'a.ts',
  facts: 'm (q8, cpu)',
  state: 'done',
  detail: '',
  seed: 0,
  canExport: true,
  canOffer: false,
  canStop: false,
  ...over,
});

export const stepView = (number: number, over: Partial<StepView> = {}): StepView => ({
  step: number,
  forwards: number,
  masked: 0,
  ms: 10 * number,
  gaps: [[]],
  ...over,
});

export const runView = (steps: number, over: Partial<RunHead> = {}): RunView => ({
  head: head(over),
  pieces: [{ text: 'a ' }, { gap: 0 }],
  steps: Array.from({ length: steps }, (_, number) => stepView(number)),
});
