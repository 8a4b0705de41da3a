import assert from 'node:assert/strict';
import {
  isRepeatable,
  recordOf,
  resumedParams,
  temperatureOf,
} from '../../../src/protocol/fillRecord';
import type { ModelInfo } from '../../../src/protocol/messages';
import {
  checkRecord,
  checkSameModel,
  firstDifference,
  firstDifferenceUntil,
} from '../../../src/server/commands/fillRecord';
import { expectError } from '../../support/expectError';

const info = { name: 'm', weights: 'q8', device: 'cpu' } as ModelInfo;
const params = { parts: [{ gap: { length: 1 } }] };
const fill = (text: string, confidence = 0.5) => ({
  text,
  confidence,
  tokens: [{ text, confidence }],
});
const record = (text: string, confidence = 0.5) =>
  recordOf(info, params, { fills: [fill(text, confidence)], steps: 1, forwards: 1 }, [
    { step: 1, forwards: 1, maskedTokens: 0, gaps: [[{ text, confidence, fresh: true }]] },
  ]);
const reread = (value: object) => JSON.parse(JSON.stringify(value)) as unknown;

describe('a record', () => {
  it('is found the same when read back', () => {
    const read = checkRecord(reread(record('a')), 'r.json');
    assert.equal(firstDifference(read, record('a')), undefined);
  });

  it('forgives rounding of confidences, no other token', () => {
    assert.equal(firstDifference(record('a', 0.5), record('a', 0.50001)), undefined);
    assert.match(
      firstDifference(record('a', 0.5), record('a', 0.6))!,
      /confidence is 0.6, was 0.5/,
    );
    const other = firstDifference(record('a'), record('b'));
    assert.equal(other, 'steps[0].gaps[0][0].text is "b", was "a"');
  });

  it('sees a missing step, and an alternative more', () => {
    const shorter = { ...record('a'), steps: [] };
    assert.match(firstDifference(record('a'), shorter)!, /^steps\[0\] is undefined/);
    const { result } = record('a');
    const more = { ...record('a'), result: { ...result, alternatives: [[fill('b')]] } };
    assert.match(firstDifference(record('a'), more)!, /^result.alternatives/);
  });

  it('of another format, or of nothing, is refused', async () => {
    for (const [value, text] of [
      [undefined, /is no record/],
      [[], /is no record/],
      [{ ...record('a'), lacunaRecord: 2 }, /version 2 of the format, this release reads 1/],
      [{ ...record('a'), params: undefined }, /a part of it is missing/],
    ] as const) {
      await expectError(() => checkRecord(value, 'r.json'), 'badInput', text);
    }
  });

  it('belongs to its model', async () => {
    checkSameModel(record('a'), info, 'r.json');
    const other = { ...info, weights: 'f32' } as ModelInfo;
    const text = /"r.json": it was made with m \(q8\), not m \(f32\).*--model/;
    await expectError(() => checkSameModel(record('a'), other, 'r.json'), 'badInput', text);
  });

  it('may differ behind the step it is resumed from', () => {
    const step = (text: string) => ({ step: 1, forwards: 1, maskedTokens: 0, gaps: [[{ text }]] });
    assert.equal(
      firstDifferenceUntil(1, [step('a'), step('b')], [step('a'), step('b')]),
      undefined,
    );
    assert.equal(
      firstDifferenceUntil(0, [step('a'), step('b')], [step('a'), step('c')]),
      undefined,
    );
    const difference = firstDifferenceUntil(1, [step('a'), step('b')], [step('a'), step('c')]);
    assert.equal(difference, 'steps[1].gaps[0][0].text is "c", was "b"');
  });
});

describe('the request that resumes a run', () => {
  const resume = { fromStep: 3, seed: 7, temperature: 0.5 };

  it('is the same one with another seed from the step on, without variants', () => {
    const whole = {
      ...params,
      languageId: 'python',
      variants: 3,
      sampling: { seed: 2, topP: 0.5 },
    };
    assert.deepEqual(resumedParams(whole, resume), {
      ...params,
      languageId: 'python',
      sampling: { seed: 2, topP: 0.5, resumes: [resume] },
    });
  });

  it('takes nothing along that would make other steps of it', () => {
    const typed = { ...params, reuseContext: true, budgetMs: 50 };
    assert.ok(!isRepeatable({ ...params, reuseContext: true }));
    assert.ok(!isRepeatable({ ...params, budgetMs: 50 }));
    assert.ok(isRepeatable({ ...params, reuseContext: false }));
    assert.deepEqual(resumedParams(typed, resume), { ...params, sampling: { resumes: [resume] } });
  });

  it('keeps the resumes before it, and none at its step or behind', () => {
    const earlier = [1, 3, 5].map((fromStep) => ({ fromStep, seed: fromStep }));
    const { sampling } = resumedParams({ ...params, sampling: { resumes: earlier } }, resume);
    assert.deepEqual(sampling!.resumes, [{ fromStep: 1, seed: 1 }, resume]);
  });

  it('knows the temperature of its last steps', () => {
    assert.equal(temperatureOf(params), undefined);
    const warm = { ...params, sampling: { temperature: 0.3 } };
    assert.equal(temperatureOf(warm), 0.3);
    assert.equal(temperatureOf(resumedParams(warm, { fromStep: 1, seed: 1 })), 0.3);
    assert.equal(temperatureOf(resumedParams(warm, resume)), 0.5);
  });
});
