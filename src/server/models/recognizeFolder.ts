/**
 * What the model floor makes of a checkpoint of which only the text files are here: whether its kind
 * can fill gaps at all. The one place where getting a model asks that; knows no weights.
 */
import path from 'node:path';
import { recognize } from '../../model/architectures';
import { Fields, readJsonObject, type JsonObject } from '../../model/jsonFile';
import { badCheckpoint, unsupportedModel } from '../../model/modelErrors';
import { findSpecials } from '../../model/specialTokens';
import { readPublishedTokenizer } from '../../model/tokenizerFiles';
import { LacunaError } from '../../protocol/errors';

/**
 * The contents of config.json. @throws LacunaError `unsupportedModel` or `badCheckpoint` with the
 * reason, which names the model and not the folder that it was fetched to.
 */
export async function recognizeFolder(
  dir: string,
  name: string,
  maskId: number | undefined,
): Promise<JsonObject> {
  const json = await readJsonObject(path.join(dir, 'config.json'));
  if (!json) throw badCheckpoint(name, 'it has no config.json', 'Name the repository of a model');
  const config = new Fields(path.join(dir, 'config.json'), json);
  const names = [name];
  try {
    const stated = { ...(maskId !== undefined && { maskId }), isAdapter: false, names };
    const specials = await findSpecials([dir], config, stated);
    const { architecture } = recognize(name, config, {
      hasMask: specials.maskId !== undefined,
      maskStated: maskId !== undefined,
      hasExpand: specials.expandId !== undefined,
      isWrappedXlmr: false, // seed 2 was published as archives, not on a hub
      names,
    });
    if ((await readPublishedTokenizer([dir], architecture)) !== undefined) return json;
  } catch (thrown) {
    throw named(thrown, dir, name);
  }
  const advice = 'Use a repository that has one';
  throw unsupportedModel(name, 'it has no tokenizer, so no text could be filled', advice);
}

/** Why this release does not run models of that kind; undefined where it does. */
export function refusalOf(id: string, config: JsonObject): string | undefined {
  try {
    recognize(id, new Fields(id, config), {
      ...{ hasMask: true, maskStated: false, hasExpand: false, isWrappedXlmr: false },
      names: [id],
    });
    return undefined;
  } catch (thrown) {
    if (thrown instanceof LacunaError) return thrown.parts.found;
    throw thrown;
  }
}

function named(thrown: unknown, dir: string, name: string): unknown {
  if (!(thrown instanceof LacunaError)) return thrown;
  const { doing, found, advice } = thrown.parts;
  const parts = { doing: doing.replaceAll(dir, name), found: found.replaceAll(dir, name), advice };
  return new LacunaError(thrown.code, parts, { cause: thrown });
}
