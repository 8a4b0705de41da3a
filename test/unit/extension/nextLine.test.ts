import { strict as assert } from 'node:assert';
import { afterEnter } from '../../../src/extension/nextLine';
import { readSurroundings } from '../../../src/extension/surroundings';

const spaces = { insertSpaces: true, tabSize: 2 };

/** What stands left of the cursor after Enter at `|`. */
function pressed(text: string, indentation = spaces, lineEnd = '\n') {
  const offset = text.indexOf('|');
  const source = text.replace('|', '');
  const here = readSurroundings(
    { length: source.length, slice: (start, end) => source.slice(start, end) },
    offset,
  );
  const next = afterEnter(here, indentation, lineEnd);
  if (!next) return undefined;
  // As an editor has it that really got these characters.
  const typed = next.prefix.slice(here.prefix.length);
  const after = source.slice(0, offset) + typed + source.slice(offset);
  const there = readSurroundings(
    { length: after.length, slice: (start, end) => after.slice(start, end) },
    offset + typed.length,
  );
  assert.deepEqual(next, there);
  return typed;
}

describe('the place after Enter', () => {
  it('is indented like the line before', () => {
    assert.equal(pressed('  a();|\n}\n'), '\n  ');
    assert.equal(pressed('a();|'), '\n');
  });
  it('is deeper behind what opens a block', () => {
    for (const opener of ['if (a) {', 'f(', '[', 'def f():', '() =>']) {
      assert.equal(pressed(`  ${opener}|\n`), '\n    ', opener);
    }
    assert.equal(pressed('\tf(|\n', { insertSpaces: false, tabSize: 4 }), '\n\t\t');
  });
  it('has the line end of the document', () => {
    assert.equal(pressed('a();|\r\nb();\r\n', spaces, '\r\n'), '\r\n');
  });
  it('is nowhere within a line or on an empty one', () => {
    assert.equal(pressed('f(|);\n'), undefined);
    assert.equal(pressed('  |\n'), undefined);
  });
});
