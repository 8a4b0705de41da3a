/**
 * Our own protocol over HTTP: the very messages of src/protocol as JSON bodies, each denoise step as an
 * event where `stream` is set, cancelled by closing the connection. Knows no OpenAI.
 */
import type { ServerResponse } from 'node:http';
import { EventStream } from './eventStream';
import { HttpError, toHttpAnswer } from './httpError';
import type { LentEngine } from './lentEngine';
import { sendJson, type Call, type Route } from './route';

/** Runs one request; `onStep` is told what may be shown on the way. */
type Work = (
  params: unknown,
  signal: AbortSignal,
  onStep?: (step: object) => void,
) => Promise<object>;

export function ownRoutes(lent: LentEngine): Route[] {
  const post = (path: string, doing: string, work: Work): Route => ({
    method: 'POST',
    path,
    doing,
    run: (call) => answer(call, doing, work),
  });
  return [
    post('/v1/infill', 'Cannot fill', (params, signal, onStep) =>
      lent.fill(params, signal, onStep),
    ),
    post('/v1/chat', 'Cannot answer', (params, signal, onStep) =>
      lent.chat(params, signal, onStep),
    ),
    post('/v1/score', 'Cannot score', (params, signal, onStep) =>
      lent.score(params, signal, onStep && ((fraction) => onStep({ fraction }))),
    ),
  ];
}

async function answer(call: Call, doing: string, work: Work): Promise<void> {
  const { stream, ...params } = objectOf(await call.json());
  if (stream !== undefined && typeof stream !== 'boolean') {
    const advice = 'Set it to true or false';
    throw new HttpError(400, { code: 'badUsage', found: 'stream is no boolean', advice });
  }
  if (stream !== true) return sendJson(call.response, 200, await work(params, call.signal));
  await streamed(call.response, doing, (onStep) => work(params, call.signal, onStep));
}

/** What goes wrong before the first event has a status of its own; later it is an event. */
async function streamed(
  response: ServerResponse,
  doing: string,
  work: (onStep: (step: object) => void) => Promise<object>,
): Promise<void> {
  let events: EventStream | undefined;
  const opened = () => (events ??= new EventStream(response));
  try {
    const result = await work((step) => {
      if (!opened().isBehind) opened().send(step, 'step');
    });
    opened().send(result, 'result');
  } catch (thrown) {
    if (events === undefined) throw thrown;
    events.send(toHttpAnswer(thrown, doing).body, 'error');
  } finally {
    events?.end();
  }
}

export function objectOf(body: unknown): Readonly<Record<string, unknown>> {
  if (typeof body === 'object' && body !== null && !Array.isArray(body)) {
    return body as Readonly<Record<string, unknown>>;
  }
  throw new HttpError(400, {
    code: 'badInput',
    found: 'the body is no JSON object',
    advice: 'Send one object',
  });
}
