/** Whether accepted text is found again after edits, by a clock of the test's own. */
import { strict as assert } from 'node:assert';
import * as vscode from 'vscode';
import { Survival } from '../../src/extension/statistics/survival';
import { closeAll, open } from './workbench';

describe('accepted text', () => {
  const seen: string[] = [];
  let pending: { readonly ms: number; readonly run: () => void }[] = [];
  let survival: Survival;
  let editor: vscode.TextEditor;
  const text = 'return width * height;';

  beforeEach(async () => {
    seen.length = 0;
    pending = [];
    survival = new Survival(
      (languageId, age, kept) => seen.push(`${languageId} ${age} ${kept}`),
      (run, ms) => {
        pending.push({ run, ms });
        return { dispose: () => {} };
      },
    );
    editor = await open(`function area() {\n  ${text}|\n}\n`);
    const start = editor.document.getText().indexOf(text);
    survival.follow(editor.document, [{ start, end: start + text.length }]);
  });
  afterEach(async () => {
    survival.dispose();
    await closeAll();
  });

  const pass = (ms: number) => pending.find((one) => one.ms === ms)!.run();
  const edit = (at: vscode.Range, by: string) => editor.edit((edits) => edits.replace(at, by));

  it('is kept where nobody touched it, and where lines came above it', async () => {
    pass(30_000);
    await edit(new vscode.Range(0, 0, 0, 0), '// one\n// two\n');
    pass(300_000);
    assert.deepEqual(seen, ['typescript 30s true', 'typescript 5min true']);
  });

  it('is kept with a name changed, and lost when it is written anew', async () => {
    await edit(new vscode.Range(1, 9, 1, 14), 'breadth');
    pass(30_000);
    await edit(new vscode.Range(1, 2, 1, 2 + text.length + 2), 'throw new Error("no");');
    pass(300_000);
    assert.deepEqual(seen, ['typescript 30s true', 'typescript 5min false']);
  });

  it('is not counted once its file is closed', async () => {
    await closeAll();
    pass(30_000);
    assert.deepEqual(seen, []);
  });
});
