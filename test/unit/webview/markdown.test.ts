/** Markdown as a tree of allowed things, code in colours: without a browser. */
import assert from 'node:assert/strict';
import { highlight, readSpans } from '../../../src/webview/panel/highlight';
import {
  allowedTags,
  isFollowed,
  parseMarkdown,
  type MarkdownNode,
} from '../../../src/webview/panel/markdown';

/** Short: `p(text em(x))`. */
const shown = (nodes: readonly MarkdownNode[]): string =>
  nodes
    .map((node) => {
      if (node.kind === 'text') return node.text;
      if (node.kind === 'code') return `{${node.languageId}: ${node.text}}`;
      const extra = node.href ?? node.start ?? '';
      return `${node.tag}${extra === '' ? '' : `<${extra}>`}(${shown(node.children)})`;
    })
    .join('');
const flat = (nodes: readonly MarkdownNode[]): MarkdownNode[] =>
  nodes.flatMap((node) => [node, ...(node.kind === 'element' ? flat(node.children) : [])]);

describe('parseMarkdown()', () => {
  const cases: [string, string, string][] = [
    ['paragraphs and emphasis', 'a *b* **c**\n\nd', 'p(a em(b) strong(c))p(d)'],
    ['tight lists without paragraphs', '- a\n- b', 'ul(li(a)li(b))'],
    ['numbers that begin elsewhere', '4. a', 'ol<4>(li(a))'],
    ['headings below those of the panel', '# a\n###### b', 'h3(a)h6(b)'],
    ['code with its language', '```TS x\na\n```', '{ts: a}'],
    ['code by indentation', '    a\n', '{: a}'],
    ['a fence that is still open', '```js\na', '{js: a}'],
    ['links to the web', '[a](https://b.c)', 'p(a<https://b.c>(a))'],
    ['HTML as text', 'a <b>c</b>', 'p(a <b>c</b>)'],
    ['blocks of HTML as text', '<div>\nx\n</div>', 'p(<div>\nx\n</div>)'],
    ['pictures as links', '![a](https://b.c/d.png)', 'p(!a<https://b.c/d.png>(a))'],
    ['entities as characters', '&lt;b&gt;', 'p(<b>)'],
    ['tables', '|a|\n|-|\n|b|', 'table(thead(tr(th(a)))tbody(tr(td(b))))'],
    ['quotes and rules', '> a\n\n---', 'blockquote(p(a))hr()'],
    ['hard breaks', 'a  \nb', 'p(abr()b)'],
    ['nothing', '', ''],
  ];
  for (const [name, text, tree] of cases) {
    it(`reads ${name}`, () => assert.equal(shown(parseMarkdown(text)), tree));
  }

  const dead = [
    'javascript:x',
    'data:text/html,x',
    'vbscript:x',
    'file:///x',
    'command:x',
    '//x',
    'x',
  ];
  for (const url of dead) {
    it(`makes no link of ${url}`, () => {
      assert.equal(isFollowed(url), false);
      const links = flat(parseMarkdown(`[a](${url}) <${url}>`)).filter(
        (node) => node.kind === 'element' && node.href !== undefined,
      );
      assert.deepEqual(links, []);
    });
  }

  it('gives up on depth, not on the text', () => {
    const all = (depth: number) => flat(parseMarkdown(`${'> '.repeat(depth)}deep`));
    assert.equal(shown(all(300)), `{: ${'> '.repeat(300)}deep}`);
    assert.ok(all(50).length < 60, String(all(50).length));
    assert.ok(all(50).some((node) => node.kind === 'text' && node.text.includes('deep')));
    const tags = new Set(
      flat(parseMarkdown('- a\n# b\n|c|\n|-|')).map((n) => n.kind === 'element' && n.tag),
    );
    tags.delete(false);
    assert.ok([...tags].every((tag) => allowedTags.includes(tag as never)));
  });

  it('keeps all of 200,000 characters of markup that is never closed', () => {
    const text = '[<'.repeat(100_000);
    const kept = flat(parseMarkdown(text)).map((node) =>
      node.kind === 'element' ? '' : node.text,
    );
    assert.ok(kept.join('') === text); // a difference of that size is nothing to print
  }).timeout(30_000);
});

describe('highlight()', () => {
  it('colours code and loses not a character of it', () => {
    const text = 'const a = "<b>&amp;\'"; // x\n';
    const pieces = highlight(text, 'typescriptreact');
    assert.equal(pieces.map((piece) => piece.text).join(''), text);
    assert.ok(pieces.some((p) => p.className === 'hljs-keyword' && p.text === 'const'));
    assert.ok(pieces.some((p) => p.className === 'hljs-string'));
  });

  it('leaves unknown languages and endless code plain', () => {
    for (const language of ['', 'brainfuck', 'constructor', '__proto__']) {
      assert.deepEqual(highlight('const a', language), [{ text: 'const a', className: '' }]);
    }
    const long = 'a = 1\n'.repeat(10_000);
    assert.deepEqual(highlight(long, 'python'), [{ text: long, className: '' }]);
  });

  it('believes nothing but spans and five entities', () => {
    assert.deepEqual(readSpans('a<span class="x">&lt;b&gt;<span class="y">c</span>d</span>'), [
      { text: 'a', className: '' },
      { text: '<b>', className: 'x' },
      { text: 'c', className: 'y' },
      { text: 'd', className: 'x' },
    ]);
    const odd = '<span onclick="x">a</span>&#39;<script>';
    assert.equal(
      readSpans(odd)
        .map(({ text }) => text)
        .join(''),
      '<span onclick="x">a&#39;<script>',
    );
  });
});
