/**
 * Reads a model folder back, checking lacuna.json field by field, and finds the model folder for any
 * folder a user names: a checkpoint is converted once into a cache and found there again until its
 * files change. Knows nothing of graphs and devices.
 */
import { mkdir, readdir, realpath } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import type { WeightFormat } from '../protocol/messages';
import { checkChatFormat } from './chatFormat';
import { convertCheckpoint, manifestFile } from './convert';
import type { CheckpointOptions } from './checkpoint';
import { fingerprint } from './fingerprint';
import { Fields, isCount, readJsonObject } from './jsonFile';
import type { Architecture, LengthPolicy, Manifest, ModelDimensions } from './manifest';
import { checksumOf, manifestVersion } from './manifest';
import { badCheckpoint } from './modelErrors';
import { readSafetensors } from './safetensors';
import { tokenizerFiles } from './tokenizerFiles';
import type { TokenizerFiles } from './tokenizerFiles';
import type { TensorEntry } from './safetensors';

export interface ModelFolder {
  readonly dir: string;
  readonly manifest: Manifest;
  /** Real path of the weight file. */
  readonly weightFile: string;
  readonly weights: ReadonlyMap<string, TensorEntry>;
}

const architectures: readonly Architecture[] = ['gpt2', 'llama', 'xlmr'];
const policies: readonly LengthPolicy[] = ['blanks', 'expand', 'predicted', 'probed'];
const formats: readonly WeightFormat[] = ['f32', 'f16', 'q8', 'q4'];
const again = 'Convert the checkpoint again';

export async function openModelFolder(dir: string): Promise<ModelFolder> {
  const json = await readJsonObject(path.join(dir, manifestFile));
  if (!json)
    throw badCheckpoint(
      dir,
      `it has no ${manifestFile}`,
      'Make a model folder with "lacuna convert"',
    );
  const manifest = checkManifest(new Fields(path.join(dir, manifestFile), json));
  const named = path.join(dir, manifest.weightFile);
  const weightFile = await realpath(named).catch(() => {
    throw badCheckpoint(dir, `its weight file "${manifest.weightFile}" is missing`, again);
  });
  return { dir, manifest, weightFile, weights: await readSafetensors(weightFile) };
}

/** @throws LacunaError naming the field that is missing or wrong. */
function checkManifest(fields: Fields): Manifest {
  const manifest = fields.json as unknown as Manifest;
  const refuse = (found: string) => badCheckpoint(fields.path, found, again);
  if (fields.integer('manifestVersion') !== manifestVersion) {
    const found = `it has version ${manifest.manifestVersion} of the format`;
    throw refuse(`${found}, this release reads version ${manifestVersion}`);
  }
  if (!architectures.includes(manifest.architecture)) {
    throw refuse(`it names the architecture ${JSON.stringify(manifest.architecture)}`);
  }
  if (!policies.includes(manifest.lengthPolicy)) {
    throw refuse(`it names the length policy ${JSON.stringify(manifest.lengthPolicy)}`);
  }
  if (!formats.includes(manifest.weights)) {
    throw refuse(`it names the weight format ${JSON.stringify(manifest.weights)}`);
  }
  const sizes = new Fields(fields.path, fields.object('dimensions') ?? {});
  const keys: readonly (keyof ModelDimensions)[] = [
    ...(['vocabSize', 'hiddenSize', 'layers', 'heads', 'keyValueHeads', 'headSize'] as const),
    ...(['feedForwardSize', 'maxTokens'] as const),
  ];
  for (const key of keys) sizes.positive(key);
  const { weightFile, maskId, dimensions } = manifest;
  if (fields.string('weightFile') === undefined || path.basename(weightFile) !== weightFile) {
    throw refuse(`its weightFile is ${JSON.stringify(weightFile)}`); // stays inside the folder
  }
  if (!isCount(maskId) || maskId >= dimensions.vocabSize) {
    throw refuse(`its mask id ${maskId} is outside its vocabulary of ${dimensions.vocabSize}`);
  }
  if (manifest.cpuWeights !== undefined && manifest.cpuWeights !== 'q8') {
    throw refuse(`it names the weight format ${JSON.stringify(manifest.cpuWeights)} for CPUs`);
  }
  for (const key of ['shift', 'tiedHead', 'hasTokenizer'] as const) {
    if (fields.boolean(key) === undefined) throw refuse(`it has no "${key}"`);
  }
  const ids = [
    ...(['bosId', 'eosId', 'padId', 'sepId', 'expandId', 'deleteId', 'blankId'] as const).map(
      (key) => fields.integer(key),
    ),
    ...(manifest.tailIds ?? []),
  ];
  const stray = ids.find((id) => id !== undefined && !(isCount(id) && id < dimensions.vocabSize));
  if (stray !== undefined) throw refuse(`it names token ${stray} outside its vocabulary`);
  fields.optionalPositive('lengthClasses');
  fields.object('files');
  if (fields.number('normEpsilon') === undefined) throw refuse('it has no "normEpsilon"');
  if (fields.string('name') === undefined) throw refuse('it has no "name"');
  fields.string('instructionPrefix');
  checkChatFormat(manifest.chat, refuse);
  fields.boolean('trainedFromLeft');
  fields.numbers('lengthBias', 5);
  fields.positive('parameters');
  const checksum = fields.string('checksum');
  if (checksum !== undefined && checksum !== checksumOf(manifest)) {
    throw refuse('its contents and its checksum do not agree: it is damaged, or was edited');
  }
  return manifest;
}

