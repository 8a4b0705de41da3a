import assert from 'node:assert/strict';
import { Scan, type BlockStyle } from '../../../../src/sampler/structure/scan';

const scanned = (style: BlockStyle, text: string) => new Scan(style).read(text);
const openAfter = (style: BlockStyle, text: string) =>
  scanned(style, text)
    .stack.map(({ open }) => open)
    .join('');
const wordsOf = (style: BlockStyle, text: string) =>
  scanned(style, text)
    .end()
    .words.map(({ text: word }) => word);
const linesOf = (style: BlockStyle, text: string) => scanned(style, text).end().lines;

type Row = readonly [says: string, style: BlockStyle, text: string, open: string];
const brackets: readonly Row[] = [
  ['over several lines', 'indented', 'f(\n  [1,\n  {', '([{'],
  ['closed ones are gone', 'braced', 'f(a[1], { b })', ''],
  ['none within a string', 'indented', "x = '(['", ''],
  ['none within a triple string of several lines', 'indented', 'x = """(\n\'[\'\n{"""', ''],
  ['none behind an escaped quote', 'braced', "x = 'it\\'s (' + [", '['],
  ['none within a template string', 'braced', 'x = `(\n[` + {', '{'],
  ['none within a comment', 'indented', 'x = [  # (\n', '['],
  ['none within a comment to the line end', 'braced', 'f(a); // ([{\n', ''],
  ['none within a comment of several lines', 'braced', 'f( /* [\n{ */', '('],
  ['none within a regular expression', 'braced', 'x = /[(/]\\(/g.test(', '('],
  ['none within one that a word brings', 'braced', 'return /\\{/.exec(', '('],
  ['a slash between numbers divides', 'braced', 'x = a / (b / [', '(['],
  ['a hash is a name where braces are', 'braced', 'this.#list.push(', '('],
  ['a slash pair divides where indentation counts', 'indented', 'x = a // (b', '('],
];

describe('brackets that are open behind a text', () => {
  for (const [says, style, text, open] of brackets) {
    it(`${says} (${style})`, () => assert.equal(openAfter(style, text), open));
  }

  it('count as unopened where the text began later', () => {
    assert.equal(scanned('indented', 'a)\n]').unopened, 2);
  });

  it('are a fault when another kind closes them', () => {
    assert.equal(scanned('indented', 'f(a]').faults, 1);
    assert.equal(openAfter('indented', 'f([a)'), '');
  });

  it('are a fault in braces when the closing line is not as deep as the opening one', () => {
    assert.equal(scanned('braced', '  f({\n    a,\n  });').faults, 0);
    assert.equal(scanned('braced', '  f({\n    a,\n    });').faults, 1);
    assert.equal(scanned('indented', 'f(\n    a\n    )').faults, 0);
  });
});

describe('the end of a statement', () => {
  it('is a fault within brackets where braces are, but in the head of a loop', () => {
    assert.equal(scanned('braced', 'f(a;').faults, 1);
    assert.equal(scanned('braced', 'for (let i = 0; i < 1; i++) f(() => { a; });').faults, 0);
  });
});

describe('strings', () => {
  it('are open until their own quote', () => {
    assert.equal(scanned('indented', 'x = "it\'s').isInText, true);
    assert.equal(scanned('indented', '"""a "quoted" word').isInText, true);
    assert.equal(scanned('braced', 'x = `a\nb').isInText, true);
    assert.equal(scanned('braced', "x = 'a'").isInText, false);
    assert.equal(scanned('braced', 'x = /[(]a').isInText, true);
    assert.equal(scanned('braced', 'x = a / b').isInText, false);
  });

  it('are a fault when their line ends first', () => {
    assert.equal(scanned('indented', "x = 'a\n").faults, 1);
    assert.equal(scanned('indented', "x = '''a\n").faults, 0);
    assert.equal(scanned('braced', 'x = `a\n').faults, 0);
  });

  it('may have a prefix, which is no name', () => {
    for (const prefix of ['f', 'r', 'b', 'u', 'rb', 'Rb', 'fr', 'BR']) {
      assert.deepEqual(wordsOf('indented', `x = ${prefix}'a' + ${prefix}"""b"""`), ['x']);
    }
    assert.deepEqual(wordsOf('indented', "x = buf + ff('a')"), ['x', 'buf', 'ff']);
  });

  it('hold no words', () => {
    assert.deepEqual(wordsOf('braced', 'const a = `b ${c}` + "d" + \'e\';'), ['const', 'a']);
  });
});

describe('words', () => {
  it('are not in comments, nor the flags of a regular expression', () => {
    assert.deepEqual(wordsOf('indented', 'a = 1  # b\n# c\nd'), ['a', 'd']);
    assert.deepEqual(wordsOf('braced', 'a(/[x]b/giu, c); // d'), ['a', 'c']);
    assert.deepEqual(wordsOf('braced', '#!/usr/bin/env node\na();'), ['a']);
  });

  it('know what stands on both sides, and how deep they are', () => {
    const [first, second, third] = scanned('indented', 'del a.b[c]').end().words;
    assert.deepEqual([first!.text, first!.before, first!.behind], ['del', '', 'a']);
    assert.deepEqual([second!.before, second!.behind, second!.depth], ['del', '.', 0]);
    assert.deepEqual([third!.before, third!.behind], ['.', '[']);
  });

  it('tell a comparison from an assignment, and a spread from an attribute', () => {
    const behind = (text: string) => scanned('braced', text).end().words[0]!.behind;
    assert.deepEqual(['a == b', 'a => b', 'a = b'].map(behind), ['==', '=>', '=']);
    assert.equal(scanned('braced', 'f(...a)').end().words[1]!.before, '...');
  });
});

describe('lines', () => {
  it('are as deep as their columns, a tab going to the next fourth', () => {
    const depths = linesOf('indented', 'a\n    b\n\tc\n  \td').map(({ indent }) => indent);
    assert.deepEqual(depths, [0, 4, 4, 4]);
  });

  it('go on within brackets and behind a backslash where indentation counts', () => {
    assert.equal(linesOf('indented', 'f(\n  a,\n)\nb').length, 2);
    assert.equal(linesOf('indented', 'x = 1 + \\\n  2\nb').length, 2);
    assert.equal(linesOf('braced', 'f(\n  a,\n)').length, 3);
  });

  it('tell their first word, last character and colon', () => {
    const [line] = linesOf('indented', "if x[1:2] == ':':  # so:\n");
    assert.deepEqual([line!.head, line!.last, line!.hasColon], ['if', ':', true]);
    assert.equal(linesOf('indented', 'x[1:2]')[0]!.hasColon, false);
  });

  it('that are blank or only a comment are none', () => {
    assert.equal(linesOf('indented', 'a\n\n   \n# b\nc').length, 2);
    assert.equal(linesOf('braced', 'a\n  // b\n/* c\n d */\ne').length, 2);
  });
});

describe('a fork', () => {
  it('reads on where the scan stopped, and leaves it alone', () => {
    const scan = scanned('indented', 'f(\n  """a');
    const fork = scan.fork().read('""")\n');
    assert.deepEqual([fork.isInText, fork.stack.length], [false, 0]);
    assert.deepEqual([scan.isInText, scan.stack.length], [true, 1]);
  });

  it('knows that a comment ends with the line', () => {
    assert.equal(scanned('indented', 'a  # b').endsInRemark, true);
    assert.equal(scanned('indented', 'a  # b\n').endsInRemark, false);
  });
});
