import assert from 'node:assert/strict';
import { Canvas } from '../../../src/sampler/canvas';
import { endMass } from '../../../src/sampler/ending';
import { repetitionOf } from '../../../src/sampler/repeats';
import { createTokenizer } from '../../../src/tokenizer/tokenizer';
import { byteTokenizer } from '../../support/byteTokenizer';

const { json, idOf } = byteTokenizer([');', '();', "';", 'name'], ['<|mask|>']);
const tokenizer = createTokenizer(json, {});
const encode = (text: string) => [...tokenizer.encode(text, 'middle')];
const maskId = idOf('<|mask|>');

/** Whether `token` only repeats what is behind a gap that says `written` so far. */
function repeats(before: string, written: string, behind: string, token: string): boolean {
  const [prefix, own, suffix] = [before, written, behind].map(encode) as [
    number[],
    number[],
    number[],
  ];
  const start = prefix.length;
  const ids = Int32Array.from([...prefix, ...own, maskId, ...suffix]);
  const canvas = new Canvas(ids, [{ start, end: start + own.length + 1 }], maskId, {});
  own.forEach((id, i) => canvas.commit(start + i, id, 1));
  const beside = { before: prefix, behind: suffix };
  const asked = repetitionOf(
    beside,
    () => canvas.spans[0]!,
    () => canvas,
    tokenizer,
  );
  const [id, ...others] = encode(token);
  assert.equal(others.length, 0);
  return asked?.(start + own.length, id!) ?? false;
}

describe('a token that only repeats what stands behind its gap', () => {
  const rows: [before: string, written: string, behind: string, token: string, is: boolean][] = [
    ['return ', 'x', ';\n}', ';', true],
    ["import x from '", 'y', "';\n", "';", true],
    ["import x from '", 'y', "';\n", "'", true],
    ['f(', 'a', ', b)', ',', true],
    ['if ', 'x', ':\n', ':', true],
    ['f(', 'a', ');\n', ')', true],
    ['f(', 'a', ');\n', ');', true],
    ['f(', 'g(a', ');\n', ')', false], // closes what the gap has opened
    ['f(g(', 'a', ')\n', ')', false], // closes what stands before the gap
    ['f(', 'a', ')\n', ';', false], // something else
    ['f(', 'a', 'name)\n', 'name', false], // a name may rightly come twice
    ['return ', 'x', '\n;', ';', false], // of the next line
    ['return ', 'x', '', ';', false],
  ];
  for (const [before, written, behind, token, is] of rows) {
    const shown = JSON.stringify(`${before}${written}|${behind}`);
    it(`${JSON.stringify(token)} at ${shown}: ${is}`, () =>
      assert.equal(repeats(before, written, behind, token), is));
  }

  it('counts as the end of the gap', () => {
    const stats = {
      width: 3,
      ids: Int32Array.of(10, 11, 12),
      logits: Float32Array.from([0.5, 0.3, 0.1], Math.log),
      logSumExp: Float32Array.of(0),
    };
    const ending = { minLength: 0, endIds: [12], blankLossWeight: 1 };
    const asked: number[] = [];
    const with11 = {
      ...ending,
      repeats: (past: number, id: number) => (asked.push(past), id === 11),
    };
    const mass = (how: Parameters<typeof endMass>[2]) =>
      Math.round(100 * endMass(stats as Parameters<typeof endMass>[0], 0, how, 7).mass);
    assert.deepEqual([mass(ending), mass(with11)], [10, 40]);
    assert.ok(asked.every((past) => past === 7));
  });
});
