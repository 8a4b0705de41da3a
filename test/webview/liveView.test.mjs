/**
 * The live view's page in a browser: what it draws of a run, what the keys do, what it says to screen
 * readers and to the extension, and that nothing that it is sent can be more than text.
 */
import assert from 'node:assert/strict';
import { closeBrowser, importSource, openView } from './page.mjs';

const { liveViewWords } = await importSource('src/protocol/liveViewWords.ts');

const masked = { kind: 'masked' };
const cell = (kind, text, bucket = 4, percent = '90 %') => ({ kind, text, bucket, percent });
const step = (number, cells, masks) => ({
  step: number,
  forwards: number,
  masked: masks,
  ms: 7 * number,
  gaps: [cells],
});
const steps = [
  step(0, [masked, masked, masked], 3),
  step(1, [masked, cell('fresh', ' * ', 1, '12 %'), masked], 2),
  step(2, [cell('fresh', 'width'), cell('committed', ' * ', 1, '12 %'), masked], 1),
  step(
    3,
    [cell('committed', 'width'), cell('committed', ' * ', 1, '12 %'), cell('fresh', 'height')],
    0,
  ),
];
const head = (over = {}) => ({
  id: 1,
  title: 'Proposal',
  file: 'area.ts',
  facts: 'model (q8, cpu) · seed 0',
  state: 'done',
  detail: '',
  seed: 0,
  canExport: true,
  canOffer: false,
  canStop: false,
  ...over,
});
const run = (over = {}, shown = steps) => ({
  type: 'run',
  run: {
    head: head(over),
    pieces: [{ text: 'return ' }, { gap: 0 }, { text: ';\n' }],
    steps: shown,
  },
});

const injections = [
  '<img src=x onerror="window.hacked=1">',
  '<script>window.hacked=1</script>',
  '</span></div><iframe srcdoc="<script>parent.hacked=1</script>"></iframe>',
  '"><svg/onload=window.hacked=1>',
  'javascript:window.hacked=1',
  '<a href="javascript:window.hacked=1">x</a>',
  '{{constructor.constructor("window.hacked=1")()}}',
  '<style>*{display:none}</style><link rel=stylesheet href=//evil>',
  '&lt;img src=x onerror=window.hacked=1&gt;',
  '<vscode-button onclick="window.hacked=1">x</vscode-button>',
];

