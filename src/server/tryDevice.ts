/**
 * Entry of dist/tryDevice.js, the child process in which a GPU is tried with a model: two arguments in, one
 * line of JSON out. May crash; that is what it is for.
 */
import { tryGpu, type TrialRequest } from '../model/gpuTrial';
import { openModelFolder } from '../model/modelFolder';

async function main([dir, request]: readonly string[]): Promise<void> {
  const report = await tryGpu(await openModelFolder(dir!), JSON.parse(request!) as TrialRequest);
  process.stdout.write(`\n${JSON.stringify(report)}\n`, () => process.exit(0));
}

main(process.argv.slice(2)).catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : String(error));
  process.exit(1);
});
