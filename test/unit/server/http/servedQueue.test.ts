/** The queue of a server: its limits, its way down, its figures. */
import assert from 'node:assert/strict';
import { ServedQueue } from '../../../../src/server/http/servedQueue';
import { expectError } from '../../../support/expectError';

describe('the queue of a server', () => {
  const never = new AbortController().signal;
  const request = (signal = never) => ({ priority: 'explicit' as const, owner: {}, signal });
  /** Work that ends when it is told to. */
  const held = () => {
    let end = () => {};
    const ended = new Promise<void>((resolve) => (end = resolve));
    return { end, work: () => ended.then(() => ({ forwards: 3, forwardMs: 1500 })) };
  };

  it('refuses what would wait behind too many, and counts that', async () => {
    const queue = new ServedQueue(1);
    const [first, second] = [held(), held()];
    const running = queue.run(request(), first.work);
    const waiting = queue.run(request(), second.work);
    await expectError(queue.run(request(), held().work), 'busy', /1 requests wait/);
    first.end();
    second.end();
    await Promise.all([running, waiting]);
    const text = queue.metrics.toString();
    assert.match(text, /lacuna_refused_total\{reason="queue_full"\} 1/);
    assert.match(text, /lacuna_requests_total\{priority="explicit",outcome="done"\} 2/);
    assert.match(text, /^lacuna_forwards_total 6$/m);
    assert.match(text, /^lacuna_forward_seconds_total 3$/m);
    assert.match(text, /^lacuna_request_seconds_count 2$/m);
  });

  it('lets what runs and waits come to its end, and takes nothing new', async () => {
    const queue = new ServedQueue(5);
    const [first, second] = [held(), held()];
    const all = [queue.run(request(), first.work), queue.run(request(), second.work)];
    let isDrained = false;
    const drained = queue.drain().then(() => (isDrained = true));
    await expectError(queue.run(request(), held().work), 'busy', /going down/);
    first.end();
    await all[0];
    assert.equal(isDrained, false);
    second.end();
    await drained;
    assert.equal(queue.size, 0);
  });

  it('is drained at once when nothing runs', () => new ServedQueue(5).drain());

  it('counts what was given up, running or waiting, and is drained by it', async () => {
    const queue = new ServedQueue(5);
    const aborter = new AbortController();
    const first = held();
    const running = queue.run(request(), first.work);
    const waiting = queue.run(request(aborter.signal), held().work);
    aborter.abort();
    await assert.rejects(waiting, { name: 'AbortError' });
    first.end();
    await running;
    await queue.drain();
    assert.match(queue.metrics.toString(), /^lacuna_cancelled_total 1$/m);
  });

  it('tells figures in a form that Prometheus reads', () => {
    const { metrics } = new ServedQueue(5);
    metrics.gauge('odd', 'A label with "quotes".', () => 1, { name: 'a"b\\c\nd' });
    const line =
      /^(# (HELP|TYPE) [a-z_]+ .+|[a-z_]+(\{[a-z_]+="([^"\\\n]|\\.)*"(,[a-z_]+="([^"\\\n]|\\.)*")*\})? -?[\d.e+-]+)$/;
    const lines = metrics.toString().trimEnd().split('\n');
    assert.ok(lines.length > 20);
    for (const text of lines) assert.match(text, line);
  });
});
