import { strict as assert } from 'node:assert';
import { CompletionCache } from '../../../src/extension/completionCache';
import { readSurroundings } from '../../../src/extension/surroundings';

const around = (text: string) => readSurroundings(text.replace('‸', ''), text.indexOf('‸'));
const fill = (text: string, replacedAfter = 0) => ({
  text,
  replacedAfter,
  confidence: 0.5,
  isWanted: false,
});

/** Stores `text` at the first place and reads it from the second. */
function seen(stored: string, text: string, asked: string, replacedAfter = 0) {
  const cache = new CompletionCache();
  cache.store('file:a', around(stored), fill(text, replacedAfter));
  const found = cache.find('file:a', around(asked));
  return found && `${found.text}|${found.replacedAfter}`;
}

describe('CompletionCache', () => {
  it('answers where it was asked', () => assert.equal(seen('a ‸;', '= 1', 'a ‸;'), '= 1|0'));

  it('goes along with typing', () => {
    assert.equal(seen('a ‸;', '= 12', 'a = ‸;'), '12|0');
    assert.equal(seen('a ‸;', '= 12', 'a = 1‸;'), '2|0');
    assert.equal(seen('{‸}', '\n  a\n', '{\n  ‸}'), 'a\n|0');
  });

  it('has nothing left when all was typed', () => {
    assert.equal(seen('a ‸;', '= 1', 'a = 1‸;'), undefined);
  });

  it('gives way to another text', () => {
    assert.equal(seen('a ‸;', '= 12', 'a = 2‸;'), undefined);
    assert.equal(seen('a ‸;', '= 12', 'b ‸;'), undefined);
    assert.equal(seen('a ‸;', '= 12', 'a ‸)'), undefined);
    assert.equal(seen('a ‸;', '= 12', 'a ‸ ;'), undefined);
  });

  it('goes along with a bracket that the editor closed', () => {
    assert.equal(seen('print‸\n', '(a, b)', 'print(‸)\n'), 'a, b)|1');
    assert.equal(seen('x = ‸;', "f('a')", "x = f('‸');"), "a')|2");
    assert.equal(seen('x‸', '[i](j)', 'x[‸]'), 'i](j)|1');
  });

  it('keeps what the fill replaces', () => {
    assert.equal(seen('f(‸)', 'a, b) {', 'f(a‸)', 1), ', b) {|1');
  });

  it('gives back what was deleted backwards', () => {
    assert.equal(seen('con‸\n', 'sole', 'co‸\n'), 'nsole|0');
    assert.equal(seen('con‸\n', 'sole', '‸\n'), 'console|0');
  });

  it('does not give back a deleted line end or a long deletion', () => {
    assert.equal(seen('a\n‸', 'b', 'a‸'), undefined);
    assert.equal(seen('x'.repeat(17) + '‸', 'b', '‸'), undefined);
  });

  it('goes on while the bound of the prefix moves', () => {
    const lines = (count: number) => 'const a = 1;\n'.repeat(count);
    assert.equal(
      seen(lines(3000) + '‸' + lines(3000), 'b();\nc', lines(3000) + 'b();\n‸' + lines(3000)),
      'c|0',
    );
  });

  it('tells equal text at two places apart', () => {
    assert.equal(seen('a ‸\na \n', '= 1', 'a \na ‸\n'), undefined);
  });

  it('keeps documents apart', () => {
    const cache = new CompletionCache();
    cache.store('file:a', around('a‸'), fill('b'));
    assert.equal(cache.find('file:b', around('a‸')), undefined);
  });

  it('prefers the newest', () => {
    const cache = new CompletionCache();
    cache.store('file:a', around('a‸'), fill('bc'));
    cache.store('file:a', around('a‸'), fill('bd'));
    assert.equal(cache.find('file:a', around('a‸'))?.text, 'bd');
    assert.equal(cache.find('file:a', around('ab‸'))?.text, 'd');
  });

  it('forgets what it would answer, or a document', () => {
    const cache = new CompletionCache();
    cache.store('file:a', around('a‸'), fill('bc'));
    cache.forget('file:a', around('x‸'));
    cache.forget('file:b', around('a‸'));
    assert(cache.find('file:a', around('a‸')));
    cache.forget('file:a', around('ab‸'));
    assert.equal(cache.find('file:a', around('a‸')), undefined);
    cache.store('file:a', around('a‸'), fill('bc'));
    cache.forgetDocument('file:a');
    assert.equal(cache.find('file:a', around('a‸')), undefined);
  });

  it('forgets after five minutes', () => {
    let nowMs = 0;
    const cache = new CompletionCache(() => nowMs);
    cache.store('file:a', around('a‸'), fill('b'));
    nowMs = 5 * 60_000;
    assert(cache.find('file:a', around('a‸')));
    nowMs += 1;
    assert(!cache.find('file:a', around('a‸')));
  });

  it('forgets the longest unused beyond 250', () => {
    const cache = new CompletionCache();
    const place = (index: number) => around(`${index}:‸`);
    for (let index = 0; index < 250; index++) cache.store('file:a', place(index), fill('b'));
    assert(cache.find('file:a', place(0)));
    cache.store('file:a', place(250), fill('b'));
    assert(cache.find('file:a', place(0)));
    assert(!cache.find('file:a', place(1)));
  });
});
