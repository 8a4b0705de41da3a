/** PyTorch's files: tensors in place, views and shared values, and everything else refused. */
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { TensorStore } from '../../../src/model/tensorStore';
import { unpickle } from '../../../src/model/unpickle';
import { expectError } from '../../support/expectError';
import { useTempFolder } from '../../support/tempFolder';
import { pickle, torchFile, zipFile } from '../../support/torchFile';
import type { TorchTensor } from '../../support/torchFile';

const ramp = (count: number) => Float32Array.from({ length: count }, (_, i) => i - 3);

describe('pytorch_model.bin', () => {
  const at = useTempFolder();

  async function store(bytes: Buffer): Promise<TensorStore> {
    mkdirSync(at('c'), { recursive: true });
    writeFileSync(at('c', 'pytorch_model.bin'), bytes);
    return TensorStore.open(at('c'));
  }

  it('is read in place: whole, in part, transposed, shared', async () => {
    const tensors = new Map<string, TorchTensor>([
      ['a', { shape: [3, 4], values: ramp(12) }],
      ['turned', { shape: [2, 3], values: ramp(6), transposed: true }],
      ['tied', { shape: [3, 4], values: ramp(12), sameAs: 'a' }],
      ['long', { shape: [700], values: ramp(700) }],
      ['empty', { shape: [0], values: ramp(0) }],
    ]);
    const opened = await store(torchFile(tensors));
    for (const [name, { values }] of tensors) assert.deepEqual(await opened.read(name), values);
    assert.deepEqual(await opened.read('a', 4, 4), ramp(12).slice(4, 8));
    assert.deepEqual(await opened.read('turned', 2, 3), ramp(6).slice(2, 5));
    assert.equal(opened.find('tied')!.offset, opened.find('a')!.offset);
    assert.equal(opened.dtype, 'F32');
    await opened.close();
  });

  const withPickle = (program: Buffer, more: readonly [string, Buffer][] = []) =>
    zipFile(new Map([['archive/data.pkl', program], ...more]));
  const dictOf = (name: string, value: Buffer) =>
    pickle.whole(Buffer.concat([Buffer.from('}'), pickle.text(name), value, Buffer.from('s')]));
  const data: readonly [string, Buffer][] = [['archive/data/0', Buffer.alloc(64)]];

  const refused: readonly [string, Buffer, RegExp][] = [
    [
      'a call of the operating system',
      withPickle(
        pickle.whole(
          Buffer.concat([
            pickle.global('os', 'system'),
            pickle.tupleOf([pickle.text('touch /tmp/owned')]),
            Buffer.from('R'),
          ]),
        ),
      ),
      /it names "os.system", which is neither a tensor nor a plain container/,
    ],
    [
      'a built-in function',
      withPickle(pickle.whole(pickle.global('builtins', 'eval'))),
      /"builtins.eval"/,
    ],
    [
      'an instance of a class (INST)',
      withPickle(pickle.whole(Buffer.from('(ios\nsystem\n'))),
      /the instruction 0x69/,
    ],
    ['a new object (NEWOBJ)', withPickle(pickle.whole(Buffer.from([0x29, 0x81]))), /0x81/],
    [
      'a global by extension code (EXT1)',
      withPickle(pickle.whole(Buffer.from([0x82, 1]))),
      /the instruction 0x82/,
    ],
    [
      'a storage type that is none',
      withPickle(
        dictOf(
          'a',
          Buffer.concat([
            pickle.tupleOf([
              pickle.text('storage'),
              pickle.global('collections', 'OrderedDict'),
              pickle.text('0'),
              pickle.text('cpu'),
              pickle.integer(4),
            ]),
            Buffer.from('Q'),
          ]),
        ),
        data,
      ),
      /the place of a tensor is of an unknown form/,
    ],
    [
      'a state set on what is no dictionary',
      withPickle(pickle.whole(Buffer.from(']}b'))),
      /it builds an object/,
    ],
    [
      'a shape beyond its values',
      withPickle(dictOf('big', pickle.tensor('0', 16, [2 ** 30, 2 ** 30], [2 ** 30, 1])), data),
      /tensor "big" has the shape \[1073741824, 1073741824\]/,
    ],
    [
      'a stride of 0, which would make much of little',
      withPickle(dictOf('fan', pickle.tensor('0', 16, [2 ** 28], [0])), data),
      /tensor "fan" reaches value 268435456 of 16/,
    ],
    [
      'more values than the entry has bytes',
      withPickle(dictOf('a', pickle.tensor('0', 1000, [1000], [1])), data),
      /claims 1000 values of F32, its entry has 64 bytes/,
    ],
    [
      'values that are not there',
      withPickle(dictOf('a', pickle.tensor('7', 4, [4], [1])), data),
      /tensor "a" has no values in the file/,
    ],
    ['a pickle that ends', withPickle(Buffer.from([0x80, 2, 0x7d])), /it ends in the middle/],
    ['no dictionary', withPickle(pickle.whole(Buffer.from('N'))), /does not hold a dictionary/],
    ['an endless name', withPickle(Buffer.from(`c${'x'.repeat(5000)}`)), /without an end/],
    [
      'a text longer than the file',
      withPickle(Buffer.from([0x58, 255, 255, 255, 127, 65])),
      /ends in the middle/,
    ],
    [
      'compressed entries, which could grow',
      zipFile(new Map([['archive/data.pkl', Buffer.alloc(80)]]), { method: 8 }),
      /"archive\/data.pkl" is compressed/,
    ],
    [
      'an entry larger than the file',
      zipFile(new Map([['archive/data.pkl', Buffer.alloc(80)]]), { size: 2 ** 31 }),
      /ends at byte \d+ of \d+/,
    ],
    ['an archive without a list', zipFile(new Map([['x', Buffer.alloc(99)]])), /it lists none/],
    ['what is no archive', Buffer.alloc(4000, 65), /it is no zip archive/],
    [
      'an archive that is cut',
      torchFile(new Map([['a', { shape: [900], values: ramp(900) }]])).subarray(0, 2000),
      /it has no zip directory/,
    ],
    [
      'big-endian numbers',
      withPickle(pickle.whole(Buffer.from('}')), [['archive/byteorder', Buffer.from('big')]]),
      /big-endian/,
    ],
  ];
  for (const [what, bytes, text] of refused) {
    it(`refuses ${what}`, () => expectError(store(bytes), 'badCheckpoint', text));
  }

  it('reads what a trainer put under a key, and skips its counters', async () => {
    const inner = Buffer.concat([
      Buffer.from('}'),
      pickle.text('w'),
      pickle.tensor('0', 16, [16], [1]),
      Buffer.from('s'),
      pickle.text('step'),
      pickle.integer(7),
      Buffer.from('s'),
    ]);
    const opened = await store(withPickle(dictOf('module', inner), data));
    assert.deepEqual(opened.names, ['w']);
    await opened.close();
  });

  it('knows numbers of all sizes', () => {
    const program = Buffer.from([
      ...[0x80, 4, 0x28, 0x4b, 200, 0x4d, 1, 2, 0x4a, 254, 255, 255, 255, 0x8a, 2, 255, 255, 0x88],
      ...[0x89, 0x4e, 0x47, 0x3f, 0xf8, 0, 0, 0, 0, 0, 0, 0x74, 0x94, 0x2e],
    ]);
    assert.deepEqual(unpickle(program), {
      kind: 'tuple',
      items: [200, 513, -2, -1, true, false, null, 1.5],
    });
  });
});