export interface ResolveOptions extends CheckpointOptions {
  /** Where converted checkpoints are kept; absent: the user's cache folder. */
  readonly cacheDir?: string;
  /** Format to convert a checkpoint to; absent: q8. */
  readonly weights?: WeightFormat;
  /** Share of a conversion that is done, 0..1; not called when none is needed. */
  readonly onProgress?: (fraction: number) => void;
  readonly signal?: AbortSignal;
  /** Converts again what the cache has. */
  readonly anew?: boolean;
  /** See ConvertOptions. */
  readonly snippet?: (files: TokenizerFiles) => Int32Array;
}

/** The model folder for `dir`: itself, or its conversion in the cache, made now where it is missing. */
export async function resolveModelDir(dir: string, options: ResolveOptions = {}): Promise<string> {
  const names = await readdir(dir).catch(() => undefined);
  if (!names) {
    throw badCheckpoint(dir, 'there is no such folder', 'Give a model or checkpoint folder');
  }
  if (names.includes(manifestFile)) return dir;
  const weights = options.weights ?? 'q8';
  const cacheDir = options.cacheDir ?? userCacheDir();
  const source = await realpath(dir);
  const hash = await fingerprint(source, options);
  const outDir = path.join(cacheDir, `${path.basename(source)}-${hash}-${weights}`);
  const isThere = (await readdir(outDir).catch((): string[] => [])).includes(manifestFile);
  if (!isThere || options.anew === true) {
    await mkdir(cacheDir, { recursive: true });
    // Two processes may both come here: both convert, the first to finish is kept.
    const ifThere = options.anew === true ? 'repair' : 'keep';
    await convertCheckpoint(dir, { ...options, outDir, weights, ifThere });
  }
  return outDir;
}

export function userCacheDir(): string {
  const home = os.homedir();
  const base =
    process.platform === 'win32'
      ? (process.env.LOCALAPPDATA ?? path.join(home, 'AppData', 'Local'))
      : process.platform === 'darwin'
        ? path.join(home, 'Library', 'Caches')
        : (process.env.XDG_CACHE_HOME ?? path.join(home, '.cache'));
  return path.join(base, 'lacuna', 'models');
}

/** Parsed tokenizer.json and tokenizer_config.json of a model folder that has them. */
export async function readTokenizerFiles(folder: ModelFolder): Promise<TokenizerFiles | undefined> {
  if (!folder.manifest.hasTokenizer) return undefined;
  const [tokenizer, config] = await Promise.all(
    tokenizerFiles.slice(0, 2).map((file) => readJsonObject(path.join(folder.dir, file))),
  );
  if (!tokenizer) throw badCheckpoint(folder.dir, 'its tokenizer.json is missing', again);
  return { tokenizer, config: config ?? {} };
}
