/**
 * The requests that load a model and run it. Each waits for its turn in the process's queue, and for
 * room in its memory. Knows neither how bytes travel nor how a fill is made.
 */
import { stat } from 'node:fs/promises';
import path from 'node:path';
import {
  chatProgress,
  chatRequest,
  countTokensRequest,
  previewRequest,
} from '../protocol/chatMessages';
import {
  fillProgress,
  fillRequest,
  loadProgress,
  loadRequest,
  scoreProgress,
  scoreRequest,
  type LoadParams,
  type ModelInfo,
} from '../protocol/messages';
import type { Handlers } from './handlers';
import type { Priority, Ticket } from './queue';

export function handleSampling(desk: Handlers): void {
  const { engine, host, owner, report } = desk;

  /** What the engine needs of a ticket, and how long the work took besides waiting for others. */
  async function inTurn<R extends { readonly elapsedMs: number }>(
    wish: { readonly priority: Priority; readonly signal: AbortSignal; readonly doing: string },
    work: (ticket: Ticket) => Promise<R>,
  ): Promise<R & { readonly queueMs: number }> {
    return host.queue.run({ ...wish, owner }, async (ticket) => {
      const waitedBeforeMs = ticket.waitedMs();
      await host.memory.makeRoom(wish.doing, 0, engine.info()?.dir);
      const result = await work(ticket);
      const queueMs = ticket.waitedMs();
      return { ...result, elapsedMs: result.elapsedMs - (queueMs - waitedBeforeMs), queueMs };
    });
  }

  desk.handle(loadRequest, 'Cannot load the model', (params, signal) => load(desk, params, signal));

  desk.handle(fillRequest, 'Cannot fill', async (params, signal) => {
    const token = params?.progressToken;
    const priority = params?.priority ?? 'explicit';
    const result = await inTurn({ priority, signal, doing: 'Cannot fill' }, (ticket) =>
      engine.fill(params, {
        signal: ticket.signal,
        turn: ticket.turn,
        ...(token !== undefined && { onStep: (step) => report(fillProgress, token, step) }),
      }),
    );
    const { steps, forwards, elapsedMs } = result;
    const figures = `${steps} steps, ${forwards} forwards, ${Math.round(elapsedMs)} ms`;
    desk.log('debug', `Filled (${priority}): ${figures}`);
    return result;
  });

  // Nobody's typing waits for it: it goes behind every fill that somebody asked for.
  desk.handle(scoreRequest, 'Cannot score', async (params, signal) => {
    const token = params?.progressToken;
    const wish = { priority: 'speculative', signal, doing: 'Cannot score' } as const;
    const { queueMs: _, ...result } = await inTurn(wish, (ticket) =>
      engine.score(params, {
        signal: ticket.signal,
        turn: ticket.turn,
        ...(token !== undefined && {
          onProgress: (fraction) => report(scoreProgress, token, { fraction }),
        }),
      }),
    );
    const { forwards, elapsedMs } = result;
    desk.log('debug', `Scored: ${forwards} forwards, ${Math.round(elapsedMs)} ms`);
    return result;
  });

  desk.handle(chatRequest, 'Cannot answer', async (params, signal) => {
    const token = params?.progressToken;
    const wish = { priority: 'explicit', signal, doing: 'Cannot answer' } as const;
    const result = await inTurn(wish, (ticket) =>
      engine.chat(params, {
        signal: ticket.signal,
        turn: ticket.turn,
        ...(token !== undefined && { onStep: (step) => report(chatProgress, token, step) }),
      }),
    );
    desk.log('debug', `Answered: ${result.steps} steps, ${Math.round(result.elapsedMs)} ms`);
    return result;
  });

  desk.handle(countTokensRequest, 'Cannot count tokens', async (params) => engine.countAll(params));
  desk.handle(previewRequest, 'Cannot show what would be sent', async (params) =>
    engine.preview(params),
  );
}

async function load(
  { engine, host, report, log }: Handlers,
  params: LoadParams,
  signal: AbortSignal,
): Promise<ModelInfo> {
  const token = params?.progressToken;
  await host.memory.makeRoom('Cannot load the model', await weightBytes(params?.modelDir));
  const info = await engine.load(params, {
    signal,
    onNote: (note) => log('info', `Device passed over: ${note}`),
    ...(token !== undefined && {
      onProgress: (progress) => report(loadProgress, token, progress),
    }),
  });
  const { name, device, threads, weights, loadMs } = info;
  const where = threads === undefined ? device : `${device}, threads: ${threads}`;
  log('info', `Loaded ${name} (${weights}, ${where}) in ${Math.round(loadMs)} ms`);
  return info;
}

/** Of a model folder; what a checkpoint will be when it is converted is not known before. */
async function weightBytes(modelDir: unknown): Promise<number> {
  if (typeof modelDir !== 'string') return 0;
  const sizes = ['lacuna.json', 'weights.safetensors'].map((name) =>
    stat(path.join(modelDir, name)).then(({ size }) => size),
  );
  return Promise.all(sizes).then(
    ([, bytes]) => bytes!,
    () => 0,
  );
}
