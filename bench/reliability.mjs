/**
 * How far a fill's confidence can be believed: reads the lines that `lacuna eval infilling --out`
 * wrote and prints, by confidence, how many fills were right. What the inline threshold is read from.
 * Knows no model.
 *
 * node bench/reliability.mjs RESULTS.jsonl...
 */
import { readFileSync } from 'node:fs';

const files = process.argv.slice(2);
if (files.length === 0) {
  console.error(
    'usage: node bench/reliability.mjs RESULTS.jsonl... (from lacuna eval infilling --out)',
  );
  process.exit(2);
}
const rows = files
  .flatMap((file) => readFileSync(file, 'utf8').trim().split('\n'))
  .map((line) => JSON.parse(line))
  .filter(({ confidence }) => confidence !== undefined);

const share = (part, whole) => (whole.length === 0 ? NaN : part.length / whole.length);
const percent = (value) => (Number.isNaN(value) ? '-' : `${(100 * value).toFixed(1)} %`);
const right = (some) =>
  share(
    some.filter((row) => row.exactMatch),
    some,
  );
const passed = (some) =>
  share(
    some.filter((row) => row.passed),
    some,
  );

const edges = [0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0001];
console.log('confidence   fills   exact    passed | from here up: fills   exact    passed');
for (const [index, from] of edges.slice(0, -1).entries()) {
  const inside = rows.filter((r) => r.confidence >= from && r.confidence < edges[index + 1]);
  const above = rows.filter((row) => row.confidence >= from);
  const cells = [
    `${from.toFixed(1)}-${Math.min(1, edges[index + 1]).toFixed(1)}`.padEnd(11),
    String(inside.length).padStart(6),
    percent(right(inside)).padStart(8),
    percent(passed(inside)).padStart(9),
    '|',
    String(above.length).padStart(19),
    percent(right(above)).padStart(8),
    percent(passed(above)).padStart(9),
  ];
  console.log(cells.join(' '));
}
const meanConfidence = rows.reduce((sum, row) => sum + row.confidence, 0) / rows.length;
console.log(
  JSON.stringify({ fills: rows.length, meanConfidence, exact: right(rows), passed: passed(rows) }),
);
