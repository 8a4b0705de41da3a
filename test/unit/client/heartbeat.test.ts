import assert from 'node:assert/strict';
import { Heartbeat } from '../../../src/client/heartbeat';

describe('Heartbeat', () => {
  const wait = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));
  const never = () => new Promise<never>(() => {});
  const beats: Heartbeat[] = [];
  afterEach(() => beats.splice(0).forEach((beat) => beat.stop()));

  function beat(ping: () => Promise<{ longestSilenceMs: number }>) {
    const hung: number[] = [];
    const onHung = (ms: number) => hung.push(ms);
    const heart = new Heartbeat({ ping, onHung, everyMs: 10, patienceMs: 100 });
    beats.push(heart);
    return { heart, hung };
  }

  it('is content with one that answers', async () => {
    const { hung } = beat(() => Promise.resolve({ longestSilenceMs: 0 }));
    await wait(300);
    assert.deepEqual(hung, []);
  });

  it('tells once of one that does not, after the patience', async () => {
    const { hung } = beat(never);
    await wait(50);
    assert.deepEqual(hung, []);
    await wait(400);
    assert.deepEqual(hung, [100]);
  });

  it('allows for a silence that was announced, and no longer when it is over', async () => {
    const { heart, hung } = beat(never);
    heart.announce(60_000);
    await wait(300);
    assert.deepEqual(hung, []);
    heart.announce(0);
    await wait(400);
    assert.equal(hung.length, 1);
  });

  it('gives one that was silent for long before four times as much', async () => {
    let answers = 1;
    const { hung } = beat(() =>
      answers-- > 0 ? Promise.resolve({ longestSilenceMs: 10_000 }) : never(),
    );
    await wait(400);
    assert.deepEqual(hung, []);
  });

  it('takes a time in which nobody looked for no silence: the machine slept', async () => {
    const { hung } = beat(never);
    await wait(30);
    const end = performance.now() + 300;
    while (performance.now() < end); // no timer runs, as in a machine that is asleep
    await wait(5);
    assert.deepEqual(hung, []);
  });
});
