import assert from 'node:assert/strict';
import { Command } from 'commander';
import {
  addModelFlags,
  addSamplingFlags,
  parseLength,
  samplingOf,
  type SamplingFlags,
} from '../../../src/server/commands/samplingFlags';

describe('sampling flags', () => {
  function parse(...args: string[]) {
    const command = addSamplingFlags(addModelFlags(new Command('x'))).exitOverride();
    command.configureOutput({ writeErr: () => {} });
    command.parse(args, { from: 'user' });
    return samplingOf(command.opts<SamplingFlags>());
  }

  it('leave the sampler its own defaults', () => assert.deepEqual(parse(), {}));

  it('become sampling options', () => {
    const flags = '--steps 8 --sampler even --factor .5 --temperature 0.8 --top-p 0.9 --seed 0';
    assert.deepEqual(parse(...flags.split(' '), '--refresh', '4', '--length-policy', 'cal'), {
      steps: 8,
      sampler: 'even',
      factor: 0.5,
      temperature: 0.8,
      topP: 0.9,
      seed: 0,
      refreshEvery: 4,
      lengthPolicy: 'cal',
    });
  });

  for (const args of [
    ['--steps', '0'],
    ['--steps', '1.5'],
    ['--steps', '1e3'],
    ['--steps', ''],
    ['--steps', '9007199254740993'],
    ['--seed', '-1'],
    ['--temperature', 'warm'],
    ['--temperature', ' '],
    ['--factor', 'Infinity'],
    ['--sampler', 'Even'],
    ['--device', 'gpu'],
  ]) {
    it(`refuse ${args.join(' ')}`, () => assert.throws(() => parse(...args)));
  }
});

describe('parseLength', () => {
  it('takes auto or a number of tokens', () => {
    assert.equal(parseLength('auto'), 'auto');
    assert.equal(parseLength('12'), 12);
    for (const text of ['0', '-1', '1.5', '', 'Auto', '012', '1e3']) {
      assert.throws(() => parseLength(text), /integer from 1/, text);
    }
  });
});
