/**
 * What a section of the bench hands over, and how it looks as text: rows that compare two sides, each a
 * ratio with quartiles. The same for the terminal, RESULTS.md and docs/performance.md. Measures nothing.
 */
import type { Chart } from './svg';
import { ratio, shown, shownSummary, summarize, type Sample, type Summary } from './statistics';

export interface Row {
  readonly label: string;
  /** Milliseconds of processor time, or what `unit` says. */
  readonly reference?: Summary;
  readonly ours?: Summary;
  readonly unit?: string;
  /** Reference over ours: above 1 we are faster. */
  readonly ratio?: Summary;
  /** The same by the clock on the wall. */
  readonly wallRatio?: Summary;
  /** What was aimed at, where the row has a target, and whether it was met. */
  readonly target?: string;
  readonly met?: boolean;
}

export interface Section {
  readonly title: string;
  readonly rows: readonly Row[];
  /** One sentence each: what the rows mean, what was not measured. */
  readonly notes: readonly string[];
  readonly charts?: readonly Chart[];
}

/** Two sides that took turns: `reference` over `ours`, round by round. */
export function compare(
  label: string,
  reference: readonly Sample[],
  ours: readonly Sample[],
  atLeast?: number,
): Row {
  const cpu = (samples: readonly Sample[]) => samples.map(({ cpuMs }) => cpuMs);
  const wall = (samples: readonly Sample[]) => samples.map(({ ms }) => ms);
  const times = ratio(cpu(reference), cpu(ours));
  return {
    label,
    reference: summarize(cpu(reference)),
    ours: summarize(cpu(ours)),
    ratio: times,
    wallRatio: ratio(wall(reference), wall(ours)),
    ...(atLeast !== undefined && {
      target: `at least ${atLeast} times`,
      met: times.median >= atLeast,
    }),
  };
}

/** A figure without another side. */
export function figure(
  label: string,
  values: readonly number[],
  unit: string,
  atMost?: number,
): Row {
  const ours = summarize(values);
  const target = atMost === undefined ? {} : { target: `at most ${atMost} ${unit}` };
  return {
    label,
    ours,
    unit,
    ...target,
    ...(atMost !== undefined && { met: ours.median <= atMost }),
  };
}

/** Markdown: the table, then the notes as a list. */
export function markdownOf({ title, rows, notes }: Section, level = 3): string {
  const cells = rows.map((row) => [
    row.label,
    row.reference ? withUnit(row.reference.median, row.unit) : '',
    row.ours
      ? row.reference
        ? withUnit(row.ours.median, row.unit)
        : full(row.ours, row.unit)
      : '',
    row.ratio ? shownSummary(row.ratio) : '',
    row.wallRatio ? shown(row.wallRatio.median) : '',
    row.target ? `${row.target}: **${row.met ? 'met' : 'missed'}**` : '',
  ]);
  const head = ['', 'reference', 'Lacuna', 'ratio (quartiles)', 'by the clock', 'target'];
  const used = head.map((_, column) => column === 0 || cells.some((line) => line[column] !== ''));
  const line = (all: readonly string[]) => `| ${all.filter((_, i) => used[i]).join(' | ')} |`;
  const rule = head.map((_, column) => (column === 0 ? '---' : '---:'));
  const table = [head, rule, ...cells].map(line).join('\n');
  const list = notes.map((note) => `- ${note}`).join('\n');
  return `${'#'.repeat(level)} ${title}\n\n${table}\n${list && `\n${list}\n`}`;
}

function withUnit(value: number, unit = 'ms'): string {
  return `${shown(value)} ${unit}`;
}

function full(summary: Summary, unit = 'ms'): string {
  return summary.count > 1 ? `${shownSummary(summary)} ${unit}` : withUnit(summary.median, unit);
}
