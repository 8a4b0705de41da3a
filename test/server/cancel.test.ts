/** Cancelling and overtaking, between the denoise steps of real fills. */
import assert from 'node:assert/strict';
import { isAbort } from '../../src/protocol/errors';
import type { FillParams } from '../../src/protocol/messages';
import { loadParams, useClients, useTinyModel } from './tinyModel';

describe('cancelling', () => {
  const inFolder = useTinyModel();
  const newClient = useClients();

  /** 900 forwards of 900 rows: some seconds. */
  const long = (priority: FillParams['priority']): FillParams => ({
    parts: [{ text: 'x = ' }, { gap: { length: 900 } }],
    sampling: { sampler: 'even', steps: 900 },
    ...(priority && { priority }),
  });
  const short: FillParams = { parts: [{ text: 'x = ' }, { gap: { length: 2 } }] };
  /** Far below the time of the long fill, far above one step. */
  const promptMs = 1500;

  it('stops a fill between two steps and serves the next', async () => {
    const client = newClient();
    await client.load(loadParams(inFolder));
    const aborter = new AbortController();
    let steps = 0;
    const filling = client.fill(long('explicit'), {
      signal: aborter.signal,
      onStep: () => ++steps === 5 && aborter.abort(),
    });
    await assert.rejects(filling, isAbort);
    const start = performance.now();
    await client.fill(short);
    assert.ok(performance.now() - start < promptMs);
    assert.ok(steps < 100, `${steps} steps`);
  });

  it('lets a newer inline fill take the place of the older one', async () => {
    const client = newClient();
    await client.load(loadParams(inFolder));
    const older = client.fill(long('inline'));
    const start = performance.now();
    const newer = client.fill({ ...short, priority: 'inline' });
    await assert.rejects(older, isAbort);
    await newer;
    assert.ok(performance.now() - start < promptMs);
  });

  it('lets an explicit fill overtake a speculative one, which goes on', async () => {
    const client = newClient();
    await client.load(loadParams(inFolder));
    const aborter = new AbortController();
    let steps = 0;
    let started = () => {};
    const running = new Promise<void>((resolve) => (started = resolve));
    const speculative = client.fill(long('speculative'), {
      signal: aborter.signal,
      onStep: () => ++steps === 3 && started(),
    });
    await running;
    await client.fill({ ...short, priority: 'explicit' });
    const before = steps;
    assert.ok(before < 500, `${before} steps`);
    while (steps < before + 3) await new Promise((resolve) => setTimeout(resolve, 5));
    aborter.abort();
    await assert.rejects(speculative, isAbort);
  });

  it('rejects at once when the signal has aborted already', async () => {
    const client = newClient();
    await client.load(loadParams(inFolder));
    await assert.rejects(client.fill(short, { signal: AbortSignal.abort() }), isAbort);
  });
});
