/** The rows of the model chooser, and the editor's network settings, by tables. */
import assert from 'node:assert/strict';
import { modelItems } from '../../../../src/extension/models/modelItems';
import { proxyWish } from '../../../../src/extension/models/proxyWish';
import type { Fit, ModelList } from '../../../../src/protocol/modelMessages';
import { overallShare, progressText } from '../../../../src/protocol/modelText';

const fit: Fit = { verdict: 'fits', window: 512, needBytes: 480e6, availableBytes: 16e9 };
const known = {
  ...{ family: 'F', parameters: 124e6, context: 512, licence: 'mit', tuning: 'base' as const },
  ...{ downloadBytes: 252e6, quality: 'weak', fit },
};
const list: ModelList = {
  machine: { cpu: 'x', cores: 2, totalBytes: 32e9, availableBytes: 16e9 },
  installed: [
    {
      ...{ name: 'o/have', dir: '/m/o--have', bytes: 130e6, parameters: 124e6 },
      ...{ weights: 'q8' as const, licence: 'mit', fit: { ...fit, forwardMs: 114, fitsGpu: true } },
    },
    { name: 'o/broken', dir: '/m/o--broken', bytes: 1e6, problem: 'it has no weights' },
  ],
  unfinished: [
    { name: 'o/half', bytes: 50e6 },
    { name: 'o/other', bytes: 7e6 },
  ],
  catalogue: [
    { ...known, id: 'o/later', refusal: 'no graph for it' },
    { ...known, id: 'o/have' },
    { ...known, id: 'o/half', fit: { ...fit, verdict: 'smaller-window', window: 256 } },
  ],
};

describe('model items', () => {
  const rows = (loaded?: string) => modelItems(list, loaded);

  it('lists what is there, then what can be had, what cannot last, then the other ways', () => {
    assert.deepEqual(
      rows().map(({ label }) => label),
      [
        'Installed',
        '$(check) Embedded model',
        'o/have',
        '$(warning) o/broken',
        'Download',
        '$(cloud-download) o/other',
        '$(cloud-download) o/half',
        '$(circle-slash) o/later',
        'Other',
        '$(search) By id or address…',
        '$(folder) From a folder…',
        '$(dashboard) Measure this machine',
      ],
    );
  });

  it('says of each how it would fit, under which licence, and how long a forward takes', () => {
    const [have, , half] = ['o/have', 'o/broken', 'o/half'].map((name) =>
      rows('/m/o--have').find(({ label }) => label.endsWith(name))!,
    );
    assert.deepEqual(have, {
      label: '$(check) o/have',
      description: '124 M · q8 · 130 MB · mit',
      detail: 'fits: 480 MB, GPU too · 114 ms a forward',
      choice: { kind: 'installed', dir: '/m/o--have' },
    });
    assert.equal(
      half!.description,
      '124 M · 252 MB · base · 512 tokens · 50.0 MB are there already',
    );
    assert.equal(half!.detail, 'fits at 256 tokens: 480 MB · mit · weak');
  });

  it('says why a model cannot be taken instead of taking it', () => {
    const refused = rows().flatMap(({ choice }) =>
      choice?.kind === 'refused' ? [choice.why] : [],
    );
    assert.deepEqual(refused, ['it has no weights', 'o/later: no graph for it']);
  });

  it('marks the one that is loaded, and no other', () => {
    const marked = (loaded?: string) =>
      rows(loaded).filter(({ label }) => label.startsWith('$(check)')).length;
    assert.deepEqual([marked(), marked('/m/o--have'), marked('/elsewhere')], [1, 1, 0]);
  });
});

describe('proxy wish', () => {
  const wish = (settings: Record<string, unknown>) => proxyWish({ get: (name) => settings[name] });

  it("hands VS Code's proxy over, unless that is off or empty", () => {
    const proxy = 'http://p:3128';
    assert.deepEqual(wish({ proxy, proxySupport: 'override', proxyStrictSSL: true }), { proxy });
    assert.deepEqual(wish({ proxy, proxySupport: 'off' }), {});
    assert.deepEqual(wish({ proxy: ' ' }), {});
    assert.deepEqual(wish({ proxy: 5, noProxy: 'x' }), {});
    assert.deepEqual(wish({ proxy, noProxy: ['a.b', 3], proxyStrictSSL: false }), {
      ...{ proxy, noProxy: ['a.b'], strictTls: false },
    });
  });
});

describe('progress of an addition', () => {
  it('never goes back over its stages', () => {
    const stages = ['listing', 'downloading', 'converting', 'checking'] as const;
    const shares = stages.flatMap((stage) =>
      [0, 0.5, 1].map((fraction) => overallShare({ stage, fraction })),
    );
    assert.deepEqual(
      shares,
      shares.toSorted((a, b) => a - b),
    );
    assert.deepEqual([shares[0], shares.at(-1)], [0, 1]);
  });

  it('says bytes, rate and time left, or what it waits for', () => {
    const state = { stage: 'downloading', fraction: 0.5 } as const;
    assert.equal(progressText({ stage: 'converting', fraction: 0.2 }), 'converting');
    assert.equal(progressText({ ...state, note: 'the server is busy' }), 'the server is busy');
    const bytes = { doneBytes: 1.2e9, totalBytes: 13.5e9, bytesPerSecond: 25e6, secondsLeft: 490 };
    assert.equal(progressText({ ...state, ...bytes }), '1.2 GB of 13.5 GB, 25.0 MB/s, 9 min left');
  });
});
