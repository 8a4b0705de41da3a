/**
 * Finds the parts of a published checkpoint: the folder with its weights, what config.json says (seed 2
 * ships none, its tensors and args.json stand in), the adapter on top, its name, source and licence.
 * Reads small files only; knows no tensors.
 */
import { readdir, readFile, realpath } from 'node:fs/promises';
import path from 'node:path';
import { Fields, readJsonObject } from './jsonFile';
import type { JsonObject } from './jsonFile';
import { realFileOf } from './containedFile';
import { badCheckpoint } from './modelErrors';

export interface CheckpointFolder {
  /** Holds the weights; of an adapter, the base's. */
  readonly dir: string;
  /** Where companions (tokenizer, licence) are looked for, the first that has one wins. */
  readonly dirs: readonly string[];
  readonly adapterDir?: string;
  readonly config: Fields;
  readonly name: string;
  /** Hub name where the folder is of the Hugging Face cache, else what config.json or the folder says. */
  readonly source: string;
  readonly licence?: string;
  /** All that the folder and its config call the model. */
  readonly names: readonly string[];
}

const adapterConfig = 'adapter_config.json';

export async function locateCheckpoint(dir: string, base?: string): Promise<CheckpointFolder> {
  const own = await namesIn(dir);
  if (own.includes(adapterConfig) && !own.includes('config.json')) {
    if (base === undefined) {
      const found = 'it is an adapter (LoRA), which holds changes to another checkpoint only';
      throw badCheckpoint(dir, found, 'Name the folder of its base checkpoint with --base');
    }
    const below = await locateCheckpoint(base);
    const facts = await describe(dir, dir, below.config);
    return { ...below, ...facts, dirs: [dir, ...below.dirs], adapterDir: dir };
  }
  if (base !== undefined) {
    throw badCheckpoint(dir, `it has no ${adapterConfig}`, 'Leave --base out, or give an adapter');
  }
  const weightDir = own.includes('config.json') ? dir : await seed2Folder(dir, own);
  const dirs = weightDir === dir ? [dir] : [weightDir, dir];
  const config = await configOf(dirs);
  return { dir: weightDir, dirs, config, ...(await describe(dir, weightDir, config)) };
}

/** `args.json` beside `checkpoint-N`: the newest of them that has weights. */
async function seed2Folder(dir: string, names: readonly string[]): Promise<string> {
  const step = (name: string) => Number(/^checkpoint-(\d{1,9})$/.exec(name)?.[1] ?? NaN);
  const steps = names.filter((name) => step(name) >= 0).sort((a, b) => step(b) - step(a));
  for (const name of steps) {
    const inner = await namesIn(path.join(dir, name));
    if (inner.some((file) => isWeights(file))) return path.join(dir, name);
    const partitioned = inner.some((file) => /^global_step\d+$/.test(file));
    if (partitioned) {
      const found = 'its weights are split over DeepSpeed ranks (ZeRO), without pytorch_model.bin';
      const how = "Join them with DeepSpeed's own zero_to_fp32.py, which lies in that folder";
      throw badCheckpoint(path.join(dir, name), found, how);
    }
  }
  return dir;
}

function isWeights(name: string): boolean {
  return /^(model|pytorch_model).*\.(safetensors|bin)$/.test(name);
}

async function configOf(dirs: readonly string[]): Promise<Fields> {
  for (const dir of dirs) {
    const file = path.join(dir, 'config.json');
    const json = await readJsonObject(file);
    if (json) return new Fields(file, json);
  }
  const [dir] = dirs;
  const args = await firstJson(dirs, 'args.json');
  const model = args && new Fields(args.path, args.json).object('model');
  const isXlmr = (await namesIn(dir)).includes('pytorch_model.bin');
  if (args || isXlmr) {
    // The seed's trainer keeps its arguments instead; readXlmr takes the dimensions from the tensors.
    const pretrained = typeof model?.pretrained === 'string' ? model.pretrained : '';
    const json = { model_type: 'xlm-roberta', _name_or_path: pretrained };
    return new Fields(args?.path ?? path.join(dir, 'pytorch_model.bin'), json);
  }
  const advice = 'Give the folder that the checkpoint was downloaded to';
  throw badCheckpoint(dir, 'it has no config.json', advice);
}

/** The first of the folders that has such a file. */
export async function firstJson(
  dirs: readonly string[],
  name: string,
): Promise<{ path: string; json: JsonObject } | undefined> {
  for (const dir of dirs) {
    const json = await readJsonObject(path.join(dir, name));
    if (json) return { path: path.join(dir, name), json };
  }
  return undefined;
}

async function describe(
  named: string,
  weightDir: string,
  config: Fields,
): Promise<Pick<CheckpointFolder, 'name' | 'source' | 'licence' | 'names'>> {
  const parts = path.resolve(named).split(path.sep);
  const cached = parts.at(-2) === 'snapshots' ? parts.at(-3) : undefined;
  const hub = cached?.replace(/^models--/, '').replaceAll('--', '/');
  const folder = path.basename(await realpath(named).catch(() => path.resolve(named)));
  const stated = config.json._name_or_path;
  const licence = await licenceOf([named, weightDir]);
  const name = hub?.split('/').at(-1) || folder;
  return {
    name,
    source: hub ?? folder,
    ...(licence === undefined ? {} : { licence }),
    names: [name, folder, ...(typeof stated === 'string' ? [stated] : [])],
  };
}

/** `license:` of the card's front matter, which the hub shows. */
async function licenceOf(dirs: readonly string[]): Promise<string | undefined> {
  for (const dir of dirs) {
    for (const card of ['README.md', 'MODEL_CARD.md']) {
      const file = await realFileOf(dir, card).catch(() => undefined);
      const text = file === undefined ? '' : await readFile(file, 'utf8').catch(() => '');
      const front = /^---\r?\n([\s\S]{0,20000}?)\r?\n---/.exec(text)?.[1] ?? '';
      const id = /^license:[ \t]*["']?([\w.+-]{1,100})/m.exec(front)?.[1];
      const name = /^license_name:[ \t]*["']?([\w.+-]{1,100})/m.exec(front)?.[1];
      if (id !== undefined) return id === 'other' && name !== undefined ? name : id;
    }
  }
  return undefined;
}

async function namesIn(dir: string): Promise<string[]> {
  return readdir(dir).catch(() => []);
}
