/**
 * Line plots as SVG, small and by hand: axes with round ticks, one line a series, its name at its end.
 * Colours follow the reader's light or dark setting by a style sheet inside the file, so that one file
 * reads on both; the lines differ in dash and mark as well as in colour. Knows nothing of what is plotted.
 */

export interface Series {
  readonly name: string;
  readonly points: readonly (readonly [x: number, y: number])[];
}

export interface Chart {
  /** File name without its ending. */
  readonly id: string;
  readonly title: string;
  readonly x: string;
  readonly y: string;
  /** Doublings of x are as far apart as each other; y begins at 0 unless it is `log` too. */
  readonly logX?: boolean;
  readonly logY?: boolean;
  readonly series: readonly Series[];
}

const [width, height] = [720, 380];
const plot = { left: 64, right: 560, top: 48, bottom: 326 };
const dashes = ['', '7 4', '2 4', '10 4 2 4'];

/** Classes `title`, `axis`, `grid`, `line`, `mark`, `name` and the colours `s0` to `s3`. */
export const style = `
text { font: 13px system-ui, sans-serif; fill: #1f2328; }
.title { font-size: 15px; font-weight: 600; }
.axis { stroke: #59636e; fill: none; }
.grid { stroke: #d1d9e0; fill: none; }
.s0 { color: #0969da; } .s1 { color: #bc4c00; } .s2 { color: #1a7f37; } .s3 { color: #8250df; }
.line { fill: none; stroke: currentColor; stroke-width: 2; }
.mark { fill: currentColor; }
.name { fill: currentColor; }
@media (prefers-color-scheme: dark) {
  text { fill: #f0f6fc; }
  .axis { stroke: #9198a1; }
  .grid { stroke: #3d444d; }
  .s0 { color: #4493f8; } .s1 { color: #f0883e; } .s2 { color: #3fb950; } .s3 { color: #ab7df8; }
  .name { fill: currentColor; }
}`;

/** @throws where a logarithmic axis is given a number that has no logarithm. */
export function drawChart(chart: Chart): string {
  const xs = chart.series.flatMap(({ points }) => points.map(([x]) => x));
  const ys = chart.series.flatMap(({ points }) => points.map(([, y]) => y));
  const x = scale(xs, chart.logX === true, [plot.left, plot.right]);
  const y = scale(chart.logY ? ys : [0, ...ys], chart.logY === true, [plot.bottom, plot.top]);
  const xTicks = chart.logX ? [...new Set(xs)].sort((a, b) => a - b) : ticks(x.low, x.high);
  const yTicks = chart.logY ? powers(y.low, y.high) : ticks(y.low, y.high);
  const parts = [
    `<text class="title" x="${plot.left}" y="24">${escaped(chart.title)}</text>`,
    ...yTicks.map((tick) => {
      const at = round(y.at(tick));
      const line = `<path class="grid" d="M${plot.left} ${at}H${plot.right}"/>`;
      return `${line}<text x="${plot.left - 8}" y="${at + 4}" text-anchor="end">${labelOf(tick)}</text>`;
    }),
    ...xTicks.map((tick) => {
      const at = round(x.at(tick));
      return `<text x="${at}" y="${plot.bottom + 20}" text-anchor="middle">${labelOf(tick)}</text>`;
    }),
    `<path class="axis" d="M${plot.left} ${plot.top}V${plot.bottom}H${plot.right}"/>`,
    `<text x="${(plot.left + plot.right) / 2}" y="${plot.bottom + 42}" text-anchor="middle">${escaped(chart.x)}</text>`,
    `<text x="${plot.left}" y="${plot.top - 8}">${escaped(chart.y)}</text>`,
    ...drawSeries(chart.series, x.at, y.at),
  ];
  const open = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img" aria-label="${escaped(chart.title)}">`;
  return `${open}\n<style>${style}\n</style>\n${parts.join('\n')}\n</svg>\n`;
}

function drawSeries(
  series: readonly Series[],
  x: (value: number) => number,
  y: (value: number) => number,
): string[] {
  const ends = series.map(({ points }) => y(points.at(-1)![1]));
  const places = spreadOut(ends, 17);
  return series.map(({ name, points }, index) => {
    const at = points.map(([px, py]) => [round(x(px)), round(y(py))] as const);
    const path = at.map(([px, py], i) => `${i === 0 ? 'M' : 'L'}${px} ${py}`).join('');
    const marks = at.map(([px, py]) => `<circle class="mark" cx="${px}" cy="${py}" r="3.5"/>`);
    const dash = dashes[index % dashes.length];
    const line = `<path class="line" d="${path}"${dash ? ` stroke-dasharray="${dash}"` : ''}/>`;
    const named = `<text class="name" x="${plot.right + 12}" y="${round(places[index]!) + 4}">${escaped(name)}</text>`;
    return `<g class="s${index % 4}">${line}${marks.join('')}${named}</g>`;
  });
}

/** Names at the lines' ends, moved apart where lines end close together; the order stays. */
export function spreadOut(places: readonly number[], least: number): number[] {
  const order = [...places.keys()].sort((a, b) => places[a]! - places[b]!);
  const moved = [...places];
  let floor = -Infinity;
  for (const index of order) {
    moved[index] = Math.max(places[index]!, floor + least);
    floor = moved[index]!;
  }
  const over = Math.max(0, floor - plot.bottom);
  return moved.map((place) => place - over);
}

function scale(values: readonly number[], log: boolean, [from, to]: readonly [number, number]) {
  if (log && values.some((value) => value <= 0)) {
    throw new Error('Cannot plot numbers that are not above 0 on a logarithmic axis');
  }
  const low = Math.min(...values);
  const high = log ? Math.max(...values) : Math.max(...ticks(low, Math.max(...values)));
  const turned = (value: number) => (log ? Math.log(value) : value);
  const size = turned(high) - turned(low) || 1;
  const at = (value: number) => from + ((turned(value) - turned(low)) / size) * (to - from);
  return { low, high, at };
}

/** About five round numbers from at most `low` to at least `high`. */
export function ticks(low: number, high: number): number[] {
  const rough = (high - low) / 5 || 1;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((digit) => digit * power).find((size) => size >= rough)!;
  const first = Math.floor(low / step);
  const last = Math.ceil(high / step - 1e-9);
  return Array.from({ length: last - first + 1 }, (_, i) =>
    Number(((first + i) * step).toPrecision(12)),
  );
}

/** 1, 10, 100 ... within the bounds, and 2 and 5 in between where there are few. */
function powers(low: number, high: number): number[] {
  const tens = Array.from({ length: 16 }, (_, i) => 10 ** (i - 6));
  const within = (all: number[]) => all.filter((value) => value >= low && value <= high);
  const plain = within(tens);
  return plain.length > 2 ? plain : within(tens.flatMap((ten) => [ten, 2 * ten, 5 * ten]));
}

export function labelOf(value: number): string {
  return value >= 1000 ? value.toLocaleString('en-US') : String(Number(value.toPrecision(3)));
}

export function round(value: number): number {
  return Math.round(value * 10) / 10;
}

export function escaped(text: string): string {
  return text.replace(/[&<>"]/g, (c) => `&#${c.charCodeAt(0)};`);
}
