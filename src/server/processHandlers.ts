/**
 * The requests about the process itself: whether it answers, how it is, what it may take, its end.
 * They wait for no fill but the one forward that blocks the thread.
 */
import { LacunaError } from '../protocol/errors';
import {
  limitsRequest,
  pingRequest,
  processStatusRequest,
  shutdownRequest,
  type ProcessLimits,
} from '../protocol/processMessages';
import type { Handlers } from './handlers';
import type { Server } from './server';

export function handleProcess(desk: Handlers, server: Server): void {
  const { host } = desk;
  desk.handle(pingRequest, 'Cannot answer', async () => ({
    longestSilenceMs: host.longestSilenceMs,
  }));
  desk.handle(processStatusRequest, 'Cannot say how the process is', async () => host.status());
  desk.handle(limitsRequest, 'Cannot set the limits', async (params) =>
    host.setLimits(checkLimits(params)),
  );
  desk.handle(shutdownRequest, 'Cannot shut down', async (params) =>
    host.shutdown(server, params?.stop === true),
  );
}

/** @throws LacunaError `badUsage` that names the value. */
export function checkLimits(params: unknown): ProcessLimits {
  const { unloadAfterMinutes, memoryMegabytes } = (params ?? {}) as Record<string, unknown>;
  for (const [name, value] of Object.entries({ unloadAfterMinutes, memoryMegabytes })) {
    if (value === undefined || (typeof value === 'number' && value >= 0)) continue;
    throw new LacunaError('badUsage', {
      doing: 'Cannot set the limits',
      found: `${name} is ${JSON.stringify(value)}`,
      advice: 'Give a number from 0',
    });
  }
  return params as ProcessLimits;
}
