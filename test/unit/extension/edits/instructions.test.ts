import { strict as assert } from 'node:assert';
import {
  growthFor,
  offersFor,
  presets,
  remembered,
} from '../../../../src/extension/edits/instructions';

describe('instructions', () => {
  const labels = (typed: string, history: string[]) =>
    offersFor(typed, history).map(({ origin, instruction }) => `${origin}: ${instruction}`);
  const ofPresets = presets.map(({ instruction }) => `preset: ${instruction}`);

  it('offers what is typed, what was used, and the presets', () => {
    assert.deepEqual(labels('', []), ofPresets);
    assert.deepEqual(labels('sort it ', ['log it']), [
      'typed: sort it',
      'history: log it',
      ...ofPresets,
    ]);
  });

  it('offers nothing twice', () => {
    assert.deepEqual(labels('log it', ['log it']), ['history: log it', ...ofPresets]);
    assert.deepEqual(labels('', [presets[1]!.instruction]), ofPresets);
  });

  it('remembers the latest first, each once, and not for ever', () => {
    assert.deepEqual(remembered(['a', 'b'], 'b'), ['b', 'a']);
    const many = Array.from({ length: 40 }, (_, index) => `${index}`);
    assert.equal(remembered(many, 'new').length, 20);
  });

  it('gives a comment and types the room they need', () => {
    const [document, fix, simplify, types] = presets;
    assert(growthFor(document!.instruction) > 1 && growthFor(types!.instruction) > 1);
    assert(growthFor(fix!.instruction) === 1 && growthFor(simplify!.instruction) < 1);
    assert.equal(growthFor('something else'), 1);
  });
});
