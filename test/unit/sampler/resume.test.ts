import assert from 'node:assert/strict';
import type {
  FillStep,
  Resume,
  SamplerName,
  SamplingOptions,
} from '../../../src/protocol/messages';
import { infill } from '../../../src/sampler/infill';
import { samplerNames } from '../../../src/sampler/rules/makeRule';
import { expectError } from '../../support/expectError';
import { mixedLogits } from '../../support/toyDenoiser';
import { blankId, gap, modelOf, vocabSize } from '../../support/toyText';

const parts = [{ text: 'a' }, gap({ length: 6 }), { text: 'b' }, gap({ length: 4 })];
const warm = { temperature: 1, topP: 1, seed: 3 };

async function run(sampling: SamplingOptions, over = parts, traits = {}) {
  const { model, denoiser } = modelOf(mixedLogits(vocabSize), traits);
  const steps: FillStep[] = [];
  const result = await infill(over, model, { sampling, onStep: (step) => void steps.push(step) });
  assert.equal(denoiser.liveCaches, 0);
  return { ...result, shown: steps };
}

/** Rules with a schedule, so that there is a middle to resume from. */
const schedule = (sampler: SamplerName) => ({ sampler, steps: 5, factor: 0.1 });

describe('a resumed run', () => {
  for (const sampler of samplerNames) {
    it(`of ${sampler} keeps every step up to its own, and another seed changes what follows`, async () => {
      const whole = await run({ ...schedule(sampler), ...warm });
      const fromStep = 2;
      assert.ok(whole.steps > fromStep + 1, `${whole.steps} steps`);
      const others = await Promise.all(
        [11, 12, 13].map((seed) =>
          run({ ...schedule(sampler), ...warm, resumes: [{ fromStep, seed }] }),
        ),
      );
      for (const other of others) {
        assert.deepEqual(other.shown.slice(0, 3), whole.shown.slice(0, 3));
        assert.notDeepEqual(other.fills, whole.fills);
      }
      assert.notDeepEqual(others[0]!.fills, others[1]!.fills);
    });

    it(`of ${sampler} is the same run with the same seed, and with any at temperature 0`, async () => {
      const again = { ...schedule(sampler), ...warm, resumes: [{ fromStep: 2, seed: warm.seed }] };
      assert.deepEqual(await run(again), await run({ ...schedule(sampler), ...warm }));
      const cold = { ...schedule(sampler), seed: 3 };
      const resumed = await run({ ...cold, resumes: [{ fromStep: 2, seed: 99 }] });
      assert.deepEqual(resumed, await run(cold));
    });
  }

  it('goes on with the cache it had: stale by the same steps', async () => {
    const options = { ...schedule('even'), refreshEvery: 3, seed: 1 };
    const resumed = await run({ ...options, resumes: [{ fromStep: 2, seed: 8 }] });
    assert.deepEqual(resumed, await run(options));
  });

  it('from step 0 is what the other seed would have given', async () => {
    const other = { ...schedule('even'), ...warm, seed: 21 };
    const resumed = await run({ ...other, seed: 3, resumes: [{ fromStep: 0, seed: 21 }] });
    assert.deepEqual(resumed.fills, (await run(other)).fills);
  });

  it('can take another temperature, and be resumed again', async () => {
    const cold = schedule('even');
    const once: Resume = { fromStep: 1, seed: 5, temperature: 1 };
    const first = await run({ ...cold, resumes: [once] });
    assert.notDeepEqual(first.fills, (await run(cold)).fills);
    const second = await run({ ...cold, resumes: [once, { fromStep: 3, seed: 6 }] });
    assert.deepEqual(second.shown.slice(0, 4), first.shown.slice(0, 4));
    assert.notDeepEqual(second.fills, first.fills);
  });

  it('keeps what was masked of a draft, and a gap that has found its end', async () => {
    const draft = { text: 'abcdefgh', strength: 0.6, order: 'random' } as const;
    const over = [{ draft }, { text: '; ' }, gap({ maxLength: 6 })];
    const options = { ...warm, factor: 0.1 };
    const whole = await run(options, over, { blankId });
    const fromStep = whole.steps - 2;
    const other = await run({ ...options, resumes: [{ fromStep, seed: 4 }] }, over, { blankId });
    const until = fromStep + 1;
    assert.deepEqual(other.shown.slice(0, until), whole.shown.slice(0, until));
    const kept = other.shown[fromStep]!.gaps[0]!.map(({ given }) => given === true);
    assert.ok(kept.includes(true) && kept.includes(false));
  });

  it('cannot be resumed where it has ended', async () => {
    const sampling = { ...schedule('even'), resumes: [{ fromStep: 5, seed: 1 }] };
    const text = /Cannot resume from step 5: the run was complete after step 5.*from 0 to 4/s;
    await expectError(() => run(sampling), 'badUsage', text);
  });
});
