/**
 * The heat map in real editors: what is asked, what its hovers and keys do, when it goes, and where none
 * is made. Probabilities come from a stand-in.
 */
import { strict as assert } from 'node:assert';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import * as vscode from 'vscode';
import type { DraftWish } from '../../src/protocol/messages';
import { change, inState, kinds, openFile, openMarked, run } from './editorText';
import { FakeSampler } from './fakeSampler';
import { FakeScorer, type Tested } from './fakeScorer';
import {
  activateLacuna,
  closeAll,
  commit,
  openFilled,
  setTemperature,
  until,
  withSetting,
} from './workbench';

describe('confidence', () => {
  let lacuna: Tested;
  let scorer: FakeScorer;
  let folder: string;

  before(async () => {
    lacuna = (await activateLacuna()) as Tested;
    folder = await mkdtemp(path.join(os.tmpdir(), 'lacuna-confidence-'));
  });
  after(() => rm(folder, { recursive: true }));
  after(() => setTemperature(undefined));
  beforeEach(() => {
    scorer = new FakeScorer(lacuna);
    scorer.doubt('height', 0.04, ['\n depth', 0.6], [' width', 0.2]);
  });
  afterEach(async () => {
    scorer.remove();
    await run('hideConfidence');
    await run('rejectAll');
    await closeAll();
  });

  const map = () => lacuna.confidence.map.shown;
  const detail = () => lacuna.confidence.mapScorer.detail;
  const shownText = () => map()?.tokens.map(({ text }) => text);

  /** The hover over a token of the map. */
  async function hoverOver(document: vscode.TextDocument, text: string): Promise<string> {
    const token = map()!.tokens.find((candidate) => candidate.text.trim() === text)!;
    const hovers = await vscode.commands.executeCommand<vscode.Hover[]>(
      'vscode.executeHoverProvider',
      document.uri,
      document.positionAt(token.end - 1),
    );
    const all = hovers.flatMap(({ contents }) => contents as vscode.MarkdownString[]);
    return all.map(({ value }) => value).find((value) => value.startsWith('Lacuna')) ?? '';
  }

  /** Runs what a click on the link with this title runs. */
  async function click(hover: string, title: string): Promise<void> {
    const links = hover.matchAll(/\[([^\]]*)\]\(command:([\w.]+)\?([^)]*)\)/g);
    const link = [...links].find(([, own]) => own!.replaceAll('\\', '') === title);
    assert(link, hover);
    const args = JSON.parse(decodeURIComponent(link[3]!)) as unknown[];
    await vscode.commands.executeCommand(link[2]!, ...args);
  }

  for (const { name, language, text: marked } of kinds) {
    describe(`in ${name}`, () => {
      it('looks at whole words of the selection, the text around it unchanged', async () => {
        const { document, text } = await openMarked(marked, language);
        const { version } = document;
        await run('showConfidence');
        const wanted = ' width * height';
        const at = text.indexOf(wanted);
        const { parts, languageId } = scorer.requests[0]!.params;
        assert.deepEqual(parts, [
          { text: text.slice(0, at) },
          { score: wanted },
          { text: text.slice(at + wanted.length) },
        ]);
        assert.equal(languageId, language);
        assert.deepEqual(shownText(), [' width', ' *', ' height']);
        assert.equal(document.version, version);
      });

      it('offers alternatives in a hover; taking one is one undo step', async () => {
        const { document, text } = await openMarked(marked, language);
        await run('showConfidence');
        await click(await hoverOver(document, 'height'), '↵·depth');
        const lineEnd = text.includes('\r') ? '\r\n' : '\n';
        const expected = text.replace('width * height', `width *${lineEnd} depth`);
        assert.equal(document.getText(), expected);
        assert.equal(map(), undefined);
        await vscode.commands.executeCommand('undo');
        assert.equal(document.getText(), text);
        await vscode.commands.executeCommand('redo');
        assert.equal(document.getText(), expected);
      });
    });
  }

  it('takes nothing where the text has changed since', async () => {
    const { document } = await openMarked('[width * height];\n');
    await run('showConfidence');
    const hover = await hoverOver(document, 'height');
    await change({ document }, 'height', 'heights');
    await run('showConfidence');
    await click(hover, '·width');
    assert.equal(document.getText(), 'width * heights;\n');
    assert.match(detail(), /^Cannot change the token: the text has changed since it was scored/);
  });

  it('looks at several selections on one canvas', async () => {
    await openMarked('a = [b];\nc = [d];\n');
    await run('showConfidence');
    assert.equal(scorer.requests.length, 1);
    assert.deepEqual(scorer.scored, [' b', ' d']);
    assert.deepEqual(shownText(), [' b', ' d']);
  });

  it('jumps between unsure tokens, round in a circle', async () => {
    scorer.doubt('b', 0.1);
    const { editor, document } = await openMarked('[a + b + c + height]\n|');
    await run('showConfidence');
    const places: string[] = [];
    for (const command of ['nextUnsureToken', 'nextUnsureToken', 'nextUnsureToken']) {
      await run(command);
      places.push(document.getText().slice(document.offsetAt(editor.selection.active)).trim());
    }
    await run('previousUnsureToken');
    places.push(document.getText().slice(document.offsetAt(editor.selection.active)).trim());
    assert.equal(editor.selections.length, 1);
    assert.deepEqual(new Set(places), new Set(['b + c + height', 'height']));
    assert.notEqual(places[0], places[1]);
    assert.equal(places[0], places[2]);
    assert.equal(places[1], places[3]);
  });

  it('goes with an edit, with its command, with its editor', async () => {
    const { document } = await openMarked('a = [b];\n');
    await run('showConfidence');
    assert(map());
    await change({ document }, 'a', 'c');
    assert.equal(map(), undefined);
    await run('showConfidence');
    assert(map());
    await run('hideConfidence');
    assert.equal(map(), undefined);
    await run('showConfidence');
    assert(map());
    await closeAll();
    await until('the map is gone', () => map() === undefined);
  });

  it('stays when another document is edited, and is drawn in both editors of its own', async () => {
    const { document } = await openMarked('a = [b];\n');
    await run('showConfidence');
    await vscode.window.showTextDocument(document, vscode.ViewColumn.Two);
    const other = await vscode.workspace.openTextDocument({ content: 'x' });
    await vscode.window.showTextDocument(other, vscode.ViewColumn.Two);
    await change({ document: other }, 'x', 'y');
    assert.equal(map()?.document, document);
  });

  it('gives up when the text is edited meanwhile', async () => {
    const { document } = await openMarked('a = [b];\n');
    scorer.hold();
    const running = run('showConfidence');
    await scorer.asked(1);
    await change({ document }, 'a', 'c');
    assert(scorer.requests[0]!.signal.aborted);
    scorer.release();
    await running;
    assert.equal(map(), undefined);
    assert.match(detail(), /was edited while/);
  });

  it('gives up the look that runs when another is asked for', async () => {
    await openMarked('a = [b];\n');
    scorer.hold();
    const first = run('showConfidence');
    await scorer.asked(1);
    const second = run('showConfidence');
    await scorer.asked(2);
    scorer.release();
    await Promise.all([first, second]);
    assert.deepEqual(
      scorer.requests.map(({ signal }) => signal.aborted),
      [true, false],
    );
    assert.deepEqual(shownText(), [' b']);
  });

  describe('after a fill', () => {
    let sampler: FakeSampler;

    beforeEach(() => {
      sampler = new FakeSampler(lacuna);
      sampler.answer = () => 'width * height';
    });
    afterEach(() => sampler.remove());

    async function fill(): Promise<vscode.TextDocument> {
      const { document } = await openMarked('a = <fill>;\r\nb = 1;\r\n|');
      await run('fillAllGaps');
      await inState(lacuna, 'ready');
      await run('acceptAll');
      await inState(lacuna, 'accepted');
      return document;
    }

    it('is off by itself, and by command looks at what was filled', async () => {
      const document = await fill();
      assert.equal(scorer.requests.length, 0);
      await run('showConfidence');
      assert.deepEqual(scorer.scored, [' width * height']);
      assert.equal(map()?.document, document);
    });

    it('looks at ghost text that was accepted', async () => {
      const { editor, text } = await openFilled(lacuna);
      const written = (await commit(lacuna, editor)).length - (text.length - 1);
      await run('showConfidence');
      const cursor = text.indexOf('|');
      const tokens = map()!.tokens;
      assert(tokens[0]!.start <= cursor, scorer.scored[0]);
      assert(tokens.at(-1)!.end > cursor && tokens.at(-1)!.end <= cursor + written + 64);
    });

    it('finds the fill where later edits have moved it', async () => {
      const document = await fill();
      await change({ document }, 'a =', 'const\r\na =');
      await run('showConfidence');
      assert.deepEqual(scorer.scored, [' width * height']);
    });

    it('comes by itself where the setting says so', async () => {
      await withSetting('confidence.showAfterFill', true, async () => {
        await fill();
        await until('the map is shown', () => map() !== undefined);
        assert.deepEqual(shownText(), [' width', ' *', ' height']);
      });
    });
  });

  it('has a token or its line denoised again', async () => {
    const sampler = new FakeSampler(lacuna);
    try {
      for (const [title, draft] of [
        ['Denoise this token again', 'height'],
        ['… this line', 'a = width * height;'],
      ]) {
        const { document, text } = await openMarked('  a = [width * height];\n');
        await run('showConfidence');
        await click(await hoverOver(document, 'height'), title!);
        await inState(lacuna, 'ready');
        const [target] = sampler.lastTargets as DraftWish[];
        assert.equal(target!.text, draft);
        assert.equal(target!.strength, 1);
        assert.equal(document.getText(), text);
        await run('rejectAll');
        await run('hideConfidence');
      }
    } finally {
      sampler.remove();
    }
  });

  describe('is refused', () => {
    function isRefused(reason: RegExp): void {
      assert.match(detail(), reason);
      assert.equal(scorer.requests.length, 0);
      assert.equal(map(), undefined);
    }

    it('for 5,000 lines, at once', async () => {
      await openMarked(`[${'export const value = compute(1, 2, 3);\n'.repeat(5000)}]`);
      const startMs = performance.now();
      await run('showConfidence');
      assert(performance.now() - startMs < 2000);
      isRefused(/195,000 characters in 5,000 lines, and at most 20,000 characters/);
    });

    it('in a file of secrets', async () => {
      const file = path.join(folder, '.env');
      await writeFile(file, 'TOKEN=abc\n');
      await openFile(vscode.Uri.file(file), 'TOKEN=[abc]\n');
      await run('showConfidence');
      isRefused(/never reads/);
    });

    it('in a document that only can be read', async () => {
      const provider = vscode.workspace.registerTextDocumentContentProvider('lacuna-confidence', {
        provideTextDocumentContent: () => 'a = b\n',
      });
      try {
        await openFile(vscode.Uri.parse('lacuna-confidence:/a.ts'), 'a = [b]\n');
        await run('showConfidence');
        isRefused(/read-only/);
      } finally {
        provider.dispose();
      }
    });

    it('without a selection where nothing was filled, on white space, without an editor', async () => {
      const { editor } = await openMarked('a =  b;\n|');
      await run('showConfidence');
      isRefused(/nothing is selected, and nothing was filled/);
      editor.selection = new vscode.Selection(0, 3, 0, 5);
      await run('showConfidence');
      isRefused(/nothing but white space/);
      await closeAll();
      await run('showConfidence');
      isRefused(/no text editor is active/);
    });
  });

  it('comes from the sampler process and its model', async () => {
    scorer.remove();
    const { document, text } = await openMarked('[const area = width * height;]\n');
    await run('showConfidence');
    const tokens = map()!.tokens;
    assert.equal(tokens.map((token) => token.text).join(''), text.trim());
    for (const { probability, alternatives } of tokens) {
      assert(probability >= 0 && probability <= 1);
      assert(alternatives.length <= 5);
    }
    assert.equal(document.getText(), text);
  });
});
