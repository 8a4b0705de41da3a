/**
 * The live view inside the editor: it opens, follows what the faces ask for, resumes, exports, copies
 * and proposes, and leaves nothing behind. The page's own script runs and says that it is ready; what
 * it draws is test/webview's matter.
 */
import { strict as assert } from 'node:assert';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import * as vscode from 'vscode';
import type { LiveView } from '../../src/extension/liveView/liveView';
import type { FillRecord } from '../../src/protocol/fillRecord';
import type { RunHead, ToView } from '../../src/protocol/liveView';
import type { StepToken } from '../../src/protocol/messages';
import { inState, openMarked, run } from './editorText';
import { proposalSuite } from './fakeSampler';
import { closeAll, invoke, open, placesWorthFilling, until } from './workbench';

const masked: StepToken[] = [{}, {}];
const first: StepToken[] = [{ text: 'one', confidence: 0.9, fresh: true }, {}];
const both: StepToken[] = [first[0]!, { text: ' two', confidence: 0.4, fresh: true }];

describe('the live view', () => {
  const the = proposalSuite();
  let view: LiveView;
  let posted: ToView[];
  let listener: vscode.Disposable;

  before(() => {
    view = (the.lacuna as typeof the.lacuna & { liveView: LiveView }).liveView;
  });
  beforeEach(() => {
    posted = [];
    listener = view.panel.onPost((message) => posted.push(message));
  });
  afterEach(async () => {
    listener.dispose();
    the.sampler.release();
    await closeAll();
    await until('the view is closed', () => !view.panel.isOpen);
  });

  const show = async () => {
    await run('showLiveView');
    await until('the page is ready', () => posted.length > 0);
  };
  const types = () => posted.map(({ type }) => type);
  const lastHead = (): RunHead | undefined => {
    const message = posted.findLast(({ type }) => type === 'run' || type === 'head');
    return message?.type === 'run'
      ? message.run.head
      : message?.type === 'head'
        ? message.head
        : undefined;
  };
  const lastSaid = () => {
    const said = posted.findLast(({ type }) => type === 'said');
    return said?.type === 'said' ? said.text : undefined;
  };
  const isDone = (what: string, from = 0) =>
    until(what, () => posted.length > from && lastHead()?.state === 'done');

  /** A proposal with its three steps, up in the editor. */
  const propose = async () => {
    the.sampler.hold();
    const asked = the.sampler.requests.length;
    await vscode.commands.executeCommand('workbench.action.focusFirstEditorGroup'); // not the view's
    const marked = await openMarked('const size = [width];\n');
    void run('regenerateSelection');
    await the.sampler.asked(asked + 1);
    return marked;
  };
  const finish = async () => {
    [masked, first, both].forEach((tokens, number) => the.sampler.step([tokens], number));
    the.sampler.release();
    await inState(the.lacuna, 'ready');
  };

  it('opens beside the editor, once', async () => {
    await openMarked('const a = 1;\n');
    await show();
    assert(view.panel.isVisible);
    await run('showLiveView');
    const tabs = vscode.window.tabGroups.all.flatMap(({ tabs: own }) => own);
    assert.equal(tabs.filter(({ label }) => label === 'Lacuna Live View').length, 1);
  });

  it('follows a proposal step by step while it is denoised', async () => {
    await openMarked('const a = 1;\n');
    await show();
    posted.length = 0;
    await propose();
    await finish();
    await isDone('the run is over');
    assert.deepEqual(types(), ['run', 'step', 'step', 'step', 'head']);
    const [begun, , second] = posted;
    assert(begun?.type === 'run' && second?.type === 'step');
    assert.deepEqual(begun.run.pieces, [{ text: 'const size = ' }, { gap: 0 }, { text: ';\n' }]);
    assert.deepEqual(
      second.step.gaps[0]!.map(({ kind }) => kind),
      ['fresh', 'masked'],
    );
    const { state, canExport, canOffer } = lastHead()!;
    assert.deepEqual([state, canExport, canOffer], ['done', true, false]);
  });

  it('shows what was proposed before it was opened', async () => {
    await propose();
    await finish();
    await show();
    const [message] = posted;
    assert(message?.type === 'run');
    assert.equal(message.run.steps.length, 3);
    assert.equal(the.sampler.requests.length, 1);
  });

  it('tells a page that is back from a hidden tab everything again', async () => {
    await propose();
    await finish();
    await show();
    const before = posted.length;
    const other = await vscode.workspace.openTextDocument({ content: 'in front' });
    await vscode.window.showTextDocument(other, vscode.ViewColumn.Two);
    await until('the view is hidden', () => !view.panel.isVisible);
    await run('showLiveView');
    await until('the run is sent again', () => posted.length > before);
    assert.deepEqual(posted.at(-1), posted[0]);
  });

  it('resumes from a step with another seed, as a new run that can be proposed', async () => {
    const { document, text } = await propose();
    await finish();
    await show();
    const { id } = lastHead()!;
    the.sampler.hold();
    the.sampler.answer = () => 'height';
    const resumed = view.panel.receive({ type: 'resume', id, fromStep: 1, seed: 7 });
    await the.sampler.asked(2);
    const { sampling, priority } = the.sampler.last;
    assert.deepEqual(sampling!.resumes, [{ fromStep: 1, seed: 7, temperature: 0.5 }]);
    assert.equal(priority, 'explicit');
    assert.deepEqual([lastHead()!.state, lastHead()!.canStop], ['running', true]);
    [masked, first].forEach((tokens, number) => the.sampler.step([tokens], number));
    the.sampler.release();
    await resumed;
    assert.equal(lastSaid(), 'Resumed from step 1 with seed 7');
    assert.notEqual(lastHead()!.id, id);
    assert.deepEqual([lastHead()!.seed, lastHead()!.canOffer], [7, true]);

    await view.panel.receive({ type: 'offer', id: lastHead()!.id });
    assert.equal(lastSaid(), 'Proposed in the editor');
    assert.equal(the.lacuna.edits.gaps[0]!.proposed, 'height');
    assert.equal(document.getText(), text);
    await run('previousProposal');
    assert.notEqual(the.lacuna.edits.gaps[0]!.proposed, 'height');
    await run('rejectAll');
    await view.panel.receive({ type: 'offer', id: lastHead()!.id });
    assert.match(lastSaid()!, /^The proposal is over/);
  });

  it('stops a resumed run', async () => {
    await propose();
    await finish();
    await show();
    the.sampler.hold();
    const resumed = view.panel.receive({
      type: 'resume',
      id: lastHead()!.id,
      fromStep: 0,
      seed: 7,
    });
    await the.sampler.asked(2);
    await view.panel.receive({ type: 'stop', id: lastHead()!.id });
    assert(the.sampler.requests[1]!.signal.aborted);
    the.sampler.release();
    await resumed;
    assert.equal(lastSaid(), 'Stopped');
    assert.equal(lastHead()!.state, 'cancelled');
  });

  it('ends what it has begun when it is closed, and leaves the proposal alone', async () => {
    await propose();
    await finish();
    await show();
    the.sampler.hold();
    const resumed = view.panel.receive({
      type: 'resume',
      id: lastHead()!.id,
      fromStep: 0,
      seed: 7,
    });
    await the.sampler.asked(2);
    await vscode.commands.executeCommand('workbench.action.closeActiveEditor');
    await until('the view is closed', () => !view.panel.isOpen);
    assert(the.sampler.requests[1]!.signal.aborted);
    the.sampler.release();
    await resumed;
    assert.equal(the.lacuna.edits.state, 'ready');
  });

  it('may be closed in the middle of a proposal', async () => {
    await openMarked('const a = 1;\n');
    await show();
    await propose();
    the.sampler.step([masked], 0);
    await run('showLiveView');
    await until('it is in front', () => view.panel.isVisible);
    await vscode.commands.executeCommand('workbench.action.closeActiveEditor');
    await until('the view is closed', () => !view.panel.isOpen);
    assert.equal(the.sampler.requests[0]!.signal.aborted, false);
    the.sampler.step([first], 1);
    the.sampler.release();
    await inState(the.lacuna, 'ready');
  });

  it('copies what came out', async () => {
    await propose();
    the.sampler.answer = () => 'copied_fill';
    await finish();
    await show();
    await view.panel.receive({ type: 'copy', id: lastHead()!.id });
    assert.equal(lastSaid(), 'Copied');
    assert.equal(await vscode.env.clipboard.readText(), 'copied_fill');
  });

  it('says why it could not do what it was asked for', async () => {
    await propose();
    await finish();
    await show();
    const ask = view.actions.askWhere;
    view.actions.askWhere = () => Promise.reject(new Error('no dialog here'));
    await view.panel.receive({ type: 'export', id: lastHead()!.id });
    view.actions.askWhere = ask;
    assert.equal(lastSaid(), 'no dialog here');
  });

  it('says so when a run is gone, or a file cannot be written', async () => {
    await propose();
    await finish();
    await show();
    await view.panel.receive({ type: 'copy', id: 9999 });
    assert.equal(lastSaid(), 'That run is no longer kept');
    const ask = view.actions.askWhere;
    view.actions.askWhere = async () => vscode.Uri.file('/no/such\0folder/run.json');
    await view.panel.receive({ type: 'export', id: lastHead()!.id });
    view.actions.askWhere = ask;
    assert.match(lastSaid()!, /^Cannot write /);
  });

  describe('with the embedded model', () => {
    const folder = mkdtempSync(path.join(os.tmpdir(), 'lacuna-live-'));
    const cli = path.resolve(__dirname, '../../dist/cli.js');
    const model = path.resolve(__dirname, '../../dist/model');
    before(() => the.sampler?.remove());
    beforeEach(() => the.sampler.remove());
    after(() => rmSync(folder, { recursive: true, force: true }));

    const exported = async (name: string): Promise<string> => {
      const file = path.join(folder, name);
      const ask = view.actions.askWhere;
      view.actions.askWhere = async () => vscode.Uri.file(file);
      await view.panel.receive({ type: 'export', id: lastHead()!.id });
      view.actions.askWhere = ask;
      assert.match(lastSaid()!, /^Exported/);
      return file;
    };
    const replay = (file: string) => {
      const args = ['fill', '--replay', file, '--model', model, '--device', 'cpu'];
      const { status, stdout, stderr } = spawnSync(process.execPath, [cli, ...args], {
        encoding: 'utf8',
        env: { ...process.env, ELECTRON_RUN_AS_NODE: '1' },
      });
      assert.equal(status, 0, stderr);
      assert.match(stdout, /^identical: /);
    };
    const read = (file: string) => JSON.parse(readFileSync(file, 'utf8')) as FillRecord;

    it('makes ghost text again for its steps, and exports what the command line repeats', async () => {
      await open(placesWorthFilling[1]!);
      await invoke(the.lacuna);
      await show();
      await isDone('the steps are there');
      assert(types().includes('step'));
      const file = await exported('ghost.json');
      const record = read(file);
      assert.equal(record.steps.length, record.result.steps + 1);
      const [fill] = record.result.fills;
      const last = record.steps.at(-1)!.gaps[0]!.map(({ text }) => text);
      assert.deepEqual(
        last,
        fill!.tokens.map(({ text }) => text),
      );
      replay(file);

      if (record.result.steps < 2) return;
      const { id } = lastHead()!;
      await view.panel.receive({ type: 'resume', id, fromStep: 1, seed: 5 });
      const other = await exported('resumed.json');
      assert.deepEqual(read(other).steps.slice(0, 2), record.steps.slice(0, 2));
      replay(other);
    });

    it('follows ghost text while it is open', async () => {
      // A text of its own: for one that was filled before, the fill is remembered and nothing runs.
      const editor = await open(`// live view\n${placesWorthFilling[0]!}`);
      await show();
      posted.length = 0;
      await vscode.window.showTextDocument(editor.document, vscode.ViewColumn.One);
      await invoke(the.lacuna);
      await isDone('the run is over');
      assert.equal(types()[0], 'run');
      assert(types().filter((type) => type === 'step').length > 1);
      assert(!posted.some((m) => m.type === 'head' && m.head.state === 'repeating'));
    });

    it('exports a proposal', async () => {
      await openMarked('function area(width, height) {\n  const size = [width * height];\n}\n');
      await run('regenerateSelection');
      await inState(the.lacuna, 'ready');
      await show();
      replay(await exported('proposal.json'));
    });
  });
});
