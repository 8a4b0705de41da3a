import assert from 'node:assert/strict';
import type { Fill, FillStep, Part } from '../../../src/protocol/messages';
import { infill, type InfillOptions } from '../../../src/sampler/infill';
import { layOut } from '../../../src/sampler/layout';
import { createTokenizer } from '../../../src/tokenizer/tokenizer';
import { byteTokenizer } from '../../support/byteTokenizer';
import { ToyDenoiser } from '../../support/toyDenoiser';
import { baseTraits } from '../../support/toyText';

const specials = ['<|endoftext|>', '<|mask|>', '<|blank|>', '<|py|>'];
const words = ['if', 'for', ' in', ' n', ' = ', '0', 'n', 'm', 'print', '(', ')'];
const made = byteTokenizer(words, specials);
const tokenizer = createTokenizer(made.json, {});
const blank = '<|blank|>';

/** At each slot the tokens in the order in which the model likes them. */
function modelThatLikes(before: string, slots: readonly (readonly string[])[]) {
  const first = 1 + tokenizer.encode(before, 'start').length;
  const denoiser = new ToyDenoiser(made.vocabSize, (row) => {
    const liked = (slots[row + 1 - first] ?? [blank]).map((text) => made.idOf(text));
    const scores = new Float64Array(made.vocabSize);
    for (const [rank, id] of liked.entries()) scores[id] = 12 - 2 * rank;
    return scores;
  });
  const traits = {
    ...baseTraits,
    maskId: made.idOf('<|mask|>'),
    bosId: made.idOf('<|endoftext|>'),
    blankId: made.idOf(blank),
    languageTokens: { python: made.idOf('<|py|>') },
    fromLeft: true,
  };
  return { denoiser, tokenizer, traits };
}

function fill(
  before: string,
  behind: string,
  slots: readonly (readonly string[])[],
  options: InfillOptions = {},
) {
  const gap: Part = { gap: { length: 'auto', singleLine: true, maxLength: 8 } };
  const parts = [{ text: before }, gap, { text: behind }];
  const model = modelThatLikes(before, slots);
  return infill(parts, model, { languageId: 'python', ...options });
}

describe('a fill that the code around its gap constrains', () => {
  const deeper = ['n = 0\n', '\n    print(n)\n'] as const;
  const likes = [['n', 'if'], [' n'], [blank, ':'], [blank]];

  it('opens the block that the next line stands in', async () => {
    const { fills } = await fill(...deeper, likes);
    assert.equal(fills[0]!.text, 'if n:');
    assert.equal(fills[0]!.misfit, undefined);
  });

  it('is as sure of a token as the model is among those that suit', async () => {
    const { fills } = await fill(...deeper, likes);
    const [first, second] = fills[0]!.tokens;
    assert.ok(first!.confidence > 0.9, `${first!.confidence}: nothing else that suits is liked`);
    assert.ok(second!.confidence > 0.9, `${second!.confidence}: the likeliest suits`);
  });

  it('is what the model likes where that is not wanted, or the language is not known', async () => {
    const free = await fill(...deeper, likes, { sampling: { constrain: false } });
    assert.equal(free.fills[0]!.text, 'n n');
    assert.equal(free.fills[0]!.misfit, undefined, 'nothing was judged');
    const other = await fill(...deeper, likes, { languageId: 'cobol' });
    assert.equal(other.fills[0]!.text, 'n n');
  });

  it('binds a name that is read behind and bound nowhere', async () => {
    const slots = [['n', 'm'], [' = '], ['0'], [blank]];
    const { fills } = await fill('n = 0\n', '\nprint(n, m)\n', slots);
    assert.equal(fills[0]!.text, 'm = 0');
  });

  it('has a given length, and each token suits all the same', async () => {
    const gap: Part = { gap: { length: 3, singleLine: true } };
    const model = modelThatLikes(deeper[0], likes);
    const parts = [{ text: deeper[0] }, gap, { text: deeper[1] }];
    const { fills } = await infill(parts, model, { languageId: 'python' });
    assert.equal(fills[0]!.tokens.length, 3);
    assert.equal(fills[0]!.tokens[0]!.text, 'if');
  });
});

