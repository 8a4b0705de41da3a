/**
 * The words of the status bar item for every state that Lacuna can be in. Pure, so that a table can
 * test it; statusBar.ts puts them on the screen.
 */
import type { SamplerStatus } from '../client/samplerClient';
import type { InlineMode } from './settings';
import { t } from './l10n';

export interface LacunaState {
  readonly sampler: SamplerStatus;
  /** Address that text is sent to; absent: it stays on this machine. */
  readonly server?: string;
  /** Of the active editor; the default without one. */
  readonly mode: InlineMode;
  /** VS Code's own switch, `editor.inlineSuggest.enabled`. */
  readonly isGhostTextEnabled: boolean;
  readonly isFileDisabled: boolean;
  readonly isSnoozed: boolean;
  /** Automatic completion waits for mains power. */
  readonly isOnBattery?: boolean;
  readonly isSlow: boolean;
}

export interface StatusText {
  readonly text: string;
  readonly tooltip: string;
  readonly isTrouble: boolean;
}

const fine = { isTrouble: false };

export function statusText(state: LacunaState): StatusText {
  const { sampler } = state;
  switch (sampler.state) {
    case 'failed':
      return {
        text: `$(warning) ${t('Lacuna: failed')}`,
        tooltip: sampler.detail,
        isTrouble: true,
      };
    case 'stopped':
      return {
        text: t('Lacuna: stopped'),
        tooltip: sampler.detail || t('The sampler process does not run'),
        ...fine,
      };
    case 'starting':
      return { text: spinning(t('starting')), tooltip: t('Starting the sampler process'), ...fine };
    case 'restarting':
      return { text: spinning(t('restarting')), tooltip: sampler.detail, ...fine };
    case 'loading': {
      const percent = Math.round((sampler.progress ?? 0) * 100);
      return { text: spinning(t('loading {0} %', percent)), tooltip: sampler.detail, ...fine };
    }
    case 'ready':
      return {
        text: `${state.server === undefined ? '' : '$(cloud) '}Lacuna: ${readiness(state)}`,
        tooltip: [modelLine(sampler), ...serverLine(state)].join('\n'),
        ...fine,
      };
  }
}

function readiness(state: LacunaState): string {
  const { mode, isGhostTextEnabled, isFileDisabled, isSnoozed, isOnBattery, isSlow } = state;
  if (!isGhostTextEnabled) return t('off (editor.inlineSuggest.enabled)');
  if (isFileDisabled) return t('off for this file');
  if (mode === 'off') return t('off');
  if (isSnoozed) return t('snoozed');
  if (mode === 'manual') return t('ready (manual)');
  if (isOnBattery) return t('paused (on battery)');
  return isSlow ? t('slow') : t('ready');
}

/** What leaves the machine is said wherever it does. */
function serverLine({ server }: LacunaState): string[] {
  return server === undefined ? [] : [t('Your text is sent to {0}', server)];
}

function modelLine({ model, detail }: SamplerStatus): string {
  if (!model) return detail;
  const kind = model.label ? `${model.name} (${model.label})` : model.name;
  const size = millions(model.parameters);
  const line = t('{0}, {1} parameters, {2}, {3}', kind, size, model.weights, model.device);
  // A load that failed while the model before it stays.
  return detail === '' ? line : `${line}\n${detail}`;
}

function millions(count: number): string {
  return count < 1e9 ? `${(count / 1e6).toFixed(1)} M` : `${(count / 1e9).toFixed(1)} B`;
}

function spinning(text: string): string {
  return `$(loading~spin) Lacuna: ${text}`;
}
