/**
 * Puts what `npm run bench` kept into the documents: tables into docs/performance.md between its two marks
 * and onto the top of bench/RESULTS.md, plots into docs/performance/. Measures nothing; what stands around
 * the tables is written by people.
 *
 * node bench/run.mjs publish [--results FILE]
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import type { Measured, Results } from './all';
import { drawBars } from './support/bars';
import { betweenMarks, onTop } from './support/documents';
import { markdownOf } from './support/report';
import { shown } from './support/statistics';
import { drawChart } from './support/svg';

const page = 'docs/performance.md';
const plots = 'docs/performance';
const history = 'bench/RESULTS.md';

const { values: options } = parseArgs({
  options: { results: { type: 'string', default: 'bench/.cache/results.json' } },
});

const { sections, leftOut } = JSON.parse(readFileSync(options.results, 'utf8')) as Results;
const all = Object.values(sections);
if (all.length === 0) throw new Error(`"${options.results}" holds no section: run "npm run bench"`);

mkdirSync(plots, { recursive: true });
for (const chart of all.flatMap(({ charts = [] }) => charts)) {
  writeFileSync(path.join(plots, `${chart.id}.svg`), drawChart(chart));
}
const bars = Object.entries(sections).flatMap(([name, { rows }]) =>
  rows.flatMap(({ label, ratio }) =>
    ratio ? [{ name: `${name}: ${label}`, value: ratio.median }] : [],
  ),
);
if (bars.length > 0) {
  const drawn = drawBars('How many times as fast as the other side', 'times, processor time', bars);
  writeFileSync(path.join(plots, 'ratios.svg'), drawn);
}
const missing = Object.entries(leftOut).map(([name, why]) => `Left out: ${name}. ${why}\n`);
const overview = '![How many times as fast as the other side](performance/ratios.svg)\n';
const figures = [
  targetsOf(all),
  overview,
  ...all.map((section) => withPlots(section)),
  ...missing,
].join('\n');
writeFileSync(page, betweenMarks(readFileSync(page, 'utf8'), figures));

const date = all
  .map(({ machine }) => machine.date)
  .sort()
  .at(-1)!;
const heading = `## ${date}: every comparison`;
const entry = [
  heading,
  '`npm run bench`; how these came about: [docs/performance.md](../docs/performance.md).',
  ...all.map((section) => withMachine(section)),
].join('\n\n');
writeFileSync(history, onTop(readFileSync(history, 'utf8'), heading, entry));
console.log(`${all.length} sections: ${page}, ${plots}/, ${history}`);

/** What was aimed at and what came out, in one place. */
function targetsOf(measured: readonly Measured[]): string {
  const lines = measured.flatMap(({ title, rows }) =>
    rows.flatMap(({ label, target, met, ratio, ours }) =>
      target === undefined
        ? []
        : [
            `| ${title.split(':')[0]}: ${label} | ${target} | ${shown((ratio ?? ours)!.median)} | ${met ? 'met' : '**missed**'} |`,
          ],
    ),
  );
  return [
    '### Targets',
    '',
    '| what | target | measured | |',
    '| --- | --- | ---: | --- |',
    ...lines,
    '',
  ].join('\n');
}

function withPlots(section: Measured): string {
  const pictures = (section.charts ?? []).map(
    ({ id, title }) => `![${title}](performance/${id}.svg)\n`,
  );
  return [withMachine(section), ...pictures].join('\n');
}

function withMachine(section: Measured): string {
  const { machine, threads, rounds } = section;
  const { date: day, commit, cpu, cores, memoryGiB, system, load } = machine;
  const on = `${cpu}, ${cores} cores, ${memoryGiB} GiB, ${system}, load ${load}`;
  const how = `${rounds === 1 ? '1 round' : `${rounds} rounds`} by turns, ${threads === 1 ? '1 thread' : `${threads} threads`} on each side`;
  return `${markdownOf(section).trimEnd()}\n\n_${how}; ${on}; commit ${commit}, ${day}._\n`;
}
