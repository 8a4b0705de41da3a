/** What a converted model must show before it gets its name: sight of the suffix, and its shift. */
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { convertCheckpoint } from '../../../src/model/convert';
import { firstChange } from '../../../src/model/fileRecords';
import { expectError } from '../../support/expectError';
import { useTempFolder } from '../../support/tempFolder';
import { tinyMaskId, writeTinyCheckpoint } from '../../support/tinyCheckpoint';
import type { TinyOptions, TinyTensor } from '../../support/tinyCheckpoint';

const vocabSize = 97;
const next = (id: number) => (5 * id + 3) % vocabSize;
/** A text that a model can know by heart: each token says which one follows. */
const snippet = Int32Array.from(
  { length: 60 },
  (
    (id) => () =>
      (id = next(id))
  )(1),
).map((id) => (id === tinyMaskId ? 6 : id));
const vocabulary = Object.fromEntries(Array.from({ length: vocabSize }, (_, id) => [`t${id}`, id]));

function scale(tensors: Map<string, TinyTensor>, pattern: RegExp, factor: number): void {
  for (const [name, { values }] of tensors) {
    if (pattern.test(name)) values.forEach((value, i) => (values[i] = value * factor));
  }
}

/** Layers that hardly count, and a head that turns each token's embedding into its follower. */
const knowing: TinyOptions = {
  ...{ architecture: 'llama', hiddenSize: 128, layers: 1 },
  change: (tensors) => {
    scale(tensors, /(o_proj|down_proj)/, 1e-3);
    const embed = tensors.get('model.embed_tokens.weight')!.values;
    const head = tensors.get('lm_head.weight')!.values;
    for (let id = 0; id < vocabSize; id++) {
      for (let i = 0; i < 128; i++) head[next(id) * 128 + i] = 5 * embed[id * 128 + i]!;
    }
  },
};

describe('the self-test of a conversion', () => {
  const at = useTempFolder();

  const convert = async (tiny: TinyOptions, shift?: boolean) => {
    const files = { 'tokenizer.json': { model: { vocab: vocabulary } } };
    await writeTinyCheckpoint(at('tiny'), { files, ...tiny });
    const manifest = await convertCheckpoint(at('tiny'), {
      ...{ outDir: at('model'), weights: 'f32', snippet: () => snippet },
      ...(shift === undefined ? {} : { shift }),
    });
    return manifest.selfTest;
  };

  it('confirms the shift of a model that knows the text', async () => {
    const { seesSuffix, shift, note } = await convert(knowing);
    assert.deepEqual([seesSuffix, shift], [true, 'confirmed'], note);
    assert.match(note, /-?0\.\d+ as declared \(shift on\)/);
  });

  it('refuses the same model under the other shift, and says how to convert it', async () => {
    const text = /its shift is not the one declared.*--shift on/;
    await expectError(convert(knowing, false), 'unsupportedModel', text);
    assert.equal(existsSync(at('model')), false);
  });

  it('decides nothing for random weights, which know no text', async () => {
    for (const shift of [true, false]) {
      const record = await convert({ architecture: 'llama' }, shift);
      assert.deepEqual([record.seesSuffix, record.shift], [true, 'not decided']);
      assert.match(record.note, /too little to tell/);
    }
  });

  it('runs no text without a tokenizer', async () => {
    const { shift, note } = await convert({ files: {} });
    assert.deepEqual([shift, note], ['not run', 'no tokenizer, so no text to tell the shift by']);
  });

  it('refuses a model whose rows see nothing of each other', async () => {
    const blind: TinyOptions = { change: (t) => scale(t, /attn.c_proj.weight/, 0) };
    await expectError(
      convert(blind),
      'unsupportedModel',
      /a later token changes nothing before it/,
    );
  });

  it('keeps hashes by which a changed file is found', async () => {
    await convert(knowing);
    const manifest = JSON.parse(readFileSync(at('model', 'lacuna.json'), 'utf8'));
    assert.equal(await firstChange(at('model'), manifest.files), undefined);
    const file = at('model', 'weights.safetensors');
    const bytes = readFileSync(file);
    bytes[bytes.length - 1]! ^= 1;
    writeFileSync(file, bytes);
    const text = /"weights.safetensors" has other contents/;
    assert.match((await firstChange(at('model'), manifest.files))!, text);
  });

  describe('before that, a tokenizer', () => {
    const cases: readonly [string, number, RegExp][] = [
      ['with more tokens than rows', 98, /goes up to token 97, its embedding has 97 rows/],
      ['with far fewer', 50, /has 50 tokens, its embedding 97 rows/],
    ];
    for (const [what, size, text] of cases) {
      it(`${what} is refused`, async () => {
        const vocab = Object.fromEntries(Array.from({ length: size }, (_, id) => [`t${id}`, id]));
        const files = { 'tokenizer.json': { model: { vocab } } };
        await expectError(convert({ files }), 'badCheckpoint', text);
      });
    }

    it('that is a link out of the folder is not copied', async () => {
      await writeTinyCheckpoint(at('tiny'));
      mkdirSync(at('private'));
      writeFileSync(at('private', 'secret.json'), '{"model":{"vocab":{}}}');
      symlinkSync(at('private', 'secret.json'), at('tiny', 'tokenizer.json'));
      const converting = convertCheckpoint(at('tiny'), { outDir: at('model'), weights: 'f32' });
      await expectError(converting, 'badCheckpoint', /"tokenizer.json" is a link out/);
    });
  });
});
