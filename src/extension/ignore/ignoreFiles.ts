/**
 * The `.lacunaignore` files at the roots of the workspace's folders: read once, then again when they
 * change. One that is there and cannot be read hides its whole folder, and so does one that has not been
 * read yet: what was meant to stay unread never slips through. Knows no rule's meaning.
 */
import * as vscode from 'vscode';
import { IgnoreRules } from './ignoreRules';

export const ignoreFileName = '.lacunaignore';

/** `reading` and `unreadable` hide everything, `none` nothing. */
type Folder = 'reading' | 'unreadable' | 'none' | IgnoreRules;
export type Hidden = 'ignoredFile' | 'unreadableIgnoreFile';

/** There is one workspace, and the question comes from places that share nothing else. */
const folders = new Map<string, Folder>();
const changed = new vscode.EventEmitter<void>();
export const onIgnoreFilesChange = changed.event;

/** Reads and watches until disposed. */
export function watchIgnoreFiles(log: vscode.LogOutputChannel): vscode.Disposable {
  const { workspace } = vscode;
  const readAll = () => {
    const roots = workspace.workspaceFolders ?? [];
    const known = new Set(roots.map(({ uri }) => uri.toString()));
    for (const root of folders.keys()) if (!known.has(root)) folders.delete(root);
    for (const { uri } of roots) if (!folders.has(uri.toString())) void read(uri, log);
  };
  const watcher = workspace.createFileSystemWatcher(`**/${ignoreFileName}`);
  const reread = (file: vscode.Uri) => {
    const root = vscode.Uri.joinPath(file, '..');
    if (folders.has(root.toString())) void read(root, log);
  };
  const listeners = [
    watcher,
    watcher.onDidChange(reread),
    watcher.onDidCreate(reread),
    watcher.onDidDelete(reread),
    // The watcher may come late, or not at all on some file systems.
    workspace.onDidSaveTextDocument(({ uri }) => {
      if (uri.path.endsWith(`/${ignoreFileName}`)) reread(uri);
    }),
    workspace.onDidChangeWorkspaceFolders(readAll),
  ];
  readAll();
  return vscode.Disposable.from(...listeners, { dispose: () => folders.clear() });
}

/** Why a document is hidden by an ignore file, if it is. */
export function hiddenByIgnoreFile(document: vscode.TextDocument): Hidden | undefined {
  const uri = fileOf(document);
  for (const root of vscode.workspace.workspaceFolders ?? []) {
    const path = pathBelow(root.uri, uri);
    if (path === undefined) continue;
    const folder = folders.get(root.uri.toString()) ?? 'reading';
    if (folder === 'reading' || folder === 'unreadable') return 'unreadableIgnoreFile';
    if (folder !== 'none' && folder.ignores(path)) return 'ignoredFile';
  }
  return undefined;
}

async function read(root: vscode.Uri, log: vscode.LogOutputChannel): Promise<void> {
  const key = root.toString();
  if (!folders.has(key)) folders.set(key, 'reading');
  const file = vscode.Uri.joinPath(root, ignoreFileName);
  try {
    const bytes = await vscode.workspace.fs.readFile(file);
    const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    folders.set(key, IgnoreRules.parse(text));
  } catch (error) {
    const isMissing = error instanceof vscode.FileSystemError && error.code === 'FileNotFound';
    folders.set(key, isMissing ? 'none' : 'unreadable');
    if (!isMissing) log.warn(`Cannot read ${ignoreFileName}: ${String(error)}`);
  }
  changed.fire();
}

/** A cell belongs to its notebook's file. */
function fileOf(document: vscode.TextDocument): vscode.Uri {
  const notebook = vscode.workspace.notebookDocuments.find((candidate) =>
    candidate.getCells().some((cell) => cell.document === document),
  );
  return notebook?.uri ?? document.uri;
}

function pathBelow(root: vscode.Uri, uri: vscode.Uri): string | undefined {
  if (uri.scheme !== root.scheme || uri.authority !== root.authority) return undefined;
  const start = root.path.endsWith('/') ? root.path : `${root.path}/`;
  return uri.path.startsWith(start) ? uri.path.slice(start.length) : undefined;
}
