/**
 * The models folder: one folder for each model that is whole, and `.downloads` for what is not yet.
 * A model appears on the shelf by one rename of a finished folder, so a half one is never there.
 * Knows neither hubs nor what a model folder holds but for its record.
 */
import { randomBytes } from 'node:crypto';
import { mkdir, readdir, rename, rm, stat, statfs } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { LacunaError } from '../protocol/errors';
import { manifestFile, notOurs, readRecord, type ModelRecord } from './record';

const downloads = '.downloads';

export interface ShelvedModel {
  readonly name: string;
  readonly dir: string;
  readonly bytes: number;
  /** Absent where somebody put the folder there by hand. */
  readonly record?: ModelRecord;
}

export class Shelf {
  constructor(readonly dir: string) {}

  async list(): Promise<ShelvedModel[]> {
    await this.#tidy();
    const models: ShelvedModel[] = [];
    for (const folder of await foldersIn(this.dir)) {
      if (folder.startsWith('.')) continue;
      const dir = path.join(this.dir, folder);
      if (!(await isThere(path.join(dir, manifestFile)))) continue;
      const record = await readRecord(dir);
      models.push({
        name: record?.name ?? nameOf(folder),
        dir,
        bytes: await bytesBelow(dir),
        ...(record && { record }),
      });
    }
    return models.toSorted((a, b) => a.name.localeCompare(b.name));
  }

  /** Downloads that were stopped. */
  async unfinished(): Promise<{ name: string; bytes: number }[]> {
    const parent = path.join(this.dir, downloads);
    const folders = await foldersIn(parent);
    return Promise.all(
      folders.map(async (folder) => ({
        name: nameOf(folder),
        bytes: await bytesBelow(path.join(parent, folder)),
      })),
    );
  }

  /** @throws LacunaError `badUsage` with the names that there are. */
  async find(name: string): Promise<ShelvedModel> {
    const models = await this.list();
    const model = models.find((each) => each.name === name || path.basename(each.dir) === name);
    if (model !== undefined) return model;
    const names = models.map((each) => each.name).join(', ');
    throw new LacunaError('badUsage', {
      doing: `Cannot find the model "${name}"`,
      found: names === '' ? `"${this.dir}" holds no model` : `"${this.dir}" holds ${names}`,
      advice: 'Add it with "lacuna model add", or name one that is there',
    });
  }

  /** Where a model of that name stands once it is whole. */
  placeOf(name: string): string {
    return path.join(this.dir, folderOf(name));
  }

  /** Where a download of that name grows. */
  stagingOf(name: string): string {
    return path.join(this.dir, downloads, folderOf(name));
  }

  /**
   * Gives a finished folder its place; a model that was there is replaced.
   * @throws LacunaError `badUsage` where something else is there, or something of the user's lies in it.
   */
  async publish(finished: string, name: string): Promise<string> {
    const place = this.placeOf(name);
    await checkOurs(place);
    const old = path.join(this.dir, `.${folderOf(name)}-old-${randomBytes(4).toString('hex')}`);
    const isReplaced = await isThere(place);
    if (isReplaced) await rename(place, old).catch((thrown) => inUse(place, thrown));
    try {
      await rename(finished, place);
    } catch (thrown) {
      if (isReplaced) await rename(old, place);
      throw thrown;
    }
    await rm(old, { recursive: true, force: true });
    return place;
  }

  /**
   * Deletes a model and what is left of its download; bytes freed.
   * @param options.evenChanged also where files of the model are not what they were.
   * @throws LacunaError `badUsage` where something of the user's lies in it.
   */
  async remove(name: string, { evenChanged = false } = {}): Promise<number> {
    const staging = this.stagingOf(name);
    const hasStaging = await isThere(staging);
    const isWhole = (await this.list()).some(
      (each) => each.name === name || path.basename(each.dir) === name,
    );
    const dirs = hasStaging ? [staging] : [];
    if (isWhole || !hasStaging) {
      const { dir } = await this.find(name);
      await checkOurs(dir, evenChanged);
      dirs.push(dir);
    }
    let freed = 0;
    for (const dir of dirs) {
      freed += await bytesBelow(dir);
      // By another name first: a removal that is stopped half-way must not leave half a model.
      const doomed = path.join(this.dir, `.removed-${randomBytes(4).toString('hex')}`);
      await rename(dir, doomed).catch((thrown) => inUse(dir, thrown));
      await rm(doomed, { recursive: true, force: true });
    }
    return freed;
  }

