/**
 * Every command that begins, changes or ends a proposal, in the three kinds of documents: what is written is
 * what was shown, in the document's own line ends, and undo and redo give back each byte. And in a file of
 * 5,000 lines, where nothing may take long.
 */
import { strict as assert } from 'node:assert';
import * as vscode from 'vscode';
import type { DraftWish } from '../../src/protocol/messages';
import { inState, kinds, openMarked, run, type Marked } from './editorText';
import { proposalSuite } from './fakeSampler';

interface Command {
  readonly enablement?: string;
  readonly command: string;
}

const selected = 'width * height';
const starters: Record<string, (opened: Marked) => Promise<unknown>> = {
  regenerateSelection: async () => run('regenerateSelection'),
  regenerateWithInstruction: async () => run('regenerateWithInstruction', 'Sort it'),
  regenerateRange: async ({ document, editor }) =>
    run('regenerateRange', document.uri, editor.selection),
  fillWithText: async () => run('fillWithText', 'given'),
  fillAllGaps: async ({ editor }) => {
    const { start, end } = editor.selection;
    editor.selections = [
      new vscode.Selection(start, start.translate(0, 5)),
      new vscode.Selection(end.translate(0, -6), end),
    ];
    await run('fillAllGaps');
  },
  lockSelection: async ({ editor }) => {
    const { selection } = editor;
    const { start } = selection;
    editor.selection = new vscode.Selection(start, start.translate(0, 5));
    await run('lockSelection');
    editor.selection = selection;
    await run('regenerateSelection');
  },
  lockPattern: async () => {
    await run('lockPattern', 'wid\\w+');
    await run('regenerateSelection');
  },
  unlockAll: async () => {
    await run('lockPattern', '\\w+');
    await run('unlockAll');
    await run('regenerateSelection');
  },
};
/** What ends up in the document: all that is shown, nothing, or what the command itself has written. */
const inSession: Record<string, 'shown' | 'nothing' | 'written'> = {
  acceptAll: 'written',
  rejectAll: 'nothing',
  acceptGap: 'written',
  rejectGap: 'nothing',
  nextGap: 'shown',
  previousGap: 'shown',
  again: 'shown',
  stronger: 'shown',
  weaker: 'shown',
  longer: 'shown',
  shorter: 'shown',
  previousProposal: 'shown',
  nextAlternative: 'shown',
  previousAlternative: 'shown',
  chooseAlternative: 'shown',
  showDiff: 'shown',
};

