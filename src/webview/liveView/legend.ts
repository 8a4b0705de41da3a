/** What the looks of a cell mean: the same looks, each beside its name. Knows no run. */
import { element } from '../shared/dom';
import { maskBlock } from './words';

const looks: readonly (readonly [names: string, sample: string, meaning: string])[] = [
  ['masked', maskBlock, 'masked'],
  ['fresh', 'now', 'committed in this step'],
  ['remasked', maskBlock, 'masked again in it'],
  ['given', 'text', 'given'],
  ['bucket-0', 'text', 'below 5 %'],
  ['bucket-1', 'text', 'below 20 %'],
  ['bucket-2', 'text', 'below 50 %'],
  ['bucket-3', 'text', 'below 80 %'],
  ['bucket-4', 'text', '80 % and above'],
];

export function legend(): HTMLElement {
  const items = looks.map(([names, sample, meaning]) =>
    element(
      'li',
      {},
      element('span', { class: `cell ${names}`, 'aria-hidden': 'true' }, sample),
      ` ${meaning}`,
    ),
  );
  return element('ul', { class: 'legend', 'aria-label': 'Looks of the tokens' }, ...items);
}
