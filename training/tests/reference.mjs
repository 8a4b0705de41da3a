/**
 * Ids of texts as llama.cpp's own tokenizer makes them of a GGUF's vocabulary: a JSON string a line in, a JSON
 * array a line out. The package lies in a cache folder that `npm run bench -- --only llama` fills.
 *
 * node reference.mjs CACHE_DIR MODEL.gguf < texts > ids
 */
import { createRequire } from 'node:module';
import { createInterface } from 'node:readline';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

const [cache, modelPath] = process.argv.slice(2);
const found = createRequire(path.join(cache, 'package.json')).resolve('node-llama-cpp');
const { getLlama } = await import(pathToFileURL(found).href);
const llama = await getLlama({ gpu: false, build: 'never', skipDownload: true, progressLogs: false });
const model = await llama.loadModel({ modelPath, gpuLayers: 0, vocabOnly: true });
for await (const line of createInterface({ input: process.stdin })) {
  console.log(JSON.stringify(model.tokenize(JSON.parse(line), false)));
}
process.exit(0);
