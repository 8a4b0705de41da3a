/**
 * Other families through the real command line: seed 2's length predictor and beam on token ids, what
 * `info` tells of a converted model, and a folder whose files were changed since.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { sentencePieceFile, smallPieces } from '../support/sentencePieceFile';
import { writeTinyCheckpoint } from '../support/tinyCheckpoint';
import { referenceXlmr, writeTinyXlmr } from '../support/tinyXlmr';
import type { TinyXlmr } from '../support/tinyXlmr';
import { runCli } from './tinyModel';

describe('other families on the command line', () => {
  let folder = '';
  let tiny: TinyXlmr;
  const at = (...names: string[]) => path.join(folder, ...names);
  const json = async (...args: string[]): Promise<Record<string, unknown>> => {
    const run = await runCli(args);
    assert.equal(run.code, 0, run.err);
    return JSON.parse(run.out);
  };

  before(async () => {
    folder = mkdtempSync(path.join(os.tmpdir(), 'lacuna-families-'));
    tiny = await writeTinyXlmr(at('xlmr'), { format: 'torch', decoder: 'stored' });
    const flags = ['--out', at('model'), '--weights', 'f32'];
    const run = await runCli(['convert', at('xlmr'), ...flags]);
    assert.equal(run.code, 0, run.err);
    assert.match(run.out, /\(xlm-r, xlmr, .*no tokenizer\)/);
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  const prefix = [0, 9, 33, 21];

  it('writes the classes of the length predictor', async () => {
    const flags = ['--model', at('model'), '--device', 'cpu', '--out', at('length.f32')];
    const { shape } = await json('forward', '--ids', prefix.join(), '--head', 'length', ...flags);
    const expected = referenceXlmr(tiny, prefix).lengths;
    assert.deepEqual(shape, [expected.length]);
    const bytes = readFileSync(at('length.f32'));
    expected.forEach((value, i) => assert.ok(Math.abs(value - bytes.readFloatLE(4 * i)) < 1e-4));
  });

  it('fills a gap whose length it predicts itself', async () => {
    const lengths = referenceXlmr(tiny, prefix).lengths;
    const likeliest = [...lengths.keys()].sort((a, b) => lengths[b]! - lengths[a]!).slice(0, 3);
    writeFileSync(at('request.json'), JSON.stringify({ prefix, length: 'auto', suffix: [2] }));
    const flags = ['--sampler', 'cosine-remask', '--steps', '3', '--device', 'cpu'];
    const request = ['--request', at('request.json'), '--model', at('model')];
    const { middle } = await json('fill', ...request, ...flags);
    const room = 32 - prefix.length - 1;
    const allowed = likeliest.map((index) => Math.min(room, index + 1));
    assert.ok(allowed.includes((middle as number[]).length), `${allowed}: ${middle}`);
  });

  it('says of a model that has none', async () => {
    await writeTinyCheckpoint(at('gpt2'));
    const convert = await runCli(['convert', at('gpt2'), '--out', at('plain'), '--weights', 'f32']);
    assert.equal(convert.code, 0, convert.err);
    const model = ['--model', at('plain'), '--device', 'cpu'];
    const forward = ['forward', '--ids', '1,2', '--head', 'length', '--out', at('x.f32')];
    const run = await runCli([...forward, ...model]);
    assert.deepEqual([run.code, run.out], [2, '']);
    assert.match(run.err, /has no length predictor/);
    const fill = await runCli(['fill', '--request', at('request.json'), ...model]);
    assert.equal(fill.code, 1);
    assert.match(fill.err, /neither predicts lengths nor grows its gaps/);
  });

  it('tells what the model is, and finds a file that was changed', async () => {
    const { out } = await runCli(['info', at('model'), '--verify']);
    assert.match(out, /xlm-r \(xlmr\)/);
    assert.match(out, /predicted from the text before/);
    assert.match(out, /sees the text to its right, shift not run/);
    assert.match(out, /as they were made/);
    const file = at('model', 'weights.safetensors');
    const bytes = readFileSync(file);
    bytes[bytes.length - 2]! ^= 1;
    writeFileSync(file, bytes);
    const run = await runCli(['info', at('model'), '--verify']);
    assert.equal(run.code, 1);
    assert.match(run.err, /"weights.safetensors" has other contents than when it was made/);
  });

  it("fills text with seed 2's own tokenizer, length and sampler", async () => {
    const vocabSize = smallPieces.length + 5;
    await writeTinyXlmr(at('text'), { vocabSize, format: 'torch', positions: 66 });
    writeFileSync(at('text', 'sentencepiece.bpe.model'), sentencePieceFile(smallPieces));
    const convert = await runCli(['convert', at('text'), '--out', at('speaking')]);
    assert.equal(convert.code, 0, convert.err);
    // 61 random rows know no text: that much the self-test must say.
    assert.match(convert.out, /shift not decided/);
    writeFileSync(at('prose.txt'), 'return the <fill>\nthe value');
    const flags = ['--model', at('speaking'), '--device', 'cpu', '--json'];
    const { fills, forwards } = await json('fill', at('prose.txt'), '--length', 'auto', ...flags);
    const [fill] = fills as { text: string; tokens: number }[];
    assert.ok(fill!.tokens >= 1 && !fill!.text.includes('<'), fill!.text);
    // The predictor, up to three candidates of at most ten steps, and the fill itself.
    assert.ok((forwards as number) <= 1 + 4 * 10, String(forwards));
  });

  it('asks for the base of an adapter', async () => {
    rmSync(at('adapter'), { recursive: true, force: true });
    await writeTinyCheckpoint(at('adapter'), { files: { 'adapter_config.json': { r: 8 } } });
    rmSync(at('adapter', 'config.json'));
    const run = await runCli(['convert', at('adapter'), '--out', at('merged')]);
    assert.equal(run.code, 1);
    assert.match(run.err, /it is an adapter \(LoRA\).*--base/);
  });
});
