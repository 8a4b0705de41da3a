/** Making model folders: whole or not at all, once, and never over somebody's files. */
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, readdirSync, statSync } from 'node:fs';
import { truncateSync, utimesSync, rmSync, writeFileSync } from 'node:fs';
import { convertCheckpoint } from '../../../src/model/convert';
import {
  openModelFolder,
  readTokenizerFiles,
  resolveModelDir,
} from '../../../src/model/modelFolder';
import type { WeightFormat } from '../../../src/protocol/messages';
import { isAbort } from '../../../src/protocol/errors';
import { expectError } from '../../support/expectError';
import { useTempFolder } from '../../support/tempFolder';
import { writeTinyCheckpoint } from '../../support/tinyCheckpoint';

/** As many entries as the tiny embedding has rows. */
function vocabularyOf(size: number): Record<string, number> {
  return Object.fromEntries(Array.from({ length: size }, (_, id) => [`t${id}`, id]));
}

describe('convertCheckpoint', () => {
  const at = useTempFolder();

  it('writes a folder that reads back, tokenizer and all', async () => {
    const tokenizer = { model: { vocab: vocabularyOf(97) } };
    const files = { 'tokenizer.json': tokenizer, 'tokenizer_config.json': { a: 1 } };
    await writeTinyCheckpoint(at('tiny'), { files });
    const fractions: number[] = [];
    const manifest = await convertCheckpoint(at('tiny'), {
      outDir: at('deep', 'model'),
      weights: 'q8',
      onProgress: (fraction) => fractions.push(fraction),
    });
    const folder = await openModelFolder(at('deep', 'model'));
    assert.deepEqual(folder.manifest, manifest);
    assert.equal(manifest.weights, 'q8');
    assert.equal(manifest.name, 'tiny');
    assert.deepEqual(await readTokenizerFiles(folder), { tokenizer, config: { a: 1 } });
    assert.deepEqual(readdirSync(at('deep')), ['model']);
    assert.equal(fractions.at(-1), 1);
    assert.deepEqual(
      fractions,
      fractions.toSorted((a, b) => a - b),
    );
  });

  it('shrinks the weights: a quarter in q8, less in q4', async () => {
    await writeTinyCheckpoint(at('tiny'), { hiddenSize: 128, architecture: 'llama' });
    const bytes = async (weights: WeightFormat) => {
      await convertCheckpoint(at('tiny'), { outDir: at(weights), weights });
      return statSync(at(weights, 'weights.safetensors')).size;
    };
    const f32 = await bytes('f32');
    assert.ok((await bytes('f16')) < 0.52 * f32);
    assert.ok((await bytes('q8')) < 0.32 * f32);
    assert.ok((await bytes('q4')) < 0.24 * f32);
  });

  it('leaves nothing when it is stopped', async () => {
    await writeTinyCheckpoint(at('tiny'));
    const stop = new AbortController();
    const converting = convertCheckpoint(at('tiny'), {
      outDir: at('out', 'model'),
      weights: 'f32',
      signal: stop.signal,
      onProgress: (fraction) => fraction > 0.4 && stop.abort(),
    });
    await assert.rejects(converting, isAbort);
    assert.deepEqual(readdirSync(at('out')), []);
  });

  it('leaves nothing when a weight cannot be read', async () => {
    await writeTinyCheckpoint(at('tiny'));
    const converting = convertCheckpoint(at('tiny'), {
      outDir: at('out', 'model'),
      weights: 'f32',
      onProgress: () => truncateSync(at('tiny', 'model.safetensors'), 4000),
    });
    await expectError(converting, 'badCheckpoint', /ended at byte \d+ while reading/);
    assert.deepEqual(readdirSync(at('out')), []);
  });

  it('sweeps away what a killed conversion left, a day later', async () => {
    await writeTinyCheckpoint(at('tiny'));
    mkdirSync(at('.model.partial-old'));
    mkdirSync(at('.model.partial-new'));
    const longAgo = new Date(Date.now() - 2 * 24 * 3600 * 1000);
    utimesSync(at('.model.partial-old'), longAgo, longAgo);
    await convertCheckpoint(at('tiny'), { outDir: at('model'), weights: 'f32' });
    assert.equal(existsSync(at('.model.partial-old')), false);
    assert.equal(existsSync(at('.model.partial-new')), true);
  });

  it('replaces an earlier model folder and no other folder', async () => {
    await writeTinyCheckpoint(at('tiny'));
    await convertCheckpoint(at('tiny'), { outDir: at('model'), weights: 'f32' });
    await convertCheckpoint(at('tiny'), { outDir: at('model'), weights: 'q4' });
    assert.equal((await openModelFolder(at('model'))).manifest.weights, 'q4');
    mkdirSync(at('precious'));
    writeFileSync(at('precious', 'thesis.txt'), 'text');
    const converting = convertCheckpoint(at('tiny'), { outDir: at('precious'), weights: 'f32' });
    await expectError(
      converting,
      'badUsage',
      /not one that a conversion made: it has no lacuna.json/,
    );
    assert.deepEqual(readdirSync(at('precious')), ['thesis.txt']);
    const over = convertCheckpoint(at('tiny'), { outDir: at('tiny'), weights: 'f32' });
    await expectError(over, 'badUsage', /the checkpoint ".*tiny" lies in it/);
    assert.deepEqual(readdirSync(at()).toSorted(), ['model', 'precious', 'tiny']);
  });

  it('replaces no model folder with something of the user in it, nor one around its source', async () => {
    await writeTinyCheckpoint(at('project', 'checkpoint'));
    const convert = (outDir: string) =>
      convertCheckpoint(at('project', 'checkpoint'), { outDir, weights: 'f32' });
    // A project whose own file happens to have that name.
    writeFileSync(at('project', 'lacuna.json'), '{}');
    await expectError(convert(at('project')), 'badUsage', /the checkpoint ".*" lies in it/);
    mkdirSync(at('other'));
    writeFileSync(at('other', 'lacuna.json'), '{}');
    await expectError(convert(at('other')), 'badUsage', /is not one that a conversion wrote/);
    await convert(at('model'));
    writeFileSync(at('model', 'notes.txt'), 'text');
    await expectError(convert(at('model')), 'badUsage', /it also holds "notes.txt"/);
    rmSync(at('model', 'notes.txt'));
    writeFileSync(at('model', 'weights.safetensors'), 'mine');
    await expectError(convert(at('model')), 'badUsage', /"weights.safetensors" has 4 bytes/);
    writeFileSync(at('file'), '');
    await expectError(convert(at('file')), 'badUsage', /that is a file/);
    assert.deepEqual(readdirSync(at('project')).toSorted(), ['checkpoint', 'lacuna.json']);
    assert.equal(readFileSync(at('model', 'weights.safetensors'), 'utf8'), 'mine');
  });
});

