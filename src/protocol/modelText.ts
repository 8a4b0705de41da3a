/**
 * Sizes, times and fits of models in a few words, the same in the editor and on the command line.
 * Pure; knows neither. `t` translates; the command line speaks English.
 */
import { english, type Translate } from './english';
import type { AddProgress, Fit } from './modelMessages';

/** Decimal units, as disks and downloads are labelled. */
export function bytesText(bytes: number): string {
  const [size, unit] = bytes >= 1e9 ? [bytes / 1e9, 'GB'] : [bytes / 1e6, 'MB'];
  return `${size >= 100 ? size.toFixed(0) : size.toFixed(1)} ${unit}`;
}

/** `124 M`, `6.7 B`. */
export function parametersText(parameters: number): string {
  if (parameters >= 1e9) return `${(parameters / 1e9).toFixed(1)} B`;
  return `${Math.round(parameters / 1e6)} M`;
}

export function secondsText(seconds: number): string {
  if (seconds < 60) return `${Math.ceil(seconds)} s`;
  if (seconds < 3600) return `${Math.ceil(seconds / 60)} min`;
  return `${(seconds / 3600).toFixed(1)} h`;
}

export function fitText(fit: Fit, t: Translate = english): string {
  const { verdict, window, needBytes, availableBytes, fitsGpu } = fit;
  const figures = t('{0} of {1} free', bytesText(needBytes), bytesText(availableBytes));
  const gpu =
    fitsGpu === undefined ? '' : fitsGpu ? t('; the GPU has room') : t('; too big for the GPU');
  if (verdict === 'does-not-fit') return `${t('will not fit')}: ${figures}${gpu}`;
  const how =
    verdict === 'fits'
      ? t('fits ({0} tokens)', window)
      : t('fits with a smaller window ({0} tokens)', window);
  return `${how}: ${figures}${gpu}`;
}

/** A short form for a column. */
export function verdictText({ verdict, window }: Fit): string {
  if (verdict === 'fits') return 'fits';
  return verdict === 'smaller-window' ? `fits at ${window}` : 'will not fit';
}

export function forwardText({ forwardMs }: Fit): string {
  if (forwardMs === undefined) return '-';
  return forwardMs >= 1000 ? `${(forwardMs / 1000).toFixed(1)} s` : `${Math.round(forwardMs)} ms`;
}

/** A download takes most of the time as a rule. */
export function overallShare({ stage, fraction }: AddProgress): number {
  const [from, to] = {
    listing: [0, 0.01],
    downloading: [0.01, 0.8],
    converting: [0.8, 0.95],
    checking: [0.95, 1],
  }[stage] as [number, number];
  return from + (to - from) * fraction;
}

/** What the network says of its waiting (`note`) is not translated. */
export function progressText(progress: AddProgress, t: Translate = english): string {
  const { stage, doneBytes, totalBytes, bytesPerSecond, secondsLeft, note } = progress;
  if (note !== undefined) return note;
  if (doneBytes === undefined || totalBytes === undefined) return stageText(stage, t);
  const rate = bytesPerSecond ? `, ${bytesText(bytesPerSecond)}/s` : '';
  const left = secondsLeft === undefined ? '' : t(', {0} left', secondsText(secondsLeft));
  return `${t('{0} of {1}', bytesText(doneBytes), bytesText(totalBytes))}${rate}${left}`;
}

function stageText(stage: AddProgress['stage'], t: Translate): string {
  switch (stage) {
    case 'listing':
      return t('listing');
    case 'downloading':
      return t('downloading');
    case 'converting':
      return t('converting');
    case 'checking':
      return t('checking');
  }
}
