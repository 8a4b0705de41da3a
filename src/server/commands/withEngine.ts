/**
 * Loads the model that a command's flags name, lends the engine to the command and takes it back.
 * Knows where the shipped model lies, relative to the bundle that this file ends up in.
 */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { Shelf, userModelsDir } from '../../hub/shelf';
import type { ModelInfo } from '../../protocol/messages';
import { Engine } from '../engine';
import type { Console } from './console';
import { progressBar } from './progressBar';
import type { ModelFlags } from './samplingFlags';

/** LACUNA_MODEL, else dist/model as in a package, else models/lacuna-default as in the repository. */
export function defaultModelDir(env: Console['env']): string {
  if (env.LACUNA_MODEL) return env.LACUNA_MODEL;
  const packaged = path.join(__dirname, 'model');
  return existsSync(packaged) ? packaged : path.join(__dirname, '..', 'models', 'lacuna-default');
}

/** A folder, else a model of that name in the models folder. */
export async function modelDirOf(
  named: string | undefined,
  env: Console['env'],
  modelsDir = userModelsDir(env),
): Promise<string> {
  if (named === undefined) return defaultModelDir(env);
  if (existsSync(named)) return named;
  const models = await new Shelf(modelsDir).list();
  return (
    models.find(({ name, dir }) => name === named || path.basename(dir) === named)?.dir ?? named
  );
}

export async function withEngine<T>(
  flags: ModelFlags,
  console: Console,
  work: (engine: Engine, info: ModelInfo) => Promise<T>,
): Promise<T> {
  const engine = new Engine();
  try {
    const info = await load(engine, flags, console);
    if (flags.verbose === true) {
      console.err.write(`Loaded ${info.name} (${info.weights}) on ${info.device} in `);
      console.err.write(`${Math.round(info.loadMs)} ms: ${info.dir}\n`);
    }
    return await work(engine, info);
  } finally {
    await engine.dispose();
  }
}

async function load(engine: Engine, flags: ModelFlags, console: Console): Promise<ModelInfo> {
  const modelDir = path.resolve(await modelDirOf(flags.model, console.env));
  const bar = progressBar(console, 'Loading');
  try {
    return await engine.load(
      { modelDir, device: flags.device, ...(flags.url !== undefined && { deviceUrl: flags.url }) },
      {
        signal: console.signal,
        onProgress: ({ stage, fraction }) => bar.update(fraction, stage),
        ...(flags.verbose === true && {
          onNote: (note: string) => console.err.write(`Device passed over: ${note}\n`),
        }),
      },
    );
  } finally {
    bar.stop();
  }
}
