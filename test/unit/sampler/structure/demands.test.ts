import assert from 'node:assert/strict';
import { Demands } from '../../../../src/sampler/structure/demands';

function demandsOf(texts: readonly string[], languageId = 'python') {
  const gaps = texts.slice(1).map(() => ({ singleLine: true }));
  return new Demands(texts, gaps, languageId);
}

describe('what several gaps demand of each other', () => {
  const nested = ['def f(a):\n    ', '\n        ', '\n    return a\n'];

  it('is room for the least that the others may hold', () => {
    const demand = demandsOf(nested).at(0, [undefined, undefined])!;
    assert.equal(demand.judge('if a:'), 2);
    assert.equal(demand.judge('a = 2'), 0, 'the next gap stands deeper');
    assert.equal(demand.goesOn('a ='), 0);
  });

  it('is what they hold, once that is written', () => {
    const demands = demandsOf(['def f(a):\n    ', '\n    ', '\n    return a\n']);
    const closed = demands.at(1, ['if a:', undefined])!;
    assert.equal(closed.judge('a = 2'), 0, 'a block was opened');
    assert.equal(closed.judge('    a = 2'), 2);
    assert.equal(demands.at(1, ['a = 2', undefined])!.judge('a = 2'), 2);
  });

  it('is no name that stands nowhere, where none is left open before', () => {
    const demands = demandsOf(['def f(a):\n    ', '\n    ', '\n    return a\n']);
    assert.equal(demands.at(1, ['b = a', undefined])!.judge('print(b)'), 2);
    assert.equal(demands.at(1, ['c = a', undefined])!.judge('print(b)'), 1);
    assert.equal(demands.at(1, [undefined, undefined])!.judge('print(b)'), 2, 'perhaps it will be');
  });

  it('is a name that is read behind, of the last one that can bind it', () => {
    const demands = demandsOf(['def f(a):\n    ', '\n    print(a)\n    ', '\n    return total\n']);
    assert.equal(demands.at(0, [undefined, undefined])!.judge('b = a'), 2, 'the other may bind it');
    assert.equal(demands.at(0, [undefined, 'b = a'])!.judge('b = a'), 1);
    assert.equal(demands.at(0, [undefined, 'b = a'])!.judge('total = a'), 2);
    assert.equal(demands.at(1, ['b = a', undefined])!.judge('b = a'), 1);
    assert.equal(demands.at(1, ['total = a', undefined])!.judge('b = a'), 2);
  });

  it('counts brackets, also where the language has blocks in braces', () => {
    const demands = demandsOf(['function f(a) {\n  ', '\n  ', '\n}\n'], 'typescript');
    const open = demands.at(1, ['if (a) {', undefined])!;
    assert.equal(open.judge('return a;'), 0);
    assert.equal(open.judge('}'), 2);
    assert.equal(demands.at(0, [undefined, undefined])!.judge('if (a) {'), 0);
    assert.equal(demands.at(0, [undefined, '}'])!.judge('if (a) {'), 2);
  });

  it('is nothing in a string, and in languages that are not known', () => {
    assert.equal(demandsOf(['a = """', ' ', '"""\n']).at(0, [undefined, undefined]), undefined);
    assert.equal(demandsOf(['a', 'b', 'c'], 'cobol').at(1, ['a', undefined]), undefined);
  });
});
