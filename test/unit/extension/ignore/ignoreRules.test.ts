import { strict as assert } from 'node:assert';
import { IgnoreRules } from '../../../../src/extension/ignore/ignoreRules';

describe('IgnoreRules', () => {
  const cases: [what: string, rules: string, path: string, ignored: boolean][] = [
    ['a name anywhere', '*.gen.ts', 'src/a.gen.ts', true],
    ['a folder and all in it', 'private/', 'a/private/b/c.ts', true],
    ['a rooted path', '/top.ts', 'top.ts', true],
    ['a rooted path elsewhere', '/top.ts', 'a/top.ts', false],
    ['what is taken back', '*.ts\n!keep.ts', 'keep.ts', false],
    ['nothing taken back from a hidden folder', 'a/\n!a/keep.ts', 'a/keep.ts', true],
    ['two stars', 'docs/**/*.md', 'docs/x/y/z.md', true],
    ['a comment', '# *.ts', 'a.ts', false],
    ['an escaped comment sign', '\\#a.ts', '#a.ts', true],
    ['line ends of Windows', 'a.ts\r\nb.ts\r\n', 'b.ts', true],
    ['a byte order mark', '\uFEFFa.ts', 'a.ts', true],
    ['no rules', '', 'a.ts', false],
    ['another case', 'Secret.TS', 'secret.ts', true],
    ['a leading slash of the path', 'a.ts', '/a.ts', true],
  ];
  for (const [what, rules, path, ignored] of cases) {
    it(what, () => assert.equal(IgnoreRules.parse(rules).ignores(path), ignored));
  }

  it('takes a path that no rule can be compared with for ignored', () => {
    assert(IgnoreRules.parse('').ignores('../outside.ts'));
  });

  it('answers at once, whatever the rules and however deep the path', () => {
    const deep = `${'a/'.repeat(60)}x.ts`;
    const hostile = [
      '**/a/**/a/**/a/**/a/**/a/**/a/b',
      `${'**/'.repeat(40)}b`,
      `${'*a'.repeat(30)}b`,
      'a/**/'.repeat(9),
    ];
    const start = performance.now();
    for (const rule of hostile) {
      const rules = IgnoreRules.parse(rule);
      for (let i = 0; i < 50; i++) rules.ignores(deep);
    }
    assert.ok(performance.now() - start < 2000); // seconds to hours without a limit
    assert.equal(IgnoreRules.parse(hostile[0]!).ignores(deep), true); // in doubt
  });

  it('still compares what rules of people are compared with', () => {
    const rules = IgnoreRules.parse('**/generated/**/*.ts\n!**/generated/**/keep.ts\n');
    const folder = `${'src/'.repeat(12)}generated/${'deep/'.repeat(12)}`;
    assert.equal(rules.ignores(`${folder}a.ts`), true);
    assert.equal(rules.ignores(`${folder}keep.ts`), false);
    assert.equal(rules.ignores('src/a.ts'), false);
    assert.equal(rules.ignores('src/a.ts'), false); // remembered
  });
});
