import assert from 'node:assert/strict';
import {
  goTo,
  keptOf,
  nothingShown,
  received,
  restored,
  ticked,
  togglePlay,
  type Playback,
} from '../../../src/webview/liveView/playback';
import { head, runView, stepView } from '../../support/run';

const done = (steps = 4) => received(nothingShown, { type: 'run', run: runView(steps) }, true);
const running = (isCalm = false) =>
  received(nothingShown, { type: 'run', run: runView(1, { state: 'running' }) }, isCalm);
const brief = ({ at, isPlaying, isFollowing }: Playback) => ({ at, isPlaying, isFollowing });

describe('playback', () => {
  it('plays a run that is over, from its masked canvas to its end', () => {
    let now = received(nothingShown, { type: 'run', run: runView(3) }, false);
    assert.deepEqual(brief(now), { at: 0, isPlaying: true, isFollowing: false });
    now = ticked(now);
    assert.deepEqual(brief(now), { at: 1, isPlaying: true, isFollowing: false });
    now = ticked(now);
    assert.deepEqual(brief(now), { at: 2, isPlaying: false, isFollowing: false });
    assert.equal(ticked(now), now);
    assert.deepEqual(brief(togglePlay(now)), { at: 0, isPlaying: true, isFollowing: false });
  });

  it('plays nothing by itself where less motion is wanted: the end is shown', () => {
    assert.deepEqual(brief(done()), { at: 3, isPlaying: false, isFollowing: false });
    let now = running(true);
    now = received(now, { type: 'step', id: 1, step: stepView(1) }, true);
    assert.equal(now.at, 0);
    now = received(now, { type: 'head', head: head(), steps: 2 }, true);
    assert.deepEqual(brief(now), { at: 1, isPlaying: false, isFollowing: false });
  });

  it('follows a run that is being made, until the user looks at another step', () => {
    let now = running();
    for (const number of [1, 2, 3]) {
      now = received(now, { type: 'step', id: 1, step: stepView(number) }, false);
    }
    assert.equal(now.at, 3);
    now = goTo(now, 1);
    now = received(now, { type: 'step', id: 1, step: stepView(4) }, false);
    assert.deepEqual(brief(now), { at: 1, isPlaying: false, isFollowing: false });
    now = goTo(now, 99);
    now = received(now, { type: 'step', id: 1, step: stepView(5) }, false);
    assert.deepEqual(brief(now), { at: 5, isPlaying: false, isFollowing: true });
    now = received(now, { type: 'head', head: head(), steps: 6 }, false);
    assert.deepEqual(brief(now), { at: 5, isPlaying: false, isFollowing: false });
  });

  it('follows a run that is made again for its steps', () => {
    for (const isCalm of [true, false]) {
      let now = received(nothingShown, { type: 'run', run: runView(0) }, isCalm);
      now = received(now, { type: 'head', head: head({ state: 'repeating' }), steps: 0 }, isCalm);
      for (const number of [0, 1, 2]) {
        now = received(now, { type: 'step', id: 1, step: stepView(number) }, isCalm);
      }
      assert.equal(now.at, isCalm ? 0 : 2);
      now = received(now, { type: 'head', head: head(), steps: 3 }, isCalm);
      assert.deepEqual(brief(now), { at: 2, isPlaying: false, isFollowing: false });
    }
  });

  it('takes nothing from another run, and drops the steps that are no longer kept', () => {
    const now = done();
    assert.equal(received(now, { type: 'step', id: 2, step: stepView(9) }, false), now);
    assert.equal(received(now, { type: 'head', head: head({ id: 2 }), steps: 0 }, false), now);
    const none = received(now, { type: 'head', head: head(), steps: 0 }, false);
    assert.deepEqual([none.run!.steps.length, none.at], [0, 0]);
    assert.equal(received(now, { type: 'empty' }, false).run, undefined);
  });

  it('stays between the first step and the last', () => {
    assert.equal(goTo(done(), -1).at, 0);
    assert.equal(goTo(done(), 9).at, 3);
    assert.equal(togglePlay(done(1)).isPlaying, false);
  });

  it('is back where it was when its page comes back, for the same run only', () => {
    const kept = keptOf({ ...goTo(done(), 1), speed: 4 });
    const fresh = received(nothingShown, { type: 'run', run: runView(4) }, false);
    const back = restored(fresh, kept);
    assert.deepEqual(
      [brief(back), back.speed],
      [{ at: 1, isPlaying: false, isFollowing: false }, 4],
    );
    const other = received(nothingShown, { type: 'run', run: runView(4, { id: 2 }) }, false);
    assert.equal(restored(other, kept).isPlaying, true);
    for (const nonsense of [undefined, 7, { id: 1, at: 'x', speed: 100 }]) {
      assert.deepEqual(restored(fresh, nonsense), fresh);
    }
  });

  it('goes on following when its page comes back in the middle of a run', () => {
    const kept = keptOf(running());
    assert.equal(restored(running(), kept).isFollowing, true);
  });
});
