/**
 * The row of links above each line with open hunks: accept, reject, again, next; where a line has several,
 * the others have a sign and a number each for the first two. A second way to the session's commands, for the mouse and for those who look
 * for them; the keys do the same.
 */
import * as vscode from 'vscode';
import { rangeOf } from './documents';
import type { EditSessions } from './editSessions';
import type { Hunk } from './hunks';

export class GapLens implements vscode.CodeLensProvider {
  readonly #sessions: EditSessions;
  readonly #changed = new vscode.EventEmitter<void>();
  readonly onDidChangeCodeLenses = this.#changed.event;
  readonly #listeners: vscode.Disposable[];
  #shown = '';

  constructor(sessions: EditSessions) {
    this.#sessions = sessions;
    this.#listeners = [
      this.#changed,
      sessions.onChange(() => this.#update()),
      vscode.languages.registerCodeLensProvider('*', this),
    ];
  }

  dispose(): void {
    for (const listener of this.#listeners) listener.dispose();
  }

  provideCodeLenses(document: vscode.TextDocument): vscode.CodeLens[] {
    const session = this.#sessions.current;
    if (!session) return [];
    const { hunks } = session.view;
    const uri = document.uri.toString();
    const lines = new Set<number>();
    return hunks.flatMap((hunk, index) => {
      if (hunk.uri !== uri) return [];
      const { start } = rangeOf(document, hunk.range);
      const isFirst = !lines.has(start.line);
      lines.add(start.line);
      const commands =
        session.state === 'ready'
          ? readyCommands(hunk, index + 1, hunks.length, isFirst)
          : denoisingCommands(isFirst);
      return commands.map(
        (command) => new vscode.CodeLens(new vscode.Range(start, start), command),
      );
    });
  }

  /** Not at every denoise step: only when something in the row is another. */
  #update(): void {
    const session = this.#sessions.current;
    const places = session?.view.hunks.map(({ key, range }) => `${key}@${range.start}`) ?? [];
    const shown = [session?.state, ...places].join(' ');
    if (shown === this.#shown) return;
    this.#shown = shown;
    this.#changed.fire();
  }
}

function readyCommands(
  { key }: Hunk,
  place: number,
  count: number,
  isFirst: boolean,
): vscode.Command[] {
  const { t } = vscode.l10n;
  const which = count > 1 ? t(' {0} of {1}', place, count) : '';
  const own = (accept: string, reject: string): vscode.Command[] => [
    {
      title: accept,
      tooltip: t('Accept this change{0}', which),
      command: 'lacuna.acceptGap',
      arguments: [key],
    },
    {
      title: reject,
      tooltip: t('Reject this change{0}', which),
      command: 'lacuna.rejectGap',
      arguments: [key],
    },
  ];
  if (!isFirst) return own(`$(check) ${place}`, `$(close) ${place}`);
  const again = { title: t('$(refresh) Again'), command: 'lacuna.again' };
  const next = { title: t('Next'), command: 'lacuna.nextGap', arguments: [key] };
  return [
    ...own(t('$(check) Accept{0}', which), t('$(close) Reject')),
    again,
    ...(count > 1 ? [next] : []),
  ];
}

function denoisingCommands(isFirst: boolean): vscode.Command[] {
  const title = vscode.l10n.t('$(loading~spin) Denoising… Cancel');
  return isFirst ? [{ title, command: 'lacuna.rejectAll' }] : [];
}