describe('every command of a proposal', () => {
  const the = proposalSuite();
  beforeEach(async () => {
    await vscode.workspace.getConfiguration('lacuna').update('preview.diff', 'manual', true);
    the.sampler.answer = (_target, index, request, variant) =>
      `call_${index}_${request}_${variant}(\n  first,\n)`;
  });
  afterEach(() => run('unlockAll'));
  after(() => vscode.workspace.getConfiguration('lacuna').update('preview.diff', undefined, true));

  /** The document as the proposal shows it. */
  function shown(text: string): string {
    return the.lacuna.edits.gaps.reduceRight(
      (all, { range, proposed }) => all.slice(0, range.start) + proposed + all.slice(range.end),
      text,
    );
  }

  async function isWritten({ document, text }: Marked, expected: string): Promise<void> {
    await inState(the.lacuna, 'accepted');
    assert.equal(document.getText(), expected);
    const other = text.includes('\r') ? /(?<!\r)\n/ : /\r/;
    assert.doesNotMatch(expected, other);
    await vscode.window.showTextDocument(document);
    await vscode.commands.executeCommand('undo');
    assert.equal(document.getText(), text);
    await vscode.commands.executeCommand('redo');
    assert.equal(document.getText(), expected);
  }

  it('is in these tables', () => {
    const { commands } = vscode.extensions.getExtension('lacuna.lacuna')!.packageJSON
      .contributes as { commands: Command[] };
    const named = commands
      .filter(({ enablement }) => enablement?.startsWith('lacuna.editSession'))
      .map(({ command }) => command.replace('lacuna.', ''));
    assert.deepEqual(named.sort(), Object.keys(inSession).sort());
    for (const name of Object.keys(starters)) {
      assert(
        commands.some(({ command }) => command === `lacuna.${name}`),
        name,
      );
    }
  });

  for (const { name, language, text: marked } of kinds) {
    describe(`in ${name}`, () => {
      for (const [command, start] of Object.entries(starters)) {
        it(command, async () => {
          const opened = await openMarked(marked, language);
          await start(opened);
          await inState(the.lacuna, 'ready');
          assert.equal(opened.document.getText(), opened.text);
          const expected = shown(opened.text);
          await run('acceptAll');
          await isWritten(opened, expected);
        });
      }

      it('fillAllGapsInVisibleEditors', async () => {
        const opened = await openMarked(
          marked.replace(/\[.*\]/, '<fill>').replace('return ', '<fill> '),
          language,
        );
        await run('fillAllGapsInVisibleEditors');
        await inState(the.lacuna, 'ready');
        assert.equal(the.lacuna.edits.gaps.length, 2);
        const expected = shown(opened.text);
        await run('acceptAll');
        await isWritten(opened, expected);
      });

      it('each that only changes the proposal, one after the other', async () => {
        const opened = await openMarked(marked, language);
        await run('regenerateSelection');
        for (const [command, outcome] of Object.entries(inSession)) {
          if (outcome !== 'shown') continue;
          await run(command);
          await vscode.commands.executeCommand('workbench.action.closeQuickOpen');
          await inState(the.lacuna, 'ready');
          assert.equal(opened.document.getText(), opened.text, command);
          assert.notEqual(shown(opened.text), opened.text, command);
        }
        const expected = shown(opened.text);
        await run('acceptAll');
        await isWritten(opened, expected);
      });

      for (const [command, outcome] of Object.entries(inSession)) {
        if (outcome === 'shown') continue;
        it(command, async () => {
          const opened = await openMarked(marked, language);
          await run('regenerateSelection');
          const expected = shown(opened.text);
          await run(command);
          if (outcome === 'written') return isWritten(opened, expected);
          await inState(the.lacuna, 'rejected');
          assert.equal(opened.document.getText(), opened.text);
        });
      }
    });
  }

  describe('in a file of 5,000 lines', () => {
    const line = '\tconst value = compute(1, 2, 3);\r\n';
    const most = 2000; // milliseconds, on a busy machine

    async function takesLittle(what: () => Thenable<unknown>): Promise<void> {
      const startMs = performance.now();
      await what();
      const tookMs = performance.now() - startMs;
      assert(tookMs < most, `${tookMs} ms`);
    }

    it('sends no more than what is near, and writes only there', async () => {
      const text = `${line.repeat(2500)}\tuse([${selected}]);\r\n${line.repeat(2500)}`;
      const opened = await openMarked(text, 'javascript');
      for (const command of ['regenerateSelection', 'fillWithText']) {
        await takesLittle(() => run(command, 'given'));
        await inState(the.lacuna, 'ready');
        const sent = the.sampler.last.parts.flatMap((part) => ('text' in part ? part.text : ''));
        assert(sent.join('').length < 40_000);
        const expected = shown(opened.text);
        await takesLittle(() => run('acceptAll'));
        await isWritten(opened, expected);
        await vscode.commands.executeCommand('undo');
        opened.editor.selection = new vscode.Selection(2500, 5, 2500, 5 + selected.length);
      }
    });

    it('says what is too much, at once, and changes nothing', async () => {
      const { document, editor, text } = await openMarked(
        `<fill>\r\n${line.repeat(5000)}<fill>\r\n`,
        'javascript',
      );
      await takesLittle(() => run('fillAllGaps'));
      assert.equal(the.lacuna.edits.state, 'failed');
      assert.match(
        the.lacuna.edits.detail,
        /lies between the gaps has 1\d\d,\d{3} characters in 5,002 lines, and the model holds 512 tokens/,
      );
      editor.selection = new vscode.Selection(0, 0, 5000, 0);
      for (const command of ['regenerateSelection', 'regenerateWithInstruction']) {
        await takesLittle(() => run(command, 'Sort it'));
        assert.equal(the.lacuna.edits.state, 'failed');
        assert.match(the.lacuna.edits.detail, /in 5,000 lines/);
      }
      assert.equal(the.sampler.requests.length, 0);
      assert.equal(document.getText(), text);
    });
  });

  it('keeps the strength and the locks that were asked for', async () => {
    await openMarked(kinds[2]!.text, 'javascript');
    await run('lockPattern', 'width');
    await run('regenerateSelection');
    await run('stronger');
    const { strength, locks } = the.sampler.lastTargets[0] as DraftWish;
    assert.deepEqual([strength, locks], [0.8, [{ start: 0, end: 5 }]]);
  });
});
