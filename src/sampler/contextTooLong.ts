/**
 * The error for a request whose parts that may not be cut are more than the model holds. Says how
 * much there is and how much fits; knows no canvas.
 */
import { LacunaError } from '../protocol/errors';
import type { ModelTraits } from './traits';

/** @param size what was counted, `1234 tokens`. */
export function tooLong(
  size: string,
  { maxTokens }: ModelTraits,
  hasInstruction: boolean,
): LacunaError {
  const what = `${hasInstruction ? 'the instruction, ' : ''}the gaps, the drafts and the text between them`;
  return new LacunaError('contextTooLong', {
    doing: 'Cannot lay out the canvas',
    found: `${what} take ${size}, the model holds ${maxTokens} tokens`,
    advice: 'Choose less at once: fewer gaps, shorter ones, a smaller draft',
  });
}
