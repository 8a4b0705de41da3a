import { strict as assert } from 'node:assert';
import { SettledFills } from '../../../src/extension/settledFills';
import { readSurroundings } from '../../../src/extension/surroundings';

const around = (text: string) => readSurroundings(text.replace('‸', ''), text.indexOf('‸'));
const fill = (text: string, isWanted = false) => ({
  text,
  replacedAfter: 0,
  confidence: 0.5,
  isWanted,
});

describe('SettledFills', () => {
  const settled = (place: string, text: string) => {
    const fills = new SettledFills();
    fills.offer('a', around(place), fill(text));
    fills.settle();
    return fills;
  };

  it('has the place of a fill that was settled, and no other', () => {
    const fills = settled('x = ‸;', 'y + z');
    assert(fills.has('a', around('x = ‸;')));
    assert(!fills.has('b', around('x = ‸;')));
    assert(!fills.has('a', around('x =‸;\n')));
    assert(!fills.has('a', around('x = ‸)')));
    assert(!fills.has('a', around('\nx = ‸;')));
  });

  it('has it while that very fill is typed, and not with anything else', () => {
    const fills = settled('x = ‸;', 'y + z');
    assert(fills.has('a', around('x = y +‸;')));
    assert(!fills.has('a', around('x = y + z‸;')));
    assert(!fills.has('a', around('x = z‸;')));
  });

  it('has nothing that was only shown', () => {
    const fills = new SettledFills();
    fills.offer('a', around('x‸'), fill('y'));
    assert(!fills.has('a', around('x‸')));
    fills.settle();
    fills.settle();
    assert(fills.has('a', around('x‸')));
  });

  it('forgets a place where a fill is asked for, and a document that is closed', () => {
    const fills = settled('x‸', 'yz');
    fills.offer('a', around('xy‸'), fill('z'));
    assert(fills.has('a', around('x‸')));
    fills.offer('a', around('xy‸'), fill('z', true));
    assert(!fills.has('a', around('x‸')));
    const others = settled('x‸', 'yz');
    others.offer('a', around('w‸'), fill('v'));
    others.forgetDocument('a');
    others.settle();
    assert(!others.has('a', around('x‸')) && !others.has('a', around('w‸')));
  });

  it('is bounded', () => {
    const fills = new SettledFills();
    for (let place = 0; place < 300; place++) {
      fills.offer('a', around(`${place}:‸`), fill('y'));
      fills.settle();
    }
    assert(!fills.has('a', around('0:‸')) && fills.has('a', around('299:‸')));
  });
});
