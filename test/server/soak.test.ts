/** The soak of `npm run soak`, small enough for every run of the tests. */
import assert from 'node:assert/strict';
import { faultsOf, soak } from '../soak/soak';

describe('a small soak', () => {
  it('loses nothing, answers nothing twice, grows by nothing, survives kills and nonsense', async function () {
    this.timeout(240_000);
    const figures = await soak({
      requests: 400,
      connections: 8,
      frames: 4000,
      clocks: 5,
      kills: 4,
      seed: 1,
      minutes: 10,
    });
    assert.deepEqual(faultsOf(figures), []);
    const { requests, frames, kills } = figures;
    assert.equal(requests.filled + requests.cancelled, 400);
    assert.ok(requests.cancelled > 20, `${requests.cancelled} cancelled`);
    assert.ok(frames.frames >= 4000 && kills.kills === 4 && kills.ended > 0);
  });
});
