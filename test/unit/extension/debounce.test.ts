import { strict as assert } from 'node:assert';
import { AdaptiveDebounce } from '../../../src/extension/debounce';

const afterBlank = { lineBefore: 'a = ', restOfLine: '', atDocumentEnd: false };
const insideWord = { lineBefore: 'a', restOfLine: 'b', atDocumentEnd: false };

/** @param answerMs what the sampler takes. */
function typedEvery(pauseMs: number, answerMs = 0): AdaptiveDebounce {
  const debounce = new AdaptiveDebounce();
  for (let key = 0; key < 30; key++) debounce.typed(key * pauseMs);
  for (let answer = 0; answer < 50; answer++) debounce.answered(answerMs);
  return debounce;
}

describe('AdaptiveDebounce', () => {
  it('waits 30 ms before it knows anything', () => {
    assert.equal(new AdaptiveDebounce().delayMs(insideWord), 30);
  });
  it('asks a fast model almost at once, where a completion is likely and where it is not', () => {
    assert.equal(typedEvery(180, 25).delayMs(afterBlank), 30);
    assert(typedEvery(180, 25).delayMs(insideWord) < 40);
  });
  it('waits longer for a slower model, and longest where a completion is unlikely', () => {
    const [fast, slow] = [typedEvery(180, 50), typedEvery(180, 150)];
    assert(slow.delayMs(afterBlank) > fast.delayMs(afterBlank));
    assert(slow.delayMs(insideWord) > slow.delayMs(afterBlank));
  });
  it('waits for the end of a burst within a word', () => {
    assert(Math.abs(typedEvery(90, 25).delayMs(insideWord) - 99) < 1);
    assert.equal(typedEvery(90, 25).delayMs(afterBlank), 30);
  });
  it('takes neither a pause nor slow typing for a burst', () => {
    assert(typedEvery(60_000, 25).delayMs(insideWord) < 40);
    assert(typedEvery(160, 25).delayMs(insideWord) < 40);
  });
  it('waits no longer than 350 ms', () => {
    assert.equal(typedEvery(200, 5000).delayMs(insideWord), 350);
  });
  it('learns from requests that the next key made worthless that the model is slow', () => {
    const debounce = typedEvery(180);
    for (let request = 0; request < 50; request++) debounce.abandoned(200);
    assert(Math.abs(debounce.delayMs(insideWord) - 150) < 1);
    debounce.abandoned(10); // says nothing: it might have taken long
    assert(Math.abs(debounce.delayMs(insideWord) - 150) < 1);
  });
});
