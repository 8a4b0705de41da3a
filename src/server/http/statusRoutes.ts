/**
 * What machines ask about the server: is it alive, may it get requests, how busy is it. The first two
 * need no token and say one word each.
 */
import type { ServedEngine } from './servedEngine';
import type { ServedQueue } from './servedQueue';
import { retrySeconds } from './httpError';
import { sendText, type Route } from './route';

export function statusRoutes(engine: ServedEngine, queue: ServedQueue): Route[] {
  const state = () =>
    queue.isDraining ? 'draining' : engine.info() === undefined ? 'loading' : 'ready';
  return [
    {
      method: 'GET',
      path: '/healthz',
      doing: 'Cannot say',
      isOpen: true,
      run: ({ response }) => sendText(response, 200, 'alive\n'),
    },
    {
      method: 'GET',
      path: '/readyz',
      doing: 'Cannot say',
      isOpen: true,
      run: ({ response }) => {
        const isReady = state() === 'ready';
        const wait: Record<string, string> = isReady ? {} : { 'Retry-After': `${retrySeconds}` };
        sendText(response, isReady ? 200 : 503, `${state()}\n`, wait);
      },
    },
    {
      method: 'GET',
      path: '/metrics',
      doing: 'Cannot tell figures',
      run: ({ response }) => {
        const kind = 'text/plain; version=0.0.4; charset=utf-8';
        sendText(response, 200, queue.metrics.toString(), { 'Content-Type': kind });
      },
    },
  ];
}
