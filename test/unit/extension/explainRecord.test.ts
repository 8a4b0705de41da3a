import { strict as assert } from 'node:assert';
import { explainRecord, sentText } from '../../../src/extension/explainRecord';
import type { RequestRecord } from '../../../src/extension/requestLog';

const record: RequestRecord = {
  file: 'a.ts',
  languageId: 'typescript',
  automatic: true,
  continuesSuggestion: false,
  outcome: 'shown',
  fromCache: false,
  confidence: 0.812,
  threshold: 0.5,
  forwards: 7,
  steps: 6,
  tokens: 12,
  parts: {
    contextMs: 0.2,
    debounceMs: 120,
    queueMs: 3,
    forwardMs: 70.4,
    textMs: 10,
    transportMs: 2,
    polishMs: 0.1,
    totalMs: 205.7,
  },
};

describe('explainRecord()', () => {
  it('says what was shown and where the time went', () => {
    assert.equal(
      explainRecord(record),
      'Automatic completion in a.ts: shown, confidence 81 % (threshold 50 %). It took 206 ms: ' +
        '120 ms waiting for the next key, 3 ms in the queue, ' +
        '80 ms in the sampler (12 tokens, 6 steps, 7 forwards).',
    );
  });

  it('says why nothing was shown', () => {
    const low = { ...record, outcome: 'lowConfidence', confidence: 0.2 } as const;
    assert.match(
      explainRecord(low),
      /nothing was shown because the model was less sure .*20 %.*50 %/,
    );
  });

  it('quotes the error of a request that failed', () => {
    const { confidence: _, threshold: __, forwards: ___, ...rest } = record;
    const failed: RequestRecord = {
      ...rest,
      automatic: false,
      outcome: 'failed',
      detail: 'no model',
    };
    assert.equal(
      explainRecord(failed),
      'Invoked completion in a.ts: nothing was shown because the request failed: no model. It took 206 ms.',
    );
  });

  it('says how much was sent, and where', () => {
    assert.match(
      explainRecord({ ...record, sent: { before: 120, after: 7 } }),
      / 120 characters before the gap and 7 after it went to the sampler process on this machine\.$/,
    );
  });

  it('shows what was sent in document order', () => {
    const parts = [{ text: 'a = ' }, { gap: { length: 'auto' as const } }, { text: ';' }];
    assert.equal(sentText({ parts }), 'a = ░░░░░░;');
  });

  it('says when the sampler was not asked', () => {
    const { forwards: _, ...rest } = record;
    assert.match(explainRecord({ ...rest, fromCache: true }), /from an earlier fill\.$/);
  });
});
