/**
 * Plots and tables of the bench: what is drawn lies inside the picture and says what it should.
 */
import assert from 'node:assert/strict';
import { bound } from '../../../bench/sections/arithmetic';
import { compare, figure, markdownOf } from '../../../bench/support/report';
import { shapes } from '../../../bench/support/shapes';
import { drawBars } from '../../../bench/support/bars';
import { drawChart, spreadOut, ticks, type Chart } from '../../../bench/support/svg';

const chart: Chart = {
  ...{ id: 'some', title: 'Time & <place>', x: 'tokens', y: 'ms', logX: true },
  series: [
    {
      name: 'a',
      points: [
        [128, 10],
        [256, 20],
        [512, 80],
      ],
    },
    {
      name: 'b',
      points: [
        [128, 9],
        [256, 21],
        [512, 79],
      ],
    },
  ],
};

describe('plots of the bench', () => {
  it('puts doublings at equal distances and larger numbers higher', () => {
    const svg = drawChart(chart);
    const marks = [...svg.matchAll(/<circle class="mark" cx="([\d.]+)" cy="([\d.]+)"/g)];
    const [a, b, c] = marks.slice(0, 3).map(([, x, y]) => [Number(x), Number(y)] as const);
    assert.ok(Math.abs(b![0] - a![0] - (c![0] - b![0])) < 0.2);
    assert.ok(a![1] > b![1] && b![1] > c![1]);
    for (const [, x, y] of marks) {
      assert.ok(Number(x) >= 0 && Number(x) <= 720 && Number(y) >= 0 && Number(y) <= 380);
    }
  });

  it('escapes words and has colours for light and dark', () => {
    const svg = drawChart(chart);
    assert.match(svg, /Time &#38; &#60;place&#62;/);
    assert.match(svg, /prefers-color-scheme: dark/);
    assert.doesNotMatch(svg, /NaN|undefined|Infinity/);
  });

  it('refuses what has no logarithm', () => {
    const broken = { ...chart, series: [{ name: 'a', points: [[0, 1] as const] }] };
    assert.throws(() => drawChart(broken), /logarithmic/);
  });

  it('keeps names apart, in their order and inside the plot', () => {
    const [first, second, third] = spreadOut([100, 101, 320], 17);
    assert.deepEqual([first, second, third], [100, 117, 320]);
    const low = spreadOut([325, 326], 17);
    assert.ok(low[1]! <= 326 && low[1]! - low[0]! === 17);
  });

  it('ticks round numbers around all values', () => {
    assert.deepEqual(ticks(0, 9.3), [0, 2, 4, 6, 8, 10]);
    assert.deepEqual(ticks(0, 700), [0, 200, 400, 600, 800]);
    assert.deepEqual(ticks(3, 3), [3]);
  });
});

describe('bars of the bench', () => {
  it('draws what is faster to one side of 1 and what is slower to the other', () => {
    const svg = drawBars('Some', 'times', [
      { name: 'faster', value: 40 },
      { name: 'slower', value: 0.5 },
    ]);
    const [fast, slow] = [
      ...svg.matchAll(/<rect class="mark" x="([\d.]+)".*? width="([\d.]+)"/g),
    ].map(([, x, size]) => [Number(x), Number(size)] as const);
    assert.ok(Math.abs(fast![0] - (slow![0] + slow![1])) < 0.2, 'both begin at 1');
    assert.ok(fast![1] > slow![1]);
    assert.throws(() => drawBars('Some', 'times', [{ name: 'none', value: 0 }]), /above 0/);
  });
});

describe('tables of the bench', () => {
  const slow = [{ ms: 100, cpuMs: 80 }];
  const fast = [{ ms: 5, cpuMs: 2 }];

  it('compares by processor time, shows the clock beside it, and says met or missed', () => {
    const text = markdownOf({
      title: 'Some',
      rows: [compare('good', slow, fast, 40), compare('short', slow, fast, 41)],
      notes: ['A note.'],
    });
    assert.match(
      text,
      /\| good \| 80\.0 ms \| 2\.00 ms \| 40\.0 \(40\.0 to 40\.0\) \| 20\.0 \| at least 40 times: \*\*met\*\* \|/,
    );
    assert.match(text, /\*\*missed\*\*/);
    assert.match(text, /\n- A note\.\n/);
  });

  it('leaves out columns that nothing is in', () => {
    const text = markdownOf({ title: 'Some', rows: [figure('one', [3], 'MiB')], notes: [] });
    assert.equal(text, '### Some\n\n|  | Lacuna |\n| --- | ---: |\n| one | 3.00 MiB |\n');
  });
});

describe('the arithmetic bound', () => {
  const shape = shapes['127M'];
  const rates = { q8: 1000, f32: 100, copy: 10 };

  it('is compute for many rows and memory for few', () => {
    const full = bound(shape, { rows: 512, wanted: 32, past: 0 }, rates);
    const compute = (2 * (84_934_656 * 512 + 38_597_376 * 32)) / 1e9;
    assert.ok(Math.abs(full - compute - (4 * 12 * 768 * 512 * 512) / 1e8) < 1e-6);
    const one = bound(shape, { rows: 1, wanted: 1, past: 0 }, rates);
    assert.ok(Math.abs(one - 12.36) < 0.05); // 123.5 MB at 10 GB/s
  });
});
