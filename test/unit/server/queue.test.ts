import assert from 'node:assert/strict';
import { isAbort } from '../../../src/protocol/errors';
import { RequestQueue, type Priority, type Ticket } from '../../../src/server/queue';

describe('RequestQueue', () => {
  const owner = {};
  const never = new AbortController().signal;

  /** Runs `steps` forwards, each noted in `log` as the request's name. */
  function request(
    queue: RequestQueue,
    log: string[],
    name: string,
    options: {
      priority?: Priority;
      steps?: number;
      signal?: AbortSignal;
      owner?: object;
      onStep?: (ticket: Ticket) => void;
    } = {},
  ): Promise<string> {
    const { priority = 'explicit', steps = 3, signal = never } = options;
    return queue.run({ priority, owner: options.owner ?? owner, signal }, async (ticket) => {
      for (let step = 0; step < steps; step++) {
        await ticket.turn();
        log.push(name);
        options.onStep?.(ticket);
      }
      return name;
    });
  }

  it('serves one rank in the order of arrival, one at a time', async () => {
    const queue = new RequestQueue();
    const log: string[] = [];
    await Promise.all([request(queue, log, 'a'), request(queue, log, 'b')]);
    assert.equal(log.join(''), 'aaabbb');
    assert.equal(queue.size, 0);
  });

  it('puts explicit before inline before speculative', async () => {
    const queue = new RequestQueue();
    const log: string[] = [];
    await Promise.all([
      request(queue, log, 'x', { priority: 'explicit' }),
      request(queue, log, 's', { priority: 'speculative' }),
      request(queue, log, 'i', { priority: 'inline' }),
      request(queue, log, 'e', { priority: 'explicit' }),
    ]);
    assert.equal(log.join(''), 'xxxeeeiiisss');
  });

  it('lets a more urgent request go first between two steps', async () => {
    const queue = new RequestQueue();
    const log: string[] = [];
    let urgent: Promise<string> | undefined;
    const slow = request(queue, log, 's', {
      priority: 'speculative',
      onStep: () => (urgent ??= request(queue, log, 'e')),
    });
    await slow;
    await urgent;
    assert.equal(log.join(''), 'seeess');
  });

  describe('with several owners in one rank', () => {
    /** A queue whose clock goes on by `stepMs` with each step. */
    function clocked(stepMs: number) {
      let now = 0;
      const queue = new RequestQueue(() => now);
      const log: string[] = [];
      const ask = (name: string, owner: object, steps: number, priority: Priority = 'explicit') =>
        request(queue, log, name, { owner, steps, priority, onStep: () => (now += stepMs) });
      return { ask, log };
    }
    const [one, two, three] = [{}, {}, {}];

    it('lets them take turns, so that a long answer keeps nobody waiting to its end', async () => {
      const { ask, log } = clocked(100); // three steps are more than a slice
      await Promise.all([ask('l', one, 12), ask('a', two, 3), ask('b', three, 4)]);
      assert.equal(log.join(''), 'lllaaabbblllbllllll');
    });

    it('lets a short fill end before the turn goes on', async () => {
      const { ask, log } = clocked(10);
      await Promise.all([ask('a', one, 9), ask('b', two, 9), ask('c', one, 9)]);
      assert.equal(log.join(''), 'aaaaaaaaacccccccccbbbbbbbbb');
    });

    it('gives one with many requests no more than one with a single request', async () => {
      const { ask, log } = clocked(300); // each step is a slice
      const many = Array.from({ length: 5 }, () => ask('m', one, 2));
      await Promise.all([...many, ask('s', two, 4)]);
      assert.equal(log.join('').indexOf('s'), 1);
      assert.equal(log.join('').slice(0, 8), 'msmsmsms');
    });

    it('does not let a turn stand in the way of what is more urgent', async () => {
      const { ask, log } = clocked(10);
      const slow = ask('s', one, 4, 'speculative');
      await Promise.all([slow, ask('e', two, 3, 'explicit')]);
      assert.equal(log.join(''), 'eeessss');
    });
  });

  it('never lets two forwards run at once', async () => {
    const queue = new RequestQueue();
    let running = 0;
    const work = async (ticket: Ticket) => {
      for (let step = 0; step < 3; step++) {
        await ticket.turn();
        assert.equal(++running, 1);
        await new Promise((resolve) => setTimeout(resolve, 1));
        running--;
      }
    };
    const ranks: Priority[] = ['speculative', 'inline', 'explicit', 'explicit'];
    await Promise.all(ranks.map((priority) => queue.run({ priority, owner, signal: never }, work)));
  });

  it('aborts the older inline fill of the same owner only', async () => {
    const queue = new RequestQueue();
    const log: string[] = [];
    const inline = { priority: 'inline' } as const;
    const older = assert.rejects(request(queue, log, 'a', inline), isAbort);
    const other = request(queue, log, 'b', { ...inline, owner: {} });
    const newer = request(queue, log, 'c', inline);
    await Promise.all([older, other, newer]);
    assert.ok(!log.includes('a'));
    assert.equal(log.sort().join(''), 'bbbccc');
  });

  it('lets a cancelled request leave at once, waiting or running', async () => {
    const queue = new RequestQueue();
    const log: string[] = [];
    const waiting = new AbortController();
    const running = new AbortController();
    const first = request(queue, log, 'r', {
      signal: running.signal,
      steps: 100,
      onStep: () => {
        if (log.length === 2) waiting.abort();
        if (log.length === 4) running.abort();
      },
    });
    const second = request(queue, log, 'w', { signal: waiting.signal });
    await assert.rejects(second, isAbort);
    assert.equal(log.join(''), 'rr');
    await assert.rejects(first, isAbort);
    assert.equal(log.join(''), 'rrrr');
    assert.equal(queue.size, 0);
  });

  it('goes on after a request that failed', async () => {
    const queue = new RequestQueue();
    const failing = queue.run({ priority: 'explicit', owner, signal: never }, () =>
      Promise.reject(new Error('broken')),
    );
    const log: string[] = [];
    const next = request(queue, log, 'n');
    await assert.rejects(failing, /broken/);
    assert.equal(await next, 'n');
  });

  it('measures the time spent waiting for others, and only that', async () => {
    let now = 0;
    const queue = new RequestQueue(() => now);
    const first = queue.run({ priority: 'explicit', owner, signal: never }, async (ticket) => {
      await ticket.turn();
      now += 40;
      return ticket.waitedMs();
    });
    const second = queue.run({ priority: 'explicit', owner, signal: never }, async (ticket) => {
      await ticket.turn();
      now += 5;
      return ticket.waitedMs();
    });
    assert.deepEqual(await Promise.all([first, second]), [0, 40]);
  });
});
