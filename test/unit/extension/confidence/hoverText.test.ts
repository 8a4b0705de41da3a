import { strict as assert } from 'node:assert';
import {
  commandLink,
  hoverText,
  shown,
  visible,
} from '../../../../src/extension/confidence/hoverText';

const words = { likely: '{0} has {1} here.', alternatives: 'Others:', none: 'No other.' };
const links = { take: (index: number) => `command:t?${index}`, others: [] };
const token = (text: string, ...others: string[]) => ({
  start: 0,
  end: text.length,
  text,
  probability: 0.123,
  alternatives: others.map((other) => ({ text: other, probability: 0.5 })),
});

describe('hoverText()', () => {
  it('says how likely the token is, and lists what else could be there', () => {
    assert.equal(
      hoverText(token('foo', 'bar', 'baz'), words, links),
      '**foo** has **12 %** here\\.\n\nOthers\\:\n\n- [bar](command:t?0) 50 %\n- [baz](command:t?1) 50 %',
    );
  });

  it('says so where the model knows no other', () => {
    assert.match(hoverText(token('foo'), words, links), /\n\nNo other\\\.$/);
  });

  it('ends with the other links', () => {
    const others = [
      { title: 'Again', target: 'command:a' },
      { title: '… line', target: 'command:b' },
    ];
    const text = hoverText(token('foo'), words, { ...links, others });
    assert(text.endsWith('[Again](command:a) · [… line](command:b)'));
  });

  const hostile = [
    '](command:evil)',
    '[x](command:evil)',
    '![x](http://evil)',
    '<img src=x onerror=1>',
    '`a`',
    '# a',
    '\n\n# a',
    '**a**',
    '&lt;',
    'https://evil.example',
    '$(zap)',
    '{1}',
    '\\',
    '|a|',
    '1. a',
    '~~a~~',
  ];
  for (const text of hostile) {
    it(`shows ${JSON.stringify(text)} and nothing else`, () => {
      const markdown = hoverText(token(text, text), words, links);
      const bare = markdown
        .replace(/\\[!-/:-@[-`{-~]/g, '') // what is escaped means itself
        .replaceAll('](command:t?0)', '')
        .replaceAll('**', '');
      assert.doesNotMatch(bare, /[<>`#!\\~|$&]|\]\(|https?:/);
      assert.equal(markdown.split('\n').length, 5);
    });
  }
});

describe('visible()', () => {
  const cases: [text: string, expected: string][] = [
    [' a', '·a'],
    ['\t', '→'],
    ['\r\n  b', '↵··b'],
    ['\u200b', 'U+200B'],
    ['\u202e', 'U+202E'],
    ['\u00a0', 'U+00A0'],
    ['größe 😀', 'größe·😀'],
  ];
  for (const [text, expected] of cases) {
    it(`shows ${JSON.stringify(text)} as ${expected}`, () => {
      assert.equal(shown(text), expected);
      assert.equal(visible(text).replaceAll('\\', ''), expected);
    });
  }
});

describe('commandLink()', () => {
  it('holds its arguments in a form that markdown leaves alone', () => {
    const link = commandLink('lacuna.internal.x', [1, 'a)b(c d"']);
    assert.match(link, /^command:lacuna\.internal\.x\?[\w%.,~*'!-]+$/);
    assert.deepEqual(JSON.parse(decodeURIComponent(link.split('?')[1]!)), [1, 'a)b(c d"']);
  });
});
