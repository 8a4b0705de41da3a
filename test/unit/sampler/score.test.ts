import assert from 'node:assert/strict';
import type { ScoreParams } from '../../../src/protocol/messages';
import { fewTargets, maskEach, targetSpacing } from '../../../src/sampler/maskEach';
import { score, windowsOver } from '../../../src/sampler/score';
import { mixedLogits, type ToyLogits } from '../../support/toyDenoiser';
import { made, maskId, modelOf, spelled, vocabSize } from '../../support/toyText';

/** Sees two tokens to either side and nothing else, so that windows and groups change nothing. */
const nearSighted: ToyLogits = (row, seen) => {
  const near = [-1, 0, 2, 3].map((offset) => seen.get(row + offset) ?? -1);
  let hash = 17;
  for (const id of near) hash = Math.imul(hash ^ (id + 7), 0x9e3779b1) >>> 0;
  return Array.from({ length: vocabSize }, (_, id) => {
    const mixed = Math.imul(hash ^ Math.imul(id + 1, 0x85ebca6b), 0xc2b2ae35) >>> 0;
    return ((mixed ^ (mixed >>> 15)) % 1000) / 250;
  });
};

const probabilities = (lists: Awaited<ReturnType<typeof score>>['tokens']) =>
  lists.map((tokens) => tokens.map(({ probability }) => probability));

/** Exactly what one forward with one mask says, without the code under test. */
function oneAtATime(canvas: readonly number[], position: number, logits: ToyLogits): number {
  const seen = new Map(canvas.map((id, at) => [at, at === position ? maskId : id]));
  const row = Float32Array.from(logits(position - 1, seen));
  for (const banned of ['<|endoftext|>', '<|mask|>', '<|blank|>', '<|ts|>']) {
    row[made.idOf(banned)] = -Infinity;
  }
  const total = row.reduce((sum, logit) => sum + Math.exp(logit), 0);
  return Math.exp(row[canvas[position]!]!) / total;
}

