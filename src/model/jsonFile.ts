/**
 * JSON objects from files of a checkpoint, and typed looks into them. A field of a wrong type is an
 * error that names the field and its value, never a silent default. Knows nothing of what fields mean.
 */
import { readFile, stat } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { realFileOf } from './containedFile';
import { badCheckpoint } from './modelErrors';

/** Largest JSON file read, bytes. The largest real one is Gemma's tokenizer.json: 33 MB. */
const maxJsonBytes = 256 * 2 ** 20;

export type JsonObject = { readonly [key: string]: unknown };

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * The object in the file at `path`; undefined where there is no such file. A link out of its folder is refused
 * before it is read, since errors quote what they cannot read.
 */
export async function readJsonObject(path: string): Promise<JsonObject | undefined> {
  let text: string;
  try {
    const { size } = await stat(path);
    await realFileOf(dirname(path), basename(path));
    if (size > maxJsonBytes) throw badCheckpoint(path, `it has ${size} bytes of JSON`);
    text = await readFile(path, 'utf8');
  } catch (error) {
    const code = isJsonObject(error) ? error.code : undefined;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw error;
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw badCheckpoint(path, `it is not valid JSON (${reason})`, undefined, { cause: error });
  }
  if (!isJsonObject(value)) throw badCheckpoint(path, 'it does not hold a JSON object');
  return value;
}

/** Typed looks into one JSON object; `path` is what errors name. A null field counts as absent. */
export class Fields {
  constructor(
    readonly path: string,
    readonly json: JsonObject,
  ) {}

  integer(key: string): number | undefined {
    return this.look(key, 'an integer of 0 or more', isCount);
  }

  /** The first of `keys` that is there, at least 1. */
  positive(...keys: string[]): number {
    const value = this.optionalPositive(...keys);
    if (value === undefined) throw badCheckpoint(this.path, `it has no "${keys[0]}"`);
    return value;
  }

  optionalPositive(...keys: string[]): number | undefined {
    for (const key of keys) {
      const value = this.integer(key);
      if (value === 0) throw badCheckpoint(this.path, `"${key}" is 0`);
      if (value !== undefined) return value;
    }
    return undefined;
  }

  number(key: string): number | undefined {
    return this.look(key, 'a number', (value) => Number.isFinite(value));
  }

  /** A list of exactly `count` numbers. */
  numbers(key: string, count: number): readonly number[] | undefined {
    return this.look(
      key,
      `a list of ${count} numbers`,
      (value) => Array.isArray(value) && value.length === count && value.every(Number.isFinite),
    );
  }

  boolean(key: string): boolean | undefined {
    return this.look(key, 'true or false', (value) => typeof value === 'boolean');
  }

  string(key: string): string | undefined {
    return this.look(key, 'a string', (value) => typeof value === 'string');
  }

  object(key: string): JsonObject | undefined {
    return this.look(key, 'an object', isJsonObject);
  }

  private look<T>(key: string, kind: string, fits: (value: unknown) => boolean): T | undefined {
    const value = this.json[key];
    if (value === undefined || value === null) return undefined;
    if (fits(value)) return value as T;
    throw badCheckpoint(this.path, `"${key}" is ${JSON.stringify(value)}, not ${kind}`);
  }
}

export function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}
