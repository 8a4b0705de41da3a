/**
 * The address of a document as it would be: `lacuna-preview:` with the document's path, so that the
 * language is told by the name, and its uri in the query. Pure but for VS Code's own type of a uri.
 */
import * as vscode from 'vscode';

export const previewScheme = 'lacuna-preview';

export function previewUriOf({ uri }: vscode.TextDocument): vscode.Uri {
  return vscode.Uri.from({ scheme: previewScheme, path: `/${baseName(uri)}`, query: String(uri) });
}

export function isPreviewOf(uri: vscode.Uri, document: vscode.TextDocument): boolean {
  return uri.scheme === previewScheme && uri.query === document.uri.toString();
}

export function baseName({ path }: vscode.Uri): string {
  return path.slice(path.lastIndexOf('/') + 1);
}
