/**
 * What can be done with a piece of code of an answer: copy it, put it at the cursor, let it replace the
 * selection by way of a proposal, open it as a new file, or place it as a gap that is denoised together with
 * what stands around it. Knows no conversation.
 */
import * as vscode from 'vscode';
import { LacunaError } from '../../protocol/errors';
import type { FillResult } from '../../protocol/messages';
import type { CodeAction } from '../../protocol/panelMessages';
import { lineEnd } from '../documentSource';
import { applyReplacements } from '../edits/applyEdit';
import { offsetsOf } from '../edits/documents';
import type { EditSessions } from '../edits/editSessions';
import type { FillSource } from '../edits/fillSource';
import { checkDocument } from '../edits/guard';
import { needsEditor, nothingToDo } from '../edits/refusals';
import { firstWish } from '../edits/wish';
import { later } from '../l10n';
import { withDocumentLineEnds, withLineFeeds } from '../ghostText/lineEnds';

export interface CodeBlock {
  readonly text: string;
  readonly languageId: string;
  /** Some of its masks were never filled. */
  readonly hasHoles: boolean;
}

export interface CodeBlockTools {
  readonly sessions: EditSessions;
  readonly source: FillSource;
}

/** @returns what was done, for people; empty where a proposal tells. @throws LacunaError if it cannot be. */
export async function useCode(
  action: CodeAction,
  block: CodeBlock,
  tools: CodeBlockTools,
): Promise<string> {
  const { t } = vscode.l10n;
  if (action === 'copy') {
    await vscode.env.clipboard.writeText(block.text);
    return t('Copied');
  }
  if (action === 'newFile') {
    await openAsFile(block);
    return t('Opened as a new file');
  }
  const doing = doings[action];
  const editor = vscode.window.activeTextEditor;
  if (!editor) throw needsEditor(doing);
  if (block.hasHoles) {
    const advice = t('Regenerate it, or copy the part that you want');
    throw nothingToDo(doing, t('some of its masks were never filled'), advice);
  }
  const text = withLineFeeds(block.text);
  if (action === 'insert') {
    await insert(editor, text, doing);
    return t('Inserted at the cursor');
  }
  if (action === 'replace' && editor.selection.isEmpty) {
    const advice = t('Select what it should replace');
    throw nothingToDo(doing, t('nothing is selected in the editor'), advice);
  }
  await propose(action, editor, text, tools);
  return '';
}

const doings = {
  insert: later('Cannot insert the code'),
  replace: later('Cannot replace the selection'),
  placeAsGap: later('Cannot place the code as a gap'),
} as const;

/** A language that VS Code does not know would make it refuse the whole file. */
async function openAsFile({ text, languageId }: CodeBlock): Promise<void> {
  const isKnown = (await vscode.languages.getLanguages()).includes(languageId);
  const document = await vscode.workspace.openTextDocument({
    content: text,
    ...(isKnown && { language: languageId }),
  });
  await vscode.window.showTextDocument(document);
}

/** At the cursor, and nothing is replaced, whatever is selected. */
async function insert(editor: vscode.TextEditor, text: string, doing: string): Promise<void> {
  const { document } = editor;
  await checkDocument(document, doing);
  const offset = document.offsetAt(editor.selection.active);
  const written = withDocumentLineEnds(text, lineEnd(document));
  const range = { start: offset, end: offset };
  if (!(await applyReplacements([{ document, range, text: written }]))) {
    throw new LacunaError('badInput', {
      doing,
      found: vscode.l10n.t('VS Code refused the edit'),
      advice: vscode.l10n.t('See whether the document is read-only'),
    });
  }
  const end = document.positionAt(offset + written.length);
  const shown = await vscode.window.showTextDocument(document, { preview: false });
  shown.selection = new vscode.Selection(end, end);
}

/**
 * The selection makes way for the code; with `placeAsGap` the model also writes what belongs before and
 * after it. The first proposal of a replacement is the code itself, so nothing has to be denoised; asked
 * again, the model fills around it.
 */
async function propose(
  action: 'replace' | 'placeAsGap',
  editor: vscode.TextEditor,
  text: string,
  { sessions, source }: CodeBlockTools,
): Promise<void> {
  const { document, selection } = editor;
  const range = offsetsOf(document, selection);
  await vscode.window.showTextDocument(document, { preview: false }); // its keys are the editor's
  const target = { range, kind: 'gap' as const, contains: text };
  await sessions.start(
    { doing: doings[action], documents: [{ document, targets: [target] }], wish: firstWish() },
    action === 'replace' ? readyMade(text, source) : source,
  );
}

type Source = Pick<FillSource, 'fill' | 'model'>;

/** Answers the first request with a text that is there already. */
function readyMade(text: string, source: Source): Source {
  let isGiven = false;
  const fill = { text, tokens: [{ text, confidence: 1, given: true as const }], confidence: 1 };
  const result: FillResult = {
    ...{ fills: [fill], steps: 0, forwards: 0 },
    ...{ elapsedMs: 0, forwardMs: 0, queueMs: 0 },
  };
  return {
    model: (doing, signal) => source.model(doing, signal),
    fill: (params, options) => {
      if (isGiven) return source.fill(params, options);
      isGiven = true;
      return Promise.resolve(result);
    },
  };
}
