/**
 * From a sampler's name and options to its rule. The only file that knows all rules.
 */
import type { SamplerName } from '../../protocol/messages';
import type { Random } from '../random';
import { cosineRemaskRule } from './cosineRemask';
import { evenRule } from './even';
import { factorRule } from './factor';
import { hierarchicalRule } from './hierarchical';
import { randomKeepRule } from './randomKeep';
import type { CommitRule } from './rule';
import { thresholdRule } from './threshold';
import { topkMaskRule } from './topkMask';

export const samplerNames: readonly SamplerName[] = [
  'even',
  'factor',
  'threshold',
  'hierarchical',
  'topk-mask',
  'random-keep',
  'cosine-remask',
];

export interface RuleOptions {
  readonly steps: number;
  readonly factor: number;
  readonly threshold: number;
  readonly random: Random;
  /** N, how many positions are open. */
  readonly positions: number;
}

export function makeRule(name: SamplerName, options: RuleOptions): CommitRule {
  switch (name) {
    case 'even':
      return evenRule(options.steps);
    case 'factor':
      return factorRule(options.factor);
    case 'threshold':
      return thresholdRule(options.threshold);
    case 'hierarchical':
      return hierarchicalRule(options.threshold);
    case 'topk-mask':
      return topkMaskRule(options.steps);
    case 'random-keep':
      return randomKeepRule(options.steps, options.positions, options.random);
    case 'cosine-remask':
      return cosineRemaskRule(options.steps);
  }
}
