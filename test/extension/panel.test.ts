/** The instruction panel inside a real window: questions to answers, answers into files. */
import { strict as assert } from 'node:assert';
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import * as vscode from 'vscode';
import { withTurn } from '../../src/extension/panel/conversation';
import { ConversationStore } from '../../src/extension/panel/conversationStore';
import type { GapPart, DraftPart } from '../../src/protocol/messages';
import { writeTunedModel } from '../support/tunedModel';
import { openMarked, run } from './editorText';
import { FakeSampler } from './fakeSampler';
import { FakeChat, PanelDriver } from './panelDriver';
import { activateLacuna, closeAll, until, withSetting } from './workbench';
import type { LacunaApi } from '../../src/extension/extension';

describe('the instruction panel', () => {
  let lacuna: LacunaApi;
  let sampler: FakeSampler;
  let driver: PanelDriver;

  before(async () => {
    lacuna = await activateLacuna();
  });
  beforeEach(() => {
    sampler = new FakeSampler(lacuna);
    driver = new PanelDriver(lacuna);
  });
  afterEach(async () => {
    sampler.remove();
    await driver.dispose();
    await run('rejectAll');
    await closeAll();
  });

  const code = (action: string, text: string) =>
    driver.say({
      type: 'code',
      action,
      turn: driver.turns[0]?.id ?? 'x',
      text,
      languageId: 'typescript',
    });

  /** The proposal before this one may still be what is reported. */
  const proposed = async () => {
    await until('a proposal is there', () => lacuna.edits.state === 'ready');
    return lacuna.edits;
  };

  describe('in the side bar', () => {
    it('comes up with its page, which asks for everything and is told of the editor', async () => {
      await openMarked('const a = |;\n');
      await run('askInPanel');
      await driver.hears('state');
      const { chips, place } = await driver.hears('context', ({ chips: all }) =>
        all.some(({ kind, tokens }) => (kind === 'file' && tokens === undefined ? false : true)),
      );
      assert.match(place, /line 1$/);
      assert.deepEqual(
        chips.map(({ kind }) => kind),
        ['selection', 'file', 'symbol', 'problems'],
      );
      const counted = await driver.hears('context', ({ chips: all }) => (all[1]!.tokens ?? 0) > 0);
      assert.equal(counted.chips[0]!.missing, 'nothing is selected');
      await driver.hears('focus');
    });

    it('follows the selection and the problems', async () => {
      const problems = vscode.languages.createDiagnosticCollection('test');
      const { editor, document } = await openMarked('const a = 1;\n');
      await run('askInPanel');
      await driver.hears('focus');
      editor.selection = new vscode.Selection(0, 6, 0, 7);
      const range = new vscode.Range(0, 0, 0, 5);
      problems.set(document.uri, [new vscode.Diagnostic(range, 'no <b>const</b>\nhere')]);
      await driver.hears(
        'context',
        ({ chips }) => chips[0]!.tokens === 1 && chips[3]!.tokens !== undefined,
      );
      await driver.ask('fix', ['problems']);
      await driver.answered();
      assert.equal(sampler.last.instruction, 'fix (line 1: no <b>const</b> here)');
      problems.dispose();
    });

    it('answers on while it is closed, and shows the answer when it is opened again', async () => {
      await openMarked('const a = |;\n');
      await run('askInPanel');
      await driver.hears('focus');
      sampler.hold();
      await driver.ask('go');
      await vscode.commands.executeCommand('workbench.view.explorer');
      sampler.release();
      assert.equal((await driver.answered()).answer.state, 'done');
      const from = driver.told.length;
      await run('askInPanel');
      const { state } = await driver.hears('state', undefined, from);
      assert.equal(state.turns[0]!.answer.text, 'fill_0_0_0');
    });

    it('leaves alone what no page of its own would say', async () => {
      for (const message of [
        null,
        {},
        { type: 'send', text: 7 },
        { type: 'command', command: 'x' },
      ]) {
        driver.say(message);
      }
      assert.equal(driver.turns.length, 0);
    });
  });

  describe('with a model that fills', () => {
    it('fills at the cursor, the instruction and the file along', async () => {
      const { document } = await openMarked('let a = 1;\nlet b = |;\nlet c = 3;\n');
      await driver.ask('double a', ['file']);
      const { question, answer, context, place } = await driver.answered();
      assert.equal(question, 'double a');
      assert.deepEqual(sampler.last.parts, [
        { text: 'let a = 1;\nlet b = ' },
        { gap: { length: 'auto', minLength: 1 } },
        { text: ';\nlet c = 3;\n' },
      ]);
      assert.deepEqual(
        [sampler.last.instruction, sampler.last.languageId],
        ['double a', 'typescript'],
      );
      assert.deepEqual([answer.state, answer.kind, answer.text], ['done', 'code', 'fill_0_0_0']);
      assert.equal(answer.figures!.device, lacuna.status.model!.device);
      assert.deepEqual(
        context.map(({ kind, text }) => [kind, text]),
        [['file', '']],
      );
      assert.match(place, /line 2$/);
      assert.equal(document.getText().includes('fill'), false); // nothing is written by itself
    });

    it('takes a selection as a draft, and nothing around it where nothing is taken along', async () => {
      await openMarked('let a = [1 + 2];\n');
      await withSetting('regenerate.strength', 40, () => driver.ask('sum', ['selection']));
      await driver.answered();
      assert.deepEqual(sampler.last.parts, [
        { text: '' },
        { draft: { text: '1 + 2', strength: 0.4 } },
        { text: '' },
      ]);
    });

    it('keeps control characters out and everything else as it was typed', async () => {
      await openMarked('|');
      await driver.ask('a\u0000b\u001b[0m\u0007 ü 😀 "\\n"');
      assert.equal((await driver.answered()).question, 'ab[0m ü 😀 "\\n"');
    });

    it('regenerates at a strength, with another seed each time; begins anew at 100 %', async () => {
      await openMarked('let a = |;\n');
      await driver.ask('go');
      const { id } = await driver.answered();
      const regenerate = async (strength: number) => {
        driver.say({ type: 'regenerate', turn: id, strength });
        await until('it is asked', () => driver.panel.controller.isAnswering);
        await driver.answered();
        return sampler.last;
      };
      const again = await regenerate(30);
      const { draft } = again.parts[1] as DraftPart;
      assert.deepEqual([draft.text, draft.strength], ['fill_0_0_0', 0.3]);
      const anew = await regenerate(100);
      assert.equal((anew.parts[1] as GapPart).gap.length, 'auto');
      assert.deepEqual([again.sampling!.seed, anew.sampling!.seed], [1, 2]);
      assert.equal(driver.turns.length, 1);
      assert.equal(driver.turns[0]!.answer.text, 'fill_0_2_0');
    });

    it('stops between two steps and keeps what is written', async () => {
      await openMarked('let a = |;\n');
      sampler.hold();
      await driver.ask('go');
      await sampler.asked(1);
      sampler.step([[{ text: 'x' }, {}, { text: 'z' }, {}]]);
      driver.say({ type: 'stop' });
      sampler.release();
      const { answer } = await driver.answered();
      assert.deepEqual(
        [answer.state, answer.text, answer.hasHoles, answer.reason],
        ['stopped', 'x▒z', true, 'Stopped'],
      );
      assert(sampler.requests[0]!.signal.aborted);
      code('insert', 'x▒z');
      await until('it is refused', () => /never filled/.test(lacuna.edits.detail));
    });

    it('keeps the old answer where another came to nothing', async () => {
      await openMarked('let a = |;\n');
      await driver.ask('go');
      const { id } = await driver.answered();
      sampler.failure = new Error('Out of luck');
      driver.say({ type: 'regenerate', turn: id, strength: 50 });
      await until('it fails', () => driver.turns[0]!.answer.state === 'failed');
      assert.deepEqual(
        [driver.turns[0]!.answer.text, driver.turns[0]!.answer.reason],
        ['fill_0_0_0', 'Out of luck'],
      );
      sampler.failure = undefined;
    });

    it('edits a question: what was said after it goes', async () => {
      await openMarked('let a = |;\n');
      for (const text of ['one', 'two', 'three']) {
        await driver.ask(text);
        await driver.answered();
      }
      const { id } = driver.turns[1]!;
      driver.say({ type: 'edit', turn: id, text: 'TWO', chips: [] });
      await until('it is asked anew', () => driver.turns[1]?.question === 'TWO');
      await driver.answered();
      assert.deepEqual(
        driver.turns.map(({ question }) => question),
        ['one', 'TWO'],
      );
    });

    it('takes one question at a time', async () => {
      await openMarked('let a = |;\n');
      sampler.hold();
      await driver.ask('one');
      assert.match(await driver.refusal('two'), /An answer is being made/);
      sampler.release();
      await driver.answered();
      assert.equal(driver.turns.length, 1);
    });

    it('refuses without an editor, without a model and in files it never reads', async () => {
      assert.match(await driver.refusal('go'), /no editor with a place.*Open a file/);
      await openMarked('A=|1\n');
      const uri = vscode.Uri.joinPath(vscode.workspace.workspaceFolders![0]!.uri, 'panel.env');
      await vscode.workspace.fs.writeFile(uri, Buffer.from('SECRET=1\n'));
      await vscode.window.showTextDocument(uri);
      assert.match(await driver.refusal('go'), /never reads/);
      assert.equal(sampler.requests.length, 0);
      driver.panel.source.use({ model: 'none' });
      assert.match(await driver.refusal('go'), /Cannot ask: .*model.*Choose a model folder/i);
      assert.equal(driver.turns.length, 0);
    });

    it('refuses 100,000 characters with their count, by the real tokenizer', async () => {
      await openMarked('let a = |;\n');
      const reason = await driver.refusal('word '.repeat(20_000));
      assert.match(reason, /100,000 characters \([\d,]+ tokens\), and the model holds \d+/);
      assert.equal(sampler.requests.length, 0);
    });

    it('shows what would be sent, by the real sampler', async () => {
      await openMarked('let width = |;\n');
      driver.say({ type: 'preview', text: 'three', chips: ['file'] });
      const { pieces, tokens, maxTokens } = await driver.hears('preview');
      const text = pieces.map((piece) => piece.text).join('');
      assert.match(text, /three[^]*let width = /);
      assert(pieces.some(({ kind }) => kind === 'masks') && tokens > 5 && maxTokens >= tokens);
      await closeAll();
      const from = driver.told.length;
      driver.say({ type: 'preview', text: 'three', chips: [] });
      const { note } = await driver.hears('preview', undefined, from);
      assert.match(note, /no editor/);
    });
  });

  describe('with a language that knows its symbols', () => {
    const text = 'class Box {\n  area() {\n    return |;\n  }\n  other() {}\n}\nlet unrelated;\n';
    let provider: vscode.Disposable;
    beforeEach(async () => {
      const lines = (from: number, to: number) => new vscode.Range(from, 0, to, 99);
      const symbol = (name: string, kind: vscode.SymbolKind, from: number, to: number) =>
        new vscode.DocumentSymbol(name, '', kind, lines(from, to), lines(from, from));
      const { Class, Method } = vscode.SymbolKind;
      provider = vscode.languages.registerDocumentSymbolProvider('typescript', {
        provideDocumentSymbols: ({ lineCount }) => {
          if (lineCount < 6) return [];
          const box = symbol('Box', Class, 0, 5);
          box.children.push(symbol('area', Method, 1, 3), symbol('other', Method, 4, 4));
          return [box];
        },
      });
      await openMarked(text);
    });
    afterEach(() => provider.dispose());

    it('takes the innermost symbol along, with its name and its tokens', async () => {
      await run('askInPanel');
      const isCounted = ({ tokens = 0 }: { tokens?: number }) => tokens > 0;
      const { chips } = await driver.hears('context', ({ chips: all }) => isCounted(all[2]!));
      assert.match(chips[2]!.label, /, area$/);
      driver.say({ type: 'preview', text: 'area', chips: ['symbol'] });
      const { pieces } = await driver.hears('preview');
      const read = pieces.map((piece) => piece.text).join('');
      assert.match(read, / {2}area\(\) \{\n {4}return [^]*;\n {2}\}/);
      assert.doesNotMatch(read, /Box|other|unrelated/);
      assert(pieces.some(({ kind }) => kind === 'masks'));
    });

    it('fills within the symbol and keeps only its name with the question', async () => {
      await driver.ask('area', ['symbol']);
      const { context } = await driver.answered();
      const [before, , after] = sampler.last.parts;
      assert.deepEqual([before, after], [{ text: '  area() {\n    return ' }, { text: ';\n  }' }]);
      assert.match(context[0]!.label, /, area$/);
    });

    it('shows its text to a model that converses', async () => {
      const chat = new FakeChat(driver, lacuna.status.model!);
      await driver.ask('what is it', ['symbol']);
      await driver.answered();
      assert.match(
        chat.requests[0]!.messages[0]!.content,
        /The code around the cursor in .*, area:\n```typescript\n {2}area\(\) \{\n {4}return ;\n {2}\}\n```$/,
      );
    });
  });

  describe('with a model that converses', () => {
    it('sends earlier turns and what goes along, and keeps that for later', async () => {
      const chat = new FakeChat(driver, lacuna.status.model!);
      await openMarked('let a = [1];\n');
      await driver.ask('what is it', ['selection']);
      await driver.answered();
      await driver.ask('and now', []);
      const { answer } = await driver.answered();
      const [first, second, third] = chat.requests[1]!.messages;
      assert.match(
        first!.content,
        /^what is it\n\nSelected in .*, line 1:\n```typescript\n1\n```$/,
      );
      assert.deepEqual(second, { role: 'assistant', content: 'answer 0' });
      assert.deepEqual(third, { role: 'user', content: 'and now' });
      assert.deepEqual([answer.kind, answer.text, answer.reason], ['prose', 'answer 1', '']);
      assert.equal(driver.last('state')!.state.model.mode, 'conversation');
    });

    it('converses without any editor, and says when an answer ran into its limit', async () => {
      const chat = new FakeChat(driver, lacuna.status.model!);
      chat.ended = false;
      await driver.ask('hello');
      assert.match((await driver.answered()).answer.reason, /limit/);
    });

    it('regenerates an answer as a draft', async () => {
      const chat = new FakeChat(driver, lacuna.status.model!);
      await driver.ask('hello');
      const { id } = await driver.answered();
      driver.say({ type: 'regenerate', turn: id, strength: 20 });
      await until('it is asked again', () => chat.requests.length === 2);
      await driver.answered();
      assert.deepEqual(chat.requests[1]!.draft, { text: 'answer 0', strength: 0.2 });
      assert.equal(chat.requests[1]!.sampling!.seed, 1);
    });

    it('says how many earlier messages are not sent', async () => {
      new FakeChat(driver, lacuna.status.model!);
      driver.say({ type: 'preview', text: 'x', chips: [] });
      assert.match((await driver.hears('preview')).note, /2 earlier messages/);
    });

    it('hears from the sampler that a model has no chat format', async () => {
      driver.panel.source.use({ model: { ...lacuna.status.model!, chat: 'template' } });
      const reason = await driver.refusal('hello', []);
      assert.match(reason, /not tuned to converse.*Ask it to fill a gap/);
      assert.equal(driver.turns.length, 0);
    });
  });

  describe('with a small model of random weights that was made to converse', () => {
    let folder: string;
    const name = () => lacuna.status.model?.name;
    const setting = () => vscode.workspace.getConfiguration('lacuna');

    before(async () => {
      folder = mkdtempSync(path.join(os.tmpdir(), 'lacuna-tuned-'));
      await writeTunedModel(path.join(folder, 'tuned'));
      await setting().update('model.path', path.join(folder, 'tuned'), true);
      await until('it is loaded', () => name() === 'tuned');
    });
    after(async () => {
      await setting().update('model.path', undefined, true);
      await until('the embedded model is back', () => name() === 'lacuna-default');
      rmSync(folder, { recursive: true });
    });

    const readOf = async (text: string) => {
      const from = driver.told.length;
      driver.say({ type: 'preview', text, chips: [] });
      const { pieces, note } = await driver.hears('preview', undefined, from);
      assert.equal(note, '');
      return pieces.map((piece) => piece.text).join('');
    };

    it('answers, step by step, and the next question goes with what was said', async () => {
      await driver.ask('say x', []);
      const { answer } = await driver.answered();
      assert.deepEqual([answer.state, answer.kind], ['done', 'prose'], answer.reason);
      assert(driver.told.some(({ type }) => type === 'step'));
      assert.match(await readOf('and y'), /say x[^]*and y/);
      await driver.ask('and y', []);
      assert.equal((await driver.answered()).answer.state, 'done');
      assert.equal(driver.turns.length, 2);
    });

    it('reads the examples of the settings before the conversation', async () => {
      const examples = [{ question: 'one and one', answer: 'two' }];
      await withSetting('panel.examples', examples, async () => {
        assert.match(await readOf('and y'), /user\none and one<[^]*assistant\ntwo<[^]*and y/);
      });
      assert.doesNotMatch(await readOf('and y'), /one and one/);
    });

    it('refuses 100,000 characters with their count, and takes a shorter question after that', async () => {
      const reason = await driver.refusal('word '.repeat(20_000), []);
      assert.match(
        reason,
        /100000 characters make a prompt of \d+ tokens, and the model holds 512/,
      );
      assert.equal(driver.turns.length, 0);
      await driver.ask('word', []);
      assert.equal((await driver.answered()).answer.state, 'done');
    });
  });

  describe('puts code into files', () => {
    it('at the cursor, without replacing what is selected, in one undo step', async () => {
      const { document, text } = await openMarked('a[b]c\r\nd\r\n');
      code('insert', 'x\ny');
      await until('it is there', () => document.getText() === 'abx\r\nyc\r\nd\r\n');
      await driver.hears('say', ({ text: said }) => said === 'Inserted at the cursor');
      await vscode.commands.executeCommand('undo');
      await until('it is undone', () => document.getText() === text);
    });

    it('in place of the selection, as a proposal that is accepted and undone in one step', async () => {
      const { document, text } = await openMarked('let a = [old(1)];\nlet b;\n');
      code('replace', 'fresh(2)');
      const { gaps } = await proposed();
      assert.deepEqual([gaps[0]!.original, gaps[0]!.proposed], ['old(1)', 'fresh(2)']);
      assert.equal(sampler.requests.length, 0);
      assert.equal(document.getText(), text);
      await run('acceptAll');
      await until('it is written', () => document.getText() === 'let a = fresh(2);\nlet b;\n');
      await vscode.commands.executeCommand('undo');
      await until('it is undone', () => document.getText() === text);
    });

    it('in place of the selection, and asks the model for another if that is wanted', async () => {
      await openMarked('let a = [old];\n');
      code('replace', 'fresh');
      await proposed();
      sampler.answer = () => 'a fresh one';
      await run('again');
      await until('another is there', () => lacuna.edits.gaps[0]?.proposed === 'a fresh one');
      assert.deepEqual((sampler.last.parts[1] as GapPart).gap.contains, 'fresh');
    });

    it('as a gap that is denoised with what stands around it', async () => {
      sampler.answer = () => 'before x after';
      const { document } = await openMarked('let a = |;\n');
      code('placeAsGap', 'x');
      await proposed();
      const { gap } = sampler.last.parts[1] as GapPart;
      assert.deepEqual([gap.contains, gap.length], ['x', 'auto']);
      await run('acceptAll');
      await until('it is written', () => document.getText() === 'let a = before x after;\n');
    });

    it('as a new file, in its language where that is known', async () => {
      const opened = async (languageId: string) => {
        driver.say({ type: 'code', action: 'newFile', turn: 'x', text: 'q = 1\n', languageId });
        const shown = () => vscode.window.activeTextEditor?.document;
        await until('it is open', () => shown()?.getText() === 'q = 1\n');
        const { languageId: language } = shown()!;
        await closeAll();
        return language;
      };
      assert.equal(await opened('python'), 'python');
      assert.equal(await opened('no-such-language'), 'plaintext');
    });

    it('onto the clipboard', async () => {
      code('copy', 'copied code');
      await driver.hears('say', ({ text }) => text === 'Copied');
      assert.equal(await vscode.env.clipboard.readText(), 'copied code');
    });

    it('nowhere without an editor or a selection, and says why', async () => {
      for (const [action, why] of [
        ['insert', /Cannot insert the code: no text editor/],
        ['replace', /Cannot replace the selection: no text editor/],
      ] as const) {
        code(action, 'x');
        await until(String(why), () => why.test(lacuna.edits.detail));
      }
      await openMarked('a|\n');
      code('replace', 'x');
      await until('it is refused', () => /nothing is selected/.test(lacuna.edits.detail));
    });
  });

  describe('keeps conversations', () => {
    it('in the workspace, to be opened again after another was begun', async () => {
      await openMarked('let a = |;\n');
      await driver.ask('remember me');
      await driver.answered();
      const { id } = driver.panel.controller.conversation;
      await until('it is saved', async () => {
        const kept = await driver.panel.store.read(id);
        return kept?.turns[0]?.answer.state === 'done';
      });
      await run('newConversation');
      assert.equal(driver.turns.length, 0);
      driver.panel.controller.open((await driver.panel.store.read(id))!);
      assert.equal(driver.turns[0]!.question, 'remember me');
      assert.equal((await driver.panel.store.all())[0]!.id, id);
    });

    it('until they are cleared', async () => {
      await openMarked('let a = |;\n');
      await driver.ask('forget me');
      await driver.answered();
      const { id } = driver.panel.controller.conversation;
      await until('it is saved', async () => (await driver.panel.store.read(id)) !== undefined);
      await run('clearConversation');
      assert.equal(await driver.panel.store.read(id), undefined);
      assert.equal(driver.turns.length, 0);
    });

    it('joined with what another window of the same workspace said meanwhile', async () => {
      await openMarked('let a = |;\n');
      await driver.ask('here');
      const here = await driver.answered();
      const { id } = driver.panel.controller.conversation;
      const isSaved = async () =>
        (await driver.panel.store.read(id))?.turns[0]?.answer.state === 'done';
      await until('it is saved', isSaved);
      const other = new ConversationStore(path.dirname(driver.panel.store.fileOf(id)));
      const seen = (await other.read(id))!;
      await other.save(withTurn(seen, { ...here, id: 'there', question: 'there' }));
      const from = driver.told.length;
      await driver.ask('here again');
      await driver.answered();
      const both = (questions: readonly string[]) =>
        ['here', 'there', 'here again'].every((question) => questions.includes(question));
      await driver.hears(
        'state',
        ({ state }) => both(state.turns.map(({ question }) => question)),
        from,
      );
      assert(both((await other.read(id))!.turns.map(({ question }) => question)));
    });

    it('with the answer that was being made when another was begun', async () => {
      await openMarked('let a = |;\n');
      sampler.hold();
      await driver.ask('left');
      await sampler.asked(1);
      sampler.step([[{ text: 'so far' }, {}]]);
      const { id } = driver.panel.controller.conversation;
      await run('newConversation');
      sampler.release();
      await until('it is kept', async () => {
        const answer = (await driver.panel.store.read(id))?.turns[0]?.answer;
        return answer?.state === 'stopped' && answer.text === 'so far';
      });
      await driver.panel.store.remove(id);
    });

    it('and exports them as Markdown', async () => {
      await openMarked('let a = |;\n');
      await driver.ask('export me');
      await driver.answered();
      await run('exportConversation');
      const { document } = vscode.window.activeTextEditor!;
      assert.equal(document.languageId, 'markdown');
      assert.match(
        document.getText(),
        /^# export me\n\n> export me\n[^]*```typescript\nfill_0_0_0\n```/,
      );
    });
  });

  describe('with the real sampler', () => {
    it('answers, and denoises before the eyes', async () => {
      sampler.remove();
      await openMarked('const width = 3;\nconst height = 4;\nconst area = |;\n');
      await driver.ask('multiply');
      const { answer } = await driver.answered();
      assert.equal(answer.state, 'done', answer.reason);
      assert(answer.figures!.steps > 0 && answer.figures!.seconds > 0);
      assert(driver.told.some(({ type }) => type === 'step'));
    });

    it('keeps what was written when the sampler dies, says why, and answers again after that', async () => {
      sampler.remove();
      // Long enough that it is still being denoised when its first tokens are told.
      const lines = Array.from({ length: 12 }, (_, at) => `  total += list.at(${at}) * rate;\n`);
      await openMarked(`function f(list) {\n[${lines.join('')}]}\n`);
      const killer = driver.panel.onPost((message) => {
        if (message.type === 'step' && message.tokens.some(({ fresh }) => fresh))
          process.kill(lacuna.samplerPid!, 'SIGKILL');
      });
      await driver.ask('sum the list');
      const { id, answer } = await driver.answered();
      killer.dispose();
      assert.equal(answer.state, 'failed');
      assert.match(answer.reason, /Cannot fill: the sampler process is gone/);
      assert.notEqual(answer.text, '');
      await until('the sampler is back', () => lacuna.status.state === 'ready');
      driver.told.length = 0;
      driver.say({ type: 'regenerate', turn: id, strength: 100 });
      await until('it is asked again', () => driver.panel.controller.isAnswering);
      const again = await driver.answered();
      assert.equal(again.answer.state, 'done', again.answer.reason);
    });
  });
});
