/**
 * Fetches, converts, checks and shelves a model. Until the last step everything happens beside the
 * shelf, so whatever stops it, by accident or by wish, no half model can be taken for one.
 */
import { cp, mkdir, readdir, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { downloadAll } from '../../hub/downloadAll';
import { withLock } from '../../hub/lock';
import { writeRecord } from '../../hub/record';
import type { Repository } from '../../hub/repository';
import type { Shelf } from '../../hub/shelf';
import { convertCheckpoint, manifestFile } from '../../model/convert';
import { openModelFolder, readTokenizerFiles } from '../../model/modelFolder';
import { unsupportedModel } from '../../model/modelErrors';
import { LacunaError } from '../../protocol/errors';
import type { AddModelParams, AddProgress, ModelOffer } from '../../protocol/modelMessages';
import { createTokenizer } from '../../tokenizer/tokenizer';
import { checkDisk, isText, type Place, type PlanOptions } from './modelPlan';
import { recognizeFolder } from './recognizeFolder';
import { adoptPapers, stagingFor, takeUp, type Staging } from './staging';

export interface AddOptions extends PlanOptions {
  readonly onProgress?: (progress: AddProgress) => void;
  /** Runs the model once before it is shelved. */
  readonly tryOut?: ((dir: string) => Promise<void>) | undefined;
}

/** The folder on the shelf. */
export async function addFromHub(
  repository: Repository,
  offer: ModelOffer,
  params: AddModelParams,
  shelf: Shelf,
  options: AddOptions,
): Promise<string> {
  checkLicence(offer, params.acceptedLicence);
  const { id, files } = repository;
  const staging = stagingFor(shelf, id);
  return withLock(staging.dir, id, async () => {
    await takeUp(staging, repository);
    checkDisk(offer, shelf.dir);
    const dir = staging.checkpointDir;
    const { onProgress, tryOut: _, ...plan } = options;
    await downloadAll(repository, files.filter(isText), dir, plan);
    await recognizeFolder(dir, id, params.maskId); // before the weights
    await downloadAll(repository, files, dir, {
      ...plan,
      onProgress: (state) =>
        onProgress?.({ stage: 'downloading', fraction: shareOf(state), ...state }),
    });
    await adoptPapers(dir);
    await convert(dir, staging, params, options);
    return finish(staging, offer, shelf, options);
  });
}

/** A model folder is copied, a checkpoint converted; what is there stays as it is. */
export async function addFromFolder(
  { dir }: Extract<Place, { kind: 'folder' }>,
  offer: ModelOffer,
  params: AddModelParams,
  shelf: Shelf,
  options: AddOptions,
): Promise<string> {
  checkDisk(offer, shelf.dir);
  const staging = stagingFor(shelf, offer.name);
  return withLock(staging.dir, offer.name, async () => {
    await rm(staging.convertedDir, { recursive: true, force: true });
    if ((await readdir(dir)).includes(manifestFile)) await copyFiles(dir, staging.convertedDir);
    else await convert(dir, staging, params, options);
    return finish(staging, offer, shelf, options);
  });
}

/** Whoever adds must have seen the licence that is valid now. */
function checkLicence({ name, licence, licenceUrl }: ModelOffer, accepted?: string): void {
  if (accepted === licence) return;
  throw new LacunaError('badUsage', {
    doing: `Cannot add "${name}"`,
    found: `its licence (${licence}, ${licenceUrl}) was not accepted`,
    advice: 'Read it and accept it first',
  });
}

async function convert(
  dir: string,
  { convertedDir }: Staging,
  { weights = 'q8', maskId, shift }: AddModelParams,
  { signal, onProgress }: AddOptions,
): Promise<void> {
  onProgress?.({ stage: 'converting', fraction: 0 });
  await convertCheckpoint(dir, {
    outDir: convertedDir,
    weights,
    ...(maskId !== undefined && { maskId }),
    ...(shift !== undefined && { shift }),
    ...(signal && { signal }),
    onProgress: (fraction) => onProgress?.({ stage: 'converting', fraction }),
  });
}

async function finish(
  { dir, convertedDir }: Staging,
  { name, origin, revision, licence, mustAccept }: ModelOffer,
  shelf: Shelf,
  { signal, onProgress, tryOut }: AddOptions,
): Promise<string> {
  onProgress?.({ stage: 'checking', fraction: 0 });
  await checkModel(convertedDir, name);
  await tryOut?.(convertedDir);
  onProgress?.({ stage: 'checking', fraction: 0.5 });
  const facts = {
    name,
    origin,
    ...(revision !== undefined && { revision }),
    ...(mustAccept && { licence }),
    addedAt: new Date().toISOString(),
  };
  await writeRecord(convertedDir, facts, signal);
  signal?.throwIfAborted();
  const place = await shelf.publish(convertedDir, name);
  await rm(dir, { recursive: true, force: true });
  onProgress?.({ stage: 'checking', fraction: 1 });
  return place;
}

/** All that can be told without running it. */
async function checkModel(dir: string, name: string): Promise<void> {
  const folder = await openModelFolder(dir);
  const files = await readTokenizerFiles(folder);
  if (files === undefined) {
    throw unsupportedModel(name, 'it has no tokenizer.json', 'Put it beside the checkpoint');
  }
  createTokenizer(files.tokenizer, files.config);
}

async function copyFiles(from: string, to: string): Promise<void> {
  await mkdir(to, { recursive: true });
  for (const name of await readdir(from)) {
    const file = path.join(from, name);
    if (name.startsWith('.') || !(await stat(file)).isFile()) continue;
    await cp(file, path.join(to, name), { dereference: true });
  }
}

function shareOf({ doneBytes, totalBytes }: { doneBytes: number; totalBytes: number }): number {
  return totalBytes === 0 ? 1 : doneBytes / totalBytes;
}