describe('the page of the live view', () => {
  let view;
  let page;
  before(async () => {
    view = await openView('liveView', { viewport: { width: 800, height: 700 } });
    page = view.page;
  });
  after(closeBrowser);
  beforeEach(async () => {
    await view.load('reduce');
    await view.forget();
    await view.load('reduce');
  });
  afterEach(async () => assert.deepEqual(await view.violations(), []));

  const canvas = () => page.locator('.canvas').textContent();
  const kinds = () =>
    page.locator('.canvas .cell').evaluateAll((all) => all.map((c) => c.className));
  const status = () => page.getByRole('status').textContent();
  const slider = () => page.getByRole('slider', { name: 'Step' });
  const button = (name) => page.getByRole('button', { name, exact: true });
  const saysSoon = (text) =>
    page.locator('[role=status]', { hasText: text }).waitFor({ timeout: 5000 });

  it('says that it is ready, and what to do while there is no run', async () => {
    assert.deepEqual(await view.posted(), [{ type: 'ready' }]);
    assert.match(await status(), /^No run yet/);
    assert.equal(await slider().count(), 0);
  });

  it('draws every token as a cell among the text around the gap', async () => {
    await view.tell(run());
    await saysSoon('step 3 of 3');
    assert.equal(await canvas(), 'return width * height;\n');
    assert.deepEqual(await kinds(), [
      'cell committed bucket-4',
      'cell committed bucket-1',
      'cell fresh bucket-4',
    ]);
    assert.equal(await page.locator('h1').textContent(), 'Proposal · area.ts');
    assert.equal(await page.locator('.facts').textContent(), 'model (q8, cpu) · seed 0');
    assert.match(await page.locator('.figures').textContent(), /^3 forwards, 21 ms · complete$/);
    assert.equal(await page.locator('.cell').nth(1).getAttribute('title'), 'committed, 12 %');
  });

  it('goes through the steps by arrows, Home and End, and plays by space', async () => {
    await view.tell(run());
    await saysSoon('step 3 of 3');
    await page.keyboard.press('ArrowLeft');
    assert.equal(await status(), 'step 2 of 3: committed `width`, 1 mask left');
    assert.equal(await canvas(), 'return width * ▒▒;\n');
    await page.keyboard.press('Home');
    assert.equal(await status(), 'step 0 of 3: 3 masks left');
    assert.deepEqual(await kinds(), ['cell masked', 'cell masked', 'cell masked']);
    await page.keyboard.press('ArrowLeft');
    assert.match(await status(), /^step 0/);
    await page.keyboard.press('ArrowRight');
    assert.match(await status(), /^step 1/);
    await page.keyboard.press('Control+ArrowRight'); // a key of VS Code's
    assert.match(await status(), /^step 1/);
    await page.keyboard.press('End');
    await page.keyboard.press(' ');
    await saysSoon('step 0');
    assert.equal(await button('Pause').count(), 1);
    await page.keyboard.press(' ');
    assert.equal(await button('Play').count(), 1);
  });

  it('is worked from the keyboard alone, in the order in which it stands', async () => {
    await view.tell(run());
    await saysSoon('step 3 of 3');
    const names = [];
    for (let tab = 0; tab < 12; tab++) {
      await page.keyboard.press('Tab');
      names.push(
        await page.evaluate(() => {
          const { activeElement: on } = document;
          return on.getAttribute('aria-label') ?? on.id ?? on.textContent;
        }),
      );
    }
    const expected = ['First step', 'Previous step', '', 'Speed', 'Step', 'seed', '', '', ''];
    assert.deepEqual(names.slice(0, expected.length), expected);
    await button('Previous step').focus();
    await page.keyboard.press('Enter');
    assert.match(await status(), /^step 2/);
    await page.keyboard.press(' '); // works the button and does not play
    assert.match(await status(), /^step 1/);
    assert.equal(await button('Play').count(), 1);
    await slider().focus();
    await page.keyboard.press('ArrowRight');
    assert.match(await status(), /^step 2/);
    assert.equal(
      await slider().getAttribute('aria-valuetext'),
      'step 2 of 3: committed `width`, 1 mask left',
    );
    await page.getByLabel('with seed').focus();
    await page.keyboard.press('ArrowLeft'); // moves the cursor of the field
    await page.keyboard.press('Home');
    assert.match(await status(), /^step 2/);
  });

  it('has roles and names for all that it shows', async () => {
    await view.tell(run());
    await saysSoon('step 3 of 3');
    const picture = page.getByRole('img', {
      name: 'Canvas, step 3 of 3: committed `height`, no mask left',
    });
    assert.equal(await picture.count(), 1);
    for (const name of ['Playback', 'This run']) {
      assert.equal(await page.getByRole('group', { name }).count(), 1, name);
    }
    assert.equal(await page.getByRole('list', { name: 'Looks of the tokens' }).count(), 1);
    assert.equal(await page.getByRole('status').getAttribute('aria-live'), 'polite');
    assert.equal(await page.getByRole('combobox', { name: 'Speed' }).count(), 1);
    assert.equal(await page.locator('html').getAttribute('lang'), 'en');
  });

  it('tells the run as a table, from which every step can be reached', async () => {
    await view.tell(run());
    await saysSoon('step 3 of 3');
    assert.equal(await page.locator('tbody tr').count(), 0);
    await page.locator('summary').focus();
    await page.keyboard.press('Enter');
    const rows = page.locator('tbody tr');
    await rows.nth(3).waitFor();
    assert.equal(await rows.count(), 4);
    assert.deepEqual(await rows.nth(1).locator('th, td').allTextContents(), [
      '1',
      'committed ` * ` (12 %), 2 masks left',
      '▒▒ * ▒▒',
    ]);
    await page.keyboard.press('Tab');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    assert.match(await status(), /^step 1/);
    assert.equal(await rows.nth(1).getAttribute('aria-current'), 'step');
    assert.equal(await rows.nth(3).getAttribute('aria-current'), null);
  });

  it('follows a run while it is made, until another step is looked at', async () => {
    await view.load('no-preference');
    await view.tell(run({ state: 'running', canExport: false, canStop: true }, steps.slice(0, 1)));
    await saysSoon('step 0: 3 masks left');
    await view.tell({ type: 'step', id: 1, step: steps[1] });
    await page.locator('.canvas', { hasText: ' * ' }).waitFor();
    await page.keyboard.press('Home');
    await view.tell({ type: 'step', id: 1, step: steps[2] });
    await view.tell({ type: 'head', head: head(), steps: 3 });
    await page.locator('.figures', { hasText: 'complete' }).waitFor();
    assert.equal(await status(), 'step 0 of 2: 3 masks left');
    assert.equal(await button('Stop').count(), 0);
  });

  it('plays a run that is over by itself, but not where less motion is wanted', async () => {
    await view.load('no-preference');
    await view.tell(run());
    await saysSoon('step 0 of 3');
    assert.equal(await button('Pause').count(), 1);
    await saysSoon('step 3 of 3');
    assert.equal(await button('Play').count(), 1);

    await view.forget();
    await view.load('reduce');
    await view.tell(run());
    await saysSoon('step 3 of 3');
    const [, moving] = await page
      .locator('.cell')
      .first()
      .evaluate((shown) => [shown, getComputedStyle(shown).transitionDuration]);
    assert.equal(moving, '0s');

    await view.forget();
    await view.load('no-preference');
    await page.evaluate(() => document.body.classList.add('vscode-reduce-motion'));
    await view.tell(run());
    await saysSoon('step 3 of 3');
  });

  it('is where it was when its tab is shown again', async () => {
    await view.tell(run());
    await saysSoon('step 3 of 3');
    await page.keyboard.press('Home');
    await page.keyboard.press('ArrowRight');
    await page.getByLabel('Speed').selectOption('4');
    await view.load('no-preference');
    await view.tell(run());
    await saysSoon('step 1 of 3');
    assert.equal(await page.getByLabel('Speed').inputValue(), '4');
    assert.equal(await button('Play').count(), 1);
    await view.tell(run({ id: 2 }));
    await saysSoon('step 0 of 3'); // another run plays
  });

  it('asks for what its buttons say, with the step that is shown', async () => {
    await view.tell(run({ canOffer: true }));
    await saysSoon('step 3 of 3');
    await view.posted();
    for (const name of ['Copy result', 'Propose in editor', 'Export run…'])
      await button(name).click();
    await button('Resume from this step').click({ force: true }); // nothing is left to do there
    await page.keyboard.press('Home');
    await page.keyboard.press('ArrowRight');
    assert.equal(await page.getByLabel('with seed').inputValue(), '1');
    await page.getByLabel('with seed').fill('42');
    await button('Resume from this step').click();
    await page.getByLabel('with seed').fill('-1');
    await button('Resume from this step').click();
    assert.equal(await page.getByLabel('with seed').getAttribute('aria-invalid'), 'true');
    assert.deepEqual(await view.posted(), [
      { type: 'copy', id: 1 },
      { type: 'offer', id: 1 },
      { type: 'export', id: 1 },
      { type: 'resume', id: 1, fromStep: 1, seed: 42 },
    ]);
    await view.tell({ type: 'said', text: 'Copied' });
    await saysSoon('Copied');
  });

  it('offers no more than makes sense', async () => {
    await view.tell(run({ state: 'running', canExport: false, canStop: true }, steps.slice(0, 2)));
    await button('Stop').waitFor();
    for (const name of ['Copy result', 'Export run…', 'Resume from this step']) {
      assert.equal(await button(name).getAttribute('aria-disabled'), 'true', name);
    }
    assert.equal(await button('Propose in editor').count(), 0);
  });

  it('ignores what is no message', async () => {
    await view.tell(run());
    await saysSoon('step 3 of 3');
    const before = await page.locator('body').innerHTML();
    for (const message of [
      null,
      'run',
      { type: 'run' },
      { type: 'said', text: 7 },
      run({ id: 'x' }),
    ]) {
      await view.tell(message);
    }
    await view.tell({ type: 'step', id: 1, step: { ...steps[0], gaps: [[{ kind: 'evil' }]] } });
    await page.evaluate(() => new Promise((resolve) => setTimeout(resolve, 50)));
    assert.equal(await page.locator('body').innerHTML(), before);
  });

  it('shows what files and models say as text and nothing else', async () => {
    await page.getByRole('status').waitFor();
    const elements = () => page.evaluate(() => document.querySelectorAll('*').length);
    const show = async (text, id) => {
      const cells = [cell('fresh', text), cell('given', text), cell('committed', text)];
      const message = run({ id, title: text, file: text, facts: text, detail: text }, [
        step(0, cells, 0),
      ]);
      message.run.pieces = [{ text }, { gap: 0 }, { text }];
      await view.tell(message);
      await page.locator('h1', { hasText: text }).waitFor();
    };
    await show('harmless', 1);
    await page.locator('summary').click();
    await page.locator('tbody tr').waitFor();
    const count = await elements();
    for (const [index, text] of injections.entries()) {
      await show(text, index + 2);
      assert.equal(await canvas(), text.repeat(5));
      assert.equal(await elements(), count, text);
      await view.tell({ type: 'said', text });
      await saysSoon(text);
    }
    assert.equal(await page.evaluate(() => window.hacked), undefined);
  });

  it('fits at twice the size, without scrolling sideways', async () => {
    await page.setViewportSize({ width: 320, height: 500 });
    const long = 'a'.repeat(400);
    await view.tell(run({ file: long, facts: long }, [step(0, [cell('fresh', long)], 0)]));
    await page.locator('h1', { hasText: long }).waitFor();
    await page.locator('summary').click();
    const isWider = () =>
      page.evaluate(
        () => document.documentElement.scrollWidth > document.documentElement.clientWidth,
      );
    assert.equal(await isWider(), false);
    await page.setViewportSize({ width: 800, height: 700 });
  });

  it('speaks the language of the words that were put into it, which stay text', async () => {
    const english = { ...liveViewWords };
    const marked = Object.entries(english).map(([key, word]) => [key, `«${word}» <b>`]);
    const told = await openView('liveView', { words: Object.fromEntries(marked) });
    try {
      await told.load('reduce');
      assert.equal(await told.page.getByRole('status').textContent(), `«${english.empty}» <b>`);
      await told.tell(run());
      const texts = await told.page
        .locator('.controls, .legend, summary, .figures')
        .allInnerTexts();
      const names = [english.play, english.resume, english.looks, english.asText];
      const all = texts.join(' ') + (await told.page.locator('.legend').getAttribute('aria-label'));
      for (const name of names) assert(all.includes(`«${name}» <b>`), name);
      assert.match(await told.page.getByRole('status').textContent(), /^«step 3 of 3: «committed/);
      assert.equal(await told.page.locator('b').count(), 0);
    } finally {
      await told.close();
    }
  });
});
