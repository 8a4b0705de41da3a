/**
 * "Denoise this again" on errors of other sources: where it is offered, what it takes along, and the
 * errors before and after. The errors are the test's own, the fills a stand-in's.
 */
import { strict as assert } from 'node:assert';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import * as vscode from 'vscode';
import type { DraftWish } from '../../src/protocol/messages';
import { inState, kinds, openFile, openMarked, run } from './editorText';
import { FakeSampler } from './fakeSampler';
import type { Tested } from './fakeScorer';
import { activateLacuna, closeAll, until, withSetting } from './workbench';

describe('repair', () => {
  let lacuna: Tested;
  let sampler: FakeSampler;
  let server: vscode.DiagnosticCollection;

  before(async () => {
    lacuna = (await activateLacuna()) as Tested;
  });
  beforeEach(() => {
    sampler = new FakeSampler(lacuna);
    server = vscode.languages.createDiagnosticCollection('test-server');
  });
  afterEach(async () => {
    server.dispose();
    sampler.remove();
    await run('rejectAll');
    await closeAll();
  });

  /** Reports an error at each of the texts. */
  function report(
    document: vscode.TextDocument,
    texts: readonly string[],
    severity = vscode.DiagnosticSeverity.Error,
  ): void {
    const all = texts.map((text) => {
      const start = document.getText().indexOf(text);
      const range = new vscode.Range(
        document.positionAt(start),
        document.positionAt(start + text.length),
      );
      const diagnostic = new vscode.Diagnostic(range, `no ${text}`, severity);
      diagnostic.source = 'test-server';
      return diagnostic;
    });
    server.set(document.uri, all);
  }

  async function actionsOn(document: vscode.TextDocument): Promise<vscode.CodeAction[]> {
    const errors = server.get(document.uri) ?? [];
    const actions = await vscode.commands.executeCommand<vscode.CodeAction[]>(
      'vscode.executeCodeActionProvider',
      document.uri,
      errors[0]!.range,
      vscode.CodeActionKind.QuickFix.value,
    );
    return actions.filter(({ title }) => title === 'Denoise this again with Lacuna');
  }

  async function repair(document: vscode.TextDocument): Promise<void> {
    const [action] = await actionsOn(document);
    const { command, arguments: args = [] } = action!.command!;
    await vscode.commands.executeCommand(command, ...(args as unknown[]));
  }
  const draft = () => sampler.lastTargets[0] as DraftWish;

  for (const { name, language, text: marked } of kinds) {
    it(`denoises the error's line again in ${name}, and nothing else`, async () => {
      const { document, text } = await openMarked(marked, language);
      report(document, ['width * height']);
      sampler.answer = () => 'size = 1';
      await repair(document);
      await inState(lacuna, 'ready');
      const line = text.split(/\r?\n/)[1]!.trim();
      assert.equal(draft().text, line);
      assert.equal(draft().strength, 1);
      assert.equal(document.getText(), text);
      await run('acceptAll');
      await inState(lacuna, 'accepted');
      assert.equal(document.getText(), text.replace(line, 'size = 1'));
      await vscode.commands.executeCommand('undo');
      assert.equal(document.getText(), text);
    });
  }

  it('counts the errors before and after', async () => {
    // A file: an untitled document that stays dirty for long is backed up, and comes back from that.
    const folder = await mkdtemp(path.join(os.tmpdir(), 'lacuna-repair-'));
    const file = path.join(folder, 'a.ts');
    await writeFile(file, 'a = b + c;\nd = e;\n');
    const { document } = await openFile(vscode.Uri.file(file), 'a = b + c;\nd = e;\n');
    report(document, ['b', 'e']);
    await repair(document);
    await inState(lacuna, 'ready');
    await run('acceptAll');
    // A server answers late, and first with nothing at all.
    server.set(document.uri, []);
    setTimeout(() => report(document, ['e']), 300);
    await until('these errors are counted', () => lacuna.repair.counts?.before === 2);
    assert.deepEqual(lacuna.repair.counts, { before: 2, after: 1 });
    await rm(folder, { recursive: true });
  });

  it('takes the margin of the settings', async () => {
    const { document } = await openMarked('a = 1;\nb = first(second, third);\nc = 2;\n|');
    report(document, ['second']);
    await withSetting('repair.marginLines', 1, async () => {
      await repair(document);
      assert.equal(draft().text, 'a = 1;\nb = first(second, third);\nc = 2;');
      await run('rejectAll');
    });
    await withSetting('repair.marginLines', null, async () => {
      await withSetting('repair.marginCharacters', 0, async () => {
        await repair(document);
        assert.equal(draft().text, 'second');
      });
    });
  });

  it('is offered for errors only', async () => {
    const { document } = await openMarked('a = b;\n|');
    report(document, ['b'], vscode.DiagnosticSeverity.Warning);
    assert.deepEqual(await actionsOn(document), []);
    report(document, ['b']);
    assert.equal((await actionsOn(document)).length, 1);
  });

  it('is not offered in a file that Lacuna may not read', async () => {
    await withSetting('disabledFiles', ['**/Untitled*'], async () => {
      const { document } = await openMarked('a = b;\n|');
      report(document, ['b']);
      assert.deepEqual(await actionsOn(document), []);
    });
  });

  it('says so where the command is given nothing to work on', async () => {
    await run('regenerateRange');
    assert.equal(lacuna.edits.state, 'refused');
    assert.match(lacuna.edits.detail, /^Cannot denoise this again: /);
  });
});
