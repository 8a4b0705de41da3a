/**
 * Pages to read, such as the statistics: read-only documents of their own scheme, in VS Code's Markdown
 * preview where there is one, else as plain text. Knows no page's content.
 */
import * as vscode from 'vscode';
import type { LacunaContext } from '../context';

const scheme = 'lacuna-page';
/** By path; there is a handful of names. */
const texts = new Map<string, string>();
const changed = new vscode.EventEmitter<vscode.Uri>();

export function activatePages(context: LacunaContext): void {
  context.own(
    vscode.workspace.registerTextDocumentContentProvider(scheme, {
      onDidChange: changed.event,
      provideTextDocumentContent: ({ path }) => texts.get(path) ?? '',
    }),
  );
}

/** @param name of its tab; a page of the same name is replaced. */
export async function showPage(name: string, markdown: string): Promise<void> {
  const uri = pageUri(`${name}.md`, markdown);
  const hasPreview = (await vscode.commands.getCommands(true)).includes('markdown.showPreview');
  if (hasPreview) await vscode.commands.executeCommand('markdown.showPreview', uri);
  else await showText(uri, 'markdown');
}

/** A page that is no Markdown, such as code. */
export async function showPlainPage(name: string, text: string, languageId: string): Promise<void> {
  await showText(pageUri(name, text), languageId);
}

function pageUri(name: string, text: string): vscode.Uri {
  const uri = vscode.Uri.from({ scheme, path: `/${name}` });
  texts.set(uri.path, text);
  changed.fire(uri);
  return uri;
}

async function showText(uri: vscode.Uri, languageId: string): Promise<void> {
  const document = await vscode.workspace.openTextDocument(uri);
  await vscode.languages.setTextDocumentLanguage(document, languageId);
  await vscode.window.showTextDocument(document, { preview: true });
}
