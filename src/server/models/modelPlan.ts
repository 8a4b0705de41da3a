/**
 * Looks a model up and says what adding it would mean, before any weight is fetched: what is asked
 * of the disk, whether it fits, under which licence. Both `inspect` and `add` start here.
 */
import { mkdtemp, readdir, realpath, rm, stat } from 'node:fs/promises';
import { statSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { readAddress } from '../../hub/address';
import { downloadAll, missingBytes } from '../../hub/downloadAll';
import { fitOf, shapeOf } from '../../hub/fit';
import { machineFacts } from '../../hub/machine';
import { endpointOf, type Network } from '../../hub/network';
import { isWeightFile, type HubSource, type Repository } from '../../hub/repository';
import type { Patience } from '../../hub/retry';
import { folderOf, type Shelf } from '../../hub/shelf';
import { openCheckpoint } from '../../model/checkpoint';
import { manifestFile } from '../../model/convert';
import type { JsonObject } from '../../model/jsonFile';
import { openModelFolder } from '../../model/modelFolder';
import { LacunaError } from '../../protocol/errors';
import type { WeightFormat } from '../../protocol/messages';
import type { Fit, ModelOffer, ModelSource } from '../../protocol/modelMessages';
import { bytesText } from '../../protocol/modelText';
import { readSpeed } from './bench';
import { recognizeFolder } from './recognizeFolder';
import { stagingFor } from './staging';

/** Bytes on the disk of one weight. */
const diskBytes: Readonly<Record<WeightFormat, number>> = { f32: 4, f16: 2, q8: 1.05, q4: 0.65 };
/** Tokenizer, papers, and room to breathe. */
const spareBytes = 64 * 2 ** 20;

export interface PlanOptions {
  readonly network: Network;
  readonly patience: Patience;
  readonly signal?: AbortSignal;
}

export type Place =
  HubSource | { readonly kind: 'folder'; readonly dir: string; readonly name: string };

/** Where a model is to come from. @throws LacunaError `badUsage` for what makes no sense. */
export async function placeOf({ source, revision, network }: ModelSource): Promise<Place> {
  const endpoint = endpointOf(network, process.env);
  const isFolder = (dir: string) =>
    statSync(dir, { throwIfNoEntry: false })?.isDirectory() === true;
  const place = readAddress(source, { endpoint, revision, isFolder });
  if (place.kind === 'hub') return place;
  const dir = await realpath(place.dir);
  return { kind: 'folder', dir, name: nameOfFolder(dir) };
}

/** What a repository would mean. Fetches its text files for a look and throws them away. */
export async function planDownload(
  repository: Repository,
  wish: ModelSource,
  shelf: Shelf,
  options: PlanOptions,
): Promise<ModelOffer> {
  const { id, endpoint, revision, licence, licenceUrl, files } = repository;
  const look = await mkdtemp(path.join(os.tmpdir(), 'lacuna-look-'));
  let config: JsonObject;
  try {
    await downloadAll(repository, files.filter(isText), look, options);
    config = await recognizeFolder(look, id, wish.maskId);
  } finally {
    await rm(look, { recursive: true, force: true });
  }
  const parameters = repository.parameters ?? parametersOf(repository, config);
  const present = stagingFor(shelf, id).checkpointDir;
  const downloadBytes = await missingBytes(files, present);
  const total = files.reduce((sum, { bytes }) => sum + bytes, 0);
  return {
    name: id,
    origin: `${endpoint}/${id}`,
    revision,
    licence,
    licenceUrl,
    mustAccept: true,
    parameters,
    downloadBytes,
    presentBytes: total - downloadBytes,
    freeDiskBytes: await shelf.freeBytes(),
    neededDiskBytes: downloadBytes + convertedBytes(parameters, wish.weights),
    fit: await fitFor(config, parameters, wish, shelf),
    ...(await installed(shelf, id)),
  };
}

/** What a folder would mean. */
export async function planFolder(
  { dir, name }: Extract<Place, { kind: 'folder' }>,
  wish: ModelSource,
  shelf: Shelf,
): Promise<ModelOffer> {
  const { parameters, shape } = await factsOfFolder(dir, wish);
  return {
    name,
    origin: dir,
    licence: 'not asked for: it is on this disk already',
    mustAccept: false,
    parameters,
    downloadBytes: 0,
    presentBytes: 0,
    freeDiskBytes: await shelf.freeBytes(),
    neededDiskBytes: convertedBytes(parameters, wish.weights),
    fit: await fitFor(shape, parameters, wish, shelf),
    ...(await installed(shelf, name)),
  };
}

/** @throws LacunaError `diskFull` with the figures. */
export function checkDisk({ name, freeDiskBytes, neededDiskBytes }: ModelOffer, dir: string): void {
  if (neededDiskBytes <= freeDiskBytes) return;
  throw new LacunaError('diskFull', {
    doing: `Cannot add "${name}"`,
    found: `it needs ${bytesText(neededDiskBytes)} of "${dir}", where ${bytesText(freeDiskBytes)} are free`,
    advice: 'Free some space, or keep models elsewhere (--models-dir)',
  });
}

export function isText({ name }: { readonly name: string }): boolean {
  return !isWeightFile(name);
}

/** In the Hugging Face cache (models--org--name/snapshots/hash) the model's, else the folder's. */
function nameOfFolder(dir: string): string {
  const parts = dir.split(path.sep);
  const cached = parts.at(-2) === 'snapshots' ? parts.at(-3) : undefined;
  const [, organisation, ...rest] = cached?.split('--') ?? [];
  const name =
    organisation === undefined ? path.basename(dir) : `${organisation}/${rest.join('--')}`;
  const clean = name.replace(/[^\w./-]+/g, '-').replace(/^[^A-Za-z0-9]+/, '');
  folderOf(clean);
  return clean;
}

async function factsOfFolder(
  dir: string,
  { maskId, shift }: ModelSource,
): Promise<{ parameters: number; shape: JsonObject }> {
  if ((await readdir(dir)).includes(manifestFile)) {
    const { manifest } = await openModelFolder(dir);
    return { parameters: manifest.parameters, shape: shapeConfig(manifest) };
  }
  const { facts, tensors } = await openCheckpoint(dir, {
    ...(maskId !== undefined && { maskId }),
    ...(shift !== undefined && { shift }),
  });
  await tensors.close();
  return { parameters: facts.parameters, shape: shapeConfig(facts) };
}

/** A manifest's dimensions in the words of a config.json. */
export function shapeConfig({
  dimensions,
  tiedHead,
}: {
  readonly dimensions: Readonly<Record<string, number>> | object;
  readonly tiedHead: boolean;
}): JsonObject {
  const sizes = dimensions as Readonly<Record<string, number>>;
  return {
    hidden_size: sizes.hiddenSize,
    num_hidden_layers: sizes.layers,
    num_attention_heads: sizes.heads,
    num_key_value_heads: sizes.keyValueHeads,
    vocab_size: sizes.vocabSize,
    intermediate_size: sizes.feedForwardSize,
    max_position_embeddings: sizes.maxTokens,
    tie_word_embeddings: tiedHead,
  };
}

/** From the size of the weights, where the hub does not count them. */
function parametersOf({ files }: Repository, config: JsonObject): number {
  const weights = files.filter(({ name }) => isWeightFile(name));
  const bytes = weights.reduce((sum, file) => sum + file.bytes, 0);
  const type = config.torch_dtype ?? config.dtype;
  return Math.round(bytes / (type === 'float32' ? 4 : 2));
}

function convertedBytes(parameters: number, format: WeightFormat = 'q8'): number {
  return parameters * diskBytes[format] + spareBytes;
}

async function fitFor(
  config: JsonObject,
  parameters: number,
  wish: ModelSource,
  { dir }: Shelf,
): Promise<Fit> {
  const machine = await machineFacts();
  const shape = shapeOf(config, parameters);
  const speed = await readSpeed(dir);
  if (shape !== undefined) return fitOf(shape, wish, machine, speed?.macsPerSecond);
  const needBytes = convertedBytes(parameters, wish.weights);
  const { availableBytes } = machine;
  const verdict = needBytes < availableBytes ? 'fits' : 'does-not-fit';
  return { verdict, window: wish.window ?? 0, needBytes, availableBytes };
}

async function installed(shelf: Shelf, name: string): Promise<{ installedDir?: string }> {
  const dir = shelf.placeOf(name);
  const isThere = await stat(path.join(dir, manifestFile)).then(
    () => true,
    () => false,
  );
  return isThere ? { installedDir: dir } : {};
}
