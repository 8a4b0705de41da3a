/**
 * What of the active editor can go along with a question: selection, file, the symbol around the cursor,
 * problems; and where code would go. Files that Lacuna never reads give nothing. Knows no model and no page.
 */
import * as vscode from 'vscode';
import { mostCountedCharacters } from '../../protocol/chatMessages';
import type { TextRange } from '../../protocol/messages';
import type { ChipKind } from '../../protocol/panelMessages';
import { isDisabledFile } from '../disabledFiles';
import { offsetsOf } from '../edits/documents';
import { withLineFeeds } from '../ghostText/lineEnds';
import { readInlineSettings } from '../settings';
import { explainSilence } from '../silence';
import type { ContextItem } from './conversation';

export type Item = Omit<ContextItem, 'tokens'>;

export interface Surrounding {
  readonly document: vscode.TextDocument;
  readonly items: readonly Item[];
  /** By kind, why it is not among them. */
  readonly missing: Readonly<Partial<Record<ChipKind, string>>>;
  /** Not blank at all, without white space at its ends; absent: nothing is selected. */
  readonly selection?: TextRange;
  readonly cursor: number;
  readonly symbol?: TextRange;
  /** For people: file and line. */
  readonly place: string;
}

const mostProblems = 20;
/** Some language servers take their time: a page that only looks does not wait for them long. */
const glanceMs = 800;
/** Whoever takes the symbol along wants it. */
export const patientMs = 8000;
const noText = new Set(['output', 'vscode-scm', 'comment']);

/**
 * Undefined: no editor that has a text of the user's.
 * @param symbolsMs how long symbols may take before they count as missing.
 */
export async function readSurrounding(symbolsMs = glanceMs): Promise<Surrounding | undefined> {
  const editor = vscode.window.activeTextEditor;
  if (!editor || noText.has(editor.document.uri.scheme)) return undefined;
  const { document } = editor;
  const name = labelOf(document);
  const { active } = editor.selection;
  const cursor = document.offsetAt(active);
  const { t } = vscode.l10n;
  const place = t('{0}, line {1}', name, active.line + 1);
  if (isDisabledFile(document, readInlineSettings(document).disabledFiles)) {
    const why = explainSilence('disabledFile');
    const missing = { selection: why, file: why, symbol: why, problems: why };
    return { document, items: [], missing, cursor, place };
  }
  const { languageId } = document;
  const selected = document.getText(editor.selection);
  const selectedPlace = placeOf(name, editor.selection);
  const items: Item[] = [];
  const missing: { [Kind in ChipKind]?: string } = {};
  const take = (kind: ChipKind, text: string, label: string) => {
    if (text.length <= mostCountedCharacters)
      items.push({ kind, label, languageId, text: withLineFeeds(text) });
    else
      missing[kind] = t(
        '{0} characters are too many',
        text.length.toLocaleString(vscode.env.language),
      );
  };
  if (selected.trim() === '') missing.selection = t('nothing is selected');
  else take('selection', selected, selectedPlace);
  take('file', document.getText(), name);
  const symbol = await symbolAround(document, active, symbolsMs);
  if (symbol) take('symbol', document.getText(symbol.range), `${name}, ${symbol.name}`);
  else missing.symbol = t('no symbol is known around the cursor');
  const problems = problemsOf(document);
  if (problems.length === 0) missing.problems = t('none are reported');
  else take('problems', problems.join('\n'), name);
  const offsets = offsetsOf(document, editor.selection);
  return {
    document,
    items,
    missing,
    ...(selected.trim() !== '' && { selection: trimmed(selected, offsets) }),
    ...(symbol && { symbol: offsetsOf(document, symbol.range) }),
    cursor,
    place: selected.trim() === '' ? place : selectedPlace,
  };
}

function labelOf({ uri, isUntitled }: vscode.TextDocument): string {
  const label = isUntitled ? uri.path : vscode.workspace.asRelativePath(uri, false);
  return label.length > 200 ? `…${label.slice(-199)}` : label;
}

function placeOf(name: string, { start, end }: vscode.Range): string {
  const { t } = vscode.l10n;
  const first = start.line + 1;
  const last = end.character === 0 && end.line > start.line ? end.line : end.line + 1;
  if (first === last) return t('{0}, line {1}', name, last);
  return t('{0}, lines {1}-{2}', name, first, last);
}

function trimmed(text: string, { start }: TextRange): TextRange {
  const from = start + text.length - text.trimStart().length;
  return { start: from, end: from + text.trim().length };
}

function problemsOf(document: vscode.TextDocument): string[] {
  return vscode.languages
    .getDiagnostics(document.uri)
    .filter(
      ({ severity, source }) =>
        severity <= vscode.DiagnosticSeverity.Warning && source !== 'Lacuna',
    )
    .sort((a, b) => a.severity - b.severity || a.range.start.line - b.range.start.line)
    .slice(0, mostProblems)
    .map(({ range, message }) => `line ${range.start.line + 1}: ${message.replaceAll('\n', ' ')}`);
}

interface NamedRange {
  readonly name: string;
  readonly range: vscode.Range;
}

/** The innermost one; language servers may give none, or be slow. */
async function symbolAround(
  document: vscode.TextDocument,
  position: vscode.Position,
  symbolsMs: number,
): Promise<NamedRange | undefined> {
  const asked = vscode.commands.executeCommand<
    readonly (vscode.DocumentSymbol | vscode.SymbolInformation)[] | undefined
  >('vscode.executeDocumentSymbolProvider', document.uri);
  const late = new Promise<undefined>((resolve) => {
    setTimeout(() => resolve(undefined), symbolsMs);
  });
  const all = await Promise.race([asked, late]).then(
    (symbols) => symbols ?? [],
    () => [],
  );
  const around = all.flatMap(flattened).filter(({ range }) => range.contains(position));
  return around.sort((a, b) => (a.range.contains(b.range) ? 1 : -1))[0];
}

/** VS Code gives what has children a `location` as well. */
function flattened(symbol: vscode.DocumentSymbol | vscode.SymbolInformation): NamedRange[] {
  if (!('children' in symbol)) return [{ name: symbol.name, range: symbol.location.range }];
  return [{ name: symbol.name, range: symbol.range }, ...symbol.children.flatMap(flattened)];
}
