/**
 * The first run: the walkthrough, and the sample that its steps play with. The sample is opened as a new
 * document, so that nobody's file is touched. What the walkthrough says is in the manifest.
 */
import * as vscode from 'vscode';
import type { LacunaContext } from '../context';
import type { EditSessions } from '../edits/editSessions';

const walkthrough = 'lacuna.lacuna#lacuna.start';
const sampleFile = 'media/walkthrough/sample.ts';

/** What a step of the walkthrough does in the sample: select the text of the pattern, run the command. */
const stages: Readonly<Record<string, { readonly place: RegExp; readonly command: string }>> = {
  fill: { place: /(?<=import path from ')/, command: 'lacuna.fillAtCursor' },
  regenerate: {
    place: /(?<=function clamp\(.*\n)(?: {2}.*\n)+(?=\})/,
    command: 'lacuna.regenerateSelection',
  },
  gaps: { place: /(?=export class Rectangle)/, command: 'lacuna.fillAllGaps' },
};

interface Manifest {
  readonly contributes: {
    readonly views?: Readonly<Record<string, readonly { readonly id: string }[]>>;
  };
}

export function activateFirstRun(context: LacunaContext, sessions: EditSessions): void {
  const { registerCommand, executeCommand } = vscode.commands;
  context.own(
    registerCommand('lacuna.openWalkthrough', () =>
      executeCommand('workbench.action.openWalkthrough', walkthrough, false),
    ),
  );
  let sample: vscode.TextDocument | undefined;
  context.own(
    registerCommand('lacuna.openSample', async (wanted?: unknown) => {
      const { place, command } = stages[String(wanted)] ?? stages['fill']!;
      const isUsable = sample && !sample.isClosed && place.test(sample.getText());
      if (!isUsable) sample = await openSample(context);
      await select(sample!, place);
      await executeCommand(command);
    }),
  );
  // The step about the panel is for a Lacuna that has one.
  const { views = {} } = (context.extension.extension.packageJSON as Manifest).contributes;
  const hasPanel = Object.values(views).some((list) =>
    list.some(({ id }) => id === 'lacuna.panel'),
  );
  void executeCommand('setContext', 'lacuna.hasPanel', hasPanel);
  tellWhatWasDone(context, sessions);
}

/**
 * What completes the walkthrough's steps. Commands do not: those that run inside the extension host are
 * not heard of outside, and one that was refused has shown nothing.
 */
function tellWhatWasDone(context: LacunaContext, sessions: EditSessions): void {
  const done = new Set<string>();
  const set = (key: string) => {
    if (!done.has(key)) void vscode.commands.executeCommand('setContext', key, true);
    done.add(key);
  };
  context.own(
    context.requests.onRecord(({ outcome }) => {
      if (outcome === 'shown') set('lacuna.hasCompleted');
    }),
  );
  context.own(
    sessions.onChange(() => {
      const { last } = sessions;
      if (last?.state !== 'ready') return;
      const gaps = last.targets.all.filter(({ kind }) => kind === 'gap').length;
      if (gaps < last.targets.all.length) set('lacuna.hasRegenerated');
      if (gaps > 1) set('lacuna.hasFilledGaps');
    }),
  );
}

async function openSample({ extension }: LacunaContext): Promise<vscode.TextDocument> {
  const file = vscode.Uri.joinPath(extension.extensionUri, sampleFile);
  const content = new TextDecoder().decode(await vscode.workspace.fs.readFile(file));
  return vscode.workspace.openTextDocument({ language: 'typescript', content });
}

/** Beside the walkthrough, which goes on; where the sample is in view already, there. */
async function select(document: vscode.TextDocument, place: RegExp): Promise<void> {
  const shown = vscode.window.visibleTextEditors.find((editor) => editor.document === document);
  const viewColumn = shown?.viewColumn ?? vscode.ViewColumn.Beside;
  const isActive = shown !== undefined && shown === vscode.window.activeTextEditor;
  const editor = isActive ? shown : await vscode.window.showTextDocument(document, { viewColumn });
  const found = place.exec(document.getText());
  const start = found?.index ?? 0;
  const end = start + (found?.[0].trimEnd().length ?? 0);
  editor.selection = new vscode.Selection(document.positionAt(start), document.positionAt(end));
  editor.revealRange(editor.selection, vscode.TextEditorRevealType.InCenterIfOutsideViewport);
}
