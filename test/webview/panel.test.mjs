/** The instruction panel's page in a real browser: what it shows, posts and keeps, by mouse and by key. */
import assert from 'node:assert/strict';
import { closeBrowser, openView } from './page.mjs';
import { answerOf, contextOf, previewOf, prose, stateOf, turnOf } from './panelState.mjs';

describe("the panel's page", () => {
  let view;
  const open = async (options) => {
    await view?.close();
    view = await openView('panel', options);
  };
  const shown = async (...messages) => {
    await open();
    await view.tell(...messages);
    await view.posted();
  };
  const field = () => view.page.locator('.composer textarea');
  const button = (name) => view.page.getByRole('button', { name, exact: true });
  const said = () => view.page.locator('[role=status]').textContent();
  /** Presses Tab until what has the focus fits. */
  const tabTo = async (key) => {
    for (let press = 0; press < 60; press++) {
      await view.page.keyboard.press('Tab');
      const now = await view.page.evaluate(() => document.activeElement?.dataset.key);
      if (now === key) return;
    }
    assert.fail(`Tab never comes to ${key}`);
  };

  afterEach(() => assert.deepEqual([view.errors, view.requests], [[], []]));
  after(closeBrowser);

  it('asks for everything when it opens, under a policy that lets nothing else in', async () => {
    await open();
    assert.deepEqual(await view.posted(), [{ type: 'ready' }]);
    const policy = /http-equiv="Content-Security-Policy" content="([^"]+)"/.exec(view.html)[1];
    assert.match(
      policy,
      /^default-src 'none'; script-src 'nonce-[\w-]{32}'; style-src https:\/\/webview\.test; form-action 'none'; base-uri 'none'$/,
    );
    assert.doesNotMatch(view.html, /unsafe|\son\w+=|style=/);
    const isBlocked = await view.page.evaluate(async () => {
      const script = document.createElement('script');
      script.textContent = 'window.ran = true';
      document.body.append(script);
      return window.ran !== true;
    });
    assert(isBlocked);
  });

  it('says what the model is good for, and where the code would go', async () => {
    await shown(stateOf(), contextOf());
    const text = await view.page.locator('main').innerText();
    assert.match(text, /lacuna-default · cpu/);
    assert.match(text, /answers with code for the place at the cursor, not with prose/);
    assert.match(text, /Put the cursor where the code should go/);
    assert.match(text, /Goes to src\/median\.ts, line 3/);
  });

  it('offers to choose a model where there is none, and sends nothing', async () => {
    const none = { name: '', device: '', mode: 'none', note: 'No model is loaded.' };
    await shown(stateOf([], { model: none }), contextOf());
    await field().fill('hello');
    assert(await button('Send').evaluate((b) => b.hasAttribute('disabled')));
    await button('Choose a model').click();
    await button('Restart sampler').click();
    assert.deepEqual(await view.posted(), [
      { type: 'command', command: 'chooseModel' },
      { type: 'command', command: 'restart' },
    ]);
  });

  it('sends by Enter with what is taken along, starts a line by Shift+Enter', async () => {
    await shown(stateOf(), contextOf());
    await field().click();
    await view.page.keyboard.type('one');
    await view.page.keyboard.press('Shift+Enter');
    await view.page.keyboard.type('two');
    await view.page.keyboard.press('Enter');
    assert.deepEqual(await view.posted(), [{ type: 'send', text: 'one\ntwo', chips: ['file'] }]);
    assert.equal(await field().inputValue(), 'one\ntwo');
    await view.tell({ type: 'taken' });
    assert.equal(await field().inputValue(), '');
    await view.page.keyboard.press('Enter');
    assert.deepEqual(await view.posted(), []);
  });

  it('sends nothing while a character is being composed', async () => {
    await shown(stateOf(), contextOf());
    await field().fill('あ');
    await field().dispatchEvent('keydown', { key: 'Enter', isComposing: true });
    assert.deepEqual(await view.posted(), []);
  });

  it('chooses what goes along by key, and leaves alone what is not there', async () => {
    await shown(stateOf(), contextOf());
    await field().fill('x');
    await tabTo('chip selection');
    await view.page.keyboard.press('Space');
    await tabTo('chip file');
    await view.page.keyboard.press('Space');
    await view.page.keyboard.press('Tab');
    await view.page.keyboard.press('Enter');
    const pressed = await view.page
      .locator('.chip')
      .evaluateAll((all) => all.map((chip) => chip.getAttribute('aria-pressed')));
    assert.deepEqual(pressed, ['false', 'false', 'true', 'false']);
    await field().press('Enter');
    assert.deepEqual(await view.posted(), [{ type: 'send', text: 'x', chips: ['symbol'] }]);
    assert.match(await view.page.locator('.chip').nth(1).textContent(), /34 tokens/);
  });

  it('keeps a question that is refused, whatever its size, and says why', async () => {
    await shown(stateOf(), contextOf());
    const long = 'x'.repeat(100_000);
    await field().fill(long);
    await field().press('Enter');
    const [sent] = await view.posted();
    assert.equal(sent.text.length, 100_000);
    const reason = 'Cannot ask: the question has 100,000 characters (25,000 tokens)';
    await view.tell({ type: 'refused', reason });
    assert.equal((await field().inputValue()).length, 100_000);
    assert.equal(await view.page.getByRole('alert').textContent(), reason);
    assert.equal(await said(), reason);
  });

  it('shows what will be sent only when asked, and anew when something changes', async () => {
    await shown(stateOf(), contextOf());
    await field().fill('go');
    assert.deepEqual(await view.posted(), []);
    await tabTo('preview');
    await view.page.keyboard.press('Enter');
    await view.page.waitForFunction(() => window.posted.length > 0);
    assert.deepEqual(await view.posted(), [{ type: 'preview', text: 'go', chips: ['file'] }]);
    await view.tell(previewOf());
    const text = await view.page.locator('.preview').innerText();
    assert.match(text, /76 of 512 tokens/);
    assert.match(text, /3 tokens of the surroundings do not fit/);
    assert.match(text, /<\|ts\|>\/\/ instruction: go\nexport 64 masks to fill\s*return x;/);
    await field().fill('go on');
    await view.page.waitForFunction(() => window.posted.length > 0);
    assert.equal((await view.posted()).at(-1).text, 'go on');
  });

  it('denoises before the eyes, quietly for the ears, and stops by a button', async () => {
    const answer = answerOf('', { state: 'denoising' });
    await shown(stateOf([turnOf({ answer })]), contextOf());
    const step = { type: 'step', turn: 't1', step: 0, maskedTokens: 3, tokens: [{}, {}, {}] };
    await view.tell(step);
    assert.equal(await view.page.locator('.denoise .mask').count(), 3);
    assert.equal(await said(), 'Denoising: 3 masks left');
    const tokens = [{}, { text: 'b', confidence: 0.9, fresh: true }, { text: 'c', confidence: 1 }];
    await view.tell({ ...step, step: 1, maskedTokens: 1, tokens });
    const spans = await view.page
      .locator('.denoise span')
      .evaluateAll((all) => all.map((span) => [span.className, span.textContent]));
    assert.deepEqual(spans, [
      ['mask', '▒▒'],
      ['fresh', 'b'],
      ['token', 'c'],
    ]);
    assert.equal(await said(), 'Denoising: 3 masks left');
    assert.equal(await view.page.locator('.reply').getAttribute('aria-busy'), 'true');
    await button('Stop').click();
    assert.deepEqual(await view.posted(), [{ type: 'stop' }]);
    const stopped = answerOf('▒bc', { state: 'stopped', hasHoles: true, reason: 'Stopped' });
    await view.tell({ type: 'turn', turn: turnOf({ answer: stopped }) });
    assert.equal(await said(), 'Stopped');
    assert.equal(await view.page.locator('.code code').textContent(), '▒bc');
    // With holes in it, it is of no use in a file.
    assert.equal(await view.page.locator('.bar vscode-toolbar-button').count(), 1);
  });

  it('settles into code with figures, and says so', async () => {
    await shown(stateOf([turnOf({ answer: answerOf('', { state: 'denoising' }) })]));
    await view.tell({ type: 'turn', turn: turnOf() });
    assert.equal(await said(), 'The answer is ready: 12 steps, 0.4 s');
    const figures = await view.page.locator('.figures').textContent();
    assert.equal(figures, '12 steps · 0.4 s · 2.0 tokens a step · cpu · 61 % sure');
    assert(await view.page.locator('.hljs-keyword', { hasText: 'const' }).count());
    assert.equal(
      await view.page.locator('.code code').textContent(),
      'const half = 3; // "of" all\nreturn sorted[half];',
    );
  });

  it('does five things with a piece of code, or with the part of it that is selected', async () => {
    await shown(stateOf([turnOf()]));
    const names = ['Copy', 'Insert at cursor', 'Replace selection', 'Open as new file'];
    for (const name of [...names, 'Place as gap']) await button(name).click();
    const posted = await view.posted();
    const actions = posted.map(({ action }) => action);
    assert.deepEqual(actions, ['copy', 'insert', 'replace', 'newFile', 'placeAsGap']);
    const { type, turn, languageId, text } = posted[0];
    assert.deepEqual([type, turn, languageId], ['code', 't1', 'typescript']);
    assert.match(text, /^const half = 3;[^]*half\];$/);
    await view.page.evaluate(() => {
      const word = document.querySelector('.hljs-keyword').firstChild;
      document.getSelection().setBaseAndExtent(word, 0, word, word.length);
    });
    await button('Insert at cursor').click();
    assert.equal((await view.posted())[0].text, 'const');
  });

  it('draws prose from Markdown, and follows its links through VS Code', async () => {
    await shown(stateOf([turnOf({ answer: answerOf(prose, { kind: 'prose', languageId: '' }) })]));
    const answer = view.page.locator('.answer');
    assert.equal(await answer.locator('h3').textContent(), 'A heading');
    assert.equal(await answer.locator('ol').getAttribute('start'), '3');
    assert.equal(await answer.locator('td').count(), 2);
    assert.equal(await answer.locator('a').count(), 1);
    assert.match(await answer.innerText(), /\[bad one\]\(javascript:alert\(1\)\)/);
    await answer.locator('a').click();
    await button('Copy').click();
    assert.deepEqual(await view.posted(), [
      { type: 'openLink', url: 'https://example.com/a?b=c' },
      {
        type: 'code',
        action: 'copy',
        turn: 't1',
        text: "def f(x):  # a comment\n    return 'x' * 3",
        languageId: 'python',
      },
    ]);
    assert.equal(view.page.url(), 'https://webview.test/');
  });

  it('regenerates at a strength, by key, and remembers it', async () => {
    await shown(stateOf([turnOf()]));
    await tabTo('t1 strength');
    for (let press = 0; press < 3; press++) await view.page.keyboard.press('ArrowLeft');
    assert.equal(await view.page.locator('.strength output').textContent(), '30 %');
    await view.page.keyboard.press('Shift+Tab');
    await view.page.keyboard.press('Enter');
    assert.deepEqual(await view.posted(), [{ type: 'regenerate', turn: 't1', strength: 30 }]);
    await view.tell(stateOf([turnOf()]));
    assert.equal(await view.page.locator('.strength input').inputValue(), '30');
  });

  it('edits a question and sends it again, or leaves it by Escape; the focus stays near', async () => {
    await shown(stateOf([turnOf()]), contextOf());
    await tabTo('t1 edit');
    await view.page.keyboard.press('Enter');
    await view.page.keyboard.type('please ');
    await view.page.keyboard.press('Escape');
    assert.equal(await view.page.locator('.editing').count(), 0);
    const focused = () => view.page.evaluate(() => document.activeElement?.dataset.key);
    assert.equal(await focused(), 't1 edit');
    await view.page.keyboard.press('Enter');
    await view.page.keyboard.press('End');
    await view.page.keyboard.type(' of it');
    await view.page.keyboard.press('Enter');
    const text = 'return the middle value of it';
    assert.deepEqual(await view.posted(), [{ type: 'edit', turn: 't1', text, chips: ['file'] }]);
  });

  it('keeps the partial answer of a failure, with its reason and ways on', async () => {
    const reason = 'Cannot fill: the sampler process is gone: it was killed by SIGKILL.';
    const answer = answerOf('a▒c', { state: 'failed', hasHoles: true, reason });
    await shown(stateOf([turnOf({ answer })]));
    assert.equal(await view.page.locator('.reason.failed').first().textContent(), reason);
    assert.equal(await view.page.locator('.code code').textContent(), 'a▒c');
    await button('Resend').click();
    await button('Show log').click();
    assert.deepEqual(await view.posted(), [
      { type: 'regenerate', turn: 't1', strength: 100 },
      { type: 'command', command: 'showLog' },
    ]);
  });

  it('comes back as it was left', async () => {
    await shown(stateOf([turnOf()]), contextOf());
    await field().fill('half a que');
    await tabTo('chip symbol');
    await view.page.keyboard.press('Space');
    const kept = await view.kept();
    await open({ kept });
    await view.tell(stateOf([turnOf()]), contextOf());
    assert.equal(await field().inputValue(), 'half a que');
    assert.equal(await view.page.locator('.chip').nth(2).getAttribute('aria-pressed'), 'true');
  });

  it('starts afresh where what was kept makes no sense', async () => {
    for (const kept of [
      7,
      { composer: 'x', edit: 3, strengths: null },
      { composer: { text: 5 } },
    ]) {
      await open({ kept });
      await view.tell(stateOf([turnOf()]), contextOf());
      assert.equal(await field().inputValue(), '');
    }
  });

  it('puts a text into the question when it is told to', async () => {
    await shown(stateOf());
    await view.tell({ type: 'focus', text: 'sort them' });
    assert.equal(await field().inputValue(), 'sort them');
    await view.page.keyboard.type('!');
    assert.match(await field().inputValue(), /!/);
  });

  it('hears nobody who does not speak its language', async () => {
    await shown(stateOf([turnOf()]));
    const before = await view.page.locator('main').innerHTML();
    await view.tell(
      ...[
        null,
        7,
        'state',
        {},
        { type: 'constructor' },
        { type: 'state' },
        { type: 'turn', turn: {} },
      ],
      { ...stateOf(), words: {} },
      { type: 'step', turn: 't1', step: -1, maskedTokens: 0, tokens: [] },
      { type: 'say', text: { toString: 'x' } },
    );
    assert.equal(await view.page.locator('main').innerHTML(), before);
  });
});
