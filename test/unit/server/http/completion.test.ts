/** OpenAI's completions: from their request to a fill, from a fill to their answer. */
import assert from 'node:assert/strict';
import { LacunaError } from '../../../../src/protocol/errors';
import type { FillResult, StepToken } from '../../../../src/protocol/messages';
import {
  choicesOf,
  SettledPieces,
  settledText,
  untilStop,
  usageOf,
} from '../../../../src/server/http/completionAnswer';
import { completionOf } from '../../../../src/server/http/completionParams';
import { HttpError } from '../../../../src/server/http/httpError';

describe('a completion request', () => {
  it('becomes a gap between prompt and suffix', () => {
    const { fill, stop } = completionOf({ prompt: 'a(', suffix: ')', max_tokens: 9, stop: '\n' });
    const gap = { gap: { length: 'auto', minLength: 1, maxLength: 9 } };
    assert.deepEqual(fill.parts, [{ text: 'a(' }, gap, { text: ')' }]);
    assert.deepEqual(stop, ['\n']);
  });

  it('takes null for what is left out, and a list of one prompt', () => {
    const nulls = { suffix: null, seed: null, stop: null, n: null, temperature: null };
    const { fill } = completionOf({ prompt: ['x'], ...nulls, logit_bias: {}, echo: false });
    assert.deepEqual(fill, {
      parts: [{ text: 'x' }, { gap: { length: 'auto', minLength: 1 } }],
      sampling: {},
    });
  });

  it('hands sampling on', () => {
    const asked = { temperature: 0.4, top_p: 0.9, seed: 7, n: 3, language_id: 'python' };
    const { fill } = completionOf({ prompt: 'x', ...asked });
    assert.deepEqual(fill.sampling, { temperature: 0.4, topP: 0.9, seed: 7 });
    assert.equal(fill.variants, 3);
    assert.equal(fill.languageId, 'python');
  });

  const refused: [string, unknown, RegExp][] = [
    ['no object', [], /the body is a list/],
    ['no prompt', {}, /prompt is missing/],
    ['token ids', { prompt: [1, 2] }, /prompt is a list of 2/],
    ['two prompts', { prompt: ['a', 'b'] }, /prompt is a list of 2/],
    ['a suffix that is no text', { prompt: '', suffix: 3 }, /suffix is 3/],
    ['too many answers', { prompt: '', n: 9 }, /n is 9.*1 to 8/],
    ['no tokens', { prompt: '', max_tokens: 0 }, /max_tokens is 0/],
    ['a negative seed', { prompt: '', seed: -1 }, /seed is -1/],
    ['a hot temperature', { prompt: '', temperature: 3 }, /temperature is 3/],
    ['five stops', { prompt: '', stop: ['a', 'b', 'c', 'd', 'e'] }, /stop is a list of 5/],
    ['an empty stop', { prompt: '', stop: [''] }, /stop is a list of 1/],
    ['echo', { prompt: '', echo: true }, /echo is given/],
    ['a penalty', { prompt: '', presence_penalty: 0.5 }, /presence_penalty is given/],
    ['a bias', { prompt: '', logit_bias: { 50256: -100 } }, /logit_bias is given/],
    ['stream as text', { prompt: '', stream: 'yes' }, /stream is "yes"/],
  ];
  for (const [name, body, message] of refused) {
    it(`refuses ${name} by name`, () => {
      assert.throws(
        () => completionOf(body),
        (thrown: Error) =>
          (thrown instanceof LacunaError || thrown instanceof HttpError) &&
          message.test(thrown.message),
      );
    });
  }
});

const token = (text: string, confidence = 0.5) => ({ text, confidence });
const fillOf = (...texts: string[]) => ({
  text: texts.join(''),
  tokens: texts.map((text) => token(text)),
  confidence: 0.5,
});
const figures = { steps: 1, forwards: 1, elapsedMs: 1, forwardMs: 1, queueMs: 0 };
const request = (over = {}) => completionOf({ prompt: 'p', ...over });

describe('a completion answer', () => {
  const result: FillResult = {
    fills: [fillOf('ab', 'c', '\n', 'd')],
    alternatives: [[fillOf('x')]],
    ...figures,
  };

  it('has each different answer as a choice', () => {
    const texts = choicesOf(result, request()).map(({ text, index }) => [text, index]);
    assert.deepEqual(texts, [
      ['abc\nd', 0],
      ['x', 1],
    ]);
    assert.deepEqual(usageOf(3, result), {
      prompt_tokens: 3,
      completion_tokens: 5,
      total_tokens: 8,
    });
  });

  it('ends at a stop mark, its log probabilities too', () => {
    const [first] = choicesOf(result, request({ stop: ['\n'], logprobs: 0 }));
    assert.equal(first!.text, 'abc');
    assert.deepEqual(first!.logprobs!.tokens, ['ab', 'c']);
    assert.deepEqual(first!.logprobs!.text_offset, [0, 2]);
    assert.equal(first!.logprobs!.token_logprobs[0], Math.log(0.5));
    assert.equal(untilStop('one two', ['two', 'ne']), 'o');
  });

  it('says when the room ran out', () => {
    assert.equal(choicesOf(result, request({ max_tokens: 4 }))[0]!.finish_reason, 'length');
    assert.equal(choicesOf(result, request({ max_tokens: 5 }))[0]!.finish_reason, 'stop');
    const stopped = request({ max_tokens: 4, stop: '\n' });
    assert.equal(choicesOf(result, stopped)[0]!.finish_reason, 'stop');
  });
});

describe('a completion in pieces', () => {
  const step = (...tokens: StepToken[]) => ({
    step: 1,
    forwards: 1,
    maskedTokens: 0,
    gaps: [tokens],
  });

  it('tells only what stands without a mask before it, and no half character', () => {
    assert.equal(settledText(step(token('a'), {}, token('c'))), 'a');
    assert.equal(settledText(step({}, token('b'))), '');
    assert.equal(settledText(step(token('a'), token('\ufffd'))), 'a');
    assert.equal(settledText({ ...step(), gaps: [] }), '');
  });

  it('sends each piece once and the rest at the end', () => {
    const pieces = new SettledPieces([]);
    assert.deepEqual(
      ['ab', 'ab', 'abc', 'abc'].map((text) => pieces.next(text)),
      ['ab', '', 'c', ''],
    );
    assert.equal(pieces.rest('abcd'), 'd');
  });

  it('holds back what may begin a stop mark', () => {
    const pieces = new SettledPieces(['END']);
    assert.equal(pieces.next('abcE'), 'ab');
    assert.equal(pieces.next('abcEND of'), 'c');
    assert.equal(pieces.rest(untilStop('abcEND of', ['END'])), '');
  });

  it('knows when text that was sent is gone', () => {
    const pieces = new SettledPieces([]);
    pieces.next('abc');
    assert.equal(pieces.rest('abd'), undefined);
  });
});
