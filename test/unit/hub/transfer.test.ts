/** Rate and time left, and the patience with servers, by a clock of the test. */
import assert from 'node:assert/strict';
import { pauseMs, retryAfterMs } from '../../../src/hub/retry';
import { TransferMeter } from '../../../src/hub/transferMeter';

describe('transfer', () => {
  it('tells the rate of the last seconds, not of the whole, and not of what was there', () => {
    let nowMs = 0;
    const meter = new TransferMeter(10_000, () => nowMs);
    assert.deepEqual(meter.update(5000), {
      doneBytes: 5000,
      totalBytes: 10_000,
      bytesPerSecond: 0,
    });
    for (let second = 1; second <= 20; second++) {
      nowMs = 1000 * second;
      meter.update(5000 + 10 * second);
    }
    for (let second = 21; second <= 30; second++) {
      nowMs = 1000 * second;
      meter.update(5200 + 100 * (second - 20));
    }
    const { bytesPerSecond, secondsLeft } = meter.update(6200);
    assert.equal(bytesPerSecond, 100);
    assert.equal(secondsLeft, 38);
  });

  it('begins anew where a file had to start anew', () => {
    let nowMs = 0;
    const meter = new TransferMeter(100, () => nowMs);
    meter.update(50);
    nowMs = 1000;
    assert.equal(meter.update(0).bytesPerSecond, 0);
    nowMs = 2000;
    assert.equal(meter.update(20).bytesPerSecond, 20);
  });

  it('waits longer each time, up to half a minute', () => {
    assert.deepEqual([1, 2, 3, 4, 5, 6, 9].map(pauseMs), [
      ...[1000, 2000, 4000, 8000, 16_000, 30_000, 30_000],
    ]);
  });

  it('reads Retry-After as seconds and as a date', () => {
    const now = Date.parse('2025-01-01T00:00:00Z');
    const told = (value: string) => new Headers({ 'retry-after': value });
    assert.equal(retryAfterMs(told('12'), now), 12_000);
    assert.equal(retryAfterMs(told('Wed, 01 Jan 2025 00:00:30 GMT'), now), 30_000);
    assert.equal(retryAfterMs(told('Tue, 31 Dec 2024 00:00:00 GMT'), now), 0);
    assert.deepEqual(
      [retryAfterMs(new Headers()), retryAfterMs(told('')), retryAfterMs(told('soon'))],
      [...[undefined, undefined, undefined]],
    );
  });

  it('takes a date of Retry-After by the clock of the server, where that is told', () => {
    const headers = new Headers({
      date: 'Wed, 01 Jan 2025 00:00:00 GMT',
      'retry-after': 'Wed, 01 Jan 2025 00:00:30 GMT',
    });
    for (const here of ['2024-12-31T12:00:00Z', '2025-01-01T12:00:00Z']) {
      assert.equal(retryAfterMs(headers, Date.parse(here)), 30_000);
    }
  });
});
