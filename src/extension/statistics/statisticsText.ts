/**
 * The counts as a page of Markdown that reads well as plain text too, and as JSON. Says no more than is
 * counted. Pure.
 */
import { t } from '../l10n';
import { countOf, percentileMs, total, type Counts, type LanguageCounts } from './counts';

export function statisticsPage(counts: Counts): string {
  const languages = Object.entries(counts.languages).sort(([a], [b]) => (a < b ? -1 : 1));
  const head = `# ${t('Lacuna: statistics')}`;
  const where = t(
    'Counted on this machine only and sent nowhere. No code is kept, just these counts.',
  );
  if (languages.length === 0) {
    return `${head}\n\n${where}\n\n${t('Nothing has been counted yet.')}\n`;
  }
  const rows = [
    columns(),
    ...languages.map(([languageId, language]) => row(languageId, language)),
    ...(languages.length > 1 ? [row(t('all'), total(counts))] : []),
  ];
  const notes = [
    t('Shown, accepted: completions at the cursor. Proposals: of regenerate and fill.'),
    t(
      'Kept: at least half of an accepted text was still there then; files closed before are left out.',
    ),
    t(
      'Answer times: milliseconds from the last key, or from the request, to the answer; median and 95th percentile.',
    ),
  ];
  const since = t('Since {0}.', counts.since);
  return `${head}\n\n${where} ${since}\n\n${table(rows)}\n\n${notes.map((note) => `- ${note}`).join('\n')}\n`;
}

/** For a file: the counts with the figures that follow from them. */
export function statisticsJson(counts: Counts): string {
  const figures = ({ counts: own, latency }: LanguageCounts) => ({
    ...own,
    answers: Object.values(latency).reduce((sum, count) => sum + count, 0),
    p50Ms: rounded(percentileMs({ counts: own, latency }, 0.5)),
    p95Ms: rounded(percentileMs({ counts: own, latency }, 0.95)),
  });
  const languages = Object.fromEntries(
    Object.entries(counts.languages).map(([id, language]) => [id, figures(language)]),
  );
  return `${JSON.stringify({ since: counts.since, languages, all: figures(total(counts)) }, null, 2)}\n`;
}

function columns(): string[] {
  return [
    t('language'),
    t('shown'),
    t('accepted'),
    t('proposals'),
    t('accepted'),
    t('kept 30 s'),
    t('kept 5 min'),
    'p50 ms',
    'p95 ms',
  ];
}

function row(name: string, language: LanguageCounts): string[] {
  const count = (counted: Parameters<typeof countOf>[1]) => countOf(language, counted);
  return [
    name,
    String(count('shown')),
    withShare(count('accepted'), count('shown')),
    String(count('proposed')),
    withShare(count('proposalsAccepted'), count('proposed')),
    withShare(count('keptAfter30s'), count('keptAfter30s') + count('lostAfter30s')),
    withShare(count('keptAfter5min'), count('keptAfter5min') + count('lostAfter5min')),
    String(rounded(percentileMs(language, 0.5)) ?? '-'),
    String(rounded(percentileMs(language, 0.95)) ?? '-'),
  ];
}

function withShare(part: number, whole: number): string {
  return whole === 0 ? '-' : `${part} (${Math.round((100 * part) / whole)} %)`;
}

function rounded(value: number | undefined): number | null {
  return value === undefined ? null : Math.round(value);
}

/** Padded, so that it is a table to the eye as well. */
function table(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]!.map((_, column) =>
    Math.max(3, ...rows.map((cells) => cells[column]!.length)),
  );
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!))).join(' | ')} |`;
  const rule = `| ${widths.map((width, i) => (i === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`)).join(' | ')} |`;
  return [line(rows[0]!), rule, ...rows.slice(1).map(line)].join('\n');
}
