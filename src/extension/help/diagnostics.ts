/**
 * "Copy Diagnostics": collects what a report of a problem needs and puts it into the clipboard. The user
 * sends it, or does not; nothing is sent from here. What it looks like is in diagnosticsText.ts.
 */
import { readFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import * as vscode from 'vscode';
import type { LacunaContext } from '../context';
import { percentileMs, total } from '../statistics/counts';
import type { StatisticsStore } from '../statistics/store';
import { diagnosticsText } from './diagnosticsText';
import { showPlainPage } from './pages';

interface Manifest {
  readonly version: string;
  readonly contributes: {
    readonly configuration: readonly {
      readonly properties: Readonly<Record<string, { readonly default: unknown }>>;
    }[];
  };
}

export function activateDiagnostics(context: LacunaContext, statistics: StatisticsStore): void {
  context.own(
    vscode.commands.registerCommand('lacuna.copyDiagnostics', async () => {
      const text = await collect(context, statistics);
      await vscode.env.clipboard.writeText(text);
      const message = vscode.l10n.t('The diagnostics are in the clipboard. They hold no code.');
      const look = vscode.l10n.t('Look at Them');
      void vscode.window.showInformationMessage(message, look).then(
        async (choice) => {
          if (choice === look)
            await showPlainPage(vscode.l10n.t('Lacuna Diagnostics'), text, 'markdown');
        },
        () => {},
      );
      return text;
    }),
  );
}

async function collect(context: LacunaContext, statistics: StatisticsStore): Promise<string> {
  const { extension, client, requests, troubles } = context;
  const manifest = extension.extension.packageJSON as Manifest;
  const all = total(statistics.counts);
  const p50Ms = percentileMs(all, 0.5);
  const p95Ms = percentileMs(all, 0.95);
  return diagnosticsText({
    versions: [
      ['Lacuna', manifest.version],
      ['VS Code', `${vscode.version} (${vscode.env.appName})`],
      ['Node', `${process.versions.node}, modules ${process.versions.modules}`],
      ['onnxruntime-node', await runtimeVersion(extension)],
    ],
    machine: [
      ['platform', `${process.platform}-${process.arch}, ${os.release()}`],
      ['processor', `${os.cpus()[0]?.model ?? 'unknown'}, ${os.availableParallelism()} threads`],
      ['memory', `${gigabytes(os.totalmem())} GB, free ${gigabytes(os.freemem())} GB`],
      ['extension host', vscode.env.remoteName ? `remote (${vscode.env.remoteName})` : 'local'],
      ['user interface', vscode.env.uiKind === vscode.UIKind.Web ? 'web' : 'desktop'],
      ['trusted workspace', String(vscode.workspace.isTrusted)],
    ],
    sampler: client.status,
    settings: changedSettings(manifest),
    troubles: troubles.all,
    ...(requests.last && { lastRequest: requests.last }),
    ...(p50Ms !== undefined && { p50Ms }),
    ...(p95Ms !== undefined && { p95Ms }),
    homes: [
      os.homedir(),
      ...(vscode.workspace.workspaceFolders ?? []).map(({ uri }) => uri.fsPath),
    ],
  });
}

function changedSettings({ contributes }: Manifest): Record<string, unknown> {
  const changed: Record<string, unknown> = {};
  for (const { properties } of contributes.configuration) {
    for (const [name, { default: usual }] of Object.entries(properties)) {
      const value = vscode.workspace.getConfiguration().get(name);
      if (JSON.stringify(value) !== JSON.stringify(usual)) changed[name] = value;
    }
  }
  return changed;
}

async function runtimeVersion(extension: vscode.ExtensionContext): Promise<string> {
  const file = extension.asAbsolutePath(
    path.join('node_modules', 'onnxruntime-node', 'package.json'),
  );
  try {
    return (JSON.parse(await readFile(file, 'utf8')) as { version: string }).version;
  } catch (error) {
    return `unknown (${error instanceof Error ? error.message : String(error)})`;
  }
}

function gigabytes(bytes: number): string {
  return (bytes / 2 ** 30).toFixed(1);
}
