/**
 * What the suites do in an editor, and how they wait: for conditions, with a limit, never for a
 * while. `|` marks the cursor in a document's text. Knows no single test.
 */
import { strict as assert } from 'node:assert';
import * as vscode from 'vscode';
import type { LacunaApi } from '../../src/extension/extension';
import type { RequestRecord } from '../../src/extension/requestLog';

/** Any model has something to say at one of these, however small it is. */
export const placesWorthFilling = [
  'const numbers = [1, 2, 3];\nfor (const number of numbers) {\n  console.log(|);\n}\n',
  'function add(a: number, b: number): number {\n  return |;\n}\n',
  "import fs from 'node:fs';\nimport path from |\n",
  'const width = 3;\nconst height = 4;\nconst area = |;\n',
  'function clamp(value: number, low: number, high: number) {\n  |\n}\n',
  'const name = |\n',
  'if (|) {\n}\n',
  'let total = |\n',
];

export async function activateLacuna(): Promise<LacunaApi> {
  const extension = vscode.extensions.getExtension<LacunaApi>('lacuna.lacuna');
  assert(extension, 'The extension "lacuna.lacuna" is not installed');
  const api = await extension.activate();
  await until('the sampler is ready', () => {
    assert.notEqual(api.status.state, 'failed', api.status.detail);
    return api.status.state === 'ready';
  });
  return api;
}

/** Opens an untitled document with the cursor at `|`. */
export async function open(
  text: string,
  { language = 'typescript', crlf = false } = {},
): Promise<vscode.TextEditor> {
  const content = crlf ? text.replaceAll('\n', '\r\n') : text;
  const document = await openUntitled(content.replace('|', ''), language);
  const editor = await vscode.window.showTextDocument(document);
  const cursor = document.positionAt(content.indexOf('|'));
  editor.selection = new vscode.Selection(cursor, cursor);
  return editor;
}

/**
 * A new untitled document takes the name of the one closed before, and its text too while that still
 * lives: then this waits for its end.
 */
export async function openUntitled(content: string, language: string) {
  let document!: vscode.TextDocument;
  await until('a new document has the text it was opened with', async () => {
    document = await vscode.workspace.openTextDocument({ language, content });
    return document.getText() === content;
  });
  return document;
}

/** Asks for ghost text like a user, and resolves to what became of that very request. */
export async function invoke(api: LacunaApi): Promise<RequestRecord> {
  const answered = nextRequest(api, ({ automatic }) => !automatic);
  await vscode.commands.executeCommand('lacuna.fillAtCursor');
  return answered;
}

/**
 * Opens places until ghost text shows at one; the text of the document with `|` still in it. Leaves the
 * temperature where it was needed: `setTemperature(undefined)` after the suite.
 * @param options.withinLine the statement ends behind the cursor: no fill begins with a line break there.
 */
export async function openFilled(
  api: LacunaApi,
  { withinLine = false, ...options }: { crlf?: boolean; withinLine?: boolean } = {},
) {
  const places = placesWorthFilling.filter((text) => !withinLine || text.includes('|;'));
  // A model that runs in circles when it always takes the likeliest token still says something.
  for (let round = 0; round < 2; round++) {
    for (const text of places) {
      const editor = await open(text, options);
      const record = await invoke(api);
      if (record.outcome === 'shown') return { editor, text };
      await closeAll();
    }
    await setTemperature(1);
  }
  throw new Error('The model fills no place; the last: ' + JSON.stringify(api.lastRequest));
}

export function setTemperature(temperature: number | undefined): Thenable<void> {
  return vscode.workspace
    .getConfiguration('lacuna')
    .update('sampler.temperature', temperature, true);
}

export function nextRequest(
  api: LacunaApi,
  fits: (record: RequestRecord) => boolean = () => true,
  limitMs = 20_000,
): Promise<RequestRecord> {
  return new Promise((resolve, reject) => {
    const limit = setTimeout(() => {
      listener.dispose();
      reject(
        new Error(`No request was answered; the last one: ${JSON.stringify(api.lastRequest)}`),
      );
    }, limitMs);
    const listener = api.onRequest((record) => {
      if (!fits(record)) return;
      clearTimeout(limit);
      listener.dispose();
      resolve(record);
    });
  });
}

/** Accepts the ghost text. It is drawn a moment after the answer, so this may take a few tries. */
export async function commit(api: LacunaApi, { document }: vscode.TextEditor): Promise<string> {
  const before = api.acceptedCount;
  const isAccepted = () => api.acceptedCount > before; // said after the document has changed
  await until('the ghost text is accepted', async () => {
    await vscode.commands.executeCommand('editor.action.inlineSuggest.commit');
    return until('this try succeeds', isAccepted, 500).then(
      () => true,
      () => false,
    );
  });
  return document.getText();
}

export function type(text: string): Thenable<unknown> {
  return vscode.commands.executeCommand('type', { text });
}

export async function until(
  what: string,
  holds: () => boolean | Promise<boolean>,
  limitMs = 20_000,
): Promise<void> {
  const deadlineMs = Date.now() + limitMs;
  while (!(await holds())) {
    if (Date.now() > deadlineMs) throw new Error(`Not within ${limitMs} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** Reverts first: closing a changed document asks whether to save it, and nobody is there to answer. */
export async function closeAll(): Promise<void> {
  await until('all editors are closed', async () => {
    await vscode.commands.executeCommand('workbench.action.revertAndCloseActiveEditor');
    return vscode.window.visibleTextEditors.length === 0;
  });
  const { workspace } = vscode;
  const isUntitled = ({ uri }: vscode.TextDocument) => uri.scheme === 'untitled';
  await until('they are gone', () => !workspace.textDocuments.some(isUntitled), 2000).catch(
    () => {}, // one that no editor shows stays
  );
}

/** Sets a user setting for the time of `run`. */
export async function withSetting(
  name: string,
  value: unknown,
  run: () => Promise<void>,
): Promise<void> {
  const settings = vscode.workspace.getConfiguration('lacuna');
  await settings.update(name, value, true);
  try {
    await run();
  } finally {
    await settings.update(name, undefined, true);
  }
}
