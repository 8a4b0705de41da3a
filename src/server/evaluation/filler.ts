/**
 * Who fills a task's gap: the model, with the length known or not, or a constant, the baseline that
 * says how much of a score comes from easy tasks.
 *
 * Protocols: `oracle` gives the gap as many tokens as the gold middle has, the published way.
 * `auto` is what the product does: the model finds the length. Where the gold middle is one whole
 * line, the line break that ends it is given, as it is in an editor whose cursor stands on a line.
 * A number gives every gap of such a canvas that length: what finding one is worth.
 */
import type { Misfit, SamplingOptions, VariantRank } from '../../protocol/messages';
import { suitedFirst } from '../../sampler/repair';
import type { Engine } from '../engine';
import type { InfillingTask } from './tasks';

export interface TaskFill {
  readonly text: string;
  /** Tokens of the gap, and the confidence in them, 0..1; a constant has neither. */
  readonly tokens?: number;
  readonly confidence?: number;
  readonly misfit?: Misfit;
  /**
   * Tokens of what stood in the gap, encoded on its own: a given line break left out, and without
   * the beginning of a cut word that a healed gap spells again.
   */
  readonly tokensGold?: number;
  /** The texts that were drawn besides and came behind; none where one was asked for. */
  readonly others: readonly string[];
  readonly forwards: number;
  readonly elapsedMs: number;
}

export type LengthProtocol = 'oracle' | 'auto' | number;

export type Filler = (task: InfillingTask, signal: AbortSignal) => Promise<TaskFill>;

export function modelFiller(
  engine: Pick<Engine, 'fill' | 'countTokens'>,
  protocol: LengthProtocol,
  sampling: SamplingOptions,
  variants = 1,
  rank: VariantRank = 'confidence',
): Filler {
  return async (task, signal) => {
    const { prompt, suffix, canonical_solution: gold, language: languageId } = task;
    const singleLine = isSingleLine(task);
    const given = protocol !== 'oracle' && singleLine && gold.endsWith('\n') ? '\n' : '';
    const tokensGold = engine.countTokens(gold.slice(0, gold.length - given.length));
    const gap =
      protocol === 'oracle'
        ? { length: Math.max(1, tokensGold) }
        : { length: protocol, singleLine };
    const parts = [{ text: prompt }, { gap }, { text: given + suffix }];
    const { fills, alternatives, forwards, elapsedMs } = await engine.fill(
      { parts, languageId, sampling, ...(variants > 1 && { variants, rank }) },
      { signal },
    );
    const answers = [fills, ...(alternatives ?? [])];
    // Stable: the first drawn wins a tie.
    if (rank === 'confidence') answers.sort(([a], [b]) => b!.confidence - a!.confidence);
    const [best, ...others] = suitedFirst(answers).map(([fill]) => fill!);
    const { text, tokens, confidence, misfit } = best!;
    return {
      ...{ text: text + given, tokens: tokens.length, tokensGold, confidence },
      ...(misfit && { misfit }),
      others: others.map((fill) => fill.text + given),
      ...{ forwards, elapsedMs },
    };
  };
}

/** `constant` with the gold middle's indentation and final line break. */
export function constantFiller(constant: string): Filler {
  return ({ canonical_solution: gold }) => {
    const indentation = /^[ \t]*/.exec(gold)![0];
    const end = gold.endsWith('\n') ? '\n' : '';
    const text = `${indentation}${constant}${end}`;
    return Promise.resolve({ text, others: [], forwards: 0, elapsedMs: 0 });
  };
}

/**
 * One line with the line break that ends it, as in the single-line benchmark; or a whole line whose
 * line break the suffix brings, which is the same gap on the same canvas.
 */
export function isSingleLine(task: InfillingTask): boolean {
  const { prompt, suffix, canonical_solution: gold } = task;
  const firstBreak = gold.indexOf('\n');
  if (firstBreak !== -1) return firstBreak === gold.length - 1;
  return (prompt === '' || prompt.endsWith('\n')) && suffix.startsWith('\n');
}
