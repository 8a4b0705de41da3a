import assert from 'node:assert/strict';
import { defaultLimits, RestartPolicy } from '../../../src/client/restartPolicy';

describe('RestartPolicy', () => {
  const secondMs = 1000;

  function crashesAt(...seconds: number[]) {
    let now = 0;
    const policy = new RestartPolicy(defaultLimits, () => now);
    return seconds.map((second) => {
      now = second * secondMs;
      return policy.crashed();
    });
  }

  it('waits longer after each crash in a row', () => {
    assert.deepEqual(crashesAt(0, 2, 7, 23), [
      { restart: true, delayMs: 1_000 },
      { restart: true, delayMs: 4_000 },
      { restart: true, delayMs: 15_000 },
      { restart: true, delayMs: 15_000 },
    ]);
  });

  it('gives up at the fifth crash within three minutes and says so', () => {
    assert.deepEqual(crashesAt(0, 10, 20, 30, 179).at(-1), {
      restart: false,
      reason: 'it ended 5 times within 3 minutes',
    });
  });

  it('forgets crashes older than three minutes', () => {
    assert.deepEqual(crashesAt(0, 10, 20, 30, 181).at(-1), { restart: true, delayMs: 15_000 });
    assert.deepEqual(crashesAt(0, 200).at(-1), { restart: true, delayMs: 1_000 });
  });

  it('forgets all crashes when reset', () => {
    const policy = new RestartPolicy({ delaysMs: [5], mostCrashes: 2, windowMs: 100 }, () => 0);
    policy.crashed();
    policy.reset();
    assert.deepEqual(policy.crashed(), { restart: true, delayMs: 5 });
  });
});
