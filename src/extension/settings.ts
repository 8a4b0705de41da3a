/**
 * The user's settings as typed values. `null` in a setting means that Lacuna, or the model, decides;
 * here that is an absent value. Paths and devices are machine-scoped in the manifest, so that no
 * workspace can name what is loaded.
 */
import * as vscode from 'vscode';
import type { DeviceWish, SamplerName, SamplingOptions } from '../protocol/messages';
import type { ProcessLimits } from '../protocol/processMessages';
import type { DefaultLock } from './edits/locks';
import type { Wish } from './edits/wish';
import { checked, checkedStrings } from './checkedSetting';
import type { Margin } from './repair/repairRange';

const section = 'lacuna';

export type InlineMode = 'auto' | 'manual' | 'off';

export interface InlineSettings {
  readonly mode: InlineMode;
  /** Absent: adaptive. */
  readonly debounceMs?: number;
  /** Absent: the model's own. 0..1 */
  readonly confidenceThreshold?: number;
  /** Absent: the place decides. */
  readonly maxTokens?: number;
  /** Globs, besides the built-in list. */
  readonly disabledFiles: readonly string[];
  readonly sampling: SamplingOptions;
  /** The next line is filled ahead while nothing else is asked for. */
  readonly prefetch: boolean;
  /** Absent: an automatic fill takes the time it takes. */
  readonly budgetMs?: number;
}

export function readInlineSettings(document: vscode.TextDocument): InlineSettings {
  const settings = vscode.workspace.getConfiguration(section, document);
  const debounceMs = checked<number | null>(settings, 'inline.debounceMs', null);
  const confidenceThreshold = checked<number | null>(settings, 'inline.confidenceThreshold', null);
  const maxTokens = checked<number | null>(settings, 'inline.maxTokens', null);
  const budgetMs = checked<number | null>(settings, 'inline.budgetMs', null);
  return {
    mode: checked<InlineMode>(settings, 'inline.mode', 'auto'),
    ...(typeof debounceMs === 'number' && { debounceMs }),
    ...(typeof confidenceThreshold === 'number' && { confidenceThreshold }),
    ...(typeof maxTokens === 'number' && { maxTokens }),
    ...(typeof budgetMs === 'number' && { budgetMs }),
    prefetch: checked<boolean>(settings, 'inline.prefetch', true),
    disabledFiles: checkedStrings(settings, 'disabledFiles'),
    sampling: readSampling(settings),
  };
}

/** @param settings of the section `lacuna`. */
export function readSampling(settings: vscode.WorkspaceConfiguration): SamplingOptions {
  const sampler = checked<SamplerName | 'default'>(settings, 'sampler.name', 'default');
  const factor = checked<number | null>(settings, 'sampler.factor', null);
  const steps = checked<number | null>(settings, 'sampler.steps', null);
  const temperature = checked<number | null>(settings, 'sampler.temperature', null);
  const threshold = checked<number | null>(settings, 'sampler.threshold', null);
  const refreshEvery = checked<number | null>(settings, 'sampler.refresh', null);
  return {
    ...(sampler !== 'default' && { sampler }),
    ...(typeof factor === 'number' && { factor }),
    ...(typeof threshold === 'number' && { threshold }),
    ...(typeof steps === 'number' && { steps }),
    ...(typeof temperature === 'number' && { temperature }),
    ...(typeof refreshEvery === 'number' && { refreshEvery }),
  };
}

export interface EditSettings {
  /** Percent of a selection's tokens outside locks that are masked. */
  readonly strength: number;
  readonly order: Wish['order'];
  readonly defaultLocks: readonly DefaultLock[];
}

export function readEditSettings(document: vscode.TextDocument): EditSettings {
  const settings = vscode.workspace.getConfiguration(section, document);
  return {
    strength: checked<number>(settings, 'regenerate.strength', 60),
    order: checked<Wish['order']>(settings, 'regenerate.order', 'least-confident'),
    defaultLocks: checked<DefaultLock[]>(settings, 'regenerate.locks', []),
  };
}

export function readHoleMarks(document: vscode.TextDocument): readonly string[] {
  return checked<string[]>(vscode.workspace.getConfiguration(section, document), 'holeMarks', []);
}

