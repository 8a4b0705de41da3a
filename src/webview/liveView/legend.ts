/** What the looks of a cell mean: the same looks, each beside its name. Knows no run. */
import { element } from '../shared/dom';
import { filled } from '../shared/filled';
import { maskBlock, words } from './words';

/** Upper ends of all buckets but the last, percent. */
const ends = [5, 20, 50, 80];

type Look = readonly [names: string, sample: string, meaning: string];

function looks(): Look[] {
  const { sampleText: text, sampleNow: now } = words;
  return [
    ['masked', maskBlock, words.masked],
    ['fresh', now, words.fresh],
    ['remasked', maskBlock, words.remasked],
    ['given', text, words.given],
    ...ends.map((end, bucket): Look => [`bucket-${bucket}`, text, filled(words.below, end)]),
    [`bucket-${ends.length}`, text, filled(words.above, ends.at(-1)!)],
  ];
}

export function legend(): HTMLElement {
  const items = looks().map(([names, sample, meaning]) =>
    element(
      'li',
      {},
      element('span', { class: `cell ${names}`, 'aria-hidden': 'true' }, sample),
      ` ${meaning}`,
    ),
  );
  return element('ul', { class: 'legend', 'aria-label': words.looks }, ...items);
}
