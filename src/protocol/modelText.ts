/**
 * Sizes, times and fits of models in a few words, the same in the editor and on the command line.
 * Pure; knows neither.
 */
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

export function fitText(fit: Fit): string {
  const { verdict, window, needBytes, availableBytes, fitsGpu } = fit;
  const figures = `${bytesText(needBytes)} of ${bytesText(availableBytes)} free`;
  const gpu = fitsGpu === undefined ? '' : fitsGpu ? '; the GPU has room' : '; too big for the GPU';
  if (verdict === 'does-not-fit') return `will not fit: ${figures}${gpu}`;
  const how = verdict === 'fits' ? 'fits' : 'fits with a smaller window';
  return `${how} (${window} tokens): ${figures}${gpu}`;
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

export function progressText(progress: AddProgress): string {
  const { stage, doneBytes, totalBytes, bytesPerSecond, secondsLeft, note } = progress;
  if (note !== undefined) return note;
  if (doneBytes === undefined || totalBytes === undefined) return stage;
  const rate = bytesPerSecond ? `, ${bytesText(bytesPerSecond)}/s` : '';
  const left = secondsLeft === undefined ? '' : `, ${secondsText(secondsLeft)} left`;
  return `${bytesText(doneBytes)} of ${bytesText(totalBytes)}${rate}${left}`;
}
