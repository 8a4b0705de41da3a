/**
 * What Lacuna does in the language of the active editor, among VS Code's other facts about it: on,
 * on request, off, or why this file is left alone. Its command switches automatic completion for that
 * language alone. The state of the sampler process is in the status bar item.
 */
import * as vscode from 'vscode';
import type { LacunaContext } from './context';
import { fileRefusal } from './disabledFiles';
import { onIgnoreFilesChange } from './ignore/ignoreFiles';
import { affectsLacuna, readInlineSettings, writeLanguageMode, type InlineMode } from './settings';
import { explainSilence } from './silence';

const schemes = ['file', 'untitled', 'vscode-remote', 'vscode-vfs', 'vscode-notebook-cell'];

export function activateLanguageStatus(context: LacunaContext): void {
  const selector = schemes.map((scheme) => ({ scheme }));
  const item = context.own(vscode.languages.createLanguageStatusItem('lacuna.language', selector));
  item.name = 'Lacuna';
  const update = () => {
    const document = vscode.window.activeTextEditor?.document;
    if (!document) return;
    const { mode, disabledFiles } = readInlineSettings(document);
    const refusal = fileRefusal(document, disabledFiles);
    item.text = modeText(mode, document.languageId);
    item.severity = vscode.LanguageStatusSeverity.Information;
    if (refusal) item.detail = explainSilence(refusal);
    else delete item.detail;
    item.command = {
      command: 'lacuna.toggleLanguage',
      title: mode === 'auto' ? vscode.l10n.t('On Request Only') : vscode.l10n.t('While Typing'),
    };
  };
  context.own(vscode.window.onDidChangeActiveTextEditor(update));
  context.own(onIgnoreFilesChange(update));
  context.own(
    vscode.workspace.onDidChangeConfiguration((change) => {
      if (affectsLacuna(change)) update();
    }),
  );
  context.own(
    vscode.commands.registerCommand('lacuna.toggleLanguage', async () => {
      const document = vscode.window.activeTextEditor?.document;
      if (!document) return;
      const { mode } = readInlineSettings(document);
      await writeLanguageMode(document, mode === 'auto' ? 'manual' : 'auto');
    }),
  );
  update();
}

function modeText(mode: InlineMode, languageId: string): string {
  switch (mode) {
    case 'auto':
      return vscode.l10n.t('Lacuna completes {0} while you type', languageId);
    case 'manual':
      return vscode.l10n.t('Lacuna completes {0} on request', languageId);
    case 'off':
      return vscode.l10n.t('Lacuna is off for {0}', languageId);
  }
}
