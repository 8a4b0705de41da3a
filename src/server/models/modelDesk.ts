/**
 * Getting, listing and removing models, for the sampler process and the CLI alike: guards the wire,
 * opens the network when something is looked up or added, and closes it again. The work is done by
 * the files beside this one.
 */
import { realpath } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleepFor } from 'node:timers/promises';
import { catalogue } from '../../hub/catalogue';
import { fitOf, shapeOf } from '../../hub/fit';
import { machineFacts } from '../../hub/machine';
import { endpointOf, openNetwork } from '../../hub/network';
import { verifyFiles } from '../../hub/record';
import { readRepository, type Repository } from '../../hub/repository';
import type { Patience } from '../../hub/retry';
import { Shelf, type ShelvedModel } from '../../hub/shelf';
import { openModelFolder } from '../../model/modelFolder';
import { isAbort, LacunaError, toLacunaError } from '../../protocol/errors';
import type {
  AddModelParams,
  AddProgress,
  BenchParams,
  FitWish,
  InstalledModel,
  ListModelsParams,
  MachineFacts,
  MachineSpeed,
  ModelList,
  ModelOffer,
  ModelSource,
  NamedModel,
  VerifiedFile,
} from '../../protocol/modelMessages';
import { addFromFolder, addFromHub, type AddOptions } from './addModel';
import { measureMachine, readSpeed } from './bench';
import { checkModelsDir, checkSource } from './modelParams';
import { placeOf, planDownload, planFolder, shapeConfig, type PlanOptions } from './modelPlan';
import { refusalOf } from './recognizeFolder';

export interface DeskOptions {
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: AddProgress) => void;
  readonly tryOut?: AddOptions['tryOut'];
}

const tries = 6;

/** What there is, what could be had, and how it would fit. */
export async function listModels(params: ListModelsParams): Promise<ModelList> {
  const shelf = new Shelf(checkModelsDir(params, 'Cannot list models'));
  const [machine, speed] = await Promise.all([machineFacts(), readSpeed(shelf.dir)]);
  const models = await shelf.list();
  return {
    machine,
    ...(speed && { speed }),
    installed: await Promise.all(models.map((model) => describe(model, params, machine, speed))),
    unfinished: await shelf.unfinished(),
    catalogue: catalogue.map(({ config, shape, ...entry }) => {
      const refusal = refusalOf(entry.id, config);
      return {
        ...entry,
        parameters: shape.parameters,
        ...(refusal !== undefined && { refusal }),
        fit: fitOf(shape, params, machine, speed?.macsPerSecond),
      };
    }),
  };
}

export async function inspectModel(
  params: ModelSource,
  options: DeskOptions = {},
): Promise<ModelOffer> {
  checkSource(params, 'Cannot look up the model');
  return lookUp(params, options, async ({ offer }) => offer);
}

export async function addModel(
  params: AddModelParams,
  options: DeskOptions = {},
): Promise<InstalledModel> {
  checkSource(params, 'Cannot add the model');
  const shelf = new Shelf(params.modelsDir);
  options.onProgress?.({ stage: 'listing', fraction: 0 });
  await lookUp(params, options, async ({ offer, place, repository, plan }) => {
    const work = { ...options, ...plan };
    const home = await realpath(shelf.dir).catch(() => undefined);
    if (place.kind === 'folder' && path.dirname(place.dir) === home) return place.dir; // there already
    const adding =
      place.kind === 'hub'
        ? addFromHub(repository!, offer, params, shelf, work)
        : addFromFolder(place, offer, params, shelf, work);
    return adding.catch((thrown: unknown) => {
      throw isAbort(thrown) ? thrown : toLacunaError(thrown, `Cannot add "${offer.name}"`);
    });
  });
  const place = await placeOf(params);
  const model = await shelf.find(place.kind === 'hub' ? place.id : place.name);
  return describe(model, params, await machineFacts(), await readSpeed(shelf.dir));
}

export async function removeModel(
  params: NamedModel & { readonly evenChanged?: boolean },
): Promise<{ freedBytes: number }> {
  const shelf = new Shelf(checkModelsDir(params, 'Cannot remove the model'));
  return {
    freedBytes: await shelf.remove(params.name, { evenChanged: params.evenChanged === true }),
  };
}

export async function verifyModel(
  params: NamedModel,
  { signal }: DeskOptions = {},
): Promise<VerifiedFile[]> {
  const shelf = new Shelf(checkModelsDir(params, 'Cannot verify the model'));
  const { dir, record, name } = await shelf.find(params.name);
  if (record !== undefined) return verifyFiles(dir, record, signal);
  throw new LacunaError('badInput', {
    doing: `Cannot verify "${name}"`,
    found: 'it was put there by hand, so its checksums are not known',
    advice: 'Add it with "lacuna model add"',
  });
}

export function bench(params: BenchParams, { signal }: DeskOptions = {}): Promise<MachineSpeed> {
  const modelsDir = checkModelsDir(params, 'Cannot measure the machine');
  const { device, seconds } = params;
  return measureMachine(modelsDir, {
    device,
    ...(seconds !== undefined && { seconds }),
    ...(signal && { signal }),
  });
}

interface Found {
  readonly place: Awaited<ReturnType<typeof placeOf>>;
  readonly offer: ModelOffer;
  /** Of models on a hub. */
  readonly repository?: Repository;
  readonly plan: PlanOptions;
}

/** Finds the model, plans, and lends both to `work` while the network is open. */
async function lookUp<T>(
  params: ModelSource,
  { signal, onProgress }: DeskOptions,
  work: (found: Found) => Promise<T>,
): Promise<T> {
  const place = await placeOf(params);
  const shelf = new Shelf(params.modelsDir);
  const endpoint = place.kind === 'hub' ? place.endpoint : endpointOf(params.network, process.env);
  const network = await openNetwork(endpoint, params.network);
  const plan = { network, patience: patience(onProgress), ...(signal && { signal }) };
  try {
    if (place.kind === 'folder') {
      return await work({ place, offer: await planFolder(place, params, shelf), plan });
    }
    const repository = await readRepository(place, network, plan.patience, signal);
    const offer = await planDownload(repository, params, shelf, plan);
    return await work({ place, offer, repository, plan });
  } finally {
    await network.close();
  }
}

function patience(onProgress: DeskOptions['onProgress']): Patience {
  return {
    tries,
    sleep: (ms, signal) => sleepFor(ms, undefined, signal && { signal }),
    onWait: (reason, ms) => {
      const note = `${reason}, next try in ${Math.ceil(ms / 1000)} s`;
      onProgress?.({ stage: 'downloading', fraction: 0, note });
    },
  };
}

async function describe(
  { name, dir, bytes, record }: ShelvedModel,
  wish: FitWish,
  machine: MachineFacts,
  speed: MachineSpeed | undefined,
): Promise<InstalledModel> {
  const known = {
    name,
    dir,
    bytes,
    ...(record?.licence !== undefined && { licence: record.licence }),
    ...(record !== undefined && { origin: record.origin }),
  };
  try {
    const { manifest } = await openModelFolder(dir);
    const { architecture, parameters, weights, dimensions } = manifest;
    const shape = shapeOf(shapeConfig(manifest), parameters);
    const fit = shape && fitOf(shape, { ...wish, weights }, machine, speed?.macsPerSecond);
    const { maxTokens } = dimensions;
    return { ...known, architecture, parameters, weights, maxTokens, ...(fit && { fit }) };
  } catch (thrown) {
    return { ...known, problem: thrown instanceof Error ? thrown.message : String(thrown) };
  }
}
