/** Fills through the real process: right ones, refused ones, and documents of every odd kind. */
import assert from 'node:assert/strict';
import { isAbort } from '../../src/protocol/errors';
import type { FillParams, FillStep, Part } from '../../src/protocol/messages';
import { expectError } from '../support/expectError';
import { loadParams, maskText, useClients, useTinyModel, writeTinyModel } from './tinyModel';

describe('fill over the process', () => {
  const inFolder = useTinyModel();
  const newClient = useClients();

  const gap = { gap: { length: 4 } };
  const loaded = async () => {
    const client = newClient();
    await client.load(loadParams(inFolder));
    return client;
  };

  it('fills every gap and reports every step', async () => {
    const client = await loaded();
    const steps: FillStep[] = [];
    const result = await client.fill(
      {
        parts: [{ text: 'a = ' }, gap, { text: '\nb = ' }, gap, { text: '\n' }],
        sampling: { sampler: 'even', steps: 4 },
      },
      { onStep: (step) => steps.push(step) },
    );
    assert.equal(result.fills.length, 2);
    assert.deepEqual(
      result.fills.map(({ tokens }) => tokens.length),
      [4, 4],
    );
    assert.deepEqual(
      steps.map(({ maskedTokens }) => maskedTokens),
      [8, 6, 4, 2, 0],
    );
    assert.ok(result.elapsedMs > 0 && result.queueMs >= 0);
  });

  it('gives the same fill for the same request', async () => {
    const client = await loaded();
    const params: FillParams = {
      parts: [{ text: 'x' }, gap],
      sampling: { temperature: 1, seed: 7 },
    };
    const [first, second] = [await client.fill(params), await client.fill(params)];
    assert.deepEqual(first.fills, second.fills);
  });

  it('denoises a draft again around its locks, with variants, and reports the first alone', async () => {
    const client = await loaded();
    const text = 'if self = 1:\r\n    return 2\r\n';
    const locks = [
      { start: 3, end: 7 },
      { start: 12, end: 18 },
    ];
    const draft = { text, strength: 1, locks, growth: 1.5 };
    const steps: FillStep[] = [];
    const params: FillParams = {
      parts: [{ text: 'x = 1\n' }, { draft }, gap],
      instruction: 'say what',
      variants: 3,
    };
    const result = await client.fill(params, { onStep: (step) => steps.push(step) });
    for (const fills of [result.fills, ...result.alternatives!]) {
      const { text: again, tokens } = fills[0]!;
      assert.match(again, /self[^]*\n    /);
      const given = tokens.filter((token) => token.given).map((token) => token.text);
      assert.equal(given.join(''), 'self\n    ');
    }
    assert.equal(steps.length, result.steps + 1);
    assert.ok(result.alternatives!.length >= 1 && result.alternatives!.length <= 2);
    const first = await client.fill({ ...params, variants: 1 });
    assert.deepEqual(first.fills, result.fills);
  });

  it('says whether a model was trained with instructions', async () => {
    const client = newClient();
    const { followsInstructions } = await client.load(loadParams(inFolder));
    assert.equal(followsInstructions, false);
    await writeTinyModel(inFolder('willing'), { config: { instruction_prefix: 'instruction:' } });
    const willing = { ...loadParams(inFolder), modelDir: inFolder('willing') };
    assert.equal((await client.load(willing)).followsInstructions, true);
    await client.fill({ parts: [gap], instruction: 'say what', languageId: 'typescript' });
  });

  const refused: [string, unknown, RegExp][] = [
    ['no parts', { parts: [] }, /parts is a list of 0.*at least one gap/],
    ['no gap', { parts: [{ text: 'a' }] }, /at least one gap/],
    ['parts of another kind', { parts: 'text' }, /parts is "text"/],
    ['a part without text or gap', { parts: [{}] }, /parts\[0\]/],
    ['length 0', { parts: [{ gap: { length: 0 } }] }, /length is 0/],
    ['a broken length', { parts: [{ gap: { length: 1.5 } }] }, /length is 1.5/],
    ['steps 0', { parts: [gap], sampling: { steps: 0 } }, /steps is 0/],
    ['an unknown sampler', { parts: [gap], sampling: { sampler: 'best' } }, /sampler is "best"/],
    ['strength 2', { parts: [{ draft: { text: 'a', strength: 2 } }] }, /strength is 2/],
    ['NaN', { parts: [gap], sampling: { temperature: 'NaN' } }, /temperature is "NaN"/],
    ['top-p 2', { parts: [gap], sampling: { topP: 2 } }, /topP is 2/],
  ];
  it('refuses what makes no sense, names it, and goes on', async () => {
    const client = await loaded();
    for (const [name, params, text] of refused) {
      await assert.rejects(client.fill(params as FillParams), text, name);
    }
    const tooLong = client.fill({ parts: [{ gap: { length: 5000 } }] });
    await expectError(tooLong, 'contextTooLong', /5000|1024/);
    await client.fill({ parts: [{ text: 'x' }, gap] });
  });

  it('answers a fill before a load with noModel', async () => {
    const client = newClient();
    await expectError(client.fill({ parts: [gap] }), 'noModel', /no model is loaded/);
  });

  it('keeps the model when another load fails', async () => {
    const client = await loaded();
    const missing = client.load({ ...loadParams(inFolder), modelDir: inFolder('nowhere') });
    await expectError(missing, 'badCheckpoint', /nowhere/);
    assert.equal(client.status.state, 'ready');
    await client.fill({ parts: [gap] });
  });

  it('lets the newer of two loads win', async () => {
    const client = newClient();
    const params = loadParams(inFolder);
    const older = client.load({ ...params, cacheDir: inFolder('other-cache') });
    const newer = client.load(params);
    await assert.rejects(older, isAbort);
    assert.ok((await newer).dir.startsWith(inFolder('cache')));
    assert.equal(client.status.state, 'ready');
  });

  const documents: [string, Part[]][] = [
    ['gap at offset 0', [gap, { text: 'return x\n' }]],
    ['gap at the end', [{ text: 'return ' }, gap]],
    ['nothing but a gap', [gap]],
    ['empty texts', [{ text: '' }, gap, { text: '' }]],
    ['gaps side by side', [gap, gap]],
    ['lone surrogates', [{ text: 'a \ud83d' }, gap, { text: '\ude00 b' }]],
    ['NUL bytes', [{ text: 'a\0b\0' }, gap, { text: '\0' }]],
    ['mixed line ends', [{ text: 'a\r\nb\rc\n' }, gap, { text: '\r\nd' }]],
    ["the mask's own text", [{ text: `# ${maskText}\n` }, gap, { text: `\n# ${maskText}` }]],
    ['200,000 lines', [{ text: 'x = 1\n'.repeat(200_000) }, gap, { text: '\ny = 2' }]],
  ];
  for (const [name, parts] of documents) {
    it(`fills in a document with ${name}`, async () => {
      const client = await loaded();
      const { fills } = await client.fill({ parts });
      assert.ok(fills.length >= 1);
      for (const fill of fills) {
        assert.ok(!fill.text.includes(maskText), fill.text);
        assert.ok(fill.confidence >= 0 && fill.confidence <= 1);
        assert.ok(fill.text.isWellFormed());
      }
    });
  }
});
