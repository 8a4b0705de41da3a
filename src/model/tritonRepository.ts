/**
 * Writes a model folder as a model repository for NVIDIA Triton (or KServe with it): the batched graph as
 * an .onnx file, the weights beside it as they are, and the configuration. Runs nothing; what the graph
 * takes and gives is graph.ts's affair.
 */
import { randomBytes } from 'node:crypto';
import { copyFile, link, mkdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { LacunaError } from '../protocol/errors';
import { buildGraph } from './graph';
import { checkIntact } from './intact';
import { openModelFolder, userCacheDir } from './modelFolder';
import { tritonConfig, tritonName } from './tritonConfig';

export interface TritonOptions {
  /** The model repository; made where it is missing. */
  readonly outDir: string;
  /** Canvases that may run at once. */
  readonly maxBatch?: number;
}

const usualBatch = 16;

/** @returns the name of the model in the repository. @throws LacunaError where it is there already. */
export async function writeTritonRepository(
  modelDir: string,
  { outDir, maxBatch = usualBatch }: TritonOptions,
): Promise<string> {
  const model = await openModelFolder(modelDir);
  await checkIntact(model, { cacheDir: userCacheDir() });
  const { manifest, weightFile, weights } = model;
  if (manifest.lengthClasses !== undefined) {
    throw cannotExport(
      `model "${manifest.name}" has a length predictor, which this form does not carry`,
      'Serve it with "lacuna serve"',
    );
  }
  const name = tritonName(manifest);
  const target = path.join(outDir, name);
  if (await stat(target).catch(() => undefined)) {
    throw cannotExport(`"${target}" is there already`, 'Remove it, or name another folder');
  }
  // Triton may watch the repository: a model is there whole or not at all.
  const temporary = path.join(outDir, `.${name}.partial-${randomBytes(4).toString('hex')}`);
  const version = path.join(temporary, '1');
  try {
    await mkdir(version, { recursive: true });
    const graph = buildGraph(manifest, weightFile, weights, {
      ...{ attention: 'plain', target: 'gpu', isBatched: true }, // right on every device
    });
    await writeFile(path.join(version, 'model.onnx'), graph);
    const weightCopy = path.join(version, path.basename(weightFile));
    await link(weightFile, weightCopy).catch(() => copyFile(weightFile, weightCopy));
    await writeFile(path.join(temporary, 'config.pbtxt'), tritonConfig(manifest, name, maxBatch));
    await rename(temporary, target);
  } catch (thrown) {
    await rm(temporary, { recursive: true, force: true });
    throw thrown;
  }
  return name;
}

function cannotExport(found: string, advice: string): LacunaError {
  return new LacunaError('badUsage', { doing: 'Cannot write a Triton repository', found, advice });
}
