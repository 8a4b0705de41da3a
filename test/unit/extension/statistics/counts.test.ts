import { strict as assert } from 'node:assert';
import {
  countOf,
  noCounts,
  percentileMs,
  readCounts,
  total,
  withEvents,
  type Event,
} from '../../../../src/extension/statistics/counts';

describe('counts', () => {
  const shown = (languageId: string): Event => ({ languageId, name: 'shown' });
  const took = (latencyMs: number): Event => ({ languageId: 'ts', latencyMs });

  it('counts by language and remembers the first day', () => {
    const first = withEvents(noCounts, [shown('ts'), shown('ts'), shown('py')], '2026-01-02');
    const later = withEvents(first, [{ languageId: 'ts', name: 'accepted' }], '2026-03-04');
    assert.equal(later.since, '2026-01-02');
    assert.equal(countOf(later.languages['ts']!, 'shown'), 2);
    assert.equal(countOf(later.languages['ts']!, 'accepted'), 1);
    assert.equal(countOf(total(later), 'shown'), 3);
    assert.equal(countOf(first.languages['ts']!, 'accepted'), 0, 'the value before stays');
  });

  it('knows percentiles to within some percent', () => {
    const times = Array.from({ length: 100 }, (_, index) => took((index + 1) * 10));
    const language = withEvents(noCounts, times, 'd').languages['ts']!;
    const near = (actual: number | undefined, wanted: number) =>
      assert(Math.abs(actual! / wanted - 1) < 0.03, `${actual} for ${wanted}`);
    near(percentileMs(language, 0.5), 500);
    near(percentileMs(language, 0.95), 950);
    near(percentileMs(total(withEvents(noCounts, times, 'd')), 0.5), 500);
  });

  it('takes any time, and has no percentile of none', () => {
    assert.equal(percentileMs({ counts: {}, latency: {} }, 0.5), undefined);
    const odd = withEvents(noCounts, [took(0), took(0.2), took(600_000)], 'd').languages['ts']!;
    assert(percentileMs(odd, 0.5)! < 2);
    assert(percentileMs(odd, 1)! > 550_000);
  });

  it('begins anew where the stored counts are not its own', () => {
    const ours = withEvents(noCounts, [shown('ts')], 'd');
    assert.deepEqual(readCounts(JSON.parse(JSON.stringify(ours))), ours);
    for (const stored of [
      undefined,
      null,
      'x',
      3,
      {},
      { version: 2, languages: {} },
      { version: 1 },
    ]) {
      assert.deepEqual(readCounts(stored), noCounts);
    }
    assert.deepEqual(readCounts({ version: 1, languages: null }), noCounts);
  });
});
