import assert from 'node:assert/strict';
import type { FillResult } from '../../../../src/protocol/messages';
import {
  mostStepTokens,
  RunRecorder,
  type FillCall,
  type Run,
} from '../../../../src/extension/liveView/runRecorder';
import { mask, model, result, step, token } from '../../../support/run';

const params = { parts: [{ text: 'a ' }, { gap: { length: 2 } }] };
const asked = { origin: { title: 'Ghost text', file: 'a.ts' }, params, model };
const { signal } = new AbortController();
const steps = [
  step(0, [mask, mask]),
  step(1, [token('x', 0.9, true), mask]),
  step(2, [token('x')]),
];

/** Says what a sampler process says: steps only to who asks for them. */
const sends =
  (answer: FillResult, all = steps) =>
  async ({ onStep }: FillCall) => {
    for (const one of all) onStep?.(one);
    return answer;
  };

describe('the recorder of runs', () => {
  let recorder: RunRecorder;
  let told: string[];
  beforeEach(() => {
    let ms = 0;
    recorder = new RunRecorder(() => (ms += 10));
    told = [];
    recorder.onChange((run, now) =>
      told.push(now ? `${run.id} step ${now.step.step}` : `${run.id} ${run.state}`),
    );
  });

  it('hands everything on as it came, and keeps it', async () => {
    const seen: number[] = [];
    const answer = result('xy');
    const got = await recorder.follow(
      asked,
      { signal, onStep: (now) => void seen.push(now.step) },
      sends(answer),
    );
    assert.equal(got, answer);
    assert.deepEqual(seen, [0, 1, 2]);
    const run = recorder.shown!;
    assert.deepEqual(
      run.steps.map((kept) => kept.step),
      steps,
    );
    assert.deepEqual(
      run.steps.map(({ ms }) => ms),
      [10, 20, 30],
    );
    assert.deepEqual([run.state, run.result, run.params], ['done', answer, params]);
    assert.deepEqual(told, ['1 running', '1 step 0', '1 step 1', '1 step 2', '1 done']);
  });

  it('asks for steps only where the face or the view wants them', async () => {
    await recorder.follow(asked, { signal }, sends(result('xy')));
    assert.equal(recorder.shown!.steps.length, 0);
    recorder.wantsSteps = true;
    await recorder.follow(asked, { signal }, sends(result('xy')));
    assert.equal(recorder.shown!.steps.length, 3);
  });

  it('keeps the steps of a run that could not be made once more', async () => {
    const reusing = { ...asked, params: { ...params, reuseContext: true } };
    await recorder.follow(reusing, { signal }, sends(result('xy')));
    assert.equal(recorder.shown!.steps.length, 3);
  });

  it('keeps the last run that came to its end, whatever becomes of the next', async () => {
    await recorder.follow(asked, { signal }, sends(result('xy')));
    const first = recorder.shown!;
    const abort = new DOMException('Cancelled', 'AbortError');
    await assert.rejects(
      recorder.follow(asked, { signal }, () => Promise.reject(abort)),
      abort,
    );
    assert.equal(recorder.shown, first);
    const broken = new Error('no memory');
    await assert.rejects(
      recorder.follow(asked, { signal }, () => Promise.reject(broken)),
      broken,
    );
    assert.equal(recorder.shown, first);
    assert.deepEqual(told.slice(-2), ['3 running', '3 failed']);
    assert.deepEqual([recorder.byId(3)!.detail, recorder.byId(2)], ['no memory', undefined]);
  });

  it('makes a run again for its steps, and says so where another answer comes out', async () => {
    await recorder.follow(asked, { signal }, sends(result('xy')));
    await recorder.repeat(recorder.shown!, signal, sends(result('xy')));
    assert.deepEqual(
      recorder.shown!.steps.map((kept) => kept.step),
      steps,
    );
    assert.deepEqual(told.slice(-5), ['1 repeating', '1 step 0', '1 step 1', '1 step 2', '1 done']);

    await recorder.follow(asked, { signal }, sends(result('xy')));
    await recorder.repeat(recorder.shown!, signal, sends(result('zz')));
    assert.equal(recorder.shown!.steps.length, 0);
    assert.match(recorder.shown!.detail, /another answer/);
    assert.equal(recorder.shown!.result!.fills[0]!.text, 'xy');

    const run = recorder.shown!;
    await recorder.repeat(run, signal, () => Promise.reject(new Error('gone')));
    assert.deepEqual([run.state, run.detail], ['done', 'gone']);
  });

  it('repeats no run that is going on', async () => {
    let isSent = false;
    const send = async ({ onStep }: FillCall) => {
      onStep?.(steps[0]!);
      await recorder.repeat(recorder.shown!, signal, async () => {
        isSent = true;
        return result('xy');
      });
      return result('xy');
    };
    await recorder.follow(asked, { signal }, send);
    assert.equal(isSent, false);
  });

  it('keeps no steps of a run that has too many tokens', async () => {
    const wide = Array.from({ length: 1000 }, () => mask);
    const many = Array.from({ length: mostStepTokens / 1000 + 1 }, (_, number) =>
      step(number, wide),
    );
    recorder.wantsSteps = true;
    await recorder.follow(asked, { signal }, sends(result('xy'), many));
    const run: Run = recorder.shown!;
    assert.deepEqual([run.steps.length, run.state], [0, 'done']);
    assert.match(run.detail, /more than 100000 tokens/);
  });

  it('hears nothing of a run after its end', async () => {
    let late: FillCall['onStep'];
    recorder.wantsSteps = true;
    await recorder.follow(asked, { signal }, async ({ onStep }) => {
      late = onStep;
      return result('xy');
    });
    late!(steps[0]!);
    assert.equal(recorder.shown!.steps.length, 0);
  });
});
