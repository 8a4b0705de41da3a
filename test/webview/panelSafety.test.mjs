/**
 * Nothing that a model or a file name says comes to life in the panel: a corpus of injections at every place
 * where such text is shown, in a real browser that would run it.
 */
import assert from 'node:assert/strict';
import { injections } from './injections.mjs';
import { closeBrowser, importSource, openView } from './page.mjs';
import { answerOf, contextOf, model, previewOf, stateOf, turnOf } from './panelState.mjs';

const { allowedTags } = await importSource('src/webview/panel/markdown.ts');

/** All that the page ever draws, its own elements included. */
const allowed = new Set(
  [
    ...allowedTags,
    ...[
      'HTML',
      'HEAD',
      'BODY',
      'MAIN',
      'META',
      'TITLE',
      'LINK',
      'SCRIPT',
      'DIV',
      'SPAN',
      'SECTION',
    ],
    ...['H1', 'H2', 'STRONG', 'FORM', 'BUTTON', 'DETAILS', 'SUMMARY', 'PRE', 'INPUT', 'LABEL'],
    ...['OUTPUT', 'SVG', 'PATH', 'VSCODE-BUTTON', 'VSCODE-TEXTAREA', 'VSCODE-TOOLBAR-BUTTON'],
  ].map((tag) => tag.toUpperCase()),
);
const attributes = new Set([
  ...['class', 'id', 'href', 'title', 'rel', 'start', 'lang', 'charset', 'content', 'name', 'src'],
  ...[
    'http-equiv',
    'nonce',
    'role',
    'tabindex',
    'hidden',
    'open',
    'type',
    'label',
    'rows',
    'data-words',
    'resize',
  ],
  ...[
    'placeholder',
    'disabled',
    'secondary',
    'slot',
    'min',
    'max',
    'step',
    'value',
    'd',
    'viewBox',
  ],
  ...['width', 'height', 'style', 'has-content', 'cursor-pointer', 'icon-only', 'icon'],
]);

/** Everything on the page that should not be there, in words. */
function strangers({ allowed: tags, attributes: names, styled }) {
  const found = [];
  for (const element of document.querySelectorAll('*')) {
    const tag = element.tagName.toUpperCase();
    if (!tags.includes(tag)) found.push(`element ${tag}`);
    for (const { name, value } of element.attributes) {
      const isKnown = names.includes(name) || /^(aria-[a-z]+|data-(key|turn))$/.test(name);
      if (!isKnown) found.push(`attribute ${name} of ${tag}`);
      if (name === 'href' && tag === 'A' && !/^https?:\/\//.test(value))
        found.push(`link ${value}`);
      if (name === 'style' && !styled.includes(tag)) found.push(`style of ${tag}`);
    }
  }
  if (document.scripts.length !== 1) found.push(`${document.scripts.length} scripts`);
  if (document.querySelectorAll('link').length !== 1) found.push('another style sheet');
  if (window.wasPwned) found.push('a script ran');
  return found;
}

describe('what a model says in the panel', () => {
  let view;
  const places = {
    'an answer in prose': (text) =>
      stateOf([turnOf({ answer: answerOf(text, { kind: 'prose', languageId: '' }) })]),
    'an answer in code': (text) => stateOf([turnOf({ answer: answerOf(text) })]),
    'a question': (text) => stateOf([turnOf({ question: text })]),
    'the name of a file, a place': (text) =>
      stateOf([turnOf({ place: text, context: [{ kind: 'file', label: text, tokens: 1 }] })]),
    'a reason': (text) =>
      stateOf([turnOf({ answer: answerOf('', { state: 'failed', reason: text }) })]),
    "a model's name": (text) => stateOf([], { model: { ...model, name: text, note: text } }),
    'a device': (text) => {
      const figures = { ...answerOf('').figures, device: text };
      return stateOf([turnOf({ answer: answerOf('x', { figures }) })]);
    },
    'a chip': (text) =>
      contextOf({
        place: text,
        chips: [
          { kind: 'file', label: text, tokens: 2 },
          { kind: 'symbol', label: '', missing: text },
        ],
      }),
    'a preview': (text) => previewOf({ pieces: [{ kind: 'text', text, tokens: 1 }], note: text }),
    'a refusal': (text) => ({ type: 'refused', reason: text }),
    'an announcement': (text) => ({ type: 'say', text }),
    'a typed text': (text) => ({ type: 'focus', text }),
  };

  before(async () => {
    view = await openView('panel');
    await view.page.evaluate(() => (window.pwned = () => (window.wasPwned = true)));
    await view.tell(stateOf(), contextOf());
    await view.page.locator('summary').click();
  });
  after(closeBrowser);

  it('is a corpus worth the name', () => {
    assert(injections.length >= 50, String(injections.length));
    assert.equal(new Set(injections).size, injections.length);
  });

  for (const [place, message] of Object.entries(places)) {
    it(`stays text as ${place}`, async () => {
      for (const text of injections) {
        await view.tell(message(text));
        const styled = ['HTML'];
        const found = await view.page.evaluate(strangers, {
          ...{ allowed: [...allowed], attributes: [...attributes], styled },
        });
        assert.deepEqual(found, [], JSON.stringify(text));
      }
      // Time for whatever was set off to arrive.
      await view.page.waitForTimeout(50);
      assert.equal(await view.page.evaluate(() => window.wasPwned), undefined);
      assert.deepEqual([view.requests, view.errors], [[], []]);
      assert.equal(view.page.url(), 'https://webview.test/');
    });
  }

  it('stays text while it is denoised', async () => {
    const answer = answerOf('', { state: 'denoising' });
    await view.tell(stateOf([turnOf({ answer })]));
    const tokens = injections.map((text) => ({ text, confidence: 0.5, fresh: true }));
    await view.tell({ type: 'step', turn: 't1', step: 1, maskedTokens: 0, tokens });
    const drawn = await view.page.locator('.denoise').evaluate((field) => field.children.length);
    assert.equal(drawn, injections.length);
    assert.equal(await view.page.evaluate(() => window.wasPwned), undefined);
    assert.deepEqual([view.requests, view.errors], [[], []]);
  });

  it('is there to be read: what looks like markup is shown as it was written', async () => {
    for (const text of injections.filter((one) => !/[\u0000-\u001f\uD800-\uDFFF]/.test(one))) {
      await view.tell(places['an answer in code'](text));
      assert.equal(await view.page.locator('.code code').textContent(), text);
    }
  });

  it('brings no link to life but those that VS Code is asked to open', async () => {
    await view.posted();
    for (const text of injections) {
      await view.tell(places['an answer in prose'](text));
      await view.page.evaluate(() =>
        document.querySelectorAll('.answer a').forEach((a) => a.click()),
      );
    }
    const posted = await view.posted();
    assert(posted.every(({ type, url }) => type === 'preview' || /^https?:\/\//.test(url)));
    assert.equal(view.page.url(), 'https://webview.test/');
    assert.deepEqual(view.requests, []);
  });
});
