/**
 * A text with marks where something is missing, as the parts of a canvas, and the text again with the
 * fills in it. What was given comes back verbatim. Knows no editor and no chat.
 */
import { LacunaError } from '../../protocol/errors';
import type { FillParams, FillResult, GapWish, Part } from '../../protocol/messages';
import { withDocumentLineEnds } from '../ghostText/lineEnds';
import { t } from '../l10n';

export const defaultMark = '<fill>';
export const limits = {
  /** UTF-16 units; the sampler process keeps what is near the gaps. */
  text: 40_000,
  gaps: 16,
  instruction: 1000,
  mark: 40,
  tokens: 256,
} as const;

export interface InfillWish {
  /** With a mark for each gap. */
  readonly text: string;
  readonly mark: string;
  readonly languageId?: string;
  readonly instruction?: string;
  /** Most tokens of each gap; absent: the place decides. */
  readonly maxTokens?: number;
}

/**
 * @throws LacunaError `badInput` that names what is wrong; translated where a person may have written it,
 * and not where only an agent can.
 */
export function checkInfillWish(input: unknown, doing: string): InfillWish {
  const wrong = (found: string, advice: string) =>
    new LacunaError('badInput', { doing, found, advice });
  if (typeof input !== 'object' || input === null || Array.isArray(input)) {
    throw wrong('the input is no object', 'Give an object with a "text"');
  }
  const {
    text,
    mark = defaultMark,
    languageId,
    instruction,
    maxTokens,
  } = input as Record<string, unknown>;
  if (typeof text !== 'string') throw wrong('"text" is no string', 'Give the code as a string');
  if (text.length > limits.text) {
    throw wrong(
      t('the code has {0} characters', text.length),
      t('Give at most {0}, the lines around the gaps', limits.text),
    );
  }
  if (typeof mark !== 'string' || mark.trim() === '' || mark.length > limits.mark) {
    throw wrong(
      '"mark" is no text of 1 to 40 characters',
      `Leave it out, or mark gaps with "${defaultMark}"`,
    );
  }
  const gaps = text.split(mark).length - 1;
  if (gaps === 0)
    throw wrong(`"text" holds no ${mark}`, `Put ${mark} wherever something is missing`);
  if (gaps > limits.gaps)
    throw wrong(t('the code holds {0} gaps', gaps), t('Fill at most {0} at once', limits.gaps));
  if (languageId !== undefined && typeof languageId !== 'string') {
    throw wrong('"languageId" is no string', 'Give a language id of VS Code, such as "typescript"');
  }
  if (
    instruction !== undefined &&
    (typeof instruction !== 'string' || instruction.length > limits.instruction)
  ) {
    throw wrong(
      t('"instruction" is no text of at most {0} characters', limits.instruction),
      t('Make it a sentence'),
    );
  }
  if (maxTokens !== undefined && !isCount(maxTokens)) {
    throw wrong(`"maxTokens" is no integer from 1 to ${limits.tokens}`, 'Leave it out');
  }
  return {
    text,
    mark,
    ...(languageId !== undefined && { languageId }),
    ...(instruction !== undefined && { instruction }),
    ...(maxTokens !== undefined && { maxTokens }),
  };
}

export function infillParams({
  text,
  mark,
  languageId,
  instruction,
  maxTokens,
}: InfillWish): FillParams {
  const gap: GapWish = {
    length: 'auto',
    minLength: 1, // who marks a gap wants it filled
    ...(maxTokens !== undefined && { maxLength: maxTokens }),
  };
  const given = text.split(mark);
  const parts = given.flatMap((piece, index): Part[] =>
    index === 0 ? [{ text: piece }] : [{ gap }, { text: piece }],
  );
  return {
    parts,
    priority: 'explicit',
    ...(languageId !== undefined && { languageId }),
    ...(instruction !== undefined && { instruction }),
  };
}

/** The whole text, every mark replaced by its fill in the text's own line ends. */
export function joinedText({ text, mark }: InfillWish, { fills }: FillResult): string {
  const lineEnd = text.includes('\r\n') ? '\r\n' : '\n';
  return text
    .split(mark)
    .map(
      (piece, index) =>
        (index === 0 ? '' : withDocumentLineEnds(fills[index - 1]!.text, lineEnd)) + piece,
    )
    .join('');
}

function isCount(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) >= 1 && (value as number) <= limits.tokens;
}
