import assert from 'node:assert/strict';
import type { FillStep, Part, StepToken } from '../../../src/protocol/messages';
import { drawCode, drawGaps, drawProgress, drawRow } from '../../../src/server/trace/draw';
import { TraceScreen } from '../../../src/server/trace/screen';
import { coloured, painterFor, plain, printable } from '../../../src/server/trace/terminal';

const auto = { length: 'auto' } as const;
const masked: StepToken = {};
const token = (text: string, confidence = 1, fresh = false): StepToken => ({
  text,
  confidence,
  ...(fresh && { fresh }),
});

function step(number: number, ...gaps: StepToken[][]): FillStep {
  const maskedTokens = gaps.flat().filter(({ text }) => text === undefined).length;
  return { step: number, forwards: number, maskedTokens, gaps };
}

const parts: Part[] = [
  { text: 'one\ntwo\nthree\nfour\nfive\nconst x = ' },
  { gap: auto },
  { text: ';\nseven\neight\nnine\nten\n' },
];

describe('drawCode', () => {
  it('shows masks as blocks in the code around them', () => {
    const drawn = drawCode(parts, step(0, [masked, masked, masked]), plain);
    assert.equal(
      drawn.join('\n'),
      [
        '  3 │ three',
        '  4 │ four',
        '  5 │ five',
        '  6 │ const x = ░░░░░░;',
        '  7 │ seven',
        '  8 │ eight',
        '  9 │ nine',
      ].join('\n'),
    );
  });

  it('breaks the line where a token does', () => {
    const drawn = drawCode(parts, step(1, [token('f('), token('\n\t'), masked]), plain);
    assert.deepEqual(drawn.slice(3, 5), ['  6 │ const x = f(', '  7 │     ░░;']);
  });

  it('leaves out what lies far from every gap', () => {
    const far: Part[] = [{ gap: auto }, { text: '\n'.repeat(20) }, { gap: auto }];
    const drawn = drawCode(far, step(0, [masked], [masked]), plain);
    assert.deepEqual(drawn, [
      '  1 │ ░░',
      '  2 │',
      '  3 │',
      '  4 │',
      '    ⋮',
      ' 18 │',
      ' 19 │',
      ' 20 │',
      ' 21 │ ░░',
    ]);
  });

  it('lets no token move the cursor', () => {
    const drawn = drawCode([{ gap: auto }], step(1, [token('\x1b[2J\x07')]), plain);
    assert.deepEqual(drawn, [' 1 │ ␛[2J␇']);
  });
});

describe('drawRow', () => {
  it('puts every gap on one line', () => {
    const gaps = [[token('a\n', 1), masked], [masked]];
    assert.equal(drawRow(step(2, ...gaps), plain), '    2         2       2  a⏎░░ ┆ ░░');
  });

  it('uses one cell a mask in long gaps', () => {
    const long = Array.from({ length: 30 }, () => masked);
    assert.equal(drawGaps(step(0, long), plain), '░'.repeat(30));
  });
});

describe('drawProgress', () => {
  it('counts tokens', () => {
    const drawn = drawProgress(step(1, [token('a'), masked, masked, masked]), plain);
    assert.equal(drawn, 'step 1  1 of 4 tokens  ▓░░░');
  });

  it('draws a fill of nothing', () => {
    assert.equal(drawProgress(step(1, []), plain), 'step 1  0 of 0 tokens  ');
  });
});

describe('colours', () => {
  it('tell how sure a token is, and what is new', () => {
    const gaps = [token('a', 0.95), token('b', 0.7), token('c', 0.2), token('d', 0.95, true)];
    assert.equal(
      drawGaps(step(1, gaps), coloured),
      '\x1b[32ma\x1b[0m\x1b[33mb\x1b[0m\x1b[31mc\x1b[0m\x1b[32;7md\x1b[0m',
    );
  });

  it('are for terminals, unless NO_COLOR or FORCE_COLOR says otherwise', () => {
    assert.equal(painterFor({ isTTY: true }, {}), coloured);
    assert.equal(painterFor({ isTTY: true }, { NO_COLOR: '1' }), plain);
    assert.equal(painterFor({ isTTY: true }, { NO_COLOR: '' }), coloured);
    assert.equal(painterFor({ isTTY: false }, {}), plain);
    assert.equal(painterFor({}, { FORCE_COLOR: '1' }), coloured);
  });
});

describe('printable', () => {
  it('replaces control characters and broken surrogates', () => {
    assert.equal(printable('a\0b\x9bc\ud83d\td'), 'a␀b�c�    d');
    assert.equal(printable('a\r\nb', '\r\n'), 'a\r\nb');
  });
});

describe('TraceScreen', () => {
  function show(isTTY: boolean): string {
    let written = '';
    const screen = new TraceScreen({ isTTY, write: (text) => (written += text) }, parts, plain);
    screen.show(step(0, [masked, masked]));
    screen.show(step(1, [masked, token('y', 1, true)]));
    screen.show(step(2, [token('x', 1, true), token('y')]));
    screen.end();
    return written;
  }

  it('lets steps follow one another in a pipe, and ends with the code', () => {
    const lines = show(false).split('\n');
    assert.deepEqual(lines.slice(7, 13), [
      '',
      ' step  forwards  masked',
      '    0         0       2  ░░░░',
      '    1         1       1  ░░y',
      '    2         2       0  xy',
      '',
    ]);
    assert.equal(lines[16], '  6 │ const x = xy;');
  });

  it('redraws in place on a terminal and gives the cursor back', () => {
    const written = show(true);
    const rows = 11; // progress, blank, 7 lines of code, blank, legend
    assert.equal(written.split(`\x1b[${rows}A\x1b[0J`).length, 4);
    assert.ok(written.startsWith('\x1b[?25l\x1b[?7l'));
    assert.ok(written.endsWith('\x1b[?7h\x1b[?25h'));
  });

  it('writes nothing when nothing was shown', () => {
    let written = '';
    const screen = new TraceScreen({ isTTY: true, write: (text) => (written += text) }, [], plain);
    screen.end();
    assert.equal(written, '');
  });
});
