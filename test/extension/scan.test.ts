/**
 * The surprise scan in real editors: its remarks, their quick fixes, and when they go. Probabilities come
 * from a stand-in.
 */
import { strict as assert } from 'node:assert';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import * as vscode from 'vscode';
import { change, kinds, openFile, openMarked, run } from './editorText';
import { FakeScorer, type Tested } from './fakeScorer';
import { activateLacuna, closeAll, until, withSetting } from './workbench';

describe('the surprise scan', () => {
  let lacuna: Tested;
  let scorer: FakeScorer;

  before(async () => {
    lacuna = (await activateLacuna()) as Tested;
  });
  beforeEach(() => {
    scorer = new FakeScorer(lacuna);
    scorer.doubt('height', 0.012, [' depth', 0.62]);
  });
  afterEach(async () => {
    scorer.remove();
    await run('clearScan');
    await closeAll();
  });

  const detail = () => lacuna.confidence.scanScorer.detail;
  const remarks = ({ uri }: vscode.TextDocument) =>
    vscode.languages.getDiagnostics(uri).filter(({ source }) => source === 'Lacuna');
  const marked = (document: vscode.TextDocument) =>
    remarks(document).map(({ range }) => document.getText(range));

  async function fixes(document: vscode.TextDocument): Promise<vscode.CodeAction[]> {
    const actions = await vscode.commands.executeCommand<vscode.CodeAction[]>(
      'vscode.executeCodeActionProvider',
      document.uri,
      remarks(document)[0]!.range,
      vscode.CodeActionKind.QuickFix.value,
    );
    return actions.filter(({ title }) => title.startsWith('Replace'));
  }

  for (const { name, language, text: selected } of kinds) {
    it(`remarks on what is unlikely in ${name}, and replaces it in one undo step`, async () => {
      const { document, text } = await openMarked(selected, language);
      await run('scanSelection');
      const [remark, ...others] = remarks(document);
      assert.equal(others.length, 0);
      assert.equal(remark!.message, 'unlikely here: model gives 1 %, expected ·depth (62 %)');
      assert.equal(remark!.severity, vscode.DiagnosticSeverity.Information);
      assert.deepEqual(marked(document), ['height']);
      assert.equal(remark!.range.start.line, 1);
      assert.equal(document.getText(), text);
      const [fix] = await fixes(document);
      assert.equal(fix!.title, 'Replace ·height by ·depth');
      assert(await vscode.workspace.applyEdit(fix!.edit!));
      const expected = text.replace('width * height', 'width * depth');
      assert.equal(document.getText(), expected);
      assert.deepEqual(remarks(document), []);
      await vscode.window.showTextDocument(document);
      await vscode.commands.executeCommand('undo');
      assert.equal(document.getText(), text);
    });
  }

  it('makes one remark of neighbours, with a fix for each', async () => {
    scorer.doubt('width', 0.001, [' size', 0.5]);
    const { document } = await openMarked('a =[ width height];\n');
    await run('scanSelection');
    assert.deepEqual(marked(document), ['width height']);
    const [{ message }] = remarks(document) as [vscode.Diagnostic];
    assert.equal(
      message,
      'unlikely here: model gives <1 %, 1 %, expected ·size (50 %), ·depth (62 %)',
    );
    assert.equal((await fixes(document)).length, 2);
  });

  it('goes where its line is edited, and moves along elsewhere', async () => {
    const { document } = await openMarked('[a = height;\nb = height;\nc = height;\n]');
    await run('scanSelection');
    assert.equal(remarks(document).length, 3);
    await change({ document }, 'b', 'bb');
    assert.deepEqual(
      remarks(document).map(({ range }) => range.start.line),
      [0, 2],
    );
    await change({ document }, 'bb = height;\n', '');
    await until('the last one has moved', () =>
      remarks(document).some(({ range }) => range.start.line === 1),
    );
    assert.deepEqual(marked(document), ['height', 'height']);
    const [fix] = await fixes(document);
    assert(await vscode.workspace.applyEdit(fix!.edit!));
    assert.equal(document.getText(), 'a = depth;\nc = height;\n');
  });

  it('goes by command and with its document', async () => {
    const { document } = await openMarked('[a = height;]\n');
    await run('scanSelection');
    assert.equal(remarks(document).length, 1);
    await run('clearScan');
    assert.equal(remarks(document).length, 0);
    await run('scanSelection');
    await closeAll();
    await until('the remarks are gone', () => remarks(document).length === 0);
  });

  it('shows fifty, the least likely, and counts the rest', async () => {
    const names = Array.from({ length: 60 }, (_, index) => `name${index}`);
    for (const [index, name] of names.entries()) scorer.doubt(name, 0.0001 * (index + 1), ['x', 0.5]); // prettier-ignore
    const { document } = await openMarked(`[${names.map((name) => `${name};`).join('\n')}]\n`);
    await run('scanSelection');
    assert.equal(remarks(document).length, 50);
    assert(marked(document).includes('name0') && !marked(document).includes('name50'));
    assert.match(detail(), /60; the 50 least likely are shown/);
  });

  it('takes what is in view where nothing is selected, and says so', async () => {
    const { document, text } = await openMarked(`a = height;|\n${'b = 1;\n'.repeat(3000)}`);
    await run('scanSelection');
    assert(scorer.scored[0]!.length < text.length);
    assert.match(detail(), /in view \(nothing was selected\)/);
    assert.deepEqual(marked(document), ['height']);
  });

  it('says so where nothing is surprising', async () => {
    const { document } = await openMarked('[a = 1;]\n');
    await run('scanSelection');
    assert.deepEqual(remarks(document), []);
    assert.match(detail(), /no surprise in the selection/);
  });

  it('takes the threshold of the settings', async () => {
    await withSetting('scan.threshold', 0.01, async () => {
      const { document } = await openMarked('[a = height;]\n');
      await run('scanSelection');
      assert.deepEqual(remarks(document), []);
    });
  });

  it('ends when it is cleared or the text is edited meanwhile', async () => {
    const { document } = await openMarked('[a = height;]\n');
    for (const end of [() => run('clearScan'), () => change({ document }, 'a', 'aa')]) {
      scorer.hold();
      const running = run('scanSelection');
      await scorer.asked(scorer.requests.length + 1);
      await end();
      assert(scorer.requests.at(-1)!.signal.aborted);
      scorer.release();
      await running;
      assert.deepEqual(remarks(document), []);
    }
  });

  it('is refused for 5,000 lines, in a file of secrets, and without an editor', async () => {
    await run('scanSelection');
    assert.match(detail(), /no text editor is active/);
    await openMarked(`[${'export const value = compute(1, 2, 3);\n'.repeat(5000)}]`);
    await run('scanSelection');
    assert.match(detail(), /at most 20,000 characters are looked at\. Select less\.$/);
    const folder = await mkdtemp(path.join(os.tmpdir(), 'lacuna-scan-'));
    const file = path.join(folder, 'id_rsa');
    await writeFile(file, 'abc\n');
    await openFile(vscode.Uri.file(file), '[abc]\n');
    await run('scanSelection');
    assert.match(detail(), /never reads/);
    assert.equal(scorer.requests.length, 0);
    await rm(folder, { recursive: true });
  });
});
