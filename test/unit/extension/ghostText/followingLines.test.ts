import { strict as assert } from 'node:assert';
import { trimFollowingLines } from '../../../../src/extension/ghostText/followingLines';

interface Case {
  readonly title: string;
  readonly before?: string;
  readonly fill: string;
  readonly suffix: string;
  readonly kept: string;
}

const cases: Case[] = [
  { title: 'nothing below', fill: 'a();', suffix: '', kept: 'a();' },
  { title: 'only blank lines below', fill: 'a();', suffix: '\n\n  \n', kept: 'a();' },
  {
    title: 'the closing line of the block is there already',
    before: '  ',
    fill: 'return a;\n}',
    suffix: '\n}\n',
    kept: 'return a;',
  },
  {
    title: 'blank lines between the cursor and the repeated line',
    before: '  ',
    fill: 'return a;\n}',
    suffix: '\n\n}\n',
    kept: 'return a;',
  },
  {
    title: 'two lines repeated',
    before: '    ',
    fill: 'a();\n  }\n}',
    suffix: '\n  }\n}\n',
    kept: 'a();',
  },
  {
    title: 'trailing blanks do not hide a repetition',
    before: '  ',
    fill: 'a();\n  b();  ',
    suffix: '\n  b();\n',
    kept: 'a();',
  },
  {
    title: 'the last line is cut short by the length of the gap',
    before: '  ',
    fill: 'a();\n  console.l',
    suffix: '\n  console.log(a);\n',
    kept: 'a();',
  },
  {
    title: 'a bracket alone is not the cut-off start of a longer line',
    before: '  ',
    fill: 'run(() => {\n    a();\n  }',
    suffix: '\n  });\n',
    kept: 'run(() => {\n    a();\n  }',
  },
  {
    title: 'the closing line belongs to a block that the fill opened',
    before: '',
    fill: 'if (a) {\n  b();\n}',
    suffix: '\n}\n',
    kept: 'if (a) {\n  b();\n}',
  },
  {
    title: 'one of two closing lines belongs to the fill',
    before: '',
    fill: 'if (a) {\n  b();\n}\n}',
    suffix: '\n}\n',
    kept: 'if (a) {\n  b();\n}',
  },
  {
    title: 'another indentation is another line',
    before: '  ',
    fill: 'a();\n  }',
    suffix: '\n}\n',
    kept: 'a();\n  }',
  },
  {
    title: 'the fill is the next line',
    before: '  ',
    fill: 'console.log(a);',
    suffix: '\n  console.log(a);\n',
    kept: '',
  },
  {
    title: 'the fill starts with the next line',
    before: '  ',
    fill: 'console.log(a);\n  more();',
    suffix: '\n  console.log(a);\n}\n',
    kept: '',
  },
  {
    title: 'a similar line in a table stays',
    before: '  ',
    fill: '{ name: "b", size: 2 },',
    suffix: '\n  { name: "c", size: 3 },\n',
    kept: '{ name: "b", size: 2 },',
  },
  {
    title: 'a short line in front of lines like it, when more follows',
    before: '',
    fill: 'end\nfoo',
    suffix: '\nend\n',
    kept: 'end\nfoo',
  },
  {
    title: 'the rest of a begun line is no line of its own',
    before: '  b',
    fill: '();',
    suffix: '\n();\n',
    kept: '();',
  },
  {
    title: 'text right of the cursor: not the business of this rule',
    before: 'f(',
    fill: 'a',
    suffix: ')\na\n',
    kept: 'a',
  },
  {
    title: 'Python: the next statement at the same depth',
    before: '    ',
    fill: 'x = 1\n    return x',
    suffix: '\n    return x\n',
    kept: 'x = 1',
  },
];

describe('trimFollowingLines()', () => {
  for (const { title, before = '', fill, suffix, kept } of cases) {
    it(title, () => assert.equal(trimFollowingLines(fill, before, suffix), kept));
  }
});
