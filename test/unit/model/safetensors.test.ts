/** Reading and writing weight files: round trips, and every way a downloaded file can be bad. */
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { readSafetensors } from '../../../src/model/safetensors';
import { SafetensorsWriter } from '../../../src/model/safetensorsWriter';
import { TensorStore } from '../../../src/model/tensorStore';
import { expectError } from '../../support/expectError';
import { useTempFolder } from '../../support/tempFolder';
import { writeTinyCheckpoint } from '../../support/tinyCheckpoint';

/** A file of `header` (any text) followed by `size` data bytes. */
function rawFile(file: string, header: string | object, size: number): void {
  const text = Buffer.from(typeof header === 'string' ? header : JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(text.length));
  writeFileSync(file, Buffer.concat([length, text, Buffer.alloc(size)]));
}

const f32 = (shape: unknown, begin: unknown, end: unknown) => ({
  dtype: 'F32',
  shape,
  data_offsets: [begin, end],
});

describe('readSafetensors', () => {
  const at = useTempFolder();

  it('reads back what the writer wrote, in any pieces', async () => {
    const writer = await SafetensorsWriter.create(at('a.safetensors'), [
      { name: 'first', dtype: 'F32', shape: [2, 3] },
      { name: 'second', dtype: 'I8', shape: [5] },
    ]);
    await writer.append(Float32Array.of(1, 2));
    await writer.append(Float32Array.of(3, 4, 5, 6));
    await writer.append(Int8Array.of(1, 2, 3, 4, 5));
    await writer.finish();
    const tensors = await readSafetensors(at('a.safetensors'));
    assert.deepEqual([...tensors.keys()], ['first', 'second']);
    const { shape, dtype, offset, sizeBytes } = tensors.get('first')!;
    assert.deepEqual({ shape, dtype, sizeBytes }, { shape: [2, 3], dtype: 'F32', sizeBytes: 24 });
    assert.equal(offset % 8, 0);
  });

  it('leaves no file when the writer is abandoned or was given too little', async () => {
    const plan = [{ name: 'x', dtype: 'F32', shape: [4] }] as const;
    const writer = await SafetensorsWriter.create(at('a.safetensors'), plan);
    await writer.append(Float32Array.of(1));
    await assert.rejects(writer.finish(), /wrote 4 bytes where the plan says 16/);
    await writer.abandon();
    assert.throws(() => readFileSync(at('a.safetensors')));
    assert.throws(() => readFileSync(at('a.safetensors.partial')));
  });

  const bad: readonly [string, string | object, number, RegExp][] = [
    ['not JSON', '{"a":', 0, /header is not valid JSON/],
    ['not an object', '[]', 0, /header is not a JSON object/],
    ['a truncated file', { a: f32([4], 0, 16) }, 12, /ends at byte .* the file is truncated/],
    ['bytes too many', { a: f32([4], 0, 16) }, 20, /4 bytes too many/],
    [
      'a size that is not the shape',
      { a: f32([5], 0, 16) },
      16,
      /16 bytes where F32 \[5\] needs 20/,
    ],
    ['overlapping tensors', { a: f32([4], 0, 16), b: f32([2], 8, 16) }, 16, /"b" overlaps/],
    ['a hole', { a: f32([1], 0, 4), b: f32([1], 8, 12) }, 12, /"b" leaves a hole/],
    ['an end before its start', { a: f32([0], 8, 0) }, 8, /ends at byte 0, before its start 8/],
    [
      'sizes beyond all numbers',
      { a: f32([2 ** 60], 0, 4) },
      4,
      /has the shape \[1152921504606847000\]/,
    ],
    [
      'a product beyond all numbers',
      { a: f32([2 ** 50, 2 ** 50], 0, 4) },
      4,
      /4 bytes where F32 \[1125899906842624,1125899906842624\] needs/,
    ],
    ['negative offsets', { a: f32([1], -4, 0) }, 0, /data_offsets \[-4,0\]/],
    ['fractional shapes', { a: f32([1.5], 0, 6) }, 6, /has the shape \[1.5\]/],
    ['no dtype', { a: { shape: [1], data_offsets: [0, 4] } }, 4, /has no dtype/],
    ['no entry', { a: 7 }, 0, /has no entry object/],
  ];
  for (const [what, header, size, text] of bad) {
    it(`refuses ${what}`, async () => {
      rawFile(at('a.safetensors'), header, size);
      await expectError(readSafetensors(at('a.safetensors')), 'badCheckpoint', text);
    });
  }

  it('refuses a name that stands there twice, which JSON would pass over', async () => {
    const entry = '{"dtype":"F32","shape":[1],"data_offsets":[0,4]}';
    const text = `{"a":${entry},"__metadata__":{"a":"x","b":"{\\"a\\":"},"\\u0061":${entry}}`;
    const length = Buffer.alloc(8);
    length.writeBigUInt64LE(BigInt(text.length));
    writeFileSync(at('a.safetensors'), Buffer.concat([length, Buffer.from(text), Buffer.alloc(4)]));
    const reading = readSafetensors(at('a.safetensors'));
    await expectError(reading, 'badCheckpoint', /lists tensor "a" twice/);
  });

  it('refuses a header longer than the file, as a web page saved by mistake has', async () => {
    writeFileSync(at('a.safetensors'), '<!doctype html><title>404</title>');
    const reading = readSafetensors(at('a.safetensors'));
    await expectError(reading, 'badCheckpoint', /truncated, or not a safetensors file/);
    writeFileSync(at('a.safetensors'), '');
    await expectError(readSafetensors(at('a.safetensors')), 'badCheckpoint', /it has 0 bytes/);
  });
});

