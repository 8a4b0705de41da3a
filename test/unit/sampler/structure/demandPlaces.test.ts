import assert from 'node:assert/strict';
import { Demand } from '../../../../src/sampler/structure/demand';
import { Surroundings } from '../../../../src/sampler/structure/surroundings';

/** Where the gap is: code with ‸ in it. */
function demandAt(languageId: string | undefined, code: string, singleLine = true) {
  const [before, behind] = code.split('‸') as [string, string];
  return Demand.of(before, behind, { languageId, singleLine });
}

describe('where nothing is known, nothing is demanded', () => {
  it('in a string and in a comment', () => {
    assert.equal(demandAt('python', 'x = """\n‸\n"""\n'), undefined);
    assert.equal(demandAt('javascript', 'x = `\n‸\n`;\n'), undefined);
    assert.equal(demandAt('typescript', '/*\n‸\n*/\n'), undefined);
    assert.notEqual(demandAt('python', 'x = """a"""\n‸\n'), undefined);
  });

  it('in another language', () => {
    assert.equal(demandAt('rust', 'fn f() {\n‸\n}\n'), undefined);
    assert.equal(demandAt(undefined, 'x = 1\n‸\n'), undefined);
  });

  it('at the end of an endless line; one behind the gap is read no further than any text', () => {
    const endless = 'x + '.repeat(500_000);
    assert.equal(demandAt('javascript', `y = ${endless}‸\n`), undefined);
    const { behind, isWhole } = Surroundings.of('y = 1;\n', `\n${endless}`, 'javascript')!;
    assert.ok(behind.length <= 1500, `${behind.length}`);
    assert.equal(isWhole, false);
  });

  it('of names, where the text before is too long to be all', () => {
    const long = `${'x = 1\n'.repeat(3001)}‸\nprint(x)\n`;
    assert.equal(demandAt('python', long)!.judge('print(unknown)'), 2);
    assert.equal(demandAt('python', long)!.judge('print(unknown'), 0);
    assert.equal(demandAt('python', long.slice(60))!.judge('print(unknown)'), 1);
  });

  it('of names, in markup and in several lines', () => {
    const code = 'function f(xs) {\n‸\n  return xs;\n}\n';
    assert.equal(demandAt('typescriptreact', code)!.judge('  xs.push(y);'), 2);
    assert.equal(demandAt('typescript', code, false)!.judge('  xs.push(y);'), 2);
  });
});

describe('declarations behind commas', () => {
  it('bind all that is asked for', () => {
    const code = 'function f(xs) {\n‸\n  return low + high;\n}\n';
    const judge = (fill: string) => demandAt('javascript', code)!.judge(fill);
    assert.equal(judge('  let low = 0, high = xs.length;'), 2);
    assert.equal(judge('  const [low, high] = xs;'), 2);
    assert.equal(judge('  let low = 0;'), 1);
  });
});

describe('the end of a fill', () => {
  const demand = demandAt('python', 'def f(xs):\n‸\n        print(x)\n    return 1\n')!;

  it('may come where it suits', () => {
    assert.equal(demand.mayEnd('    for x in xs:'), true);
    assert.equal(demand.mayEnd('    for x in xs'), false);
  });

  it('may come where names have gone wrong for good, but not the shape', () => {
    assert.equal(demand.judge('    for y in xs:'), 1);
    assert.equal(demand.mayEnd('    for y in xs:'), true);
    assert.equal(demand.mayEnd('    for y in xs'), false);
  });
});
