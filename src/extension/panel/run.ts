/**
 * One run of the sampler for one turn, from the first denoise step to an answer of any kind: done,
 * stopped, failed. What was written before it ended early is kept. Knows no page and no conversation.
 */
import type { ChatResult } from '../../protocol/chatMessages';
import { isAbort } from '../../protocol/errors';
import type { FilledToken, StepToken } from '../../protocol/messages';
import type { AnswerView, Figures } from '../../protocol/panelMessages';
import { messageOf } from '../l10n';
import { partialAnswer } from './conversation';
import type { PanelSource } from './panelSource';
import type { Request } from './question';

export interface RunStep {
  readonly step: number;
  readonly maskedTokens: number;
  readonly tokens: readonly StepToken[];
}
export interface RunOptions {
  readonly signal: AbortSignal;
  readonly onStep: (step: RunStep) => void;
  /** For people: what the live view calls it, why it stopped, and what limit it ran into. */
  readonly words: { readonly title: string; readonly stopped: string; readonly limit: string };
}
type Outcome = Pick<AnswerView, 'state' | 'text' | 'hasHoles' | 'reason' | 'figures'>;
type Source = Pick<PanelSource, 'fill' | 'chat' | 'model'>;

export async function run(request: Request, source: Source, options: RunOptions): Promise<Outcome> {
  const { signal, words } = options;
  const device = source.model?.device ?? '';
  let last: readonly StepToken[] = [];
  const onStep = (step: RunStep) => {
    if (signal.aborted) return;
    last = step.tokens;
    options.onStep(step);
  };
  try {
    if (request.kind === 'prose') {
      const result = await source.chat(request.params, { signal, onStep });
      const reason = result.ended ? '' : words.limit;
      return { ...done(result.text, reason), figures: figuresOf(result, result.tokens, device) };
    }
    const result = await source.fill(request.params, {
      signal,
      origin: { title: words.title, file: request.file },
      onStep: ({ gaps, ...step }) => onStep({ ...step, tokens: gaps[0] ?? [] }),
    });
    const fill = result.fills[0]!;
    const figures = figuresOf({ ...result, confidence: fill.confidence }, fill.tokens, device);
    return { ...done(fill.text, ''), figures };
  } catch (thrown) {
    const isStopped = signal.aborted || isAbort(thrown);
    const why = messageOf(thrown);
    return {
      state: isStopped ? 'stopped' : 'failed',
      ...partialAnswer(last),
      reason: isStopped ? words.stopped : why,
    };
  }
}

/** The answer after a run; what was there before is better than nothing. */
export function withOutcome(
  { figures: _old, ...before }: AnswerView,
  { figures, ...rest }: Outcome,
): AnswerView {
  const isKept = rest.state !== 'done' && rest.text === '';
  const kept = isKept ? { text: before.text, hasHoles: before.hasHoles } : {};
  return { ...before, ...rest, ...kept, ...(figures && { figures }) };
}

function done(text: string, reason: string): Omit<Outcome, 'figures'> {
  return { state: 'done', text, hasHoles: false, reason };
}

function figuresOf(
  { steps, elapsedMs, confidence }: Pick<ChatResult, 'steps' | 'elapsedMs' | 'confidence'>,
  tokens: readonly FilledToken[],
  device: string,
): Figures {
  return { steps, seconds: elapsedMs / 1000, tokens: tokens.length, device, confidence };
}
