/**
 * The GGUF writer, read back by the format's own description: header, offsets, blocks of 8 bits.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { quantizeQ8, writeGguf } from '../../../bench/support/gguf';
import { ggufTensors, metadataOf } from '../../../bench/support/ggufModels';
import { headParameters, linearParameters, shapes, tensorsOf } from '../../../bench/support/shapes';

/** Reads little-endian fields one after the other. */
class Reader {
  at = 0;
  constructor(readonly bytes: Buffer) {}
  u32 = () => this.bytes.readUInt32LE((this.at += 4) - 4);
  u64 = () => Number(this.bytes.readBigUInt64LE((this.at += 8) - 8));
  f32 = () => this.bytes.readFloatLE((this.at += 4) - 4);
  text = () => {
    const length = this.u64();
    return this.bytes.toString('utf8', this.at, (this.at += length));
  };
}

describe('the GGUF writer of the bench', () => {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'lacuna-gguf-'));
  after(() => rmSync(folder, { recursive: true }));

  it('writes what the format describes', () => {
    const file = path.join(folder, 'some.gguf');
    const second = Float32Array.from({ length: 64 }, (_, i) => i - 32);
    writeGguf(
      file,
      {
        name: { kind: 'string', value: 'größer' },
        count: { kind: 'u32', value: 7 },
        epsilon: { kind: 'f32', value: 0.5 },
        tokens: { kind: 'strings', value: ['a', 'bc'] },
        types: { kind: 'i32s', value: Int32Array.of(-1, 2) },
      },
      [
        {
          name: 'one',
          shape: [3],
          type: 'f32',
          data: new Uint8Array(Float32Array.of(1, 2, 3).buffer),
        },
        { name: 'two', shape: [2, 32], type: 'q8_0', data: quantizeQ8(second) },
      ],
    );
    const reader = new Reader(readFileSync(file));
    const { u32, u64, text } = reader;
    assert.deepEqual([u32(), u32(), u64(), u64()], [0x46554747, 3, 2, 5]);
    assert.deepEqual([text(), u32(), text()], ['name', 8, 'größer']);
    assert.deepEqual([text(), u32(), u32()], ['count', 4, 7]);
    assert.deepEqual([text(), u32(), reader.f32()], ['epsilon', 6, 0.5]);
    assert.deepEqual([text(), u32(), u32(), u64(), text(), text()], ['tokens', 9, 8, 2, 'a', 'bc']);
    assert.deepEqual([text(), u32(), u32(), u64()], ['types', 9, 5, 2]);
    assert.deepEqual([u32(), u32()], [2 ** 32 - 1, 2]);
    assert.deepEqual([text(), u32(), u64(), u32(), u64()], ['one', 1, 3, 0, 0]);
    // The fastest dimension comes first, and the second tensor at the next multiple of 32.
    assert.deepEqual([text(), u32(), u64(), u64(), u32(), u64()], ['two', 2, 32, 2, 8, 32]);
    const data = Math.ceil(reader.at / 32) * 32;
    assert.equal(reader.bytes.readFloatLE(data + 8), 3);
    assert.equal(reader.bytes.length, data + 32 + 2 * 34);
    assert.equal(reader.bytes.readInt8(data + 32 + 2), -127);
  });

  it('rounds blocks of 32 to a scale and bytes', () => {
    const values = Float32Array.from({ length: 64 }, (_, i) => (i < 32 ? (i - 10) / 7 : 0));
    const bytes = Buffer.from(quantizeQ8(values));
    const half = bytes.readUInt16LE(0);
    const scale = 2 ** ((half >> 10) - 15) * (1 + (half & 1023) / 1024);
    for (const [i, value] of values.subarray(0, 32).entries()) {
      assert.ok(Math.abs(scale * bytes.readInt8(2 + i) - value) < 0.6 * scale, `value ${i}`);
    }
    assert.deepEqual([...bytes.subarray(34)], new Array(34).fill(0)); // nothing to divide by
    assert.throws(() => quantizeQ8(new Float32Array(33)), /whole blocks/);
  });

  it('gives llama.cpp as many weights as the checkpoint has', () => {
    const sum = (tensors: readonly { readonly shape: readonly number[] }[]) =>
      tensors.reduce((all, { shape }) => all + shape.reduce((size, side) => size * side, 1), 0);
    for (const shape of Object.values(shapes)) {
      assert.equal(sum(ggufTensors(shape)), sum(tensorsOf(shape)), shape.name);
    }
    const published = { ...shapes['127M'], positions: 1024 };
    assert.equal(sum(tensorsOf(published)), 124_439_808);
    assert.equal(linearParameters(published) + headParameters(published), 123_532_032);
  });

  it('has a token for each row of the embedding', () => {
    for (const shape of [shapes.embedded, shapes['127M']]) {
      const tokens = metadataOf(shape)['tokenizer.ggml.tokens'];
      assert.ok(tokens?.kind === 'strings');
      assert.equal(tokens.value.length, shape.vocabulary);
      assert.equal(new Set(tokens.value).size, shape.vocabulary);
    }
  });
});
