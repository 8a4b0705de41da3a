import { strict as assert } from 'node:assert';
import { samplerStatusText } from '../../../../src/extension/help/samplerStatusText';
import type { ProcessStatus } from '../../../../src/protocol/processMessages';

describe('the page of the sampler status', () => {
  const status: ProcessStatus = {
    pid: 42,
    version: '1.2.3',
    isShared: true,
    uptimeMs: 3 * 3600e3,
    memoryBytes: 200 * 2 ** 20,
    memoryLimitBytes: 3000 * 2 ** 20,
    unloadAfterMinutes: 10,
    clients: ['VS Code 1.104.0', 'lacuna command'],
    requests: 2,
    models: [
      {
        name: 'small',
        dir: '/home/me/models/small',
        device: 'cpu',
        weights: 'q8',
        users: 2,
        inMemory: true,
        idleMs: 4000,
      },
      {
        name: 'big|<b>x</b>',
        dir: '/home/me/models/big',
        device: 'cuda',
        weights: 'f16',
        users: 1,
        inMemory: false,
        idleMs: 900e3,
      },
    ],
  };

  it('says which process it is, whom it serves and what it holds', () => {
    const text = samplerStatusText(status);
    assert.match(text, /\| Process \| 42, Lacuna 1\.2\.3 \|/);
    assert.match(text, /\| Runs for \| 3 h \|/);
    assert.match(text, /\| Memory \| 200 MB of at most 3000 MB \|/);
    assert.match(text, /\| Connections \| VS Code 1\.104\.0, lacuna command \|/);
    assert.match(text, /leave the memory after 10 minutes/);
    assert.match(text, /\| small \| cpu \| q8 \| 2 \| in memory, idle for 4 s \|/);
    assert.match(text, /\| cuda \| f16 \| 1 \| out of memory until asked \|/);
  });

  it('shows names as they are, and no folder', () => {
    const text = samplerStatusText(status);
    assert.ok(text.includes('big\\|\\<b\\>x'));
    assert.ok(!text.includes('/home/me'));
  });

  it('says when there is nothing to show', () => {
    const text = samplerStatusText({
      ...status,
      isShared: false,
      unloadAfterMinutes: 0,
      models: [],
    });
    assert.match(text, /of this window alone/);
    assert.match(text, /stay in memory/);
    assert.match(text, /No model is loaded\./);
  });
});
