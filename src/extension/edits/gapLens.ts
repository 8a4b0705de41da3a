/**
 * The row of links above each open target: accept, reject, again, next. A second way to the session's
 * commands, for the mouse and for those who look for them; the keys do the same.
 */
import * as vscode from 'vscode';
import { rangeOf } from './documents';
import type { EditSessions } from './editSessions';

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
    const { open } = session.targets;
    return session.targets.openIn(document).flatMap((target) => {
      const { start } = rangeOf(document, target.range);
      const place = open.findIndex(({ id }) => id === target.id) + 1;
      const commands =
        session.state === 'ready'
          ? readyCommands(target.id, place, open.length)
          : denoisingCommands();
      return commands.map(
        (command) => new vscode.CodeLens(new vscode.Range(start, start), command),
      );
    });
  }

  /** Not at every denoise step: only when something in the row is another. */
  #update(): void {
    const session = this.#sessions.current;
    const places = session?.targets.open.map(({ id, range }) => `${id}@${range.start}`) ?? [];
    const shown = [session?.state, ...places].join(' ');
    if (shown === this.#shown) return;
    this.#shown = shown;
    this.#changed.fire();
  }
}

function readyCommands(id: number, place: number, count: number): vscode.Command[] {
  const { t } = vscode.l10n;
  return [
    { title: t('$(check) Accept'), command: 'lacuna.acceptGap', arguments: [id] },
    { title: t('$(close) Reject'), command: 'lacuna.rejectGap', arguments: [id] },
    { title: t('$(refresh) Again'), command: 'lacuna.again' },
    ...(count > 1
      ? [
          {
            title: t('Next ({0} of {1})', place, count),
            command: 'lacuna.nextGap',
            arguments: [id],
          },
        ]
      : []),
  ];
}

function denoisingCommands(): vscode.Command[] {
  const title = vscode.l10n.t('$(loading~spin) Denoising… Cancel');
  return [{ title, command: 'lacuna.rejectAll' }];
}
