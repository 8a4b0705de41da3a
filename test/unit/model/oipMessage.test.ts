/** Messages of the Open Inference Protocol: written as it says, and read with suspicion. */
import assert from 'node:assert/strict';
import { decodeAnswer, encodeRequest, lengthHeader } from '../../../src/model/oipMessage';

const ids = { name: 'ids', shape: [1, 3], data: BigInt64Array.of(5n, -1n, 2n ** 40n) };
const bytes = (text: string) => new TextEncoder().encode(text);

describe('a request of the protocol', () => {
  it('says where its JSON ends and how long each tensor behind it is', () => {
    const { body, headers } = encodeRequest('1', [ids], ['y'], true);
    const end = Number(headers[lengthHeader]);
    assert.equal(headers['Content-Type'], 'application/octet-stream');
    assert.deepEqual(JSON.parse(new TextDecoder().decode(body.subarray(0, end))), {
      id: '1',
      inputs: [
        { name: 'ids', shape: [1, 3], datatype: 'INT64', parameters: { binary_data_size: 24 } },
      ],
      outputs: [{ name: 'y', parameters: { binary_data: true } }],
    });
    const view = new DataView(body.buffer, body.byteOffset + end);
    assert.equal(view.getBigInt64(16, true), 2n ** 40n);
    assert.equal(body.length, end + 24);
  });

  it('is plain JSON for servers without the extension', () => {
    const half = { name: 'x', shape: [2], data: Float32Array.of(0.5, -2) };
    const { body, headers } = encodeRequest('1', [half], ['y'], false);
    assert.equal(headers[lengthHeader], undefined);
    assert.deepEqual(JSON.parse(new TextDecoder().decode(body)), {
      id: '1',
      inputs: [{ name: 'x', shape: [2], datatype: 'FP32', data: [0.5, -2] }],
      outputs: [{ name: 'y', parameters: { binary_data: false } }],
    });
  });
});

describe('an answer of the protocol', () => {
  const answer = (outputs: unknown, tail = new Uint8Array()) => {
    const head = bytes(JSON.stringify({ outputs }));
    return { body: new Uint8Array(Buffer.concat([head, tail])), length: `${head.length}` };
  };
  const output = (over: object = {}) => ({
    ...{ name: 'y', shape: [1, 2], datatype: 'FP32', parameters: { binary_data_size: 8 } },
    ...over,
  });
  const raw = new Uint8Array(Float32Array.of(1.5, -4).buffer);

  it('is read from bytes, wherever they lie', () => {
    for (const name of ['y', 'yy', 'yyy', 'yyyy']) {
      const { body, length } = answer([output({ name })], raw);
      assert.deepEqual(decodeAnswer(body, length).get(name)!.data, Float32Array.of(1.5, -4));
    }
  });

  it('is read from lists, nested or not', () => {
    for (const data of [[1, 2], [[1, 2]]]) {
      const { body } = answer([output({ datatype: 'INT64', parameters: undefined, data })]);
      assert.deepEqual(decodeAnswer(body, null).get('y')!.data, BigInt64Array.of(1n, 2n));
    }
  });

  const wrong: [string, () => { body: Uint8Array; length: string | null }, RegExp][] = [
    ['no JSON', () => ({ body: bytes('<html>'), length: null }), /no JSON/],
    ['no outputs', () => ({ body: bytes('{"error":"x"}'), length: null }), /names no outputs/],
    ['a length beyond its end', () => ({ body: bytes('{}'), length: '99' }), /99 of 2 bytes/],
    ['a length that is none', () => ({ body: bytes('{}'), length: 'x' }), /is x of 2/],
    ['fewer bytes than said', () => answer([output()], raw.subarray(0, 4)), /8 bytes for 2/],
    ['other bytes than its shape', () => answer([output({ shape: [3] })], raw), /8 bytes for 3/],
    ['bytes that belong to nothing', () => answer([output()], new Uint8Array(12)), /4 bytes of/],
    ['a negative size', () => answer([output({ shape: [-1] })], raw), /no shape/],
    ['a foreign type', () => answer([output({ datatype: 'BYTES' })], raw), /type BYTES/],
    [
      'a list of words',
      () => answer([output({ parameters: undefined, data: ['a', 'b'] })]),
      /not the 2 numbers/,
    ],
    ['a list too short', () => answer([output({ parameters: undefined, data: [1] })]), /not the 2/],
  ];
  for (const [name, make, message] of wrong) {
    it(`with ${name} is refused in words`, () => {
      const { body, length } = make();
      assert.throws(() => decodeAnswer(body, length), message);
    });
  }
});
