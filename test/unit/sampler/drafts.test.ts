import assert from 'node:assert/strict';
import type { DraftWish, FillStep, Part, TextRange } from '../../../src/protocol/messages';
import { infill, type InfillOptions } from '../../../src/sampler/infill';
import { seededRandom } from '../../../src/sampler/random';
import { maskCount } from '../../../src/sampler/strength';
import { mixedLogits, type ToyLogits } from '../../support/toyDenoiser';
import {
  blankId,
  gap,
  made,
  maskId,
  modelOf,
  spelled,
  tokenizer,
  vocabSize,
} from '../../support/toyText';

const mixed = (traits = {}) => modelOf(mixedLogits(vocabSize), { maxTokens: 400, ...traits });
const draft = (text: string, wish: Partial<DraftWish> = {}): Part => ({
  draft: { text, strength: 1, ...wish },
});

async function run(parts: Part[], options: InfillOptions = {}, { model } = mixed()) {
  const steps: FillStep[] = [];
  const result = await infill(parts, model, { ...options, onStep: (step) => steps.push(step) });
  return { ...result, steps };
}

/** Wants the next character of `text`, `sure` of it but where `doubts` has another one. */
function reads(text: string, doubts: Readonly<Record<number, string>>, sure = 6): ToyLogits {
  return (row) => {
    const at = row; // start token at 0: row r predicts canvas position r + 1, character r
    const wanted = made.idOf(doubts[at] ?? text[at] ?? ' ');
    return Array.from({ length: vocabSize }, (_, id) => (id === wanted ? sure : 0));
  };
}

describe('maskCount()', () => {
  it('rounds up: nothing at 0, everything at 1, something in between', () => {
    assert.equal(maskCount(0, 10), 0);
    assert.equal(maskCount(1, 10), 10);
    assert.equal(maskCount(0.01, 10), 1);
    assert.equal(maskCount(0.1, 30), 3); // 0.1 * 30 is a little more than 3 in floats
    assert.equal(maskCount(0.35, 10), 4);
    assert.equal(maskCount(0.5, 0), 0);
  });
});

