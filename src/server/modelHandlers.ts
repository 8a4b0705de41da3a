/**
 * The requests about models on a shelf and on a hub. None needs a loaded model, and none waits for
 * fills. What is done is in models/modelDesk.ts.
 */
import {
  addModelProgress,
  addModelRequest,
  benchRequest,
  inspectModelRequest,
  listModelsRequest,
  removeModelRequest,
  verifyModelRequest,
  type AddProgress,
} from '../protocol/modelMessages';
import type { Handlers } from './handlers';
import {
  addModel,
  bench,
  inspectModel,
  listModels,
  removeModel,
  verifyModel,
} from './models/modelDesk';

export function handleModels(desk: Handlers): void {
  desk.handle(listModelsRequest, 'Cannot list models', (params) => listModels(params));
  desk.handle(inspectModelRequest, 'Cannot look up the model', (params, signal) =>
    inspectModel(params, { signal }),
  );
  desk.handle(addModelRequest, 'Cannot add the model', async (params, signal) => {
    const token = params?.progressToken;
    const model = await addModel(params, {
      signal,
      ...(token !== undefined && {
        onProgress: sparingly((progress) => desk.report(addModelProgress, token, progress)),
      }),
    });
    desk.log('info', `Added ${model.name}: ${model.dir}`);
    return model;
  });
  desk.handle(removeModelRequest, 'Cannot remove the model', (params) => removeModel(params));
  desk.handle(verifyModelRequest, 'Cannot verify the model', (params, signal) =>
    verifyModel(params, { signal }),
  );
  desk.handle(benchRequest, 'Cannot measure the machine', (params, signal) =>
    bench(params, { signal }),
  );
}

/** A download reports each of its pieces, thousands in a second; nobody reads more than a few. */
function sparingly(report: (progress: AddProgress) => void): (progress: AddProgress) => void {
  let nextMs = 0;
  let stage = '';
  return (progress) => {
    const nowMs = performance.now();
    if (nowMs < nextMs && progress.stage === stage && progress.note === undefined) return;
    nextMs = nowMs + 100;
    stage = progress.stage;
    report(progress);
  };
}
