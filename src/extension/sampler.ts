/**
 * Keeps the sampler process in step with the settings: loads the model at the start and again when
 * its settings change, tells it its limits, and holds the command that shows its log. How the process
 * is started and revived is the client's business; the other commands are in samplerCommands.ts.
 */
import * as vscode from 'vscode';
import type { SamplerStatus } from '../client/samplerClient';
import { LacunaError } from '../protocol/errors';
import { servedModel, type ModelInfo } from '../protocol/messages';
import type { LacunaContext } from './context';
import { modelFolder } from './modelFolder';
import { activateSamplerCommands } from './samplerCommands';
import { affectsLimits, affectsModel, affectsSharing, readModelSettings } from './settings';

export function activateSampler(context: LacunaContext): void {
  const { client, log } = context;
  context.own(client.onStatus((status) => logStatus(log, status)));
  context.own(
    vscode.workspace.onDidChangeConfiguration((change) => {
      if (affectsModel(change)) void loadModel(context);
      const failed = (error: unknown) => log.error(String(error));
      if (affectsLimits(change)) void client.tellLimits().catch(failed);
      if (affectsSharing(change)) void client.reconnect().catch(failed);
    }),
  );
  context.own(vscode.commands.registerCommand('lacuna.showLog', () => log.show()));
  activateSamplerCommands(context, () => loadModel(context));
  void loadModel(context);
}

/** Resolves to the model once fills can be made; rejects when that will not happen by itself. */
export function whenReady(context: LacunaContext, signal: AbortSignal): Promise<ModelInfo> {
  return new Promise((resolve, reject) => {
    const settle = (status: SamplerStatus) => {
      const model = readyModel(status);
      if (model) resolve(model);
      else if (status.state === 'failed') reject(new Error(status.detail));
      else return;
      listener.dispose();
    };
    const listener = context.client.onStatus(settle);
    signal.addEventListener('abort', () => {
      listener.dispose();
      reject(signal.reason as Error);
    });
    settle(context.client.status);
  });
}

/** While another model is loaded, the one before it still answers. */
export function readyModel({ state, model }: SamplerStatus): ModelInfo | undefined {
  return state === 'ready' || state === 'loading' ? model : undefined;
}

/** Loads a folder in place of what the settings name; the model before it stays when that fails. */
export function loadFolder(
  { client, extension }: LacunaContext,
  modelDir: string,
  signal?: AbortSignal,
): Promise<ModelInfo> {
  const { device } = readModelSettings();
  const cacheDir = vscode.Uri.joinPath(extension.globalStorageUri, 'models').fsPath;
  return client.load({ modelDir, device, cacheDir }, signal && { signal });
}

/** The model of the settings, or whichever the server has that they name. */
export async function loadModel(context: LacunaContext): Promise<void> {
  const isServed = context.servers.address !== undefined;
  const modelDir = isServed ? servedModel : modelFolder(context);
  if (isLoaded(context, modelDir)) return;
  try {
    await loadFolder(context, modelDir);
  } catch (error) {
    // The status bar item says it too; a dialog would come up at every start.
    context.log.error(error instanceof LacunaError ? error.message : String(error));
  }
}

/** A command that loads a model writes the setting afterwards; that must not load it again. */
function isLoaded({ client }: LacunaContext, modelDir: string): boolean {
  const { status, lastLoad } = client;
  const { device } = readModelSettings();
  const isSame = lastLoad?.modelDir === modelDir && lastLoad.device === device;
  return isSame && status.state === 'ready' && status.detail === '';
}

function logStatus(log: vscode.LogOutputChannel, { state, detail, model }: SamplerStatus): void {
  if (state === 'ready' && model && detail === '') {
    const { name, architecture, device, weights, loadMs } = model;
    log.info(`ready: ${name} (${architecture}, ${weights}, ${device}), loaded in ${loadMs} ms`);
  } else if (state === 'loading') {
    log.debug(`loading: ${detail}`);
  } else {
    log.info(detail === '' ? state : `${state}: ${detail}`);
  }
}