/** A proposal of several lines opens a diff by itself. */
export function opensDiff(): boolean {
  const settings = vscode.workspace.getConfiguration(section);
  return checked<'auto' | 'manual'>(settings, 'preview.diff', 'auto') === 'auto';
}

/** The heat map comes up by itself over what was accepted. */
export function showsConfidenceAfterFill(document: vscode.TextDocument): boolean {
  const settings = vscode.workspace.getConfiguration(section, document);
  return checked<boolean>(settings, 'confidence.showAfterFill', false);
}

/** Probability below which a token is unlikely, 0..1. */
export function readScanThreshold(document: vscode.TextDocument): number {
  return checked<number>(
    vscode.workspace.getConfiguration(section, document),
    'scan.threshold',
    0.02,
  );
}

export function readRepairMargin(document: vscode.TextDocument): Margin {
  const settings = vscode.workspace.getConfiguration(section, document);
  const lines = checked<number | null>(settings, 'repair.marginLines', null);
  return {
    ...(typeof lines === 'number' && { lines }),
    characters: checked<number>(settings, 'repair.marginCharacters', 12),
  };
}

/** As it stands in the settings, unchecked. */
export function readPanelExamples(): unknown {
  return vscode.workspace.getConfiguration(section).get<unknown>('panel.examples');
}

export interface ModelSettings {
  /** Empty: the embedded model. */
  readonly path: string;
  readonly device: DeviceWish;
  /** Empty: HF_ENDPOINT, else Hugging Face's own. */
  readonly endpoint: string;
}

export function readModelSettings(): ModelSettings {
  const settings = vscode.workspace.getConfiguration(section);
  return {
    path: checked<string>(settings, 'model.path', '').trim(),
    device: checked<DeviceWish>(settings, 'device', 'auto'),
    endpoint: checked<string>(settings, 'model.endpoint', '').trim(),
  };
}

/** Empty: no server. */
export function readServerUrl(): string {
  return checked<string>(vscode.workspace.getConfiguration(section), 'server.url', '').trim();
}

export interface ServerSettings {
  /** One process for all windows. */
  readonly isShared: boolean;
  readonly limits: ProcessLimits;
}

export function readServerSettings(): ServerSettings {
  const settings = vscode.workspace.getConfiguration(section);
  return {
    isShared: checked<boolean>(settings, 'server.shared', true),
    limits: {
      unloadAfterMinutes: checked<number>(settings, 'server.unloadAfter', 10),
      memoryMegabytes: checked<number>(settings, 'server.memoryLimit', 0),
    },
  };
}

/** Automatic completion waits while the computer runs on battery. */
export function pausesOnBattery(): boolean {
  return checked<boolean>(
    vscode.workspace.getConfiguration(section),
    'inline.pauseOnBattery',
    false,
  );
}

export function readInlineMode(): InlineMode {
  return checked<InlineMode>(vscode.workspace.getConfiguration(section), 'inline.mode', 'auto');
}

/** Written where the user set it already, else for all folders. */
export async function writeInlineMode(mode: InlineMode): Promise<void> {
  const settings = vscode.workspace.getConfiguration(section);
  const inWorkspace = settings.inspect('inline.mode')?.workspaceValue !== undefined;
  await settings.update('inline.mode', mode, !inWorkspace);
}

/** For the document's language alone, in the user's settings. */
export async function writeLanguageMode(
  { languageId }: vscode.TextDocument,
  mode: InlineMode,
): Promise<void> {
  const settings = vscode.workspace.getConfiguration(section, { languageId });
  await settings.update('inline.mode', mode, true, true);
}

export async function writeModelPath(path: string): Promise<void> {
  await vscode.workspace.getConfiguration(section).update('model.path', path, true);
}

export function affectsModel(change: vscode.ConfigurationChangeEvent): boolean {
  return (
    change.affectsConfiguration('lacuna.model.path') || change.affectsConfiguration('lacuna.device')
  );
}

export function affectsSharing(change: vscode.ConfigurationChangeEvent): boolean {
  return change.affectsConfiguration('lacuna.server.shared');
}

export function affectsLimits(change: vscode.ConfigurationChangeEvent): boolean {
  const names = ['lacuna.server.unloadAfter', 'lacuna.server.memoryLimit'];
  return names.some((name) => change.affectsConfiguration(name));
}

export function affectsLacuna(change: vscode.ConfigurationChangeEvent): boolean {
  return change.affectsConfiguration(section);
}
