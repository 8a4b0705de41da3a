/**
 * The outcome of a self-test in words: one sentence for the notification, a page for who wants more.
 * Pure.
 */
import { t } from '../l10n';
import { textOf, type SelfTestResult, type StepName } from './selfTestRun';

/** @param remarks why completions may not show although all is well. */
export function selfTestSentence(result: SelfTestResult, remarks: readonly string[]): string {
  const { failure, model, times } = result;
  if (failure?.reason === 'cancelled') return t('The self-test was cancelled.');
  if (failure) return t('{0} failed: {1}', stepName(failure.step), failure.reason);
  const fillMs = times.find(({ step }) => step === 'fill')!.ms;
  const well = t(
    'All is well: {0} runs on {1}, was loaded in {2} ms and filled a gap in {3} ms.',
    model!.name,
    model!.device,
    Math.round(model!.loadMs),
    Math.round(fillMs),
  );
  return [well, ...remarks].join(' ');
}

export function selfTestPage(result: SelfTestResult, remarks: readonly string[]): string {
  const { failure, model, fill, times } = result;
  const lines = [`# ${t('Lacuna: self-test')}`, '', selfTestSentence(result, remarks), ''];
  for (const { step, ms } of times) {
    lines.push(`- ${t('{0}: passed, {1} ms', stepName(step), Math.round(ms))}`);
  }
  if (failure && failure.reason !== 'cancelled') {
    lines.push(`- ${t('{0}: failed', stepName(failure.step))}`);
  }
  if (model) {
    lines.push(
      '',
      `- ${t('Model: {0}, {1} parameters, {2}', model.name, model.parameters, model.weights)}`,
    );
    lines.push(`- ${t('Canvas: {0} tokens at most', model.maxTokens)}`);
    if (model.label === 'demo') {
      lines.push(
        `- ${t('The model is labelled "demo": it shows that everything works, and is no help with code.')}`,
      );
    }
  }
  if (fill) {
    const { steps, forwards, forwardMs } = fill;
    lines.push(
      `- ${t('Denoise steps: {0}, forwards: {1}, in the network: {2} ms', steps, forwards, Math.round(forwardMs))}`,
    );
    lines.push('', t('The gap that was filled:'), '');
    lines.push('```js', 'function area(width, height) {', `  return ${textOf(fill)};`, '}', '```');
  }
  return `${lines.join('\n')}\n`;
}

export function stepName(step: StepName): string {
  switch (step) {
    case 'model':
      return t('Starting the sampler process and loading the model');
    case 'fill':
      return t('Filling a known gap');
    case 'repeat':
      return t('Filling it again with the same seed');
  }
}
