import { strict as assert } from 'node:assert';
import { coveredRestOfLine } from '../../../../src/extension/ghostText/suffixOverlap';

/** [fill, rest of the line, what of it the fill covers] */
const cases: [string, string, string][] = [
  // nothing right of the cursor
  ['a + b;', '', ''],
  ['a + b;', '   ', ''],
  // the end of the fill is the rest of the line
  ['a + b;', ';', ';'],
  ['a, b)', ')', ')'],
  ['a, b);', ');', ');'],
  ["hello')", "')", "')"],
  ['x => x * 2))', '))', '))'],
  ['(a, b) {', ' {', ' {'],
  ['a, b) {', ') {', ') {'],
  ['{ a: 1 }]', ']', ']'],
  ['\n  return 1;\n})', '})', '})'],
  ['1 + total', 'total;', 'total'],
  ['x =', ' = 1;', ' ='],
  ['a ', ' + b', ' '],
  // a bracket closed inside the fill, not at its end: `function f(|)`
  ['a, b) {', ')', ')'],
  ['i < n; i++) {', ')', ')'],
  ['items[0]) || [])', ')', ')'],
  ['b])[0]', '])', '])'],
  // the fill's closing bracket belongs to the fill: the `))` bug
  ['foo(a)', ')', ''],
  ['[1, 2]', ']', ''],
  ['() => {}', '}', ''],
  ['range(len(xs))', '):', ''],
  ['f(g(x))', ');', ''],
  ['fn(x)', ') {', ''],
  ['foo(a))', ')', ')'],
  ['foo(a)))', '))', '))'],
  // strings that open and close within the fill
  ["'hello'", "'", ''],
  ['"a" + "b"', '"', ''],
  ["it's", "'", ''],
  ["hello'", "'", "'"],
  ['${name}`', '`', '`'],
  // a short word at the seam may be the start of something new
  ['x', 'x + 1', ''],
  ['i', 'if (a)', ''],
  ['min', 'min(a, b)', 'min'],
  // no word is split
  ['subtotal', 'total', ''],
  ['sub.total', 'total', 'total'],
  // no repetition at all
  ['value', ' = 1;', ''],
  ['a', ')', ''],
];

describe('coveredRestOfLine()', () => {
  for (const [fill, rest, covered] of cases) {
    it(`${JSON.stringify(fill)} before ${JSON.stringify(rest)} covers ${JSON.stringify(covered)}`, () => {
      assert.equal(rest.slice(0, coveredRestOfLine(fill, rest)), covered);
    });
  }
});
