import assert from 'node:assert/strict';
import { checkFillParams } from '../../../src/server/fillParams';
import { checkScoreParams } from '../../../src/server/scoreParams';
import { expectError } from '../../support/expectError';

const gap = { gap: { length: 'auto' } };
const draft = (wish: object) => ({ parts: [{ draft: { text: 'a😀b', strength: 1, ...wish } }] });

const resumed = (resumes: unknown[]) => ({ parts: [gap], sampling: { resumes } });

describe('checkFillParams()', () => {
  it('lets through what makes sense, as it is', () => {
    const params = {
      parts: [
        { text: 'x' },
        { gap: { length: 3, contains: 'a\nb' } },
        {
          draft: {
            text: 'a😀b',
            strength: 0.5,
            order: 'random',
            growth: 0.25,
            locks: [
              { start: 0, end: 1 },
              { start: 1, end: 3 },
              { start: 4, end: 4 },
            ],
          },
        },
      ],
      instruction: 'tidy up',
      variants: 8,
      rank: 'fit',
      sampling: { lengthPolicy: 'cal' },
    };
    assert.deepEqual(checkFillParams(params), params);
  });

  const refused: [string, object, RegExp][] = [
    ['neither gap nor draft', { parts: [{ text: '' }] }, /at least one gap or draft/],
    ['an unknown rank', { parts: [gap], rank: 'best' }, /rank is "best".*confidence, fit/],
    [
      'an unknown length policy',
      { parts: [gap], sampling: { lengthPolicy: 'guess' } },
      /lengthPolicy is "guess".*model, lr-dllm, cal/,
    ],
    ['a draft without text', draft({ text: undefined }), /draft.text is missing/],
    ['no strength', draft({ strength: undefined }), /strength is missing.*from 0 to 1/],
    ['strength above 1', draft({ strength: 1.01 }), /parts\[0\].draft.strength is 1.01/],
    ['strength below 0', draft({ strength: -0.1 }), /strength is -0.1/],
    ['strength in words', draft({ strength: 'half' }), /strength is "half"/],
    ['an unknown order', draft({ order: 'best' }), /order is "best".*least-confident, random/],
    ['growth below a quarter', draft({ growth: 0.2 }), /growth is 0.2.*from 0.25 to 4/],
    ['growth above 4', draft({ growth: 5 }), /growth is 5/],
    ['locks that are no list', draft({ locks: {} }), /locks is an object.*a list/],
    ['a lock that is none', draft({ locks: [3] }), /locks\[0\] is 3/],
    ['a lock before the draft', draft({ locks: [{ start: -1, end: 1 }] }), /start is -1.*0 to 4/],
    ['a lock past the draft', draft({ locks: [{ start: 0, end: 5 }] }), /end is 5.*0 to 4/],
    ['a lock backwards', draft({ locks: [{ start: 3, end: 1 }] }), /end is 1.*3 to 4/],
    ['a lock without end', draft({ locks: [{ start: 3 }] }), /end is missing/],
    ['a lock between two units', draft({ locks: [{ start: 0.5, end: 1 }] }), /start is 0.5/],
    [
      'locks that overlap',
      draft({
        locks: [
          { start: 0, end: 3 },
          { start: 1, end: 4 },
        ],
      }),
      /locks\[1\].start is 1.*ascending and do not overlap/,
    ],
    ['half a character', draft({ locks: [{ start: 0, end: 2 }] }), /end is 2.*inside a character/],
    ['a time before the start', { parts: [gap], budgetMs: -1 }, /budgetMs is -1.*milliseconds/],
    ['a context in words', { parts: [gap], reuseContext: 'yes' }, /"yes".*true or false/],
    ['a threshold above 1', { parts: [gap], sampling: { threshold: 2 } }, /threshold is 2/],
    ['no variants', { parts: [gap], variants: 0 }, /variants is 0.*from 1 to 8/],
    ['nine variants', { parts: [gap], variants: 9 }, /variants is 9/],
    ['an instruction in numbers', { parts: [gap], instruction: 7 }, /instruction is 7.*a string/],
    ['contained numbers', { parts: [{ gap: { length: 1, contains: 7 } }] }, /contains is 7/],
    [
      'lines in a single line',
      { parts: [{ gap: { length: 1, singleLine: true, contains: 'a\nb' } }] },
      /contains is "a\\nb".*one line/,
    ],
    [
      'resumes out of order',
      resumed([
        { fromStep: 3, seed: 1 },
        { fromStep: 3, seed: 2 },
      ]),
      /resumes\[1\].fromStep is 3.*from 4 to/,
    ],
    ['a resume without seed', resumed([{ fromStep: 3 }]), /resumes\[0\].seed is missing/],
    ['a cold resume', resumed([{ fromStep: 0, seed: 1, temperature: -1 }]), /temperature is -1/],
    ['a resume that is a number', resumed([4]), /resumes\[0\] is 4.*an object/],
    [
      'variants of a resumed run',
      { ...resumed([{ fromStep: 0, seed: 1 }]), variants: 2 },
      /variants is 2.*be absent in a resumed run/,
    ],
    ['a negative minLength', { parts: [{ gap: { length: 1, minLength: -1 } }] }, /minLength is -1/],
  ];
  for (const [name, params, text] of refused) {
    it(`refuses ${name}`, async () => {
      const code = /parts is|text is/.test(text.source) || name.startsWith('neither');
      await expectError(() => checkFillParams(params), code ? 'badInput' : 'badUsage', text);
    });
  }
});

describe('checkScoreParams()', () => {
  it('lets through what makes sense, as it is', () => {
    const params = { parts: [{ text: 'x' }, { score: 'y' }], alternatives: 0, exact: true };
    assert.deepEqual(checkScoreParams(params), params);
  });

  const refused: [string, unknown, 'badInput' | 'badUsage', RegExp][] = [
    ['no params', undefined, 'badInput', /Cannot score: params is missing/],
    ['nothing to score', { parts: [{ text: '' }] }, 'badInput', /at least one text to score/],
    ['a gap', { parts: [gap] }, 'badInput', /parts\[0\] is an object/],
    ['numbers', { parts: [{ score: 1 }] }, 'badInput', /parts\[0\]/],
    ['11 others', { parts: [{ score: '' }], alternatives: 11 }, 'badUsage', /alternatives is 11/],
    [
      'a line of megabytes',
      { parts: [{ score: 'x'.repeat(4e5 + 1) }] },
      'badInput',
      /400001 characters/,
    ],
    ['exact in words', { parts: [{ score: '' }], exact: 'yes' }, 'badUsage', /exact is "yes"/],
  ];
  for (const [name, params, code, text] of refused) {
    it(`refuses ${name}`, () => expectError(() => checkScoreParams(params), code, text));
  }
});
