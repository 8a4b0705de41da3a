/**
 * What the live view can have done with a run: resumed from a step, made again for its steps, stopped,
 * exported, copied, proposed. Draws nothing; each answers with what there is to say about it.
 */
import * as vscode from 'vscode';
import { isAbort } from '../../protocol/errors';
import {
  isRepeatable,
  recordOf,
  recordText,
  resumedParams,
  temperatureOf,
} from '../../protocol/fillRecord';
import type { Resume } from '../../protocol/messages';
import type { LacunaContext } from '../context';
import type { FillSource } from '../edits/fillSource';
import { messageOf } from '../l10n';
import { readyModel } from '../sampler';
import type { Run, RunOrigin } from './runRecorder';

/** Where the run has 0 another seed would change nothing; as for further variants. */
const resumeTemperature = 0.5;

export class RunActions {
  readonly #context: LacunaContext;
  readonly #source: FillSource;
  /** Runs that were started here, by their origins. */
  readonly #started = new Map<RunOrigin, AbortController>();
  #repeating: AbortController | undefined;
  /** Asks where to write an export; the tests answer in its place. */
  askWhere: () => Thenable<vscode.Uri | undefined> = askWhere;

  constructor(context: LacunaContext, source: FillSource) {
    this.#context = context;
    this.#source = source;
  }

  canStop({ origin, state }: Run): boolean {
    return state === 'running' && this.#started.has(origin);
  }

  /** A new run that is the same up to a step and goes on with another seed. Resolves at its end. */
  async resume(run: Run, { fromStep, seed }: Resume): Promise<string> {
    const isCold = (temperatureOf(run.params) ?? 0) === 0;
    const resume = { fromStep, seed, ...(isCold && { temperature: resumeTemperature }) };
    const params = { ...resumedParams(run.params, resume), priority: 'explicit' } as const;
    const origin = { ...run.origin };
    const abort = new AbortController();
    this.stop();
    this.#started.set(origin, abort);
    try {
      await this.#source.fill(params, { origin, signal: abort.signal, onStep: () => {} });
      return vscode.l10n.t('Resumed from step {0} with seed {1}', fromStep, seed);
    } catch (thrown) {
      return isAbort(thrown) ? vscode.l10n.t('Stopped') : messageOf(thrown);
    } finally {
      this.#started.delete(origin);
    }
  }

  /** Ends the run that was resumed here. */
  stop(): void {
    for (const abort of this.#started.values()) abort.abort();
  }

  /** For the steps of a run that was made while nobody looked on. */
  async repeat(run: Run): Promise<void> {
    const abort = new AbortController();
    this.#repeating = abort;
    await this.#context.runs.repeat(run, abort.signal, (call) => {
      if (!this.#isSameModel(run)) {
        const text = vscode.l10n.t('Its steps were not recorded, and another model is loaded now.');
        return Promise.reject(new Error(text));
      }
      return this.#source.send({ ...run.params, priority: 'speculative' }, call);
    });
  }

  /** Writes the run as `lacuna fill --record` does. */
  async export({ model, params, result, steps }: Run): Promise<string> {
    if (!model || !result || steps.length === 0) {
      return vscode.l10n.t('Only a complete run can be exported');
    }
    const target = await this.askWhere();
    if (!target) return '';
    const record = recordOf(
      model,
      params,
      result,
      steps.map(({ step }) => step),
    );
    try {
      await vscode.workspace.fs.writeFile(target, new TextEncoder().encode(recordText(record)));
    } catch (thrown) {
      return vscode.l10n.t('Cannot write {0}: {1}', target.fsPath, messageOf(thrown));
    }
    if (isRepeatable(params)) return vscode.l10n.t('Exported; "lacuna fill --replay" repeats it');
    return vscode.l10n.t(
      'Exported; "lacuna fill --replay" may come to another text, since typing went on from a kept context or time was limited',
    );
  }

  async copy({ result }: Run): Promise<string> {
    if (!result) return vscode.l10n.t('There is no result to copy yet');
    await vscode.env.clipboard.writeText(result.fills.map(({ text }) => text).join('\n'));
    return vscode.l10n.t('Copied');
  }

  offer({ origin, result }: Run): string {
    const isOffered = result !== undefined && origin.offer?.(result) === true;
    if (isOffered) return vscode.l10n.t('Proposed in the editor');
    return vscode.l10n.t('The proposal is over, or says the same already');
  }

  /** Nobody looks on any more. */
  dispose(): void {
    this.stop();
    this.#repeating?.abort();
  }

  #isSameModel({ model }: Run): boolean {
    const now = readyModel(this.#context.client.status);
    return now !== undefined && now.dir === model?.dir && now.device === model.device;
  }
}

function askWhere(): Thenable<vscode.Uri | undefined> {
  const folder = vscode.workspace.workspaceFolders?.[0]?.uri;
  return vscode.window.showSaveDialog({
    title: vscode.l10n.t('Export Run'),
    filters: { JSON: ['json'] },
    ...(folder && { defaultUri: vscode.Uri.joinPath(folder, 'lacuna-run.json') }),
  });
}
