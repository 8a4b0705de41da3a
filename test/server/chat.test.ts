/** Conversations through the real process: a tuned model answers, a base model says that it does not. */
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { isAbort } from '../../src/protocol/errors';
import type { ChatParams, ChatStep } from '../../src/protocol/chatMessages';
import { expectError } from '../support/expectError';
import { writeTunedModel } from '../support/tunedModel';
import { loadParams, runCli, useClients, useTinyModel } from './tinyModel';

describe('chat over the process', () => {
  const inFolder = useTinyModel();
  const newClient = useClients();
  const messages = [{ role: 'user', content: 'say x' }] as const;

  before(() => writeTunedModel(inFolder('tuned')));
  const tuned = async () => {
    const client = newClient();
    const model = await client.load({ ...loadParams(inFolder), modelDir: inFolder('tuned') });
    return { client, model };
  };

  it('answers, block by block, and reports every step', async () => {
    const { client, model } = await tuned();
    assert.equal(model.chat, 'template');
    const steps: ChatStep[] = [];
    const result = await client.chat(
      { messages, maxTokens: 24, blockTokens: 8, sampling: { sampler: 'even', steps: 4 } },
      { onStep: (step) => steps.push(step) },
    );
    assert.ok(result.promptTokens > 10 && result.elapsedMs > 0 && result.queueMs >= 0);
    assert.ok(result.ended || result.tokens.length === 24);
    assert.equal(steps[0]!.maskedTokens, 8);
    assert.equal(steps.at(-1)!.step, result.steps);
    assert.equal(
      result.tokens
        .map(({ text }) => text)
        .join('')
        .trim(),
      result.text,
    );
  });

  it('is what it says it would read', async () => {
    const { client } = await tuned();
    const preview = await client.preview({ chat: { messages } });
    const result = await client.chat({ messages, maxTokens: 4 });
    assert.equal(preview.tokens, result.promptTokens);
    assert.ok(preview.pieces.some(({ kind, text }) => kind === 'text' && text.includes('say x')));
  });

  it('stops when it is cancelled, and goes on', async () => {
    const { client } = await tuned();
    const abort = new AbortController();
    let steps = 0;
    const sampling = { sampler: 'even', steps: 400, refreshEvery: 1 } as const;
    const running = client.chat(
      { messages, maxTokens: 400, blockTokens: 400, sampling },
      { signal: abort.signal, onStep: () => ++steps === 3 && abort.abort() },
    );
    await assert.rejects(running, isAbort);
    await sleep(100);
    assert.ok(steps < 100, `${steps} steps`);
    await client.chat({ messages, maxTokens: 2 });
  });

  it('tells what it was doing when the process dies', async () => {
    const { client } = await tuned();
    const sampling = { sampler: 'even', steps: 400, refreshEvery: 1 } as const;
    const params: ChatParams = { messages, maxTokens: 400, blockTokens: 400, sampling };
    const onStep = ({ step }: ChatStep) => step === 2 && process.kill(client.pid!, 'SIGKILL');
    await expectError(client.chat(params, { onStep }), 'samplerGone', /Cannot answer.*gone/);
  });

  it('is refused by a base model, which counts and fills all the same', async () => {
    const client = newClient();
    const model = await client.load(loadParams(inFolder));
    assert.equal(model.chat, undefined);
    const refusal = /not tuned to converse.*Ask it to fill a gap/;
    await expectError(client.chat({ messages }), 'unsupportedModel', refusal);
    await expectError(client.preview({ chat: { messages } }), 'unsupportedModel', refusal);
    const counted = await client.countTokens({ texts: ['', 'return'] });
    assert.deepEqual(counted, { counts: [0, 1], maxTokens: 1024 });
    const { pieces } = await client.preview({ fill: { parts: [{ gap: { length: 3 } }] } });
    assert.deepEqual(pieces.at(-1), { kind: 'masks', text: '', tokens: 3 });
  });

  it('is refused before a model is loaded', async () => {
    await expectError(newClient().chat({ messages }), 'noModel', /no model is loaded/);
  });

  it('says how much a prompt of 100,000 characters is', async () => {
    const { client } = await tuned();
    const long = client.chat({ messages: [{ role: 'user', content: 'x'.repeat(100_000) }] });
    await expectError(long, 'contextTooLong', /100000 characters make a prompt of 1\d+ tokens/);
  });

  it('is stated on the command line, and shown by it', async () => {
    const args = ['convert', inFolder('model'), '--out', inFolder('sep'), '--chat'];
    assert.match((await runCli([...args, 'sep:7'])).out, /chat by sep/);
    assert.match((await runCli(['info', inFolder('sep')])).out, /chat +by sep/);
    assert.equal((await runCli([...args, 'sep:x'])).code, 2);
    const client = newClient();
    const model = await client.load({ ...loadParams(inFolder), modelDir: inFolder('sep') });
    assert.equal(model.chat, 'sep');
    const { leftOutMessages } = await client.chat({
      messages: [messages[0], { role: 'assistant', content: 'x' }, messages[0]],
      maxTokens: 4,
    });
    assert.equal(leftOutMessages, 2);
  });
});