describe('several gaps that are filled together', () => {
  const gap: Part = { gap: { length: 'auto', singleLine: true, maxLength: 6 } };
  const [before, behind] = ['n = 0\n', '\nprint(n)\n'];
  const slots = (first: string[][], second: string[][], between = '\n    ') => [
    ...first,
    ...Array.from({ length: 6 - first.length }, () => [blank]),
    ...Array.from(tokenizer.encode(between, 'middle'), () => [blank]),
    ...second,
  ];
  const fillBoth = (likes: string[][], options: InfillOptions = {}, between = '\n    ') => {
    const parts = [{ text: before }, gap, { text: between }, gap, { text: behind }];
    return infill(parts, modelThatLikes(before, likes), { languageId: 'python', ...options });
  };
  const textsOf = (fills: readonly Fill[]) => fills.map(({ text }) => text);

  it('leave room for each other: the line of one stands in the block of the other', async () => {
    const likes = slots([['n', 'if'], [' n'], [blank, ':'], [blank]], [['n'], [' = '], ['0']]);
    const { fills } = await fillBoth(likes);
    assert.deepEqual(textsOf(fills), ['if n:', 'n = 0']);
    const free = await fillBoth(likes, { sampling: { constrain: false } });
    assert.deepEqual(textsOf(free.fills), ['n n', 'n = 0']);
  });

  it('read names that the others bind, and none that stand nowhere', async () => {
    const second = [['print', 'if'], ['('], ['0'], [')'], [' = '], ['k', 'm']];
    const likes = slots([['m'], [' = '], ['0'], [blank]], second, '\n');
    assert.deepEqual(textsOf((await fillBoth(likes, {}, '\n')).fills), ['m = 0', 'print(0) = m']);
  });

  it('go other ways where one does not suit, and keep those that do', async () => {
    const likes = slots([['if'], [' n'], [':']], [['m'], [' = '], ['(', 'n'], ['0']]);
    const { fills } = await fillBoth(likes);
    assert.deepEqual(textsOf(fills), ['if n:', 'm = n']);
    const first = await fillBoth(likes, { mend: false });
    assert.deepEqual(
      first.fills.map(({ misfit }) => misfit),
      [undefined, 'shape'],
    );
  });
});

describe('a request with many gaps, or a draft', () => {
  const { traits } = modelThatLikes('', []);
  const ledBy = (parts: Part[]) =>
    layOut(parts, tokenizer, traits, { languageId: 'python' }).demands;
  const gaps = (count: number) =>
    Array.from({ length: count }, (): Part[] => [
      { text: 'n = ' },
      { gap: { length: 'auto' } },
      { text: '\n' },
    ]).flat();

  it('is led by the code around twelve gaps and left alone with more', () => {
    assert.equal(ledBy(gaps(12))?.count, 12);
    assert.equal(ledBy(gaps(13)), undefined);
    assert.equal(ledBy([...gaps(1), { draft: { text: 'm', strength: 1 } }]), undefined);
  });
});

describe('a gap that must contain a text', () => {
  it('suits together with it', async () => {
    const likes = [['print'], ['(', 'n'], ['n'], [blank, ')'], [blank]];
    const model = modelThatLikes('n = 0\n', likes);
    const gap: Part = { gap: { length: 'auto', singleLine: true, maxLength: 4, contains: 'n' } };
    const parts = [{ text: 'n = 0\n' }, gap, { text: '\nn = 1\n' }];
    const { fills } = await infill(parts, model, { languageId: 'python' });
    assert.equal(fills[0]!.text, 'print(n)');
    assert.equal(fills[0]!.misfit, undefined);
  });
});

describe('a fill that does not suit', () => {
  /** What the model likes best opens a bracket that nothing closes; the runner-up there does not. */
  const around = ['n = 0\n', '\nprint(n)\n'] as const;
  const slots = [['m'], [' = '], ['(', 'n'], ['0'], ['0'], ['0'], ['0'], ['0']];

  it('is made again another way, which is counted and shown', async () => {
    const steps: FillStep[] = [];
    const { fills, forwards, ...run } = await fill(...around, slots, {
      onStep: (step) => steps.push(step),
    });
    assert.equal(fills[0]!.text, 'm = n');
    assert.equal(fills[0]!.misfit, undefined);
    assert.deepEqual(
      steps.map(({ step }) => step),
      steps.map((_, index) => index),
    );
    assert.equal(run.steps, steps.length - 1);
    assert.equal(forwards, Math.max(...steps.map((step) => step.forwards)));
    const shown = steps
      .at(-1)!
      .gaps[0]!.map(({ text }) => text)
      .join('');
    assert.equal(shown, 'm = n');
  });

  it('says what it fails of where nothing else is tried', async () => {
    const { fills } = await fill(...around, slots, { mend: false });
    assert.equal(fills[0]!.misfit, 'shape');
    assert.ok(fills[0]!.text.startsWith('m = (0'), fills[0]!.text);
  });

  it('comes behind those that suit among several answers', async () => {
    for (const rank of ['confidence', 'fit'] as const) {
      const { alternatives = [] } = await fill(...around, slots, { variants: 4, rank });
      const misfits = alternatives.map(([first]) => first!.misfit !== undefined);
      assert.deepEqual(misfits, misfits.toSorted(), `${rank}: ${misfits}`);
    }
  });
});
