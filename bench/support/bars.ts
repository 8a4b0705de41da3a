/**
 * A bar for each ratio, on a logarithmic axis with a line where both sides are equal: to the right of it
 * Lacuna is faster. Knows nothing of what is compared.
 */
import { escaped, labelOf, round, style } from './svg';
import { shown } from './statistics';

export interface Bar {
  readonly name: string;
  /** Above 0. */
  readonly value: number;
}

const [width, left, right, rowHeight, top] = [720, 390, 660, 24, 44];

export function drawBars(title: string, axis: string, bars: readonly Bar[]): string {
  const values = bars.map(({ value }) => value);
  if (values.some((value) => !(value > 0)))
    throw new Error('Cannot draw a ratio that is not above 0');
  const low = Math.min(0.5, ...values);
  const high = Math.max(2, ...values);
  const at = (value: number) =>
    round(left + (Math.log(value / low) / Math.log(high / low)) * (right - left));
  const bottom = top + bars.length * rowHeight;
  const marks = [0.1, 1, 10, 100, 1000].filter((mark) => mark >= low && mark <= high);
  const parts = [
    `<text class="title" x="16" y="24">${escaped(title)}</text>`,
    ...marks.map((mark) => {
      const kind = mark === 1 ? 'axis' : 'grid';
      const line = `<path class="${kind}" d="M${at(mark)} ${top - 6}V${bottom + 4}"/>`;
      return `${line}<text x="${at(mark)}" y="${bottom + 22}" text-anchor="middle">${labelOf(mark)}</text>`;
    }),
    ...bars.map(({ name, value }, row) => {
      const y = top + row * rowHeight;
      const [from, to] = [Math.min(at(1), at(value)), Math.max(at(1), at(value))];
      const bar = `<rect class="mark" x="${from}" y="${y + 3}" width="${Math.max(1, round(to - from))}" height="14"/>`;
      const number = `<text class="name" x="${to + 6}" y="${y + 15}">${shown(value)}</text>`;
      const label = `<text x="${left - 24}" y="${y + 15}" text-anchor="end">${escaped(name)}</text>`;
      return `<g class="s${value >= 1 ? 0 : 1}">${label}${bar}${number}</g>`;
    }),
    `<text x="${(left + right) / 2}" y="${bottom + 42}" text-anchor="middle">${escaped(axis)}</text>`,
  ];
  const open = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${bottom + 54}" role="img" aria-label="${escaped(title)}">`;
  return `${open}\n<style>${style}\n</style>\n${parts.join('\n')}\n</svg>\n`;
}
