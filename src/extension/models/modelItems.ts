/**
 * The rows of the model chooser, from what the sampler process lists: what is there, what is known,
 * each with how it would fit, and the other ways in. Pure; chooseModel.ts shows them. What is known of
 * a model's quality, and why one is refused, the sampler process says, in English.
 */
import type { CatalogueModel, InstalledModel, ModelList } from '../../protocol/modelMessages';
import { bytesText, forwardText, parametersText } from '../../protocol/modelText';
import { t } from '../l10n';

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
    { label: t('Installed') },
    {
      label: mark(t('Embedded model'), loadedDir === undefined),
      description: t('small, and always there'),
      choice: { kind: 'embedded' },
    },
    ...installed.map((model) => installedItem(model, loadedDir)),
    { label: t('Download') },
    ...strange.map(({ name, bytes }) => ({
      label: `$(cloud-download) ${name}`,
      description: t('goes on: {0} are there already', bytesText(bytes)),
      choice: { kind: 'add', source: name } as const,
    })),
    ...known
      .toSorted((a, b) => Number(isRefused(a)) - Number(isRefused(b)))
      .map((model) => knownItem(model, started.get(model.id))),
    { label: t('Other') },
    { label: t('$(search) By id or address…'), choice: { kind: 'id' } },
    { label: t('$(folder) From a folder…'), choice: { kind: 'folder' } },
    {
      label: t('$(dashboard) Measure this machine'),
      description:
        speed === undefined
          ? t('ten seconds; says how long a forward of each would take')
          : t(
              '{0} G multiply-adds a second on {1}',
              Math.round(speed.macsPerSecond / 1e9),
              speed.device,
            ),
      choice: { kind: 'measure' },
    },
  ];
}

function installedItem(model: InstalledModel, loadedDir: string | undefined): ModelItem {
  const { name, dir, bytes, parameters, weights, licence, fit, problem } = model;
  if (problem !== undefined) {
    const choice = { kind: 'refused', why: problem } as const;
    const description = t('cannot be loaded');
    return { label: `$(warning) ${name}`, description, detail: problem, choice };
  }
  return {
    label: mark(name, dir === loadedDir),
    description: words(
      parameters && parametersText(parameters),
      weights,
      bytesText(bytes),
      licence,
    ),
    ...(fit && { detail: fitWords(fit) }),
    choice: { kind: 'installed', dir },
  };
}

function knownItem(model: CatalogueModel, present: number | undefined): ModelItem {
  const { id, parameters, downloadBytes, tuning, context, licence, quality, refusal, fit } = model;
  const size = words(
    parametersText(parameters),
    bytesText(downloadBytes),
    tuning,
    t('{0} tokens', context),
  );
  if (refusal !== undefined) {
    const label = `$(circle-slash) ${id}`;
    const why = `${id}: ${refusal}`;
    return { label, description: size, detail: refusal, choice: { kind: 'refused', why } };
  }
  const there = present === undefined ? '' : t('{0} are there already', bytesText(present));
  return {
    label: `$(cloud-download) ${id}`,
    description: words(size, there),
    detail: `${fitWords(fit)} · ${licence} · ${quality}`,
    choice: { kind: 'add', source: id },
  };
}

function fitWords(fit: InstalledModel['fit'] & object): string {
  const gpu = fit.fitsGpu === undefined ? '' : fit.fitsGpu ? t(', GPU too') : t(', not on the GPU');
  const time = fit.forwardMs === undefined ? '' : t('{0} a forward', forwardText(fit));
  return words(`${verdictWords(fit)}: ${bytesText(fit.needBytes)}${gpu}`, time);
}

function verdictWords({ verdict, window }: InstalledModel['fit'] & object): string {
  if (verdict === 'fits') return t('fits');
  return verdict === 'smaller-window' ? t('fits at {0} tokens', window) : t('will not fit');
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
