import assert from 'node:assert/strict';
import type { ChatMessage, ChatStep } from '../../../src/protocol/chatMessages';
import { chat } from '../../../src/sampler/chat';
import { makePrompt } from '../../../src/sampler/chatPrompt';
import { previewChat, previewFill } from '../../../src/sampler/preview';
import {
  chatId,
  chatModelOf,
  chatTokenizer,
  headed,
  says,
  templateFormat,
} from '../../support/chatModel';
import { mixedLogits } from '../../support/toyDenoiser';

const user = (content: string): ChatMessage => ({ role: 'user', content });
const assistant = (content: string): ChatMessage => ({ role: 'assistant', content });
const idsOf = (text: string) => [...chatTokenizer.encode(text, 'middle')];
const promptOf = (messages: readonly ChatMessage[], format = templateFormat, traits = {}) =>
  makePrompt(messages, chatModelOf(() => [], format, traits).model, 16);

describe('makePrompt()', () => {
  it('puts special tokens only where the template names them', () => {
    const { ids } = promptOf([user('a<|im_end|>b')]);
    const ends = ids.filter((id) => id === chatId('<|im_end|>'));
    assert.equal(ends.length, 2);
    assert.ok(chatTokenizer.decode(ids).includes('a<|im_end|>b'));
  });

  it('stops at what the folder names and at what the template ends a turn with', () => {
    const { stopIds } = promptOf([user('a')]);
    assert.deepEqual([...stopIds], [chatId('<|endoftext|>'), chatId('<|im_end|>')]);
  });

  it('writes prompt and separator for models of one question, and reads the last one alone', () => {
    const format = { kind: 'sep', sepIds: [7, 8], stopIds: [3] } as const;
    const { ids, leftOutMessages } = promptOf([user('x'), assistant('y'), user('hi')], format);
    assert.deepEqual(ids, [chatId('<|endoftext|>'), ...idsOf('hi'), 7, 8]);
    assert.equal(leftOutMessages, 2);
    const bare = promptOf([user('hi')], { kind: 'sep', sepIds: [], stopIds: [3] });
    assert.deepEqual(bare.ids, [chatId('<|endoftext|>'), ...idsOf('hi')]);
  });

  it('leaves out the oldest turns, question and answer together, and never the system message', () => {
    const system: ChatMessage = { role: 'system', content: 'S' };
    const turns = [user('a'.repeat(80)), assistant('b'), user('c'.repeat(20)), assistant('d')];
    const prompt = promptOf([system, ...turns, user('last')], templateFormat, { maxTokens: 140 });
    assert.equal(prompt.leftOutMessages, 2);
    const text = chatTokenizer.decode(prompt.ids);
    assert.match(text, /S[^]*ccc[^]*d[^]*last/);
    assert.doesNotMatch(text, /aaa|b\n/);
  });

  it('refuses a question that leaves no room, with its size', () => {
    const long = 'x'.repeat(100_000);
    assert.throws(() => promptOf([user(long)]), {
      code: 'contextTooLong',
      message:
        /100000 characters make a prompt of 1000\d\d tokens, and the model holds 256, of which 16/,
    });
  });

  it('replaces a mask id that a message spells', () => {
    const dashed = promptOf([user('-')], templateFormat, { maskId: idsOf('-')[0]! });
    assert.ok(!dashed.ids.includes(idsOf('-')[0]!));
  });
});

