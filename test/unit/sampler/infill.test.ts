import assert from 'node:assert/strict';
import type { FillStep } from '../../../src/protocol/messages';
import { infill } from '../../../src/sampler/infill';
import { blankId, gap, ids, made, maskId, modelOf, scripted } from '../../support/toyText';
import { mixedLogits } from '../../support/toyDenoiser';

describe('infill()', () => {
  it('lays prefix, masks and suffix in document order behind the language token', async () => {
    const { model, denoiser } = modelOf(mixedLogits(made.vocabSize));
    await infill([{ text: 'return' }, gap({ length: 3 }), { text: ';\n' }], model, {
      languageId: 'typescriptreact',
    });
    assert.deepEqual(
      [...denoiser.requests[0]!.ids],
      [...ids('<|ts|>', 'return'), maskId, maskId, maskId, ...ids(';', '\n')],
    );
  });

  it('returns the text of the gap with its leading space, and confidences', async () => {
    const { model } = modelOf(scripted(2, ids(' width', ' * ', 'height')));
    const parts = [{ text: 'return' }, gap({ length: 3 }), { text: ';\n' }];
    const { fills } = await infill(parts, model);
    assert.equal(fills[0]!.text, ' width * height');
    assert.equal(fills[0]!.tokens.length, 3);
    assert.ok(fills[0]!.confidence > 0.9 && fills[0]!.confidence <= 1);
  });

  it('lets blanks say the length: what they cover is not part of the fill', async () => {
    const script = [...ids(' width', ';\n'), ...new Array<number>(30).fill(blankId)];
    const { model, denoiser } = modelOf(scripted(2, script), { blankId });
    const { fills } = await infill(
      [{ text: 'return' }, gap({ maxLength: 16, singleLine: false })],
      model,
    );
    assert.equal(fills[0]!.text, ' width;\n');
    assert.equal(denoiser.requests[0]!.ids.filter((id) => id === maskId).length, 16);
  });

  it('opens no more slots than the caller allows', async () => {
    const { model, denoiser } = modelOf(scripted(2, new Array<number>(40).fill(made.idOf('a'))), {
      blankId,
    });
    const { fills } = await infill([{ text: 'return' }, gap({ maxLength: 10 })], model);
    assert.equal(denoiser.requests[0]!.ids.filter((id) => id === maskId).length, 10);
    assert.equal(fills[0]!.tokens.length, 10);
  });

  it('an all-blank gap is filled with nothing, unless something was demanded', async () => {
    const script = new Array<number>(80).fill(blankId);
    const { model } = modelOf(scripted(2, script), { blankId });
    const nothing = await infill([{ text: 'return' }, gap()], model);
    assert.equal(nothing.fills[0]!.text, '');
    assert.ok(nothing.fills[0]!.confidence > 0.9);
    const something = await infill([{ text: 'return' }, gap({ minLength: 1 })], model);
    assert.equal(something.fills[0]!.tokens.length, 1);
  });

  it('probes lengths where the model has no blank', async () => {
    const { model, denoiser } = modelOf(mixedLogits(made.vocabSize));
    const { fills, forwards } = await infill([{ text: 'return' }, gap({ maxLength: 8 })], model);
    assert.ok([1, 2, 4, 8].includes(fills[0]!.tokens.length));
    assert.equal(forwards, denoiser.requests.length);
  });

  it('keeps a single-line gap on its line', async () => {
    const { model } = modelOf(scripted(2, ids(';\n', ';\n', ';\n')));
    const { fills } = await infill(
      [{ text: 'return' }, gap({ length: 3, singleLine: true }), { text: '\n' }],
      model,
    );
    assert.ok(!fills[0]!.text.includes('\n'), JSON.stringify(fills[0]!.text));
  });

  it('heals a word cut at the cursor where the model never saw such cuts', async () => {
    const { model, denoiser } = modelOf(scripted(1, ids('return', ' width')), {
      trainedOnCharacterCuts: false,
    });
    const { fills } = await infill([{ text: 'retu' }, gap({ length: 1 }), { text: ';\n' }], model);
    assert.equal(fills[0]!.text, 'rn width');
    assert.ok(denoiser.requests[0]!.wantLogits);
  });

  it('a healed token spells the cut characters again, whatever the model would rather have', async () => {
    const { model } = modelOf(scripted(1, ids('height', 'height')), {
      trainedOnCharacterCuts: false,
    });
    const { fills } = await infill([{ text: 'retu' }, gap({ length: 0 }), { text: ';\n' }], model);
    assert.ok(['', 'rn'].includes(fills[0]!.text), JSON.stringify(fills[0]!.text));
  });

  it('text that spells the mask, or its name, is never taken for a gap', async () => {
    const ordinary = made.idOf('height'); // as DiffuGPT-S took twelve dashes
    const { model, denoiser } = modelOf(mixedLogits(made.vocabSize), { maskId: ordinary });
    await infill([{ text: 'height<|mask|>' }, gap({ length: 1 }), { text: '' }], model);
    const [first] = denoiser.requests;
    assert.equal(first!.ids.filter((id) => id === ordinary).length, 1);
    assert.ok(!first!.ids.includes(maskId));
    assert.deepEqual([...first!.ids.slice(1, 3)], ids('heigh', 't'));
  });

  it('keeps the text nearest to the gap when the context is longer than the model', async () => {
    const { model, denoiser } = modelOf(mixedLogits(made.vocabSize));
    await infill(
      [{ text: 'a'.repeat(5000) + 'b' }, gap({ length: 4 }), { text: 'c' + 'd'.repeat(5000) }],
      model,
    );
    const canvas = [...denoiser.requests[0]!.ids];
    assert.equal(canvas.length, 96);
    const hole = canvas.indexOf(maskId);
    assert.equal(canvas[hole - 1], made.idOf('b'));
    assert.equal(canvas[hole + 4], made.idOf('c'));
  });

  it('refuses gaps that lie too far apart, with the numbers', async () => {
    const { model } = modelOf(mixedLogits(made.vocabSize));
    const parts = [gap({ length: 4 }), { text: 'x'.repeat(200) }, gap({ length: 4 })];
    await assert.rejects(infill(parts, model), {
      code: 'contextTooLong',
      message: /208 tokens|209/,
    });
  });

  it('fills two gaps on one canvas', async () => {
    const { model } = modelOf(mixedLogits(made.vocabSize));
    const { fills } = await infill(
      [{ text: 'a' }, gap({ length: 2 }), { text: 'b' }, gap({ length: 3 }), { text: 'c' }],
      model,
    );
    assert.deepEqual(
      fills.map((fill) => fill.tokens.length),
      [2, 3],
    );
  });

  it('fills gaps of given length from the left where the model was trained so', async () => {
    const { model } = modelOf(mixedLogits(made.vocabSize), { fromLeft: true });
    const filled: number[] = [];
    await infill([{ text: 'a' }, gap({ length: 6 }), { text: 'b' }], model, {
      sampling: { sampler: 'even', steps: 6 },
      onStep: ({ gaps }) => filled.push(gaps[0]!.findIndex(({ text }) => text === undefined)),
    });
    assert.deepEqual(filled, [0, 1, 2, 3, 4, 5, -1]);
  });

  it('shows every step: masks first, fresh tokens once', async () => {
    const { model } = modelOf(mixedLogits(made.vocabSize));
    const steps: FillStep[] = [];
    await infill([{ text: 'a' }, gap({ length: 4 })], model, {
      sampling: { sampler: 'even', steps: 4 },
      onStep: (step) => steps.push(step),
    });
    assert.deepEqual(
      steps.map((step) => step.maskedTokens),
      [4, 3, 2, 1, 0],
    );
    assert.ok(steps.slice(1).every((s) => s.gaps[0]!.filter((t) => t.fresh).length === 1));
  });

  for (const [name, prefix, suffix] of [
    ['an empty file', '', ''],
    ['a gap at offset 0', '', 'return'],
    ['a gap at the end', 'return', ''],
    ['lone surrogates', 'a\ud800b', '\udc00'],
    ['NUL bytes', 'a\0b', '\0'],
    ['mixed line ends', 'a\r\nb\rc\n', '\r\nd'],
    ['a huge file', 'let x = 1;\n'.repeat(200_000), 'y\n'.repeat(200_000)],
  ] as const) {
    it(`fills ${name}`, async () => {
      const { model } = modelOf(mixedLogits(made.vocabSize));
      const { fills } = await infill(
        [{ text: prefix }, gap({ length: 2 }), { text: suffix }],
        model,
      );
      assert.equal(fills[0]!.tokens.length, 2);
    }).timeout(5000);
  }
});
