/**
 * The readers of other people's files, on files with random damage: each must read the file or refuse it
 * in words. No other error, no crash, no memory beyond the file's own. The seeds are fixed, so that a
 * failure can be repeated; FUZZ_ROUNDS asks for more of them.
 */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { readSafetensors } from '../../../src/model/safetensors';
import { sentencePieceJson } from '../../../src/model/sentencePiece';
import { readTorchFile } from '../../../src/model/torchFile';
import { LacunaError } from '../../../src/protocol/errors';
import { createTokenizer } from '../../../src/tokenizer/tokenizer';
import { byteTokenizer } from '../../support/byteTokenizer';
import { sentencePieceFile, smallPieces } from '../../support/sentencePieceFile';
import { useTempFolder } from '../../support/tempFolder';
import { writeTinyCheckpoint } from '../../support/tinyCheckpoint';
import { torchFile } from '../../support/torchFile';

const rounds = Number(process.env.FUZZ_ROUNDS ?? 150);

/** mulberry32 */
function uniform(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) % below;
  };
}

/** Bytes flipped, cut, repeated, exchanged, and numbers made huge, mostly where the structure is. */
function damaged(original: Buffer, seed: number, near: number): Buffer {
  const random = uniform(seed);
  let bytes = Buffer.from(original);
  for (let count = 1 + random(4); count > 0; count--) {
    const range = random(5) === 0 ? bytes.length : Math.min(near, bytes.length);
    const at = random(Math.max(1, range));
    switch (random(6)) {
      case 0:
        bytes[at] = random(256);
        break;
      case 1:
        bytes[at]! ^= 1 << random(8);
        break;
      case 2:
        bytes = bytes.subarray(0, Math.max(1, at));
        break;
      case 3: {
        const piece = bytes.subarray(at, at + random(40));
        bytes = Buffer.concat([bytes.subarray(0, at), piece, bytes.subarray(at)]);
        break;
      }
      case 4:
        bytes.fill(255, at, Math.min(bytes.length, at + 1 + random(8)));
        break;
      default: {
        const digits = Buffer.from(String(2 ** (30 + random(40))));
        bytes = Buffer.concat([bytes.subarray(0, at), digits, bytes.subarray(at)]);
      }
    }
  }
  return bytes;
}

interface Tally {
  read: number;
  refused: number;
}

async function survive(read: (seed: number) => unknown): Promise<Tally> {
  const tally = { read: 0, refused: 0 };
  const before = process.memoryUsage().rss;
  for (let seed = 1; seed <= rounds; seed++) {
    try {
      await read(seed);
      tally.read++;
    } catch (error) {
      assert.ok(error instanceof LacunaError, `seed ${seed}: ${(error as Error).stack}`);
      assert.notEqual(error.code, 'internal', `seed ${seed}`);
      tally.refused++;
    }
  }
  const grownMB = (process.memoryUsage().rss - before) / 1e6;
  assert.ok(grownMB < 600, `grew by ${grownMB} MB`);
  return tally;
}

describe('damaged files', () => {
  const at = useTempFolder();

  it('of safetensors', async () => {
    await writeTinyCheckpoint(at('tiny'), { layers: 1 });
    const original = readFileSync(at('tiny', 'model.safetensors'));
    const header = 8 + Number(original.readBigUInt64LE());
    const tally = await survive((seed) => {
      writeFileSync(at('a.safetensors'), damaged(original, seed, header));
      return readSafetensors(at('a.safetensors'));
    });
    assert.ok(tally.refused > rounds / 3, JSON.stringify(tally));
  });

  it('of PyTorch: the archive around it and the pickle in it', async () => {
    const values = Float32Array.from({ length: 64 }, (_, i) => i);
    const tensors = new Map(['a.weight', 'b', 'c.bias'].map((n) => [n, { shape: [8, 8], values }]));
    const original = torchFile(tensors);
    const pickleEnd = original.indexOf('archive/byteorder');
    const directory = original.lastIndexOf(Buffer.from([0x50, 0x4b, 1, 2]));
    let refused = 0;
    for (const [from, near] of [
      [0, pickleEnd],
      [directory, original.length - directory],
    ] as const) {
      const tally = await survive((seed) => {
        const tail = damaged(original.subarray(from), seed, near);
        writeFileSync(at('a.bin'), Buffer.concat([original.subarray(0, from), tail]));
        return readTorchFile(at('a.bin'), at('a.bin'));
      });
      refused += tally.refused;
    }
    assert.ok(refused > rounds / 2, String(refused));
  });

  it('of tokenizer.json, byte-level and Unigram', async () => {
    const { json } = byteTokenizer(['return', ' x'], ['<|endoftext|>', '<|mask|>']);
    const unigram = sentencePieceJson('x', sentencePieceFile(smallPieces));
    for (const whole of [json, unigram]) {
      const original = Buffer.from(JSON.stringify(whole));
      const random = uniform(7);
      const tally = await survive((seed) => {
        let parsed: unknown;
        try {
          parsed = JSON.parse(damaged(original, seed, original.length).toString('utf8'));
        } catch {
          // Bytes that are no JSON never come here; other values in sound JSON do.
          parsed = withOtherValue(JSON.parse(original.toString('utf8')), random);
        }
        const tokenizer = createTokenizer(parsed, {});
        tokenizer.decode(tokenizer.encode('return x\n  (the values)', 'middle'));
      });
      assert.ok(tally.read > 0 && tally.refused > 0, JSON.stringify(tally));
    }
  });

  it('of SentencePiece', async () => {
    const original = Buffer.from(sentencePieceFile(smallPieces));
    const tally = await survive((seed) => {
      const json = sentencePieceJson('x', damaged(original, seed, original.length));
      createTokenizer(json, {}).encode('return the value', 'start');
    });
    assert.ok(tally.refused > 0, JSON.stringify(tally));
  });
});

/** The object with one value somewhere in it replaced by what does not belong there. */
function withOtherValue(whole: unknown, random: (below: number) => number): unknown {
  const others = [null, true, -1, 1e300, 'x', [], {}, [[]], { type: 'Nothing' }, undefined];
  const places: [Record<string, unknown>, string][] = [];
  const visit = (value: unknown, depth: number): void => {
    if (typeof value !== 'object' || value === null || depth > 4) return;
    const keys = Object.keys(value);
    for (const key of keys.length > 20 ? keys.slice(0, 20) : keys) {
      places.push([value as Record<string, unknown>, key]);
      visit((value as Record<string, unknown>)[key], depth + 1);
    }
  };
  visit(whole, 0);
  const [holder, key] = places[random(places.length)]!;
  holder[key] = others[random(others.length)];
  return whole;
}
