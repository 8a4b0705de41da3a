/**
 * The report of "Copy Diagnostics" as text: versions, machine, model, settings that were changed, last
 * errors and times. Holds no code, and no path inside the user's home folder. Pure.
 */
import type { ModelInfo } from '../../protocol/messages';
import type { RequestRecord } from '../requestLog';
import type { Trouble } from './troubles';

export interface Diagnostics {
  /** Name and value, as they come. */
  readonly versions: readonly (readonly [string, string])[];
  readonly machine: readonly (readonly [string, string])[];
  readonly sampler: { readonly state: string; readonly detail: string; readonly model?: ModelInfo };
  /** Settings of Lacuna's that differ from their defaults. */
  readonly settings: Readonly<Record<string, unknown>>;
  readonly troubles: readonly Trouble[];
  readonly lastRequest?: RequestRecord;
  readonly p50Ms?: number;
  readonly p95Ms?: number;
  /** Home folder of the user, and others whose paths say who they are. */
  readonly homes: readonly string[];
}

export function diagnosticsText(diagnostics: Diagnostics): string {
  const { versions, machine, sampler, settings, troubles, lastRequest, homes } = diagnostics;
  const { model } = sampler;
  const sections: [string, string[]][] = [
    ['Versions', versions.map(pair)],
    ['Machine', machine.map(pair)],
    ['Sampler', [`state: ${state(sampler)}`, ...(model ? modelLines(model) : [])]],
    [
      'Settings that differ from their defaults',
      Object.entries(settings).map(([name, value]) => `${name}: ${JSON.stringify(value)}`),
    ],
    ['Times', timeLines(diagnostics, lastRequest)],
    ['Last errors, oldest first', troubles.map(troubleLine)],
  ];
  const text = sections
    .map(([title, lines]) => [`## ${title}`, ...(lines.length > 0 ? lines : ['none'])].join('\n'))
    .join('\n\n');
  return withoutHomes(`# Lacuna diagnostics\n\n${text}\n`, homes);
}

/** Paths inside these folders become `~`: what is behind them is nobody's business either. */
export function withoutHomes(text: string, homes: readonly string[]): string {
  let hidden = text;
  for (const home of homes.filter((folder) => folder.length > 1)) {
    const forms = [
      home,
      home.replaceAll('\\', '/'),
      home.replaceAll('\\', '\\\\'),
      encodeURI(home),
    ];
    for (const form of new Set(forms)) {
      const place = form.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
      // In quotes a path may have blanks; elsewhere it ends at the first one.
      hidden = hidden.replace(new RegExp(`"[^"\\n]*${place}(?![\\w-])[^"\\n]*"`, 'gi'), '"~"');
      hidden = hidden.replace(new RegExp(`${place}(?![\\w-])[^\\s"'\`)\\]]*`, 'gi'), '~');
    }
  }
  return hidden;
}

function modelLines(model: ModelInfo): string[] {
  const { name, architecture, parameters, weights, device, label, maxTokens, loadMs } = model;
  return [
    `model: ${name}${label ? ` (${label})` : ''}, ${architecture}, ${parameters} parameters, ${weights}`,
    `device: ${device}`,
    `canvas: ${maxTokens} tokens, vocabulary ${model.vocabSize}, shift ${model.shift}`,
    `chooses lengths: ${model.choosesLength}, instructions: ${model.followsInstructions}`,
    `loaded in ${Math.round(loadMs)} ms`,
  ];
}

function timeLines({ p50Ms, p95Ms }: Diagnostics, last: RequestRecord | undefined): string[] {
  const lines: string[] = [];
  if (p50Ms !== undefined && p95Ms !== undefined) {
    lines.push(`answers: median ${Math.round(p50Ms)} ms, 95th percentile ${Math.round(p95Ms)} ms`);
  }
  if (!last) return lines;
  const { languageId, automatic, outcome, steps, forwards, tokens, parts } = last;
  const kind = automatic ? 'automatic' : 'invoked';
  lines.push(`last request: ${kind}, ${languageId}, ${outcome}`);
  if (forwards !== undefined) lines.push(`${tokens} tokens, ${steps} steps, ${forwards} forwards`);
  const times = Object.entries(parts).map(
    ([name, ms]: [string, number]) => `${name} ${ms.toFixed(1)}`,
  );
  return [...lines, times.join(', ')];
}

function state({ state: name, detail }: Diagnostics['sampler']): string {
  return detail === '' ? name : `${name} (${detail})`;
}

function troubleLine({ atMs, text, times }: Trouble): string {
  const often = times > 1 ? ` (${times} times)` : '';
  return `${new Date(atMs).toISOString()} ${text}${often}`;
}

function pair([name, value]: readonly [string, string]): string {
  return `${name}: ${value}`;
}