describe('resolveModelDir', () => {
  const at = useTempFolder();

  it('gives a model folder back as it is', async () => {
    await writeTinyCheckpoint(at('tiny'));
    await convertCheckpoint(at('tiny'), { outDir: at('model'), weights: 'f32' });
    assert.equal(await resolveModelDir(at('model'), { cacheDir: at('cache') }), at('model'));
    assert.equal(existsSync(at('cache')), false);
  });

  it('converts a checkpoint once, until its files change', async () => {
    await writeTinyCheckpoint(at('tiny'));
    const options = { cacheDir: at('cache') };
    const first = await resolveModelDir(at('tiny'), options);
    const { mtimeMs } = statSync(first);
    assert.equal(await resolveModelDir(at('tiny'), options), first);
    assert.equal(statSync(first).mtimeMs, mtimeMs);
    assert.equal((await openModelFolder(first)).manifest.weights, 'q8');
    assert.notEqual(await resolveModelDir(at('tiny'), { ...options, weights: 'f32' }), first);
    assert.notEqual(await resolveModelDir(at('tiny'), { ...options, shift: false }), first);
    await writeTinyCheckpoint(at('tiny'), { seed: 2, layers: 1 });
    assert.notEqual(await resolveModelDir(at('tiny'), options), first);
  });

  it('does so twice at once without harm', async () => {
    await writeTinyCheckpoint(at('tiny'));
    const options = { cacheDir: at('cache') };
    const dirs = await Promise.all([1, 2, 3].map(() => resolveModelDir(at('tiny'), options)));
    assert.equal(new Set(dirs).size, 1);
    assert.equal(readdirSync(at('cache')).length, 1);
    await openModelFolder(dirs[0]);
  });

  it('says when there is no such folder', async () => {
    await expectError(resolveModelDir(at('nowhere')), 'badCheckpoint', /there is no such folder/);
  });
});

describe('openModelFolder', () => {
  const at = useTempFolder();

  beforeEach(async () => {
    await writeTinyCheckpoint(at('tiny'));
    await convertCheckpoint(at('tiny'), { outDir: at('model'), weights: 'f32' });
  });

  function edit(change: Readonly<Record<string, unknown>>): void {
    const manifest = JSON.parse(readFileSync(at('model', 'lacuna.json'), 'utf8'));
    writeFileSync(at('model', 'lacuna.json'), JSON.stringify({ ...manifest, ...change }));
  }

  const cases: readonly [string, Readonly<Record<string, unknown>>, RegExp][] = [
    ['another format version', { manifestVersion: 9 }, /version 9 .* reads version 2/],
    ['an unknown architecture', { architecture: 'rnn' }, /architecture "rnn"/],
    ['an unknown weight format', { weights: 'q2' }, /weight format "q2"/],
    ['a mask id outside the vocabulary', { maskId: 97 }, /mask id 97 is outside/],
    ['no dimensions', { dimensions: undefined }, /no "vocabSize"/],
    ['a weight file elsewhere', { weightFile: '../weights.safetensors' }, /its weightFile is/],
    ['no shift', { shift: undefined }, /no "shift"/],
    ['a shift of a wrong type', { shift: 'on' }, /"shift" is "on"/],
  ];
  for (const [what, change, text] of cases) {
    it(`refuses ${what}`, async () => {
      edit(change);
      await expectError(openModelFolder(at('model')), 'badCheckpoint', text);
    });
  }

  it('names a missing weight file', async () => {
    rmSync(at('model', 'weights.safetensors'));
    const text = /weight file "weights.safetensors" is missing/;
    await expectError(openModelFolder(at('model')), 'badCheckpoint', text);
  });

  it('finds a truncated weight file', async () => {
    truncateSync(at('model', 'weights.safetensors'), 20_000);
    await expectError(openModelFolder(at('model')), 'badCheckpoint', /the file is truncated/);
  });

  it('finds a manifest that is no JSON', async () => {
    writeFileSync(at('model', 'lacuna.json'), '{');
    await expectError(openModelFolder(at('model')), 'badCheckpoint', /not valid JSON/);
  });
});
