/**
 * The words of the status bar item for every state that Lacuna can be in. Pure, so that a table can
 * test it; statusBar.ts puts them on the screen.
 */
import type { SamplerStatus } from '../client/samplerClient';
import type { InlineMode } from './settings';

export interface LacunaState {
  readonly sampler: SamplerStatus;
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
      return { text: '$(warning) Lacuna: failed', tooltip: sampler.detail, isTrouble: true };
    case 'stopped':
      return { text: 'Lacuna: stopped', tooltip: 'The sampler process does not run', ...fine };
    case 'starting':
      return { text: spinning('starting'), tooltip: 'Starting the sampler process', ...fine };
    case 'restarting':
      return { text: spinning('restarting'), tooltip: sampler.detail, ...fine };
    case 'loading': {
      const percent = Math.round((sampler.progress ?? 0) * 100);
      return { text: spinning(`loading ${percent} %`), tooltip: sampler.detail, ...fine };
    }
    case 'ready':
      return { text: `Lacuna: ${readiness(state)}`, tooltip: modelLine(sampler), ...fine };
  }
}

function readiness(state: LacunaState): string {
  const { mode, isGhostTextEnabled, isFileDisabled, isSnoozed, isOnBattery, isSlow } = state;
  if (!isGhostTextEnabled) return 'off (editor.inlineSuggest.enabled)';
  if (isFileDisabled) return 'off for this file';
  if (mode === 'off') return 'off';
  if (isSnoozed) return 'snoozed';
  if (mode === 'manual') return 'ready (manual)';
  if (isOnBattery) return 'paused (on battery)';
  return isSlow ? 'slow' : 'ready';
}

function modelLine({ model, detail }: SamplerStatus): string {
  if (!model) return detail;
  const kind = model.label ? `${model.name} (${model.label})` : model.name;
  const line = `${kind}, ${millions(model.parameters)} parameters, ${model.weights}, ${model.device}`;
  // A load that failed while the model before it stays.
  return detail === '' ? line : `${line}\n${detail}`;
}

function millions(count: number): string {
  return count < 1e9 ? `${(count / 1e6).toFixed(1)} M` : `${(count / 1e9).toFixed(1)} B`;
}

function spinning(text: string): string {
  return `$(loading~spin) Lacuna: ${text}`;
}
