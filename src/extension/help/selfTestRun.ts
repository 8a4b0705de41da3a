/**
 * The self-test itself, step by step: is a model there, does it fill a known gap, is the same fill the
 * same again. Says which step failed and with what words. Knows no editor and no process; both come from
 * outside.
 */
import { isAbort } from '../../protocol/errors';
import type { FillParams, FillResult, ModelInfo } from '../../protocol/messages';
import { messageOf, t } from '../l10n';

export interface SelfTestTools {
  /** Starts what does not run. Rejects with the reason where no model will come. */
  readonly model: (signal: AbortSignal) => Promise<ModelInfo>;
  readonly fill: (params: FillParams, signal: AbortSignal) => Promise<FillResult>;
  readonly nowMs: () => number;
}

export type StepName = 'model' | 'fill' | 'repeat';

export interface SelfTestResult {
  /** The steps that passed, in order. */
  readonly times: readonly { readonly step: StepName; readonly ms: number }[];
  readonly model?: ModelInfo;
  readonly fill?: FillResult;
  /** The step that did not pass, and why; `cancelled` where the user gave up. */
  readonly failure?: { readonly step: StepName; readonly reason: string | 'cancelled' };
}

/** A gap that any model of code has an answer for; three tokens keep it short on any machine. */
export const knownGap: FillParams = {
  parts: [
    { text: 'function area(width, height) {\n  return ' },
    { gap: { length: 3, singleLine: true } },
    { text: ';\n}\n' },
  ],
  languageId: 'javascript',
  sampling: { seed: 1 },
  priority: 'explicit',
};

/** Never rejects. */
export async function runSelfTest(
  tools: SelfTestTools,
  signal: AbortSignal,
  onStep: (step: StepName) => void = () => {},
): Promise<SelfTestResult> {
  const times: { step: StepName; ms: number }[] = [];
  let step: StepName = 'model';
  let model: ModelInfo | undefined;
  let fill: FillResult | undefined;
  const timed = async <T>(name: StepName, run: () => Promise<T>): Promise<T> => {
    step = name;
    onStep(name);
    const startMs = tools.nowMs();
    const result = await run();
    signal.throwIfAborted();
    times.push({ step: name, ms: tools.nowMs() - startMs });
    return result;
  };
  const done = () => ({ times, ...(model && { model }), ...(fill && { fill }) });
  try {
    model = await timed('model', () => tools.model(signal));
    const first = await timed('fill', async () => checked(await tools.fill(knownGap, signal)));
    fill = first;
    await timed('repeat', async () => {
      const second = checked(await tools.fill(knownGap, signal));
      if (textOf(second) !== textOf(first)) {
        throw new Error(t('the same gap with the same seed was filled in another way'));
      }
    });
    return done();
  } catch (thrown) {
    const isCancelled = isAbort(thrown) || signal.aborted;
    const reason = isCancelled ? 'cancelled' : messageOf(thrown);
    return { ...done(), failure: { step, reason } };
  }
}

/** What every answer must be, whatever the model says. */
function checked(result: FillResult): FillResult {
  const [fill, ...others] = result.fills;
  if (!fill || others.length > 0) {
    throw new Error(t('one gap was asked for and {0} were filled', result.fills.length));
  }
  if (fill.tokens.length === 0) throw new Error(t('the gap came back without a token'));
  const odd = fill.tokens.find(({ confidence }) => !(confidence >= 0 && confidence <= 1));
  if (odd)
    throw new Error(t('a token has the confidence {0}, which is no probability', odd.confidence));
  return result;
}

export function textOf({ fills }: FillResult): string {
  return fills[0]?.text ?? '';
}
