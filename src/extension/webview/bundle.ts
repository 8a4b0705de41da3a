/**
 * The bundle of one of our web views: where its files lie, what its options are, its page. All views
 * are built by esbuild.mjs into dist/webview/, one script and one style sheet each. Knows no message.
 */
import * as vscode from 'vscode';
import { htmlShell, newNonce } from './htmlShell';

/** Scripts only, of our own folder only, no command links. */
export function bundleOptions(extension: vscode.ExtensionContext): vscode.WebviewOptions {
  return { enableScripts: true, localResourceRoots: [folderOf(extension)] };
}

/** @param name of the bundle: `liveView`. */
export function bundlePage(
  webview: vscode.Webview,
  extension: vscode.ExtensionContext,
  name: string,
  title: string,
  words: Readonly<Record<string, string>> = {},
): string {
  const uri = (file: string) =>
    webview.asWebviewUri(vscode.Uri.joinPath(folderOf(extension), file)).toString();
  return htmlShell({
    title,
    scriptUri: uri(`${name}.js`),
    styleUri: uri(`${name}.css`),
    cspSource: webview.cspSource,
    nonce: newNonce(),
    language: vscode.env.language,
    words: translated(words),
  });
}

/** Words of a page, which it shows as it gets them. */
export function translated<Words extends Readonly<Record<string, string>>>(english: Words): Words {
  const pairs = Object.entries(english).map(([key, word]) => [key, vscode.l10n.t(word)]);
  return Object.fromEntries(pairs) as Words;
}

function folderOf({ extensionUri }: vscode.ExtensionContext): vscode.Uri {
  return vscode.Uri.joinPath(extensionUri, 'dist', 'webview');
}
