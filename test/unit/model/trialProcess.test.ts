/** A GPU is tried in a process of its own: what that says, and what becomes of it when it does not. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import type { TrialRequest } from '../../../src/model/gpuTrial';
import type { ModelFolder } from '../../../src/model/modelFolder';
import { tryInProcess } from '../../../src/model/trialProcess';
import { isAbort } from '../../../src/protocol/errors';
import { useTempFolder } from '../../support/tempFolder';

const request: TrialRequest = { device: 'webgpu', wish: 'auto', threads: 1 };

describe('the trial of a GPU', () => {
  const at = useTempFolder();

  function trial(code: string, options: { longestMs?: number; signal?: AbortSignal } = {}) {
    const script = at('trial.js');
    writeFileSync(script, code);
    const model = { dir: at('model') } as ModelFolder;
    return tryInProcess(model, request, { script, ...options });
  }

  it('is told model and device, and believed, whatever the driver prints', async () => {
    const report = await trial(`
      const [, , dir, request] = process.argv;
      console.log('MESA: warning {');
      console.log(JSON.stringify({ attention: 'plain', notes: [dir, JSON.parse(request).device] }));
    `);
    assert.deepEqual(report, { attention: 'plain', notes: [at('model'), 'webgpu'] });
  });

  it('may crash: the device is left, and why is said', async () => {
    const { attention, notes } = await trial(`process.kill(process.pid, 'SIGSEGV');
      setTimeout(() => {}, 10_000);`);
    assert.equal(attention, undefined);
    assert.match(notes.join(), /^webgpu: its driver ended the process of the trial: SIGSEGV/);
  });

  it('may fail, or say nothing that can be read', async () => {
    const failed = await trial(`console.error('Error: no adapter'); process.exit(3);`);
    assert.match(failed.notes.join(), /^webgpu: its trial ended with code 3 \(Error: no adapter\)/);
    const odd = await trial(`console.log('{"notes": 3}');`);
    assert.match(odd.notes.join(), /^webgpu: its trial ended with code 0/);
  });

  it('may not take for ever', async () => {
    const { notes } = await trial('for (;;);', { longestMs: 500 });
    assert.match(notes.join(), /^webgpu: its trial did not end/);
  });

  it('ends with the load that it is for', async () => {
    const abort = new AbortController();
    const trying = trial('for (;;);', { signal: abort.signal });
    setTimeout(() => abort.abort(), 200);
    await assert.rejects(trying, isAbort);
  });
});
