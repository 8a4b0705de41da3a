/** What a fill commits when its time runs out. */
import assert from 'node:assert/strict';
import { infill } from '../../../src/sampler/infill';
import { blankId, gap, ids, modelOf, scripted, spelled } from '../../support/toyText';
import { mixedLogits } from '../../support/toyDenoiser';
import { vocabSize } from '../../support/toyText';

const hole = (length: number) => [{ text: 'return' }, gap({ length }), { text: ';\n' }];

/** A budget of so many steps. */
function steps(count: number): () => number {
  return () => count--;
}

describe('a fill that has so many steps', () => {
  it('takes no more, whatever its rule', async () => {
    for (const sampler of ['factor', 'threshold', 'even', 'random-keep'] as const) {
      const { model } = modelOf(mixedLogits(vocabSize));
      const sampling = { sampler, steps: 64 };
      const result = await infill(hole(10), model, { sampling, stepsLeft: steps(3) });
      assert.ok(result.steps <= 3, `${sampler}: ${result.steps} steps`);
      assert.equal(result.fills[0]!.tokens.length, 10);
    }
  });

  it('writes all in one where none is left', async () => {
    const { model, denoiser } = modelOf(mixedLogits(vocabSize));
    const result = await infill(hole(10), model, { stepsLeft: () => 0 });
    assert.equal(result.steps, 1);
    assert.equal(denoiser.requests.length, 1);
    assert.equal(result.fills[0]!.tokens.length, 10);
  });

  it('spreads the tokens over the steps it has', async () => {
    const { model } = modelOf(mixedLogits(vocabSize));
    const left: number[] = [];
    const onStep = ({ maskedTokens }: { maskedTokens: number }) => left.push(maskedTokens);
    await infill(hole(12), model, { sampling: { factor: 1e-9 }, stepsLeft: steps(4), onStep });
    assert.deepEqual(left, [12, 9, 6, 3, 0]);
  });

  it('still ends where the model says', async () => {
    const script = [...spelled('ab'), ...new Array<number>(30).fill(blankId)];
    const { model, denoiser } = modelOf(scripted(2, script), { blankId });
    const parts = [{ text: 'return' }, gap({ maxLength: 24 }), { text: ';\n' }];
    const { fills } = await infill(parts, model, { stepsLeft: () => 0 });
    assert.equal(fills[0]!.text, 'ab');
    assert.ok(denoiser.requests.length <= 2); // the second looks at whole rows of logits
  });

  it('changes nothing where there is time enough', async () => {
    const fill = async (stepsLeft?: () => number) => {
      const { model } = modelOf(scripted(2, ids(' width', ' * ', 'height')));
      return infill(hole(3), model, { stepsLeft });
    };
    assert.deepEqual(await fill(() => 1000), await fill());
  });
});
