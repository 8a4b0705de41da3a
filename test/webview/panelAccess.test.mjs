/**
 * The panel for everybody: axe finds nothing in any theme and state, all of it is reached by key in a
 * sensible order, and nothing is cut off at 200 % zoom in a narrow side bar.
 */
import assert from 'node:assert/strict';
import { closeBrowser, openView, setTheme, themes } from './page.mjs';
import { answerOf, contextOf, model, previewOf, prose, stateOf, turnOf } from './panelState.mjs';

const proseTurn = (change = {}) =>
  turnOf({ id: 't2', answer: answerOf(prose, { kind: 'prose', languageId: '', ...change }) });
const failed = answerOf('a▒', { state: 'failed', hasHoles: true, reason: 'The sampler is gone.' });
const states = {
  'nothing said yet': [stateOf(), contextOf()],
  'code and prose': [stateOf([turnOf(), proseTurn()]), contextOf()],
  denoising: [
    stateOf([turnOf({ answer: answerOf('', { state: 'denoising' }) })]),
    {
      type: 'step',
      turn: 't1',
      step: 1,
      maskedTokens: 2,
      tokens: [{ text: 'a', fresh: true }, {}],
    },
  ],
  'a failure and a refusal': [
    stateOf([turnOf({ answer: failed })]),
    { type: 'refused', reason: 'Cannot ask: it is too long.' },
  ],
  'no model': [
    stateOf([], { model: { ...model, name: '', mode: 'none', note: 'None is loaded.' } }),
  ],
};

describe('the panel for everybody', () => {
  let view;
  const open = async (options) => {
    await view?.close();
    view = await openView('panel', options);
  };
  after(closeBrowser);

  for (const theme of Object.keys(themes)) {
    it(`has nothing that axe objects to, ${theme}`, async () => {
      await open({ theme });
      for (const [name, messages] of Object.entries(states)) {
        await view.tell(...messages);
        assert.deepEqual(await view.breaches(), [], name);
      }
      await view.tell(stateOf([turnOf()]), contextOf());
      await view.page.locator('summary').click();
      await view.tell(previewOf());
      await view.page.getByRole('button', { name: 'Edit and resend' }).click();
      await view.page.locator('.editing textarea').waitFor();
      assert.deepEqual(await view.breaches(), [], 'preview and edit');
    });
  }

  it('would be told of a breach', async () => {
    await open();
    await view.tell(...states['code and prose']);
    await view.page.evaluate(() =>
      document.querySelector('.strength input').removeAttribute('aria-label'),
    );
    await view.page.evaluate(() =>
      document.querySelector('.strength').replaceWith(document.querySelector('.strength input')),
    );
    assert((await view.breaches()).some((breach) => /label/.test(breach)));
  });

  it('is walked through by Tab in the order it is read', async () => {
    await open();
    await view.tell(stateOf([turnOf()]), contextOf());
    await view.page.locator('body').focus();
    const keys = [];
    for (let press = 0; press < 20; press++) {
      await view.page.keyboard.press('Tab');
      const key = await view.page.evaluate(() => {
        const { activeElement } = document;
        return activeElement?.dataset.key ?? activeElement?.tagName.toLowerCase();
      });
      if (key === 'body' || keys.includes(key)) break;
      keys.push(key);
    }
    assert.deepEqual(
      keys,
      [
        't1 edit',
        ...['copy', 'insert', 'replace', 'newFile', 'placeAsGap'].map((name) => `t1 0 ${name}`),
        'pre',
        't1 again',
        't1 strength',
        ...['selection', 'file', 'symbol', 'problems'].map((kind) => `chip ${kind}`),
        'question',
        'send',
        'preview',
      ].filter((key) => key !== 'send'),
    ); // nothing is typed, so there is nothing to send
  });

  it('shows where the focus is', async () => {
    await open({ theme: 'highContrast' });
    await view.tell(stateOf([turnOf()]), contextOf());
    for (let press = 0; press < 14; press++) {
      await view.page.keyboard.press('Tab');
      const look = await view.page.evaluate(() => {
        let { activeElement: focused } = document;
        while (focused?.shadowRoot?.activeElement) focused = focused.shadowRoot.activeElement;
        const { outlineStyle, outlineWidth, boxShadow, borderColor } = getComputedStyle(focused);
        return { tag: focused.tagName, outlineStyle, outlineWidth, boxShadow, borderColor };
      });
      const isSeen = look.outlineStyle !== 'none' || look.tag === 'TEXTAREA';
      assert(isSeen, JSON.stringify(look));
    }
  });

  it('has names for its parts that a screen reader can jump between', async () => {
    await open();
    await view.tell(stateOf([turnOf(), proseTurn()]), contextOf());
    const headings = await view.page.getByRole('heading').allTextContents();
    assert.deepEqual(headings, ['Lacuna', 'You', 'Answer', 'You', 'Answer', 'A heading']);
    assert.equal(await view.page.getByRole('list', { name: 'Conversation' }).count(), 1);
    assert.equal(await view.page.getByRole('group', { name: 'Take along' }).count(), 1);
    assert.equal(await view.page.getByRole('region', { name: 'Code, python' }).count(), 1);
    assert.equal(await view.page.locator('[aria-live=assertive]').count(), 0);
  });

  // A side bar of 300 and of 240 pixels at 200 %.
  for (const width of [150, 120]) {
    it(`fits a page of ${width} pixels in width, and everything can be reached`, async () => {
      await open({ viewport: { width, height: 350 } });
      await view.tell(stateOf([turnOf(), proseTurn()]), contextOf());
      const overflow = await view.page.evaluate(
        () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
      );
      assert(overflow <= 0, `${overflow} px too wide`);
      const cut = await view.page.evaluate(() => {
        const all = document.querySelectorAll(
          'button, input, vscode-button, vscode-toolbar-button, textarea, summary',
        );
        return [...all].flatMap((one) => {
          const { left, right } = one.getBoundingClientRect();
          return left < 0 || right > innerWidth + 0.5
            ? [`${one.outerHTML.slice(0, 80)} ${left} ${right}`]
            : [];
        });
      });
      assert.deepEqual(cut, []);
      for (const name of ['Regenerate', 'Copy']) {
        const target = view.page.getByRole('button', { name, exact: true }).first();
        await target.scrollIntoViewIfNeeded();
        await target.click({ timeout: 2000 });
      }
      await view.page.locator('.composer textarea').fill('typed');
      await view.page.getByRole('button', { name: 'Send', exact: true }).click({ timeout: 2000 });
      assert.deepEqual(
        (await view.posted()).map(({ type }) => type),
        ['ready', 'regenerate', 'code', 'send'],
      );
    });
  }

  it('takes another theme over while it is open', async () => {
    await open({ theme: 'dark' });
    await view.tell(stateOf([turnOf()]));
    const colour = () => view.page.evaluate(() => getComputedStyle(document.body).color);
    const before = await colour();
    await setTheme(view.page, 'light');
    assert.notEqual(await colour(), before);
  });
});
