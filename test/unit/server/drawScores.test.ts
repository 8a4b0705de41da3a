import assert from 'node:assert/strict';
import type { ScoredToken } from '../../../src/protocol/messages';
import { drawScores } from '../../../src/server/trace/drawScores';
import { coloured, plain } from '../../../src/server/trace/terminal';

const other = (text: string, probability: number) => ({ text, probability });
const token = (
  start: number,
  end: number,
  probability: number,
  ...alternatives: ScoredToken['alternatives']
): ScoredToken => ({ start, end, probability, alternatives });

describe('drawScores()', () => {
  it('writes doubts under the tokens, with what was rather expected', () => {
    const text = 'a\n\tb = size;\n';
    const tokens = [
      token(3, 4, 0.95),
      token(4, 6, 0.9),
      token(6, 11, 0.03, other(' "x"', 0.61), other('\n', 0.09)),
      token(11, 13, 0.4),
    ];
    assert.deepEqual(drawScores(text, tokens, plain), [
      ' 2  57 % │     b = size;',
      '         │        ^^^^^ 3 %, rather " \\"x\\"" 61 %, "\\n" 9 %',
      '         │             ^ 40 %',
    ]);
  });

  it('puts a token of two lines on the first, and shows no line without tokens', () => {
    const tokens = [token(0, 3, 1), token(5, 6, 0.2)];
    assert.deepEqual(drawScores('a\r\nb\nc', tokens, plain), [
      ' 1 100 % │ a',
      ' 3  20 % │ c',
      '         │ ^ 20 %',
    ]);
  });

  it('shows the three least likely of a line, in its order', () => {
    const tokens = [0.4, 0.1, 0.3, 0.2].map((p, at) => token(at, at + 1, p));
    const doubts = drawScores('abcd', tokens, plain).slice(1);
    assert.deepEqual(
      doubts.map((line) => line.replace(/.*\^ /, '')),
      ['10 %', '30 %', '20 %'],
    );
  });

  it('colours by how likely a token is, and lets none move the cursor', () => {
    const [line] = drawScores('a\x1bb', [token(0, 1, 0.95), token(1, 2, 0.7)], coloured);
    assert.ok(line!.endsWith('\x1b[32ma\x1b[0m\x1b[33m␛\x1b[0mb'), line);
  });

  it('draws nothing of nothing', () => assert.deepEqual(drawScores('', [], plain), []));
});
