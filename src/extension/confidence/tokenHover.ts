/**
 * The hover over a token of the heat map, and what its links do: take an alternative, or have the token
 * or its line denoised again. A link names the map it was made for and places in it, no text, and does
 * nothing once that map is gone. What the hover says is in hoverText.ts.
 */
import * as vscode from 'vscode';
import { LacunaError } from '../../protocol/errors';
import { withDocumentLineEnds } from '../ghostText/lineEnds';
import type { LacunaContext } from '../context';
import { lineEnd } from '../documentSource';
import { applyReplacements } from '../edits/applyEdit';
import { rangeOf } from '../edits/documents';
import { regenerateRange } from '../repair/regenerateRange';
import type { HeatMap, ShownMap } from './heatMap';
import { commandLink, hoverText, type Link } from './hoverText';
import { tokenAt } from './navigation';
import type { PlacedToken } from './scoredText';
import type { Scorer } from './scorer';
import { later } from '../l10n';

/** Run by links only; VS Code runs no other command from these hovers. */
const takeCommand = 'lacuna.internal.takeAlternative';
const denoiseCommand = 'lacuna.internal.denoiseAgain';

const doing = later('Cannot change the token');

export function activateTokenHover(context: LacunaContext, map: HeatMap, scorer: Scorer): void {
  const { registerCommand } = vscode.commands;
  context.own(
    vscode.languages.registerHoverProvider('*', {
      provideHover(document, position) {
        const { shown } = map;
        if (!shown || shown.document !== document) return undefined;
        const index = tokenAt(shown.tokens, document.offsetAt(position));
        if (index < 0) return undefined;
        const range = rangeOf(document, shown.tokens[index]!);
        return new vscode.Hover(hoverOf(shown, index), range);
      },
    }),
  );
  context.own(
    registerCommand(takeCommand, async (...args: unknown[]) => {
      const found = tokenOf(map, args);
      const text = found?.token.alternatives[Number(args[2])]?.text;
      if (!found || text === undefined) return scorer.refuse(isGone());
      const { document, token: range } = found;
      const replacement = { document, range, text: withDocumentLineEnds(text, lineEnd(document)) };
      const isDone = await applyReplacements([replacement]);
      if (!isDone) {
        scorer.say(vscode.l10n.t('VS Code refused the edit; the document may be read-only'));
      }
    }),
  );
  context.own(
    registerCommand(denoiseCommand, async (...args: unknown[]) => {
      const found = tokenOf(map, args);
      if (!found) return scorer.refuse(isGone());
      const { document, token } = found;
      const range = rangeOf(document, token);
      const line = document.lineAt(document.positionAt(token.end - 1).line).range;
      await regenerateRange(document.uri, args[2] === 'line' ? line : range);
    }),
  );
}

function hoverOf({ id, tokens }: ShownMap, index: number): vscode.MarkdownString {
  const { t } = vscode.l10n;
  const denoise = (title: string, what: 'token' | 'line'): Link => ({
    title,
    target: commandLink(denoiseCommand, [id, index, what]),
  });
  const text = hoverText(
    tokens[index]!,
    {
      likely: t('Lacuna: the model gives {0} a probability of {1} here, both sides given.'),
      alternatives: t('Others it knows; a click takes one:'),
      none: t('It knows no other.'),
    },
    {
      take: (alternative) => commandLink(takeCommand, [id, index, alternative]),
      others: [denoise(t('Denoise this token again'), 'token'), denoise(t('… this line'), 'line')],
    },
  );
  const hover = new vscode.MarkdownString(text);
  hover.isTrusted = { enabledCommands: [takeCommand, denoiseCommand] };
  return hover;
}

/** Undefined: the map is another one, or the text is no longer what was scored. */
function tokenOf(
  { shown }: HeatMap,
  [id, index]: readonly unknown[],
): { document: vscode.TextDocument; token: PlacedToken } | undefined {
  const token = shown?.id === id ? shown?.tokens[Number(index)] : undefined;
  if (!shown || !token || shown.document.isClosed) return undefined;
  const { document } = shown;
  return document.getText(rangeOf(document, token)) === token.text
    ? { document, token }
    : undefined;
}

function isGone(): LacunaError {
  return new LacunaError('badInput', {
    doing,
    found: vscode.l10n.t('the text has changed since it was scored'),
    advice: vscode.l10n.t('Run "Lacuna: Show Confidence" again'),
  });
}