describe('score()', () => {
  const start = made.idOf('<|endoftext|>');

  it('gives each token the probability it has with it alone masked', async () => {
    const logits = mixedLogits(vocabSize);
    const { model, denoiser } = modelOf(logits);
    const parts = [{ text: 'ab' }, { score: 'cdefg' }, { text: 'h' }, { score: 'i' }];
    const { tokens, forwards } = await score(parts, model);
    const canvas = [start, ...spelled('abcdefghi')];
    const exact = [3, 4, 5, 6, 7, 9].map((position) => oneAtATime(canvas, position, logits));
    const found = probabilities(tokens).flat();
    found.forEach((value, index) => assert.ok(Math.abs(value - exact[index]!) < 1e-6));
    assert.deepEqual(
      tokens.map((list) => list.map(({ start: from, end }) => [from, end])),
      [[0, 1, 2, 3, 4].map((at) => [at, at + 1]), [[0, 1]]],
    );
    assert.equal(forwards, 6);
    assert.equal(denoiser.requests.length, 6);
  });

  it("closes every window as the model's canvases were closed in training", async () => {
    const closingId = made.idOf('<|blank|>');
    const logits = mixedLogits(vocabSize);
    const { model, denoiser } = modelOf(logits, { closingId, maxTokens: 12 });
    const { tokens } = await score([{ text: 'ab' }, { score: 'c' }, { text: 'd' }], model);
    const canvas = [start, ...spelled('abcd'), closingId];
    const [[found]] = probabilities(tokens) as [[number]];
    assert.ok(Math.abs(found - oneAtATime(canvas, 3, logits)) < 1e-6);
    await score([{ score: 'abcdefghij'.repeat(3) }], model);
    for (const { ids } of denoiser.requests) {
      assert.equal(ids.at(-1), closingId);
      assert.ok(ids.length <= 12, `${ids.length}`);
    }
  });

  it('masks many tokens in groups whose members are far apart', async () => {
    const { model, denoiser } = modelOf(nearSighted);
    const text = 'abcdefghij'.repeat(4);
    const { tokens, forwards } = await score([{ score: text }], model);
    assert.equal(forwards, targetSpacing);
    for (const { ids } of denoiser.requests) {
      const masked = [...ids.keys()].filter((position) => ids[position] === maskId);
      masked.slice(1).forEach((at, index) => assert.equal(at - masked[index]!, targetSpacing));
    }
    const exact = await score([{ score: text }], modelOf(nearSighted).model, { exact: true });
    assert.equal(exact.forwards, 40);
    assert.deepEqual(probabilities(tokens), probabilities(exact.tokens));
  });

  it('is exact for few tokens', async () => {
    const { model } = modelOf(mixedLogits(vocabSize));
    const text = 'a'.repeat(fewTargets);
    const [some, exact] = [
      await score([{ score: text }], model),
      await score([{ score: text }], model, { exact: true }),
    ];
    assert.deepEqual(some, exact);
  });

  it('lists the likeliest others, without the token itself', async () => {
    const wants: ToyLogits = () =>
      Array.from({ length: vocabSize }, (_, id) => (id === 97 ? 8 : id === 98 ? 7 : 0));
    const { model } = modelOf(wants);
    const { tokens } = await score([{ score: 'ac' }], model, { alternatives: 2 });
    const texts = tokens[0]!.map(({ alternatives }) => alternatives.map(({ text }) => text));
    assert.equal(texts[0]![0], 'b');
    assert.deepEqual(texts[1], ['a', 'b']);
    assert.ok(tokens[0]![0]!.probability > 0.4);
    for (const { alternatives, probability } of tokens[0]!) {
      const sum = alternatives.reduce((total, other) => total + other.probability, probability);
      assert.ok(sum < 1 && alternatives.every((other) => !other.text.includes('\ufffd')));
    }
    const none = await score([{ score: 'ac' }], model, { alternatives: 0 });
    assert.ok(none.tokens[0]!.every(({ alternatives }) => alternatives.length === 0));
  });

  it('gives ranges of the text as it was given: CRLF, emoji, lone surrogates', async () => {
    const { model } = modelOf(mixedLogits(vocabSize));
    const text = 'a\r\nb😀é\rc\ud800d';
    const { tokens } = await score([{ text: 'x\r\n' }, { score: text }], model);
    const pieces = tokens[0]!.map((token) => text.slice(token.start, token.end));
    assert.deepEqual(pieces, ['a', '\r\n', 'b', '😀', 'é', '\r', 'c', '\ud800', 'd']);
    assert.ok(tokens[0]!.every(({ probability }) => probability > 0 && probability <= 1));
    assert.deepEqual(tokens[0]![3]!.alternatives, []);
  });

  it('looks at text longer than the canvas through windows', async () => {
    const text = Array.from({ length: 500 }, (_, i) => 'abcdefghijklm'[(i * i) % 13]).join('');
    const parts = [{ text: 'z'.repeat(50) }, { score: text }, { text: 'y'.repeat(50) }];
    const { model, denoiser } = modelOf(nearSighted);
    const { tokens } = await score(parts, model);
    assert.equal(tokens[0]!.map((t) => text.slice(t.start, t.end)).join(''), text);
    assert.ok(denoiser.requests.every(({ ids }) => ids.length === 96 && ids[0] === start));
    const wide = modelOf(nearSighted, { maxTokens: 1000 });
    const whole = await score(parts, wide.model);
    assert.deepEqual(probabilities(tokens), probabilities(whole.tokens));
  });

  it('shows a short text in one window, whatever surrounds it', async () => {
    const { model, denoiser } = modelOf(mixedLogits(vocabSize));
    const far = 'let x = 1;\n'.repeat(100_000);
    const parts = [{ text: far }, { score: 'abc' }, { text: far }];
    const { forwards } = await score(parts, model);
    assert.equal(forwards, 3);
    assert.ok(denoiser.requests.every(({ ids }) => ids.length === 96));
  }).timeout(5000);

  it('answers nothing to nothing', async () => {
    const { model } = modelOf(mixedLogits(vocabSize));
    const { tokens, forwards } = await score([{ text: 'a' }, { score: '' }], model);
    assert.deepEqual([tokens, forwards], [[[]], 0]);
  });

  it('reports its way and stops between two forwards when aborted', async () => {
    const { model, denoiser } = modelOf(mixedLogits(vocabSize));
    const abort = new AbortController();
    const seen: number[] = [];
    const text = 'a'.repeat(40);
    const all: number[] = [];
    await score([{ score: text }], model, { onProgress: (fraction) => all.push(fraction) });
    assert.equal(all.length, 8);
    assert.equal(all.at(-1), 1);
    denoiser.requests.length = 0;
    const scoring = score([{ score: text }], model, {
      signal: abort.signal,
      onProgress: (fraction) => seen.push(fraction) === 3 && abort.abort(),
    });
    await assert.rejects(scoring, { name: 'AbortError' });
    assert.equal(denoiser.requests.length, 3);
  });

  it('predicts from the row of the token itself where the model has no shift', async () => {
    const wants: ToyLogits = (row) =>
      Array.from({ length: vocabSize }, (_, id) => (id === 97 + row ? 6 : 0));
    const { model } = modelOf(wants, { shift: false });
    const { tokens } = await score([{ score: 'bcd' }] as ScoreParams['parts'], model);
    assert.ok(tokens[0]!.every(({ probability }) => probability > 0.5));
  });
});

describe('maskEach()', () => {
  it('leaves other masks of the canvas alone', async () => {
    const { model, denoiser } = modelOf(mixedLogits(vocabSize));
    await maskEach(Int32Array.of(1, maskId, 3, 4), [{ start: 2, end: 4 }], model);
    assert.deepEqual([...denoiser.requests[0]!.ids], [1, maskId, maskId, maskId]);
  });
});

describe('windowsOver()', () => {
  it('owns every position once, each with text around it', () => {
    for (const [length, room] of [
      ...[
        [10, 20],
        [20, 20],
        [21, 20],
        [1000, 95],
        [96, 95],
        [7, 1],
      ],
    ] as [number, number][]) {
      const windows = windowsOver(length, room);
      assert.equal(windows[0]!.from, 0);
      assert.equal(windows.at(-1)!.to, length);
      for (const [index, { start, end, from, to }] of windows.entries()) {
        assert.ok(end - start <= room && start <= from && to <= end && from < to);
        if (index === 0) continue;
        assert.equal(from, windows[index - 1]!.to);
        assert.ok(from - start >= Math.floor(room / 4) - 1, `${length} ${room} ${index}`);
      }
    }
  });
});
