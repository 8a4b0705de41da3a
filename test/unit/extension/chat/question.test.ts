import { strict as assert } from 'node:assert';
import {
  fenced,
  readQuestion,
  type Code,
  type Question,
} from '../../../../src/extension/chat/question';

describe('readQuestion()', () => {
  const cases: [what: string, prompt: string, attached: Code[], expected: Question | undefined][] =
    [
      ['a question', 'What is a monad?', [], undefined],
      ['nothing', '', [], undefined],
      ['code and nothing else', 'a = <fill>', [], { text: 'a = <fill>' }],
      [
        'a block and words around it',
        'Please sum up\n```ts\nlet a = <fill>;\n```\nand return it.',
        [],
        {
          text: 'let a = <fill>;\n',
          languageId: 'typescript',
          instruction: 'Please sum up and return it.',
        },
      ],
      [
        'the block with the gap among several',
        '```js\nconst b = 1;\n```\n~~~python\na = <fill>\n~~~',
        [],
        { text: 'a = <fill>\n', languageId: 'python', instruction: '```js const b = 1; ```' },
      ],
      ['a block without a language', '```\n<fill>\n```', [], { text: '<fill>\n' }],
      [
        'an attached file',
        'sum them up',
        [{ text: 'none' }, { text: 'a = <fill>', languageId: 'go' }],
        { text: 'a = <fill>', languageId: 'go', instruction: 'sum them up' },
      ],
      ['an attached file without words', '  ', [{ text: '<fill>' }], { text: '<fill>' }],
      ['an attached file without a gap', 'do it', [{ text: 'x' }], undefined],
      ['a block that never ends', '```js\na = <fill>', [], { text: '```js\na = <fill>' }],
    ];
  for (const [what, prompt, attached, expected] of cases) {
    it(what, () => assert.deepEqual(readQuestion(prompt, attached), expected));
  }
});

describe('fenced()', () => {
  it('puts a text into a block', () => assert.equal(fenced('a', 'js'), '```js\na\n```\n'));
  it('takes a longer fence than any in the text', () => {
    assert.equal(fenced('````\n'), '`````\n````\n`````\n');
  });
});
