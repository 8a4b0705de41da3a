/**
 * Draws a session into every editor that shows one of its documents: what would go is struck through,
 * what would come stands behind it, masks as blocks. Decorations only: the document is not touched.
 * Which tokens there are is the session's business, colours are theme colours of the manifest.
 */
import * as vscode from 'vscode';
import type { EditSession } from './editSession';
import type { EditSessions } from './editSessions';
import { plainEditorsOf, rangeOf } from './documents';
import type { Hunk } from './hunks';
import { mostPieces, type Piece, type PieceKind } from './pieces';

/** Denoise steps may come faster than anybody reads. */
const stepMs = 40;

const colors: Readonly<Record<PieceKind | 'badge', string>> = {
  mask: 'lacuna.maskForeground',
  fresh: 'lacuna.freshForeground',
  committed: 'lacuna.fillForeground',
  given: 'lacuna.givenForeground',
  badge: 'lacuna.givenForeground',
};

export class Preview {
  readonly #sessions: EditSessions;
  readonly #replaced: vscode.TextEditorDecorationType;
  /**
   * One type for each piece of a fill. VS Code orders what stands at one place by the names of the
   * types, so these are sorted by that.
   */
  readonly #slots: readonly vscode.TextEditorDecorationType[];
  readonly #listeners: vscode.Disposable[];
  #drawn = new Set<vscode.TextEditor>();
  #timer: NodeJS.Timeout | undefined;

  constructor(sessions: EditSessions) {
    this.#sessions = sessions;
    const rangeBehavior = vscode.DecorationRangeBehavior.ClosedClosed;
    this.#replaced = vscode.window.createTextEditorDecorationType({
      rangeBehavior,
      opacity: '0.6', // no colour of its own: it may be selected
      backgroundColor: new vscode.ThemeColor('lacuna.replacedBackground'),
      textDecoration: 'line-through',
    });
    this.#slots = Array.from({ length: mostPieces + 1 }, () =>
      vscode.window.createTextEditorDecorationType({ rangeBehavior }),
    ).sort((a, b) => (`${a.key}-` < `${b.key}-` ? -1 : 1));
    this.#listeners = [
      this.#replaced,
      ...this.#slots,
      sessions.onChange(() => this.#changed()),
      vscode.window.onDidChangeVisibleTextEditors(() => this.#draw()),
    ];
  }

  dispose(): void {
    clearTimeout(this.#timer);
    for (const listener of this.#listeners) listener.dispose();
  }

  #changed(): void {
    if (this.#sessions.current?.state !== 'denoising') return this.#draw();
    this.#timer ??= setTimeout(() => this.#draw(), stepMs);
  }

  #draw(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const session = this.#sessions.current;
    const drawn = new Set<vscode.TextEditor>();
    for (const document of session?.targets.documents ?? []) {
      for (const editor of plainEditorsOf(document)) {
        this.#drawSession(editor, session!);
        drawn.add(editor);
      }
    }
    const isOver = (editor: vscode.TextEditor) =>
      !drawn.has(editor) && vscode.window.visibleTextEditors.includes(editor);
    for (const editor of this.#drawn) if (isOver(editor)) this.#clear(editor);
    this.#drawn = drawn;
  }

  #drawSession(editor: vscode.TextEditor, session: EditSession): void {
    const uri = editor.document.uri.toString();
    const hunks = session.view.hunks.filter((hunk) => hunk.uri === uri);
    const language = editor.document.languageId;
    editor.setDecorations(
      this.#replaced,
      hunks.filter(changes).map(({ range, text }) => ({
        range: rangeOf(editor.document, range),
        hoverMessage: hoverOf(text, language),
      })),
    );
    const drawn = hunks.map((hunk) => looksOf(session, hunk));
    for (const [slot, type] of this.#slots.entries()) {
      editor.setDecorations(
        type,
        hunks.flatMap(({ range }, index) => {
          const after = drawn[index]![slot];
          const { end } = rangeOf(editor.document, range);
          return after ? [{ range: new vscode.Range(end, end), renderOptions: { after } }] : [];
        }),
      );
    }
  }

  #clear(editor: vscode.TextEditor): void {
    for (const type of [this.#replaced, ...this.#slots]) editor.setDecorations(type, []);
  }
}

type Look = vscode.ThemableDecorationAttachmentRenderOptions;

/** Text that comes back as it is goes nowhere. */
function changes({ target, text }: Hunk): boolean {
  return text !== target.original;
}

/** The pieces of a fill, and a badge that says what they do not show. */
function looksOf({ view }: EditSession, hunk: Hunk): Look[] {
  const { t } = vscode.l10n;
  const drawn = view.drawn(hunk);
  if (!drawn) return [badge(t('no usable fill'))];
  const { pieces, moreLines } = drawn;
  const looks = pieces.map((piece) => lookOf(piece));
  if (!changes(hunk)) looks.push(badge(t('unchanged')));
  else if (hunk.text === '' && !hunk.part) looks.push(badge(t('nothing')));
  else if (moreLines === 1) looks.push(badge(t('+1 line')));
  else if (moreLines > 1) looks.push(badge(t('+{0} lines', moreLines)));
  return looks;
}

function lookOf({ kind, text }: Piece): Look {
  return {
    contentText: visibleBlanks(text),
    color: new vscode.ThemeColor(colors[kind]),
    backgroundColor: new vscode.ThemeColor('lacuna.fillBackground'),
    fontStyle: kind === 'committed' || kind === 'fresh' ? 'italic' : 'normal',
    ...(kind === 'fresh' && { fontWeight: 'bold' }),
  };
}

function badge(text: string): Look {
  return {
    contentText: text,
    color: new vscode.ThemeColor(colors.badge),
    // Of its own, so that it is read on a selection too.
    backgroundColor: new vscode.ThemeColor('lacuna.fillBackground'),
    border: '1px solid',
    borderColor: new vscode.ThemeColor(colors.badge),
    margin: '0 0 0 1ch',
  };
}

/** Blanks at the ends of added text are not drawn otherwise. */
function visibleBlanks(text: string): string {
  return text.replaceAll('\t', '    ').replaceAll(' ', '\u00a0');
}

function hoverOf(replacement: string | undefined, language: string): vscode.MarkdownString {
  const hover = new vscode.MarkdownString();
  if (replacement !== undefined) hover.appendCodeblock(replacement, language);
  return hover;
}