describe('a draft', () => {
  const before = { text: 'x = 1\n' };
  const after = { text: '\nend' };

  it('of strength 0 comes back unchanged without a forward', async () => {
    const { model, denoiser } = mixed();
    const text = 'if (a) {\n  b😀();\n}';
    const parts = [before, draft(text, { strength: 0 }), after];
    const { fills, forwards } = await infill(parts, model, { variants: 3 });
    assert.equal(fills[0]!.text, text);
    assert.equal(fills[0]!.confidence, 1);
    assert.ok(fills[0]!.tokens.every(({ given }) => given === true));
    assert.equal(denoiser.requests.length + forwards, 0);
  });

  it('of strength 1 is masked whole, and nothing of it is looked at', async () => {
    const { model, denoiser } = mixed();
    const { fills } = await infill([before, draft('abcdef'), after], model);
    const first = [...denoiser.requests[0]!.ids];
    assert.equal(first.filter((id) => id === maskId).length, 6);
    assert.equal(fills[0]!.tokens.length, 6);
    assert.ok(fills[0]!.tokens.every(({ given }) => given === undefined));
  });

  for (const order of ['least-confident', 'random'] as const) {
    it(`masks the share that was asked for, order ${order}`, async () => {
      const text = 'abcdefghijklmnopqrst';
      for (const strength of [0.05, 0.3, 0.5, 0.77, 1]) {
        const { steps, fills } = await run([before, draft(text, { strength, order }), after]);
        assert.equal(steps[0]!.maskedTokens, Math.ceil(strength * 20), `strength ${strength}`);
        const kept = fills[0]!.tokens.filter(({ given }) => given).length;
        assert.equal(kept, 20 - Math.ceil(strength * 20));
        assert.equal(fills[0]!.tokens.length, 20);
      }
    });
  }

  it('counts only what is not locked', async () => {
    const locks = [{ start: 0, end: 6 }];
    const { steps } = await run([draft('abcdefghij', { strength: 0.5, locks })]);
    assert.equal(steps[0]!.maskedTokens, 2);
  });

  it('gives up first what the model doubts most', async () => {
    const text = 'abcdefghijklmnopqrst';
    const logits = reads(text, { 3: 'X', 11: 'Y', 12: 'Z' });
    const { fills } = await run(
      [draft(text, { strength: 0.15 })],
      {},
      modelOf(logits, { maxTokens: 400 }),
    );
    assert.equal(fills[0]!.text, 'abcXefghijkYZnopqrst');
    assert.deepEqual(
      fills[0]!.tokens.flatMap(({ given }, index) => (given ? [] : [index])),
      [3, 11, 12],
    );
  });

  it('chosen at random depends on the seed alone', async () => {
    const text = 'abcdefghijklmnopqrst';
    const keptWith = async (seed: number) => {
      const parts = [draft(text, { strength: 0.5, order: 'random' })];
      const { fills } = await run(parts, { sampling: { seed } });
      return fills[0]!.tokens.map(({ given }) => (given ? '1' : '0')).join('');
    };
    assert.equal(await keptWith(5), await keptWith(5));
    assert.notEqual(await keptWith(5), await keptWith(6));
  });

  it('grows and shrinks run by run, each to one slot at least', async () => {
    const text = 'abcdXefYg';
    const locks = [
      { start: 4, end: 5 },
      { start: 7, end: 8 },
    ];
    for (const [growth, slots] of [
      [0.25, [1, 1, 1]],
      [1, [4, 2, 1]],
      [1.5, [6, 3, 2]],
      [4, [16, 8, 4]],
    ] as const) {
      const { fills, steps } = await run([draft(text, { locks, growth })]);
      const shape = fills[0]!.tokens.map(({ given, text: own }) => (given ? own : '.')).join('');
      assert.equal(
        shape,
        [...slots]
          .map((n) => '.'.repeat(n))
          .join('|')
          .replace('|', 'X')
          .replace('|', 'Y'),
      );
      assert.equal(steps[0]!.gaps[0]!.filter(({ given }) => given).length, 2);
    }
  });

  it('keeps every lock byte for byte, at any strength, growth, order and seed', async () => {
    const random = seededRandom(42);
    const letters = [
      'a',
      'b ',
      'return',
      ' width',
      '\n',
      '\t',
      '😀',
      'é',
      '漢',
      '\r\n',
      ';\n',
      '\ud800',
    ];
    const pick = <T>(values: readonly T[]) => values[Math.floor(random() * values.length)]!;
    for (let round = 0; round < 60; round++) {
      const pieces = Array.from({ length: 4 + Math.floor(random() * 10) }, () => pick(letters));
      const text = pieces.join('');
      const locks = someLocks(text, random);
      const parts = [
        before,
        draft(text, {
          locks,
          strength: pick([0, 0.2, 0.5, 1]),
          growth: pick([0.25, 1, 2.5]),
          order: pick(['random', 'least-confident'] as const),
        }),
        after,
      ];
      const sampling = { seed: round, temperature: pick([0, 1]) };
      const { fills } = await run(parts, { sampling, variants: pick([1, 2]) });
      const fill = fills[0]!;
      let at = 0;
      for (const { start, end } of locks) {
        const locked = text.slice(start, end).replace(/\r\n?/g, '\n');
        const found = fill.text.indexOf(locked, at);
        assert.ok(found >= 0, `round ${round}: ${JSON.stringify([text, locks, fill.text])}`);
        at = found + locked.length;
      }
      const given = fill.tokens.filter((token) => token.given).map((token) => token.text);
      const locked = locks.map(({ start, end }) => text.slice(start, end)).join('');
      const wish = (parts[1] as { draft: DraftWish }).draft;
      if (wish.strength === 1) assert.equal(given.join(''), locked.replace(/\r\n?/g, '\n'));
      if (wish.strength === 0) assert.equal(fill.text, text.replace(/\r\n?/g, '\n'));
    }
  });

  it('on one line stays on one, whatever the model would rather have', async () => {
    const breaking: ToyLogits = (_row, seen) =>
      Array.from({ length: vocabSize }, (_, id) => {
        if (tokenizer.bytesOf(id).some((byte) => byte === 10 || byte === 13)) return 9;
        return id === made.idOf('a') || id === made.idOf('b') ? 1 + (seen.size % 2) : 0;
      });
    const model = modelOf(breaking, { maxTokens: 400 });
    for (const wish of [
      { strength: 1 },
      { strength: 0.5 },
      { growth: 4 },
      { order: 'random' },
    ] as const) {
      for (const temperature of [0, 1.5]) {
        const parts = [before, draft('abc(d)', wish), after];
        const { fills, alternatives = [] } = await run(parts, { variants: 3, sampling: { temperature } }, model); // prettier-ignore
        for (const [fill] of [fills, ...alternatives]) assert.doesNotMatch(fill!.text, /[\r\n]/);
      }
    }
  });

  it('on one line needs the whole row where all likely tokens break it', async () => {
    // More such tokens than the candidates of a row.
    const crowd = Array.from({ length: vocabSize }, (_, id) => (id < 70 ? 9 : 0));
    const { model, denoiser } = modelOf(() => crowd, { maxTokens: 400 });
    const tokenizer = {
      ...model.tokenizer,
      bytesOf: (id: number) => (id < 70 ? Uint8Array.of(10) : model.tokenizer.bytesOf(id)),
    };
    const { fills } = await infill([draft('abc'), after], { ...model, tokenizer });
    assert.doesNotMatch(fills[0]!.text, /\n/);
    assert.equal(fills[0]!.tokens.length, 3);
    assert.ok(denoiser.requests.some(({ wantLogits }) => wantLogits));
  });

  it('on several lines may break them anew', async () => {
    const breaking: ToyLogits = () =>
      Array.from({ length: vocabSize }, (_, id) => (id === made.idOf('\n') ? 9 : 0));
    const { fills } = await run([draft('a\r\nb')], {}, modelOf(breaking, { maxTokens: 400 }));
    assert.equal(fills[0]!.text, '\n\n\n');
  });

  it('locked whole, or empty, asks the model nothing', async () => {
    const { model, denoiser } = mixed();
    const locks = [{ start: 0, end: 3 }];
    const parts = [draft('abc', { locks }), before, draft(''), after];
    const { fills } = await infill(parts, model);
    assert.deepEqual(
      fills.map(({ text }) => text),
      ['abc', ''],
    );
    assert.equal(denoiser.requests.length, 0);
  });

  it('maps locks of a text with carriage returns, and takes all of a CRLF that a lock cuts', async () => {
    const text = 'a\r\nb\r\ncd';
    const inside = { start: 2, end: 5 }; // from between \r and \n to between \r and \n
    const { fills } = await run([draft(text, { locks: [inside] })]);
    const given = fills[0]!.tokens.filter((token) => token.given).map((token) => token.text);
    assert.equal(given.join(''), '\nb\n');
    assert.equal(fills[0]!.tokens.length, 6);
  });

  it('masks a character of several tokens whole', async () => {
    const { fills } = await run([draft('a😀b', { strength: 0.34, order: 'random' })], {
      sampling: { seed: 2 },
    });
    const kept = fills[0]!.tokens.filter((token) => token.given).map((token) => token.text);
    for (const text of kept) assert.ok(['a', '😀', 'b'].includes(text), text);
  });

  it('shares a canvas with gaps and other drafts', async () => {
    const parts = [
      { text: 'a' },
      gap({ length: 2 }),
      draft('bcdef', { locks: [{ start: 2, end: 3 }] }),
      { text: 'g' },
      draft('hij', { strength: 0 }),
      gap({ length: 3, contains: 'K' }),
      { text: 'l' },
    ];
    const { model, denoiser } = mixed();
    const { fills } = await infill(parts, model);
    const m = maskId;
    assert.deepEqual(
      [...denoiser.requests[0]!.ids.slice(1)],
      [
        ...spelled('a'),
        m,
        m,
        m,
        m,
        ...spelled('d'),
        m,
        m,
        ...spelled('ghij'),
        m,
        m,
        ...spelled('K'),
        m,
        ...spelled('l'),
      ],
    );
    assert.deepEqual(
      fills.map(({ tokens }) => tokens.length),
      [2, 5, 3, 4],
    );
    assert.equal(fills[1]!.tokens[2]!.text, 'd');
    assert.equal(fills[2]!.text, 'hij');
    assert.equal(fills[3]!.tokens[2]!.text, 'K');
  });

  it('works beside an open-ended gap, whose blanks never enter it', async () => {
    const blankish: ToyLogits = () =>
      Array.from({ length: vocabSize }, (_, id) => (id === blankId ? 9 : id === 65 ? 5 : 0));
    const model = modelOf(blankish, { blankId, maxTokens: 400 });
    const { fills } = await run([draft('bcd'), { text: '-' }, gap()], {}, model);
    assert.equal(fills[0]!.tokens.length, 3);
    assert.equal(fills[1]!.text, '');
  });

  it('stops when aborted while it is looked at', async () => {
    const abort = new AbortController();
    const logits = mixedLogits(vocabSize);
    const { model, denoiser } = modelOf(
      (position, seen) => {
        if (denoiser.requests.length === 2) abort.abort();
        return logits(position, seen);
      },
      { maxTokens: 400 },
    );
    const parts = [draft('abcdefghij'.repeat(5), { strength: 0.5 })];
    await assert.rejects(infill(parts, model, { signal: abort.signal }), { name: 'AbortError' });
    assert.equal(denoiser.requests.length, 2);
  });

  it('that does not fit is refused with the numbers, before any forward', async () => {
    const { model, denoiser } = modelOf(mixedLogits(vocabSize));
    const refused = {
      code: 'contextTooLong',
      message: /take 151 tokens, the model holds 96 tokens/,
    };
    await assert.rejects(infill([draft('a'.repeat(150), { strength: 0.5 })], model), refused);
    await assert.rejects(infill([draft('a'.repeat(50), { growth: 4 })], model), {
      message: /take 201 tokens/,
    });
    await assert.rejects(infill([draft('a'.repeat(1_000_000))], model), {
      message: /take 1000000 characters, the model holds 96 tokens/,
    });
    assert.equal(denoiser.requests.length, 0);
  });
});

/** Disjoint ranges in order that split no character. */
function someLocks(text: string, random: () => number): TextRange[] {
  const borders = [0];
  for (const character of text) borders.push(borders.at(-1)! + character.length);
  const locks: TextRange[] = [];
  let at = 0;
  while (at < borders.length - 1) {
    const start = at + Math.floor(random() * 4);
    const end = start + Math.floor(random() * 4);
    if (end >= borders.length) break;
    locks.push({ start: borders[start]!, end: borders[end]! });
    at = end + 1;
  }
  return locks;
}
