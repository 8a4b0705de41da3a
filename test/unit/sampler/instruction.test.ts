import assert from 'node:assert/strict';
import { infill } from '../../../src/sampler/infill';
import { placeInstruction } from '../../../src/sampler/instruction';
import { mixedLogits } from '../../support/toyDenoiser';
import { gap, ids, modelOf, spelled, tokenizer, vocabSize } from '../../support/toyText';

const place = (instruction: string | undefined, head: string, rest = {}) =>
  placeInstruction(instruction, {
    ...{ head, following: '', languageId: 'python', prefix: undefined },
    ...rest,
  });

describe('placeInstruction()', () => {
  it('puts a comment above the line, with its indentation', () => {
    const { head, line } = place('sum them up', 'def f():\n    return ');
    assert.equal(head, 'def f():\n    # sum them up\n    return ');
    assert.equal(line, '');
  });

  it('comments as the language does', () => {
    assert.equal(place('go', '', { languageId: 'typescriptreact' }).head, '// go\n');
    assert.equal(place('go', '', { languageId: 'rust' }).head, '// go\n');
    assert.equal(place('go', '', { languageId: undefined }).head, '# go\n');
  });

  it('takes the indentation from a draft that begins a line', () => {
    const placed = place('go', 'a:\n', { following: '    x = 1\n' });
    assert.equal(placed.head, 'a:\n    # go\n');
    const halfway = place('go', 'a:\n  ', { following: '  x = 1\n' });
    assert.equal(halfway.head, 'a:\n    # go\n  ');
  });

  it('makes one line of several, and none of nothing', () => {
    assert.equal(place(' a\r\n  b\n\nc ', '').head, '# a b c\n');
    for (const empty of [undefined, '', ' \n ']) {
      assert.deepEqual(place(empty, 'x', { prefix: 'instruction:' }), { line: '', head: 'x' });
    }
  });

  it('opens the canvas of a model that was trained so', () => {
    const { head, line } = place('go on', 'x', { prefix: 'instruction:' });
    assert.deepEqual([line, head], ['# instruction: go on\n', 'x']);
    assert.equal(place('go', 'x', { prefix: 'do:', languageId: 'go' }).line, '// do: go\n');
  });
});

describe('an instruction', () => {
  const instruction = 'go';

  it('is pinned behind the language token, and never cut', async () => {
    const { model, denoiser } = modelOf(mixedLogits(vocabSize), { instructionPrefix: 'do:' });
    const parts = [{ text: 'a'.repeat(500) }, gap({ length: 2 }), { text: 'b'.repeat(500) }];
    await infill(parts, model, { instruction, languageId: 'typescript' });
    const canvas = [...denoiser.requests[0]!.ids];
    assert.equal(canvas.length, 96);
    assert.equal(canvas[0], ids('<|ts|>')[0]);
    assert.equal(tokenizer.decode(canvas.slice(1, 11)), '// do: go\n');
    assert.equal(tokenizer.decode(canvas.slice(11, 13)), 'aa');
  });

  it('becomes a comment above the first gap for other models', async () => {
    const { model, denoiser } = modelOf(mixedLogits(vocabSize));
    const parts = [{ text: 'x\n  y' }, gap({ length: 1 }), { text: 'z\n' }, gap({ length: 1 })];
    await infill(parts, model, { instruction });
    const canvas = [...denoiser.requests[0]!.ids].slice(1);
    assert.deepEqual(canvas.slice(0, 12), spelled('x\n  # go\n  y'));
  });

  it('that leaves no room is refused', async () => {
    const { model } = modelOf(mixedLogits(vocabSize), { instructionPrefix: 'do:' });
    const long = { instruction: 'x'.repeat(200) };
    await assert.rejects(infill([gap({ length: 2 })], model, long), {
      code: 'contextTooLong',
      message: /the instruction, the gaps, .* take 210 tokens, the model holds 96/,
    });
  });
});
