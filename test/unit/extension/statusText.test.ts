import { strict as assert } from 'node:assert';
import type { ModelInfo } from '../../../src/protocol/messages';
import { statusText, type LacunaState } from '../../../src/extension/statusText';

const model: ModelInfo = {
  name: 'lacuna-default',
  dir: '/m',
  architecture: 'gpt2',
  parameters: 6_972_416,
  vocabSize: 8192,
  maxTokens: 512,
  shift: true,
  maskId: 1,
  choosesLength: true,
  hasTokenizer: true,
  followsInstructions: false,
  label: 'demo',
  inlineThreshold: 0.5,
  weights: 'q8',
  device: 'cpu',
  loadMs: 100,
};
const ready: LacunaState = {
  sampler: { state: 'ready', detail: '', model },
  mode: 'auto',
  isGhostTextEnabled: true,
  isFileDisabled: false,
  isSnoozed: false,
  isSlow: false,
};

const cases: [string, Partial<LacunaState>, string][] = [
  ['ready', {}, 'Lacuna: ready'],
  ['slow', { isSlow: true }, 'Lacuna: slow'],
  ['on a server', { server: 'https://a.example' }, '$(cloud) Lacuna: ready'],
  ['manual', { mode: 'manual' }, 'Lacuna: ready (manual)'],
  ['off', { mode: 'off' }, 'Lacuna: off'],
  ['on battery', { isOnBattery: true }, 'Lacuna: paused (on battery)'],
  [
    'on battery, on request anyway',
    { isOnBattery: true, mode: 'manual' },
    'Lacuna: ready (manual)',
  ],
  ['snoozed', { isSnoozed: true }, 'Lacuna: snoozed'],
  ['a file of secrets', { isFileDisabled: true }, 'Lacuna: off for this file'],
  [
    'a file of secrets, whatever else',
    { isFileDisabled: true, mode: 'off' },
    'Lacuna: off for this file',
  ],
  [
    'ghost text switched off in VS Code',
    { isGhostTextEnabled: false },
    'Lacuna: off (editor.inlineSuggest.enabled)',
  ],
  [
    'loading',
    { sampler: { state: 'loading', detail: 'building', progress: 0.404 } },
    '$(loading~spin) Lacuna: loading 40 %',
  ],
  ['starting', { sampler: { state: 'starting', detail: '' } }, '$(loading~spin) Lacuna: starting'],
  [
    'restarting, though snoozed',
    { sampler: { state: 'restarting', detail: 'it ended' }, isSnoozed: true },
    '$(loading~spin) Lacuna: restarting',
  ],
  ['failed', { sampler: { state: 'failed', detail: 'no file' } }, '$(warning) Lacuna: failed'],
  ['stopped', { sampler: { state: 'stopped', detail: '' } }, 'Lacuna: stopped'],
];

describe('statusText()', () => {
  for (const [title, change, text] of cases) {
    it(title, () => assert.equal(statusText({ ...ready, ...change }).text, text));
  }

  it('names the model in the tooltip, and marks a demo as one', () => {
    assert.equal(statusText(ready).tooltip, 'lacuna-default (demo), 7.0 M parameters, q8, cpu');
  });

  it('tells why a load failed while the model before it stays', () => {
    const sampler = { ...ready.sampler, detail: 'Cannot load "x"' };
    assert.match(statusText({ ...ready, sampler }).tooltip, /lacuna-default.*\nCannot load "x"$/);
  });

  it('is trouble only when it failed', () => {
    const failed = { state: 'failed', detail: 'no file' } as const;
    assert(statusText({ ...ready, sampler: failed }).isTrouble);
    assert(!statusText({ ...ready, isSlow: true }).isTrouble);
  });
});