describe('TensorStore', () => {
  const at = useTempFolder();

  for (const dtype of ['F32', 'F16', 'BF16'] as const) {
    it(`reads ${dtype} tensors from three shards`, async () => {
      const { tensors } = await writeTinyCheckpoint(at('c'), { dtype, shards: 3 });
      const store = await TensorStore.open(at('c'));
      assert.equal(store.files.length, 3);
      for (const [name, { values }] of tensors) {
        assert.deepEqual(await store.read(name), values, name);
      }
      const part = await store.read('embed_tokens.weight', 32, 64);
      assert.deepEqual(part, tensors.get('embed_tokens.weight')!.values.slice(32, 96));
      await store.close();
    });
  }

  it('follows the symbolic links of the Hugging Face cache to one real path', async () => {
    await writeTinyCheckpoint(at('blobs'));
    mkdirSync(at('snapshots', 'abc'), { recursive: true });
    symlinkSync(at('blobs', 'model.safetensors'), at('snapshots', 'abc', 'model.safetensors'));
    const store = await TensorStore.open(at('snapshots', 'abc'));
    assert.match(store.files[0], /blobs/);
  });

  it('follows no link to anywhere else', async () => {
    await writeTinyCheckpoint(at('elsewhere'));
    mkdirSync(at('c'));
    symlinkSync(at('elsewhere', 'model.safetensors'), at('c', 'model.safetensors'));
    const text = /"model.safetensors" is a link out of the folder/;
    await expectError(TensorStore.open(at('c')), 'badCheckpoint', text);
    rmSync(at('elsewhere'), { recursive: true });
    await expectError(TensorStore.open(at('c')), 'badCheckpoint', /cannot be found/);
  });

  it('names a shard that is missing', async () => {
    await writeTinyCheckpoint(at('c'), { shards: 2 });
    rmSync(at('c', 'model-00002-of-00002.safetensors'));
    const text = /shard "model-00002-of-00002.safetensors" .* is missing/;
    await expectError(TensorStore.open(at('c')), 'badCheckpoint', text);
  });

  it('asks for the index where there are shards only', async () => {
    await writeTinyCheckpoint(at('c'), { shards: 2 });
    rmSync(at('c', 'model.safetensors.index.json'));
    const text = /"model-0000\d-of-00002.safetensors" but no index/;
    await expectError(TensorStore.open(at('c')), 'badCheckpoint', text);
  });

  it('names a tensor that the index promises and no shard holds', async () => {
    await writeTinyCheckpoint(at('c'), { shards: 2 });
    const file = at('c', 'model.safetensors.index.json');
    const index = JSON.parse(readFileSync(file, 'utf8'));
    index.weight_map.extra = 'model-00001-of-00002.safetensors';
    writeFileSync(file, JSON.stringify(index));
    await expectError(TensorStore.open(at('c')), 'badCheckpoint', /lists tensor "extra"/);
  });

  it('reads nothing outside its folder, whatever the index says', async () => {
    await writeTinyCheckpoint(at('c'), { shards: 2 });
    const index = { weight_map: { a: '../model.safetensors' } };
    writeFileSync(at('c', 'model.safetensors.index.json'), JSON.stringify(index));
    await expectError(TensorStore.open(at('c')), 'badCheckpoint', /"\.\.\/model.safetensors"/);
  });

  it('says what is wrong with a folder without safetensors', async () => {
    await writeTinyCheckpoint(at('c'));
    renameSync(at('c', 'model.safetensors'), at('c', 'pytorch_model.bin'));
    await expectError(
      TensorStore.open(at('c')),
      'badCheckpoint',
      /pytorch_model.bin": it is no zip archive/,
    );
    rmSync(at('c', 'pytorch_model.bin'));
    await expectError(TensorStore.open(at('c')), 'badCheckpoint', /it holds no weights/);
  });
});
