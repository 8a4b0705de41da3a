/**
 * llama.cpp through node-llama-cpp, for the bench to measure against: greedy left-to-right infilling, a
 * JSON request a line in, a JSON answer a line out. Sends ids, so that no tokenizer is timed; knows nothing
 * of Lacuna. The package lies in a cache folder that the first argument names.
 *
 * node worker.mjs CACHE_DIR MODEL.gguf THREADS CONTEXT
 */
import { createRequire } from 'node:module';
import { createInterface } from 'node:readline';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

const [cache, modelPath, threads, contextSize] = process.argv.slice(2);
const found = createRequire(path.join(cache, 'package.json')).resolve('node-llama-cpp');
const { getLlama } = await import(pathToFileURL(found).href);
const llama = await getLlama({
  gpu: false,
  build: 'never',
  skipDownload: true,
  progressLogs: false,
});
llama.maxThreads = Number(threads);
const model = await llama.loadModel({ modelPath, gpuLayers: 0 });
const context = await model.createContext({
  contextSize: Number(contextSize),
  batchSize: Number(contextSize),
  threads: { ideal: Number(threads), min: Number(threads) },
});
const sequence = context.getSequence();
const say = (answer) => console.log(JSON.stringify(answer));
say({ ready: true, llamaCpp: llama.llamaCppRelease.release, system: llama.systemInfo.trim() });

/** Keeps what the cache holds of the prompt's beginning, but not its last token: that one yields logits. */
async function keepBeginning(prompt, reuse) {
  const held = sequence.contextTokens;
  let same = 0;
  while (reuse && same < prompt.length - 1 && held[same] === prompt[same]) same++;
  if (same === 0) await sequence.clearHistory();
  else if (same < sequence.nextTokenIndex) {
    await sequence.eraseContextTokenRanges([{ start: same, end: sequence.nextTokenIndex }]);
  }
  return same;
}

for await (const line of createInterface({ input: process.stdin })) {
  const { prompt, count, reuse } = JSON.parse(line);
  const [start, cpu] = [performance.now(), process.cpuUsage()];
  const same = await keepBeginning(prompt, reuse);
  const ids = [];
  let promptMs = 0;
  const options = { temperature: 0, yieldEogToken: true };
  for await (const token of sequence.evaluate(prompt.slice(same), options)) {
    if (ids.length === 0) promptMs = performance.now() - start;
    ids.push(token);
    if (ids.length === count) break;
  }
  const ms = performance.now() - start;
  const { user, system } = process.cpuUsage(cpu);
  say({ ms, cpuMs: (user + system) / 1000, promptMs, reused: same, ids });
}
