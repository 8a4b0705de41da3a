/**
 * The commands while a proposal is up: accept, reject, another one, the next hunk. Each is a key under
 * the session's context keys, a link above the hunk, an entry of the palette; what they do is in the
 * session. A gap is one hunk, a draft as many as its fill changes.
 */
import * as vscode from 'vscode';
import type { LacunaContext } from '../context';
import { chooseAlternative } from './alternatives';
import { plainEditorsOf, rangeOf } from './documents';
import type { EditSession } from './editSession';
import type { EditSessions } from './editSessions';
import type { Hunk } from './hunks';
import { hunkAt, hunkBeside, type Cursor } from './navigation';
import type { PreviewDiff } from './previewDiff';

export function activateSessionCommands(
  context: LacunaContext,
  sessions: EditSessions,
  diff: PreviewDiff,
): void {
  const { registerCommand } = vscode.commands;
  /** The command does nothing where no session is up: its key came a moment too late. */
  const inSession =
    (run: (session: EditSession, id: unknown) => unknown) => async (id?: unknown) => {
      if (sessions.current) await run(sessions.current, id);
    };
  const goOn = (session: EditSession) => (session.isUp ? go(session, cursor(), 1) : undefined);
  const own = [
    registerCommand(
      'lacuna.acceptAll',
      inSession((session) => session.accept()),
    ),
    registerCommand(
      'lacuna.rejectAll',
      inSession((session) => session.reject()),
    ),
    registerCommand(
      'lacuna.acceptGap',
      inSession(async (session, id) => {
        await session.accept(meant(session, id));
        await goOn(session);
      }),
    ),
    registerCommand(
      'lacuna.rejectGap',
      inSession(async (session, id) => {
        session.reject(meant(session, id));
        await goOn(session);
      }),
    ),
    registerCommand(
      'lacuna.nextGap',
      inSession((session, id) => go(session, cursorAt(session, id), 1)),
    ),
    registerCommand(
      'lacuna.previousGap',
      inSession((session) => go(session, cursor(), -1)),
    ),
    registerCommand(
      'lacuna.again',
      inSession((session) => session.change('again')),
    ),
    registerCommand(
      'lacuna.stronger',
      inSession((session) => session.change('stronger')),
    ),
    registerCommand(
      'lacuna.weaker',
      inSession((session) => session.change('weaker')),
    ),
    registerCommand(
      'lacuna.longer',
      inSession((session) => session.change('longer')),
    ),
    registerCommand(
      'lacuna.shorter',
      inSession((session) => session.change('shorter')),
    ),
    registerCommand(
      'lacuna.previousProposal',
      inSession((session) => session.undo()),
    ),
    registerCommand(
      'lacuna.nextAlternative',
      inSession((session) => session.cycle(1)),
    ),
    registerCommand(
      'lacuna.previousAlternative',
      inSession((session) => session.cycle(-1)),
    ),
    registerCommand('lacuna.chooseAlternative', inSession(chooseAlternative)),
    registerCommand(
      'lacuna.showDiff',
      inSession(() => diff.show()),
    ),
  ];
  for (const command of own) context.own(command);
}

/**
 * The hunk of the link that was clicked, or all of a target; without either the one at the cursor, else
 * the first.
 */
function meant({ view }: EditSession, id: unknown): Hunk[] {
  const { hunks } = view;
  if (isId(id)) return hunks.filter((hunk) => isNamed(hunk, id));
  const hunk = hunks[hunkAt(hunks, cursor())] ?? hunks[0];
  return hunk ? [hunk] : [];
}

async function go(session: EditSession, from: Cursor | undefined, step: 1 | -1): Promise<void> {
  const { hunks } = session.view;
  const hunk = hunks[hunkBeside(hunks, from, step)];
  if (!hunk) return;
  const document = session.targets.documentOf(hunk.target);
  const { start } = rangeOf(document, hunk.range);
  const [editor] = plainEditorsOf(document);
  const isCell = document.uri.scheme === 'vscode-notebook-cell';
  if (!isCell && vscode.window.activeTextEditor !== editor) {
    const viewColumn = editor?.viewColumn ?? vscode.ViewColumn.Active;
    await vscode.window.showTextDocument(document, { viewColumn });
  }
  const shown = plainEditorsOf(document)[0];
  if (!shown) return;
  shown.selection = new vscode.Selection(start, start);
  shown.revealRange(
    new vscode.Range(start, start),
    vscode.TextEditorRevealType.InCenterIfOutsideViewport,
  );
}

function cursorAt({ view }: EditSession, id: unknown): Cursor | undefined {
  const clicked = isId(id) ? view.hunks.find((hunk) => isNamed(hunk, id)) : undefined;
  return clicked ? { uri: clicked.uri, offset: clicked.range.start } : cursor();
}

/** Keys and the palette name none, a menu may hand over something of its own. */
function isId(id: unknown): id is string | number {
  return typeof id === 'string' || typeof id === 'number';
}

function isNamed({ key, target }: Hunk, id: string | number): boolean {
  return key === id || target.id === id;
}

function cursor(): Cursor | undefined {
  const editor = vscode.window.activeTextEditor;
  if (!editor) return undefined;
  const { document, selection } = editor;
  return { uri: document.uri.toString(), offset: document.offsetAt(selection.active) };
}
