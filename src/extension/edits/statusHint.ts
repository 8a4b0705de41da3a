/**
 * The status bar item that is there while a proposal is: how far it is, and the two keys that end it.
 * A click opens the menu, which names all of its commands.
 */
import * as vscode from 'vscode';
import type { EditSession } from './editSession';
import type { EditSessions } from './editSessions';

export class StatusHint {
  readonly #item: vscode.StatusBarItem;
  readonly #listener: vscode.Disposable;

  constructor(sessions: EditSessions) {
    // On the left: the right side is cut off first in a narrow window.
    this.#item = vscode.window.createStatusBarItem(
      'lacuna.proposal',
      vscode.StatusBarAlignment.Left,
    );
    this.#item.name = vscode.l10n.t('Lacuna: proposal');
    this.#item.command = 'lacuna.showMenu';
    this.#listener = sessions.onChange(() => this.#update(sessions.current));
  }

  get text(): string {
    return this.#item.text;
  }

  dispose(): void {
    this.#listener.dispose();
    this.#item.dispose();
  }

  #update(session: EditSession | undefined): void {
    if (!session) return this.#item.hide();
    const { text, spoken } = wordsFor(session);
    this.#item.text = text;
    this.#item.tooltip = spoken;
    this.#item.accessibilityInformation = { label: spoken };
    this.#item.show();
  }
}

function wordsFor(session: EditSession): { text: string; spoken: string } {
  const { t } = vscode.l10n;
  if (session.state === 'denoising') {
    const masks = session.view.maskedTokens;
    const text = masks > 0 ? t('Denoising: {0} masks', masks) : t('Denoising…');
    const spoken = t('Lacuna is denoising a proposal. Escape cancels it.');
    return { text: `$(loading~spin) ${text}`, spoken };
  }
  const accept = process.platform === 'darwin' ? '⌘⏎' : 'Ctrl+Enter';
  const { count, chosen } = session.alternatives;
  const which = count > 1 ? t(', {0} of {1}', chosen + 1, count) : '';
  const changes = session.view.hunks.length;
  const what = changes === 1 ? t('1 change') : t('{0} changes', changes);
  const isDraft = session.targets.open.some(({ kind }) => kind === 'draft');
  const strength = isDraft ? t(' Strength {0} %.', session.wish.strength) : '';
  return {
    text: `$(sparkle) ${t('{0}{1} ({2} accepts, Esc rejects)', what, which, accept)}`,
    spoken: t(
      'Lacuna: {0}{1}. {2} accepts all, Escape rejects all, a click shows more.{3}',
      what,
      which,
      accept,
      strength,
    ),
  };
}
