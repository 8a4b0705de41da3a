/**
 * What weights in 8 bits bring over 32-bit ones: the same fill, the same graph but for its products.
 */
import { compare, type Row, type Section } from '../support/report';
import { inForwards, OwnSampler } from '../support/ownSampler';
import { madeUpPlace } from '../support/places';
import type { Setting } from '../support/setting';
import { shapes } from '../support/shapes';
import { takeTurns, type Sample } from '../support/statistics';

const [tokens, gap, forwards] = [512, 32, 11];

export async function eightBits({ cache, threads, rounds }: Setting): Promise<Section> {
  const rows: Row[] = [];
  for (const shape of [shapes.embedded, shapes['127M']]) {
    const q8 = await OwnSampler.ofShape(shape, cache, threads);
    const f32 = await OwnSampler.ofShape(shape, cache, threads, 'f32');
    const place = madeUpPlace(tokens, gap, shape.vocabulary);
    const sides = { f32: side(f32), q8: side(q8) };
    const taken = await takeTurns<keyof typeof sides, Sample>(sides, rounds);
    rows.push(compare(`${shape.name}: 8-bit weights over 32-bit ones`, taken.f32, taken.q8));
    await q8.dispose();
    await f32.dispose();

    function side(own: OwnSampler) {
      return () => own.fill(place, inForwards(forwards));
    }
  }
  return {
    title: `What weights in 8 bits bring: ${gap} of ${tokens} tokens, ${forwards} forwards`,
    rows,
    notes: [
      'Depends on the processor: with VNNI or AMX the product on bytes is several times faster.',
    ],
  };
}
