/**
 * The one gate that every text passes before Lacuna reads it, target and context alike: the usual homes
 * of secrets stay shut, always, and so does what the setting `lacuna.disabledFiles` or a `.lacunaignore`
 * file names. The matching of the setting's globs is VS Code's own.
 */
import * as vscode from 'vscode';
import { hiddenByIgnoreFile, type Hidden } from './ignore/ignoreFiles';
import { isSecretFile } from './ignore/secretFiles';

export type FileRefusal = 'disabledFile' | Hidden;

/** Why the document is not read; undefined where it may be. */
export function fileRefusal(
  document: vscode.TextDocument,
  userGlobs: readonly string[],
): FileRefusal | undefined {
  const isNamed = userGlobs.some((pattern) => vscode.languages.match({ pattern }, document) > 0);
  if (isNamed || isSecretFile(document.uri.path)) return 'disabledFile';
  return hiddenByIgnoreFile(document);
}

export function isDisabledFile(
  document: vscode.TextDocument,
  userGlobs: readonly string[],
): boolean {
  return fileRefusal(document, userGlobs) !== undefined;
}
