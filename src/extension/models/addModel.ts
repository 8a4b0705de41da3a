/**
 * Adds one model: looks it up, shows its licence, and after that was accepted has the sampler process
 * fetch, convert and check it; then loads it and writes the setting. Whatever fails or is cancelled,
 * the model before it stays, and a download goes on where it stopped.
 */
import * as vscode from 'vscode';
import { LacunaError } from '../../protocol/errors';
import {
  addModelProgress,
  addModelRequest,
  inspectModelRequest,
  type AddProgress,
  type InstalledModel,
  type ModelOffer,
  type ModelSource,
} from '../../protocol/modelMessages';
import { bytesText, fitText, overallShare, progressText } from '../../protocol/modelText';
import type { LacunaContext } from '../context';
import { later, t } from '../l10n';
import { askForToken, modelsDir, networkWish } from './modelHome';
import { tellFailure } from './tellFailure';
import { useModel } from './useModel';

export async function addModel(context: LacunaContext, source: string): Promise<void> {
  try {
    const wish = { modelsDir: modelsDir(context), source, network: await networkWish(context) };
    const offer = await lookUp(context, wish);
    if (offer === undefined || !(await isAccepted(offer))) return;
    const model = await fetchModel(context, wish, offer);
    if (model !== undefined) await useModel(context, model.dir);
  } catch (thrown) {
    const isGated = thrown instanceof LacunaError && thrown.code === 'accessDenied';
    if (!isGated) return tellFailure(context, thrown);
    const enter = vscode.l10n.t('Enter Access Token…');
    tellFailure(context, thrown, {
      [enter]: async () => {
        if (await askForToken(context)) await addModel(context, source);
      },
    });
  }
}

function lookUp(context: LacunaContext, wish: ModelSource): Thenable<ModelOffer | undefined> {
  const title = vscode.l10n.t('Lacuna: looking up {0}', wish.source);
  return withCancel(title, (signal) => {
    const doing = later('Cannot look up the model');
    return context.client.ask(inspectModelRequest, wish, { doing, signal });
  });
}

/** No dialog: a list whose first row goes on and whose others do not. */
async function isAccepted(offer: ModelOffer): Promise<boolean> {
  if (!offer.mustAccept) return true;
  const { name, licence, licenceUrl, downloadBytes, presentBytes, neededDiskBytes, fit } = offer;
  const present = presentBytes > 0 ? t(', {0} are there already', bytesText(presentBytes)) : '';
  const accept = {
    label: vscode.l10n.t('$(check) Accept the licence and download {0}', bytesText(downloadBytes)),
    detail: `${fitText(fit, t)}; ${t('{0} of disk', bytesText(neededDiskBytes))}${present}`,
  };
  const read = {
    label: vscode.l10n.t('$(link-external) Read the licence first'),
    ...(licenceUrl !== undefined && { detail: licenceUrl }),
  };
  const cancel = { label: vscode.l10n.t('$(close) Do not download') };
  for (;;) {
    const picked = await vscode.window.showQuickPick([accept, read, cancel], {
      title: vscode.l10n.t('{0}: licence {1}', name, licence),
      ignoreFocusOut: true,
    });
    if (picked !== read) return picked === accept;
    if (licenceUrl !== undefined) await vscode.env.openExternal(vscode.Uri.parse(licenceUrl));
  }
}

function fetchModel(
  context: LacunaContext,
  wish: ModelSource,
  { name, licence, revision }: ModelOffer,
): Thenable<InstalledModel | undefined> {
  // The commit that was shown, though the branch may move meanwhile.
  const pinned = revision === undefined ? wish : { ...wish, revision };
  const params = { ...pinned, acceptedLicence: licence };
  return withCancel(vscode.l10n.t('Lacuna: {0}', name), (signal, report) => {
    let shown = 0; // percent
    return context.client.ask(addModelRequest, params, {
      doing: later('Cannot add the model'),
      signal,
      progress: {
        type: addModelProgress,
        onProgress: (progress: AddProgress) => {
          const percent = Math.max(shown, 100 * overallShare(progress));
          report.report({ message: progressText(progress, t), increment: percent - shown });
          shown = percent;
        },
      },
    });
  });
}

/** A notification with a button to stop; undefined where it was pressed. */
function withCancel<T>(
  title: string,
  work: (
    signal: AbortSignal,
    report: vscode.Progress<{ message?: string; increment?: number }>,
  ) => Promise<T>,
): Thenable<T | undefined> {
  const location = vscode.ProgressLocation.Notification;
  return vscode.window.withProgress(
    { location, title, cancellable: true },
    async (report, token) => {
      const abort = new AbortController();
      token.onCancellationRequested(() => abort.abort());
      try {
        return await work(abort.signal, report);
      } catch (thrown) {
        if (abort.signal.aborted) return undefined;
        throw thrown;
      }
    },
  );
}
