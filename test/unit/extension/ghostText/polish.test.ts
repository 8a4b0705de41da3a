import { strict as assert } from 'node:assert';
import { polish, type Place } from '../../../../src/extension/ghostText/polish';

/** The document with `‸` at the cursor; the fill; the document after accepting, or the reason. */
function check(document: string, fill: string, expected: string, options: Partial<Place> = {}) {
  const cursor = document.indexOf('‸');
  const before = document.slice(0, cursor);
  const suffix = document.slice(cursor + 1);
  const place: Place = {
    lineBefore: before.slice(before.lastIndexOf('\n') + 1),
    suffix,
    lineEnd: '\n',
    indentation: { insertSpaces: true, tabSize: 2 },
    ...options,
  };
  const polished = polish(fill, place);
  if ('unfit' in polished) assert.equal(polished.unfit, expected);
  else assert.equal(before + polished.text + suffix.slice(polished.replacedAfter), expected);
}

describe('polish()', () => {
  it('inserts a fill that needs nothing', () => {
    check('const a = ‸;', '1 + 2', 'const a = 1 + 2;');
  });
  it('does not double what stands right of the cursor', () => {
    check('const a = ‸;', '1 + 2;', 'const a = 1 + 2;');
    check('print(‸)', 'foo(a)', 'print(foo(a))');
    check('print(‸)', 'foo(a))', 'print(foo(a))');
    check("require('‸')", "fs')", "require('fs')");
  });
  it('does not double the line below', () => {
    check('f() {\n  ‸\n}', 'return 1;\n}', 'f() {\n  return 1;\n}');
  });
  it('leaves no blanks behind at a line end', () => {
    check('{\n  ‸\n}', 'a();\n  ', '{\n  a();\n}');
  });
  it('keeps blanks in front of text', () => {
    check('a ‸b', '+ ', 'a + b');
  });
  it("writes the document's line ends", () => {
    check('{\r\n  ‸\r\n}', 'a();\n  b();', '{\r\n  a();\r\n  b();\r\n}', { lineEnd: '\r\n' });
    check('{\r\n  ‸\r\n}', 'a();\r\n  b();', '{\r\n  a();\r\n  b();\r\n}', { lineEnd: '\r\n' });
    check('{\n  ‸\n}', 'a();\r\n  b();\r', '{\n  a();\n  b();\n}');
  });
  it('compares lines after converting the indentation', () => {
    const indentation = { insertSpaces: false, tabSize: 4 };
    check('{\n\t‸\n\tb();\n}', 'a();\n    b();', '{\n\ta();\n\tb();\n}', { indentation });
  });
  it('says why there is nothing to show', () => {
    check('‸', '', 'blank');
    check('‸', ' \n\t', 'blank');
    check('‸', 'a\uFFFD', 'undecodable');
    check('‸', 'a\u0000b', 'undecodable');
    check('‸', 'a();\na();\na();', 'circle');
    check('  ‸\n  console.log(a);', 'console.log(a);', 'repeatsFollowing');
    check('a‸);', ');', 'repeatsFollowing');
    check('f() {\n  ‸\n}', '\n}', 'repeatsFollowing');
  });
  it('lets every script and emoji through', () => {
    check('// ‸', 'größer — 日本語 👩‍💻', '// größer — 日本語 👩‍💻');
  });
});
