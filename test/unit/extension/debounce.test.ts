import { strict as assert } from 'node:assert';
import { AdaptiveDebounce } from '../../../src/extension/debounce';

const lineEnd = { lineBefore: 'a = ', restOfLine: '', atDocumentEnd: false };
const insideLine = { lineBefore: 'a', restOfLine: 'b', atDocumentEnd: false };

function typedEvery(pauseMs: number): AdaptiveDebounce {
  const debounce = new AdaptiveDebounce();
  for (let key = 0; key < 30; key++) debounce.typed(key * pauseMs);
  return debounce;
}

describe('AdaptiveDebounce', () => {
  it('waits 300 ms at an unlikely place before it knows anything', () => {
    assert.equal(new AdaptiveDebounce().delayMs(insideLine), 300);
  });
  it('waits longer for a slower typist', () => {
    assert.equal(typedEvery(100).delayMs(insideLine), 300);
    assert.equal(typedEvery(115).delayMs(insideLine), 345);
  });
  it('does not take a pause for typing', () => {
    assert.equal(typedEvery(60_000).delayMs(insideLine), 300);
  });
  it('waits no longer than 350 ms', () => {
    assert.equal(typedEvery(400).delayMs(insideLine), 350);
  });
  it('waits shorter where a completion is likelier', () => {
    assert(typedEvery(115).delayMs(lineEnd) < typedEvery(115).delayMs(insideLine));
  });
  it('takes off what the sampler needs anyway, down to 75 ms', () => {
    const debounce = typedEvery(150);
    for (let answer = 0; answer < 50; answer++) debounce.answered(200);
    assert(Math.abs(debounce.delayMs(insideLine) - 250) < 1);
    for (let answer = 0; answer < 50; answer++) debounce.answered(5000);
    assert.equal(debounce.delayMs(insideLine), 75);
  });
});
