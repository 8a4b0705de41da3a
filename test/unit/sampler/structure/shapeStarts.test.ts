import assert from 'node:assert/strict';
import { Shape } from '../../../../src/sampler/structure/shape';
import { Surroundings } from '../../../../src/sampler/structure/surroundings';

/** Where the gap is: code with ‸ in it. */
function shapeAt(languageId: string, code: string, singleLine = true) {
  const [before, behind] = code.split('‸') as [string, string];
  const around = Surroundings.of(before, behind, languageId)!;
  const shape = new Shape(around, singleLine);
  return {
    fits: (fill: string) => shape.fits(fill),
    goesOn: (start: string) => shape.goesOn(start, around.upTo(start)),
  };
}

describe('the beginning of a fill', () => {
  it('is as deep as a line may be there, and begins like one', () => {
    const { goesOn } = shapeAt('python', 'def f(x):\n‸\n        return 1\n    return 2\n');
    const suiting = ['', '    ', '    i', '    if', '    for y in'];
    assert.deepEqual(suiting.filter(goesOn), suiting);
    assert.deepEqual(['          ', '        if', '    x =', '    else'].filter(goesOn), []);
  });

  it('closes no bracket by another, and cuts off no string', () => {
    const { goesOn } = shapeAt('typescript', 'function f(x) {\n‸\n  return 2;\n}\n');
    assert.ok(goesOn('  g(x, ['));
    assert.ok(goesOn("  g('x"));
    assert.ok(!goesOn('  g(x]'));
    assert.ok(!goesOn("  g('x\n"));
  });

  it('may stand in a regular expression that has not ended', () => {
    const { fits, goesOn } = shapeAt('javascript', 'function f(x) {\n‸\n  return 2;\n}\n');
    assert.ok(goesOn('  x = /[)]\\}(a|b'));
    assert.ok(!fits('  x = /[)]\\}(a|b'));
    assert.ok(fits('  x = /[)]\\}(a|b)/;'));
  });

  it('does not repeat itself without end', () => {
    const { goesOn } = shapeAt('python', 'x = 1\n‸\n');
    assert.ok(goesOn('y = a + b + a'));
    assert.ok(!goesOn('y = a + b + a + b + a + b + a + b + '));
  });

  it('is no comment where a comment leaves a block without its line', () => {
    const { goesOn } = shapeAt('python', 'def f(x):\n‸\n        return 1\n    return 2\n');
    assert.ok(!goesOn('    # and so on'));
    assert.ok(shapeAt('python', 'def f(x):\n‸\n    return 1\n').goesOn('    # and so on'));
  });
});

describe('a whole fill', () => {
  it('is not the line that stands behind it', () => {
    const { fits } = shapeAt('python', 'def f(x):\n‸\n    print(x)\n');
    assert.ok(!fits('    print(x)'));
    assert.ok(!fits('    print(x)  '));
    assert.ok(fits('    print(x + 1)'));
    assert.ok(shapeAt('python', 'f(\n‸\n    )\n)\n').fits('    g('));
  });

  it('may have several lines where the gap has', () => {
    const { fits } = shapeAt('python', 'def f(x):\n‸\n    return x\n', false);
    assert.ok(fits('    if x:\n        x = 1'));
    assert.ok(!fits('    if x:\n    x = 1'));
    assert.ok(!fits('    if x:'));
  });
});
