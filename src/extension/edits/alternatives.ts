/**
 * The strip of alternatives: a list of the variants of a proposal, each shown in the document while it
 * is in focus. Escape goes back to the one that was shown before.
 */
import * as vscode from 'vscode';
import type { EditSession } from './editSession';

interface Item extends vscode.QuickPickItem {
  readonly variant: number;
}

export async function chooseAlternative(session: EditSession): Promise<void> {
  if (!(await session.fetchAlternatives())) return;
  const { count, chosen: before } = session.alternatives;
  const strip = vscode.window.createQuickPick<Item>();
  strip.title = vscode.l10n.t('Alternatives');
  strip.placeholder = vscode.l10n.t('The one in focus is shown in the document');
  strip.items = Array.from({ length: count }, (_, variant) => itemOf(session, variant));
  strip.activeItems = strip.items.filter(({ variant }) => variant === before);
  let isTaken = false;
  strip.onDidChangeActive(([item]) => item && session.choose(item.variant));
  strip.onDidAccept(() => {
    isTaken = true;
    strip.hide();
  });
  const ended = session.onChange(() => session.isUp || strip.hide());
  strip.onDidHide(() => {
    ended.dispose();
    if (!isTaken && session.isUp) session.choose(before);
    strip.dispose();
  });
  strip.show();
}

function itemOf(session: EditSession, variant: number): Item {
  const { open } = session.targets;
  const texts = open.map((target) => session.view.replacement(target, variant) ?? '');
  return {
    label: `${variant + 1}`,
    description: texts.map((text) => text.trim().replaceAll(/\s*\n\s*/g, ' ⏎ ')).join(' · '),
    variant,
  };
}