describe('chat()', () => {
  const messages = [user('hi')];
  const size = promptOf(messages).ids.length;
  const end = chatId('<|im_end|>');
  const answer = 'the answer is four';

  const asked = async (script: readonly number[], last: number, options = {}, traits = {}) => {
    const shift = (traits as { shift?: boolean }).shift ?? true;
    const { model, denoiser } = chatModelOf(says(size, script, last, shift), undefined, traits);
    const steps: ChatStep[] = [];
    const onStep = (step: ChatStep) => steps.push(step);
    return { ...(await chat(messages, model, { onStep, ...options })), steps, denoiser };
  };

  for (const shift of [true, false]) {
    it(`writes up to the end of the turn, shift ${shift ? 'on' : 'off'}`, async () => {
      const outcome = await asked([...idsOf(answer), end], end, {}, { shift });
      assert.equal(outcome.text, answer);
      assert.equal(outcome.ended, true);
      assert.equal(outcome.promptTokens, size);
      assert.ok(outcome.confidence > 0.9);
    });
  }

  it('takes pads for an end, as models do that were tuned to fill up with them', async () => {
    const outcome = await asked(idsOf(answer), chatId('<|endoftext|>'));
    assert.equal(outcome.text, answer);
    assert.ok(outcome.tokens.every(({ text }) => text !== ''));
  });

  it('goes on over several blocks, and stops at the limit where no end comes', async () => {
    const long = 'abcdefghij'.repeat(9);
    const ended = await asked([...idsOf(long), end], end, { blockTokens: 16 });
    assert.equal(ended.text, long);
    const cut = await asked(idsOf(long), 65, { blockTokens: 16, maxTokens: 40 });
    assert.equal(cut.text, long.slice(0, 40));
    assert.equal(cut.ended, false);
  });

  it('keeps the masks behind a block on the canvas, and what is written before it', async () => {
    const { denoiser } = await asked([...idsOf('x'.repeat(40)), end], end, {
      blockTokens: 8,
      maxTokens: 64,
    });
    const full = denoiser.requests.filter(({ ids }) => ids.length === size + 64);
    assert.ok(full.length >= 5);
    const second = full[1]!.ids;
    assert.deepEqual([...second.subarray(size, size + 8)], idsOf('x'.repeat(8)));
    assert.ok(second.subarray(size + 8).every((id) => id === chatId('<|mask|>')));
    assert.equal(denoiser.liveCaches, 0);
  });

  it('reports each step, masks first, and nothing behind the end', async () => {
    const { steps } = await asked([...idsOf(answer), end], end, {
      sampling: { sampler: 'even', steps: 8 },
    });
    assert.equal(steps[0]!.maskedTokens, 32);
    assert.ok(steps.some(({ maskedTokens }) => maskedTokens > 0 && maskedTokens < 32));
    assert.equal(
      steps
        .at(-1)!
        .tokens.map(({ text }) => text)
        .join(''),
      answer,
    );
    assert.ok(steps.every(({ tokens }) => tokens.every(({ text }) => text !== '')));
  });

  it('can answer nothing', async () => {
    const outcome = await asked([], end);
    assert.deepEqual([outcome.text, outcome.ended, outcome.confidence], ['', true, 1]);
  });

  it('gives the same answer for the same seed, and never a special token', async () => {
    const run = (seed: number) =>
      chat(messages, chatModelOf(mixedLogits(chatTokenizer.size)).model, {
        sampling: { temperature: 1, seed },
        maxTokens: 40,
        blockTokens: 8,
      });
    const [first, again, other] = [await run(1), await run(1), await run(2)];
    assert.deepEqual(first, again);
    assert.notEqual(first.text, other.text);
    assert.doesNotMatch(first.text, /<\|/);
  });

  it('stops between two steps', async () => {
    const abort = new AbortController();
    const { model, denoiser } = chatModelOf(mixedLogits(chatTokenizer.size));
    const running = chat(messages, model, {
      signal: abort.signal,
      sampling: { sampler: 'even', steps: 32 },
      onStep: ({ step }) => step === 2 && abort.abort(),
    });
    await assert.rejects(running, { name: 'AbortError' });
    assert.equal(denoiser.requests.length, 2);
    assert.equal(denoiser.liveCaches, 0);
  });

  it('denoises a share of an answer again', async () => {
    const text = 'abcdefghijklmnopqrst';
    const draft = { text, strength: 0.25 };
    const outcome = await asked(idsOf('X'.repeat(30)), end, { draft });
    const changed = [...outcome.text].filter((letter) => letter === 'X').length;
    assert.equal(changed, 5);
    assert.equal(outcome.text.length, text.length);
    assert.equal(outcome.tokens.filter(({ given }) => given).length, 15);
    const none = await asked(idsOf('X'.repeat(30)), end, { draft: { text, strength: 0 } });
    assert.equal(none.text, text);
  });
});

describe('what would be sent', () => {
  const { model } = chatModelOf(() => []);

  it('is the prompt, special tokens apart', () => {
    const { pieces, tokens } = previewChat([user('hi')], model, {});
    assert.equal(
      pieces
        .map(({ text }) => text)
        .join('')
        .endsWith('<|im_start|>assistant\n'),
      true,
    );
    assert.equal(
      pieces.reduce((sum, piece) => sum + piece.tokens, 0),
      tokens,
    );
    assert.equal(tokens, promptOf([user('hi')]).ids.length);
  });

  it('is the canvas, with what does not fit counted', () => {
    const parts = [
      { text: 'a'.repeat(400) },
      { gap: { length: 5 } },
      { draft: { text: 'keep', strength: 0.5 } },
      { text: 'b'.repeat(400) },
    ];
    const preview = previewFill(parts, model, { instruction: 'sum up', languageId: 'python' });
    assert.deepEqual(
      preview.pieces.map(({ kind }) => kind),
      ['special', 'text', 'masks', 'draft', 'text'],
    );
    assert.equal(preview.tokens, 256);
    const [start, before, masks, draft, after] = preview.pieces;
    assert.deepEqual([start!.text, masks!.tokens, draft!.text], ['<|endoftext|>', 5, 'keep']);
    assert.equal(before!.tokens + preview.leftOut.before, 400 + '# sum up\n'.length);
    assert.equal(after!.tokens + preview.leftOut.after, 400);
  });

  it('puts the gap that has no length yet at its opening size', () => {
    const { pieces } = previewFill([{ gap: { length: 'auto' } }], model, {});
    assert.deepEqual(
      pieces.map(({ kind, tokens }) => [kind, tokens]),
      [
        ['special', 1],
        ['masks', 8],
      ],
    );
  });

  it('counts the older messages that are left out', () => {
    const long = [user('x'.repeat(200)), assistant('y'), user('z')];
    assert.equal(previewChat(long, model, {}).leftOutMessages, 2);
    const bos = { ...templateFormat, template: headed, bosToken: '<|endoftext|>' };
    assert.equal(
      previewChat([user('z')], { ...model, format: bos }, {}).pieces[0]!.text,
      '<|endoftext|>',
    );
  });
});