  /** Sets right what a process left that was killed within a few milliseconds or while it deleted. */
  async #tidy(): Promise<void> {
    for (const folder of await foldersIn(this.dir)) {
      const left = path.join(this.dir, folder);
      const replaced = /^\.(.+)-old-[0-9a-f]{8}$/.exec(folder)?.[1];
      const place = replaced && path.join(this.dir, replaced);
      if (place && !(await isThere(place))) await rename(left, place);
      else if (place || /^\.removed-[0-9a-f]{8}$/.test(folder)) {
        await rm(left, { recursive: true, force: true });
      }
    }
  }

  /** Bytes of the disk that may still be written. */
  async freeBytes(): Promise<number> {
    await mkdir(this.dir, { recursive: true });
    const { bavail, bsize } = await statfs(this.dir);
    return bavail * bsize;
  }
}

/** LACUNA_MODELS, else where this system keeps the data of programs. */
export function userModelsDir(env: Readonly<Record<string, string | undefined>>): string {
  if (env.LACUNA_MODELS) return path.resolve(env.LACUNA_MODELS);
  const home = os.homedir();
  const base =
    process.platform === 'win32'
      ? (env.LOCALAPPDATA ?? path.join(home, 'AppData', 'Local'))
      : process.platform === 'darwin'
        ? path.join(home, 'Library', 'Application Support')
        : (env.XDG_DATA_HOME ?? path.join(home, '.local', 'share'));
  return path.join(base, 'lacuna', 'models');
}

/** `organisation/name` as one folder. */
export function folderOf(name: string): string {
  const folder = name.replaceAll('/', '--');
  if (/^[A-Za-z0-9][\w.-]*$/.test(folder) && folder.length <= 200) return folder;
  throw new LacunaError('badUsage', {
    doing: `Cannot keep a model under the name "${name}"`,
    found: 'a name has letters, digits, ".", "_" and "-", and starts with one of the first two',
    advice: 'Give another name',
  });
}

function nameOf(folder: string): string {
  return folder.replace('--', '/');
}

async function foldersIn(dir: string): Promise<string[]> {
  const entries = await readdir(dir, { withFileTypes: true }).catch(() => []);
  return entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
}

async function bytesBelow(dir: string): Promise<number> {
  const entries = await readdir(dir, { withFileTypes: true, recursive: true });
  const sizes = entries
    .filter((entry) => entry.isFile())
    .map(async (entry) => (await stat(path.join(entry.parentPath, entry.name))).size);
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
}

function isThere(file: string): Promise<boolean> {
  return stat(file).then(
    () => true,
    () => false,
  );
}

/** Whoever keeps notes, adapters or weights of his own in a folder of that name keeps them. */
async function checkOurs(dir: string, evenChanged = false): Promise<void> {
  const found = (await isThere(dir)) ? await notOurs(dir, evenChanged) : undefined;
  if (found === undefined) return;
  throw new LacunaError('badUsage', {
    doing: `Cannot replace or remove "${dir}"`,
    found: `not all in it was put there by Lacuna: ${found}`,
    advice:
      'Move it elsewhere, or where only a file was changed, run "lacuna model remove NAME --force"',
  });
}

/** Windows does not let go of a file that a process has open. */
function inUse(dir: string, thrown: unknown): never {
  throw new LacunaError(
    'badUsage',
    {
      doing: `Cannot replace or remove "${dir}"`,
      found: thrown instanceof Error ? thrown.message : String(thrown),
      advice: 'If the model is loaded, load another one first',
    },
    { cause: thrown },
  );
}
