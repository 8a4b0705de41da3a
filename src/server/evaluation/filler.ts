/**
 * Who fills a task's gap: the model, with the length known or not, or a constant, the baseline that
 * says how much of a score comes from easy tasks.
 *
 * Protocols: `oracle` gives the gap as many tokens as the gold middle has, the published way.
 * `auto` is what the product does: the model finds the length. Where the gold middle is one whole
 * line, the line break that ends it is given, as it is in an editor whose cursor stands on a line.
 */
import type { SamplingOptions } from '../../protocol/messages';
import type { Engine } from '../engine';
import type { InfillingTask } from './tasks';

export interface TaskFill {
  readonly text: string;
  /** Tokens of the gap, and the confidence in them, 0..1; a constant has neither. */
  readonly tokens?: number;
  readonly confidence?: number;
  readonly forwards: number;
  readonly elapsedMs: number;
}

export type Filler = (task: InfillingTask, signal: AbortSignal) => Promise<TaskFill>;

export function modelFiller(
  engine: Engine,
  protocol: 'oracle' | 'auto',
  sampling: SamplingOptions,
): Filler {
  return async (task, signal) => {
    const gold = task.canonical_solution;
    const given = protocol === 'auto' && isSingleLine(gold) ? '\n' : '';
    const gap =
      protocol === 'auto'
        ? { length: 'auto' as const, singleLine: given !== '' }
        : { length: Math.max(1, engine.countTokens(gold)) };
    const { fills, forwards, elapsedMs } = await engine.fill(
      {
        parts: [{ text: task.prompt }, { gap }, { text: given + task.suffix }],
        languageId: 'python',
        sampling,
      },
      { signal },
    );
    const { text, tokens, confidence } = fills[0]!;
    return { text: text + given, tokens: tokens.length, confidence, forwards, elapsedMs };
  };
}

/** `constant` with the gold middle's indentation and final line break. */
export function constantFiller(constant: string): Filler {
  return ({ canonical_solution: gold }) => {
    const indentation = /^[ \t]*/.exec(gold)![0];
    const end = gold.endsWith('\n') ? '\n' : '';
    const text = `${indentation}${constant}${end}`;
    return Promise.resolve({ text, forwards: 0, elapsedMs: 0 });
  };
}

/** One line with the line break that ends it, as in the single-line benchmark. */
export function isSingleLine(gold: string): boolean {
  return gold.endsWith('\n') && gold.indexOf('\n') === gold.length - 1;
}
