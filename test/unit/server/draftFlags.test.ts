import assert from 'node:assert/strict';
import { Command } from 'commander';
import {
  addDraftFlags,
  checkDraftFlags,
  draftWishOf,
  locksOf,
  type DraftFlags,
} from '../../../src/server/commands/draftFlags';
import { partsOf } from '../../../src/server/commands/fillTarget';
import { expectError } from '../../support/expectError';

function parse(...args: string[]): DraftFlags {
  const command = addDraftFlags(new Command('x')).exitOverride();
  command.configureOutput({ writeErr: () => {} });
  command.parse(args, { from: 'user' });
  return command.opts<DraftFlags>();
}

describe('draft flags', () => {
  it('become a wish', () => {
    const flags = parse('--range', '1-2', '--strength', '30', '--order', 'random');
    assert.deepEqual(draftWishOf(flags, 'x'), { text: 'x', strength: 0.3, order: 'random' });
    const more = parse('--range', '1', '--lock', 'b+', '--lock', 'd', '--growth', '1.5');
    assert.deepEqual(draftWishOf(more, 'abbcd'), {
      text: 'abbcd',
      strength: 0.5,
      growth: 1.5,
      locks: [
        { start: 1, end: 3 },
        { start: 4, end: 5 },
      ],
    });
  });

  for (const args of [
    ['--strength', '101'],
    ['--strength', '-1'],
    ['--strength', 'half'],
    ['--growth', '0.1'],
    ['--growth', '5'],
    ['--order', 'best'],
    ['--lock', '('],
    ['--range', 'all'],
  ]) {
    it(`refuse ${args.join(' ')}`, () => assert.throws(() => parse(...args)));
  }

  it('need a range', async () => {
    checkDraftFlags(parse());
    checkDraftFlags(parse('--range', '1', '--strength', '5'));
    const lonely = () => checkDraftFlags(parse('--lock', 'a'));
    await expectError(lonely, 'badUsage', /--lock was given without a --range/);
  });
});

describe('locksOf()', () => {
  it('joins matches that touch or overlap, and takes characters whole', () => {
    const locks = locksOf('ab😀cd', [/b./gm, /cd/gm]);
    assert.deepEqual(locks, [{ start: 1, end: 6 }]);
  });

  it('refuses a pattern that protects nothing', () =>
    expectError(() => locksOf('abc', [/x/gm]), 'badUsage', /"x" matches nothing/));
});

describe('partsOf() with ranges', () => {
  const gap = { length: 'auto' } as const;
  const wishes = (...ranges: number[]) => ({
    gap,
    ranges: ranges.map((line) => ({ from: { line }, to: { line } })),
    draftOf: (text: string) => ({ text, strength: 1 }),
  });
  const draw = (text: string, ...ranges: number[]) =>
    partsOf(text, { file: 'f' }, wishes(...ranges))
      .map((part) => ('text' in part ? part.text : 'draft' in part ? `[${part.draft.text}]` : '¦'))
      .join('');

  it('makes drafts of them, and gaps of the marks around them', () => {
    assert.equal(draw('a\nb\nc\nd', 2, 4), 'a\n[b]\nc\n[d]');
    assert.equal(draw('a<fill>\nb\n<fill>', 2), 'a¦\n[b]\n¦');
  });

  it('refuses a mark in a range', () =>
    expectError(() => draw('a<fill>\nb', 1), 'badUsage', /a range holds a <fill> mark/));
});
