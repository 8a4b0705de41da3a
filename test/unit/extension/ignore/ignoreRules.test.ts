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
});
