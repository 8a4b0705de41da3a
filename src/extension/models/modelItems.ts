/**
 * The rows of the model chooser, from what the sampler process lists: what is there, what is known,
 * each with how it would fit, and the other ways in. Pure; chooseModel.ts shows them.
 */
import type { CatalogueModel, InstalledModel, ModelList } from '../../protocol/modelMessages';
import { bytesText, forwardText, parametersText, verdictText } from '../../protocol/modelText';

export type ModelChoice =
  | { readonly kind: 'embedded' }
  | { readonly kind: 'installed'; readonly dir: string }
  | { readonly kind: 'add'; readonly source: string }
  | { readonly kind: 'refused'; readonly why: string }
  | { readonly kind: 'folder' | 'id' | 'measure' };

export interface ModelItem {
  readonly label: string;
  readonly description?: string;
  readonly detail?: string;
  /** Absent: a heading. */
  readonly choice?: ModelChoice;
}

/** @param loadedDir folder of the model that fills are made with; undefined for the embedded one. */
export function modelItems(list: ModelList, loadedDir: string | undefined): ModelItem[] {
  const { installed, unfinished, catalogue, speed } = list;
  const have = new Set(installed.map(({ name }) => name));
  const started = new Map(unfinished.map(({ name, bytes }) => [name, bytes]));
  const known = catalogue.filter(({ id }) => !have.has(id));
  const strange = unfinished.filter(({ name }) => !known.some(({ id }) => id === name));
  return [
    { label: 'Installed' },
    {
      label: mark('Embedded model', loadedDir === undefined),
      description: 'small, and always there',
      choice: { kind: 'embedded' },
    },
    ...installed.map((model) => installedItem(model, loadedDir)),
    { label: 'Download' },
    ...strange.map(({ name, bytes }) => ({
      label: `$(cloud-download) ${name}`,
      description: `goes on: ${bytesText(bytes)} are there already`,
      choice: { kind: 'add', source: name } as const,
    })),
    ...known
      .toSorted((a, b) => Number(isRefused(a)) - Number(isRefused(b)))
      .map((model) => knownItem(model, started.get(model.id))),
    { label: 'Other' },
    { label: '$(search) By id or address…', choice: { kind: 'id' } },
    { label: '$(folder) From a folder…', choice: { kind: 'folder' } },
    {
      label: '$(dashboard) Measure this machine',
      description:
        speed === undefined
          ? 'ten seconds; says how long a forward of each would take'
          : `${Math.round(speed.macsPerSecond / 1e9)} G multiply-adds a second on ${speed.device}`,
      choice: { kind: 'measure' },
    },
  ];
}

function installedItem(model: InstalledModel, loadedDir: string | undefined): ModelItem {
  const { name, dir, bytes, parameters, weights, licence, fit, problem } = model;
  if (problem !== undefined) {
    const choice = { kind: 'refused', why: problem } as const;
    return { label: `$(warning) ${name}`, description: 'cannot be loaded', detail: problem, choice };
  }
  return {
    label: mark(name, dir === loadedDir),
    description: words(parameters && parametersText(parameters), weights, bytesText(bytes), licence),
    ...(fit && { detail: fitWords(fit) }),
    choice: { kind: 'installed', dir },
  };
}

function knownItem(model: CatalogueModel, present: number | undefined): ModelItem {
  const { id, parameters, downloadBytes, tuning, context, licence, quality, refusal, fit } = model;
  const size = words(parametersText(parameters), bytesText(downloadBytes), tuning, `${context} tokens`);
  if (refusal !== undefined) {
    const label = `$(circle-slash) ${id}`;
    const why = `${id}: ${refusal}`;
    return { label, description: size, detail: refusal, choice: { kind: 'refused', why } };
  }
  const goesOn = present === undefined ? '' : ` · ${bytesText(present)} are there already`;
  return {
    label: `$(cloud-download) ${id}`,
    description: `${size}${goesOn}`,
    detail: `${fitWords(fit)} · ${licence} · ${quality}`,
    choice: { kind: 'add', source: id },
  };
}

function fitWords(fit: InstalledModel['fit'] & object): string {
  const gpu = fit.fitsGpu === undefined ? '' : fit.fitsGpu ? ', GPU too' : ', not on the GPU';
  const time = fit.forwardMs === undefined ? '' : ` · ${forwardText(fit)} a forward`;
  const where = fit.verdict === 'smaller-window' ? ' tokens' : '';
  return `${verdictText(fit)}${where}: ${bytesText(fit.needBytes)}${gpu}${time}`;
}

function isRefused({ refusal }: CatalogueModel): boolean {
  return refusal !== undefined;
}

function mark(name: string, isLoaded: boolean): string {
  return isLoaded ? `$(check) ${name}` : name;
}

function words(...parts: (string | number | undefined)[]): string {
  return parts.filter((part) => part !== undefined && part !== '').join(' · ');
}
