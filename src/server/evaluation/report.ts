/**
 * From the results of single tasks to the one JSON object that an evaluation ends with, and to the
 * line beside its progress bar. What needs tests is null where no task has any: a score that nobody
 * measured is not 0. Knows no model, no sandbox and no file.
 */
import {
  lengthDifference,
  reliability,
  rounded,
  share,
  sum,
  type LengthDifference,
  type Reliability,
  type ScoredFill,
} from './calibration';
import type { Misfit } from '../../protocol/messages';
import type { Verdict } from './sandbox';

/** One line of --out. A task that the model cannot hold has neither tokens nor confidence. */
export interface TaskResult extends Partial<Verdict> {
  readonly task: string;
  readonly language: string;
  readonly fill: string;
  readonly gold: string;
  /** Null without tests. */
  readonly passed: boolean | null;
  readonly exactMatch: boolean;
  /** Where several different fills were drawn: whether one of them is right. */
  readonly anyRight?: boolean;
  readonly tokens?: number;
  readonly tokensGold?: number;
  readonly confidence?: number;
  readonly misfit?: Misfit;
  readonly forwards: number;
  readonly elapsedMs: number;
}

/** Shares are 0..1. */
export interface InfillingReport {
  readonly tasks: number;
  /** How many of them have tests; passAt1 is over these. */
  readonly tested: number;
  readonly passed: number | null;
  readonly passAt1: number | null;
  readonly exactMatch: number;
  /** Share of tasks with a right fill among the several drawn: what a perfect choice would score. */
  readonly anyRight?: number;
  readonly meanForwards: number;
  /** Of all tasks that a model filled. */
  readonly forwardsPerToken?: number;
  readonly meanMs: number;
  /** Where there is more than one language. */
  readonly byLanguage?: Readonly<Record<string, { tasks: number; exactMatch: number }>>;
  /** Where a model chose the lengths. */
  readonly lengthDifference?: LengthDifference;
  /** Fills that the code around their gap asks to be otherwise; where there is one. */
  readonly misfits?: Readonly<Record<Misfit, number>>;
  /** Where a model filled. */
  readonly reliability?: Reliability;
}

/** @param choseLength the gaps had no length given, so that the difference to the gold one says something. */
export function reportOf(results: readonly TaskResult[], choseLength: boolean): InfillingReport {
  const { tested, passed, exact } = counts(results);
  const languages = [...new Set(results.map(({ language }) => language))];
  const differences = results.flatMap(({ tokens, tokensGold }) =>
    tokens === undefined || tokensGold === undefined ? [] : [tokens - tokensGold],
  );
  const fills = results.flatMap(scored);
  const tokens = sum(results.map((result) => result.tokens ?? 0));
  const forwards = sum(results.map((result) => result.forwards));
  const mean = (figure: 'forwards' | 'elapsedMs') =>
    sum(results.map((result) => result[figure])) / results.length;
  const misfitsOf = (kind: Misfit) => results.filter(({ misfit }) => misfit === kind).length;
  return {
    tasks: results.length,
    tested,
    passed: tested === 0 ? null : passed,
    passAt1: tested === 0 ? null : share(passed, tested),
    exactMatch: share(exact, results.length),
    ...(results.some(({ anyRight }) => anyRight !== undefined) && {
      anyRight: share(
        results.filter((result) => result.anyRight ?? isRight(result)).length,
        results.length,
      ),
    }),
    meanForwards: rounded(mean('forwards'), 2),
    ...(tokens > 0 && { forwardsPerToken: rounded(forwards / tokens, 2) }),
    meanMs: rounded(mean('elapsedMs'), 1),
    ...(languages.length > 1 && { byLanguage: byLanguage(results, languages) }),
    ...(choseLength &&
      differences.length > 0 && { lengthDifference: lengthDifference(differences) }),
    ...(results.some(({ misfit }) => misfit) && {
      misfits: { shape: misfitsOf('shape'), names: misfitsOf('names') },
    }),
    ...(fills.length > 0 && { reliability: reliability(fills, results.length) }),
  };
}

/** How it stands after some of the tasks. */
export function progressText(results: readonly TaskResult[]): string {
  const { tested, passed, exact } = counts(results);
  const tests = tested === 0 ? '' : `${passed} of ${tested} passed, `;
  return `${tests}${exact} of ${results.length} exact`;
}

/** By its tests where the task has any, else by its text. */
export function isRight({ passed, exactMatch }: Pick<TaskResult, 'passed' | 'exactMatch'>) {
  return passed ?? exactMatch;
}

function counts(results: readonly TaskResult[]) {
  const count = (holds: (result: TaskResult) => boolean) => results.filter(holds).length;
  return {
    tested: count(({ passed }) => passed !== null),
    passed: count(({ passed }) => passed === true),
    exact: count(({ exactMatch }) => exactMatch),
  };
}

function byLanguage(results: readonly TaskResult[], languages: readonly string[]) {
  const rows = languages.map((language) => {
    const some = results.filter((result) => result.language === language);
    return [
      language,
      { tasks: some.length, exactMatch: share(counts(some).exact, some.length) },
    ] as const;
  });
  return Object.fromEntries(rows);
}

function scored({ confidence, passed, exactMatch, fill, misfit }: TaskResult): ScoredFill[] {
  if (confidence === undefined) return [];
  return [
    {
      confidence,
      isRight: isRight({ passed, exactMatch }),
      isExact: exactMatch,
      isHeldBack: fill.trim() === '' || misfit !== undefined,
    },
  ];
}
