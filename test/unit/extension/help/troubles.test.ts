import { strict as assert } from 'node:assert';
import { Troubles } from '../../../../src/extension/help/troubles';

describe('Troubles', () => {
  it('keeps the last twenty, and counts what is said again', () => {
    let now = 0;
    const troubles = new Troubles(() => ++now);
    for (let index = 0; index < 30; index++) troubles.add(`trouble ${index}`);
    troubles.add('trouble 29');
    assert.equal(troubles.all.length, 20);
    assert.deepEqual(troubles.all.at(-1), { atMs: 31, text: 'trouble 29', times: 2 });
    assert.equal(troubles.all[0]!.text, 'trouble 10');
  });
});
