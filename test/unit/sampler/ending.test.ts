import assert from 'node:assert/strict';
import { Canvas } from '../../../src/sampler/canvas';
import { denoise } from '../../../src/sampler/denoise';
import { sureTogether, withinReach } from '../../../src/sampler/ending';
import { ToyDenoiser } from '../../support/toyDenoiser';

const [vocabSize, maskId, blankId] = [8, 7, 6];
const ending = { minLength: 0, endIds: [blankId], blankLossWeight: 1 };

/** Given 1, four slots, given 2: an open-ended gap where `open`, else one of given length. */
function gapOfFour(open = true, fromLeft = false): Canvas {
  const endings = new Map(open ? [[0, ending]] : []);
  const ids = Int32Array.of(1, 0, 0, 0, 0, 2);
  const unwritten = { narrow: false, allows: (id: number) => id !== blankId };
  const rules = new Map([1, 2, 3, 4].map((slot) => [slot, unwritten]));
  return new Canvas(ids, [{ start: 1, end: 5 }], maskId, { endings, rules, fromLeft });
}

function draftsOf(...confidences: number[]) {
  return new Map(confidences.map((confidence, slot) => [slot + 1, { id: 3, confidence }]));
}

function reached(canvas: Canvas, ...confidences: number[]): number[] {
  return [1, 2, 3, 4].filter(withinReach(canvas, draftsOf(...confidences)));
}

describe('where an open-ended gap may be committed', () => {
  it('at its frontier alone when that is unsure, however sure the others are', () => {
    assert.deepEqual(reached(gapOfFour(), 0.2, 0.99, 0.99, 0.99), [1]);
  });

  it('as far as every token from the frontier on is sure', () => {
    assert.deepEqual(reached(gapOfFour(), sureTogether, 0.95, 0.5, 0.99), [1, 2]);
    assert.deepEqual(reached(gapOfFour(), 0.99, 0.99, 0.99, 0.99), [1, 2, 3, 4]);
  });

  it('starts again at the leftmost mask', () => {
    const canvas = gapOfFour();
    canvas.commit(1, 3, 1);
    canvas.commit(2, 3, 1);
    assert.deepEqual(reached(canvas, 1, 1, 0.3, 0.99).slice(2), [3]);
  });

  it('anywhere in a gap of given length', () => {
    assert.deepEqual(reached(gapOfFour(false), 0.2, 0.99, 0.1, 0.99), [1, 2, 3, 4]);
  });

  it('at the frontier of a gap of given length, too, where the model was trained so', () => {
    assert.deepEqual(reached(gapOfFour(false, true), 0.2, 0.99, 0.1, 0.99), [1]);
  });

  it('behind one that a rule has committed before the frontier', () => {
    const canvas = gapOfFour();
    canvas.commit(2, 3, 1);
    const drafts = draftsOf(0.95, 1, 0.95, 0.2);
    drafts.delete(2);
    assert.deepEqual([1, 3, 4].filter(withinReach(canvas, drafts)), [1, 3]);
  });

  it('so its tokens come in order and a late sure one does not fix the length', async () => {
    // Sure of id 5 two slots behind the frontier, whatever stands there; a blank after three tokens.
    const toy = new ToyDenoiser(vocabSize, (row, seen) => {
      const logits = new Array<number>(vocabSize).fill(0);
      const written = [1, 2, 3, 4].filter((slot) => (seen.get(slot) ?? maskId) < blankId).length;
      if (row === 1 + written) logits[written < 3 ? 3 : blankId] = 2;
      if (row === 3 + written) logits[5] = 9;
      return logits;
    });
    const traits = { maskId, shift: false } as Parameters<typeof denoise>[2];
    const canvas = gapOfFour();
    const order: number[] = [];
    for await (const step of denoise(canvas, toy, traits)) order.push(...step.committed);
    assert.deepEqual(order, [1, 2, 3]);
    assert.deepEqual(canvas.spans, [{ start: 1, end: 4 }]);
    assert.deepEqual([...canvas.ids.slice(1, 4)], [3, 3, 3]);
  });
});
