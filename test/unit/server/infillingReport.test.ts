import assert from 'node:assert/strict';
import { progressText, reportOf, type TaskResult } from '../../../src/server/evaluation/report';

describe('reportOf', () => {
  const result = (changes: Partial<TaskResult>): TaskResult => ({
    ...{ task: 't', language: 'python', fill: 'x', gold: 'y', passed: null, exactMatch: false },
    ...{ forwards: 2, elapsedMs: 10 },
    ...changes,
  });

  it('has no score of tests where there are none', () => {
    const results = [result({ exactMatch: true }), result({})];
    assert.deepEqual(reportOf(results, true), {
      ...{ tasks: 2, tested: 0, passed: null, passAt1: null, exactMatch: 0.5 },
      ...{ meanForwards: 2, meanMs: 10 },
    });
    assert.equal(progressText(results), '1 of 2 exact');
  });

  it('takes pass@1 over the tasks with tests, exact match over all', () => {
    const rights = [{ passed: true }, { passed: false }, { passed: false, exactMatch: true }, {}];
    const results = rights.map(result);
    const { tasks, tested, passed, passAt1, exactMatch } = reportOf(results, true);
    assert.deepEqual([tasks, tested, passed, passAt1, exactMatch], [4, 3, 1, 0.3333, 0.25]);
    assert.equal(progressText(results), '1 of 3 passed, 1 of 4 exact');
  });

  it('says what a perfect choice among several fills would score', () => {
    const found = { passed: false, anyRight: true };
    const results = [
      found,
      { passed: true },
      { passed: false },
      { passed: false, exactMatch: true },
    ];
    assert.equal(reportOf(results.map(result), true).anyRight, 0.5);
    assert.equal('anyRight' in reportOf([result({ passed: true })], true), false);
  });

  it('says exact match by language where there are several', () => {
    const typescript = { language: 'typescript' };
    const results = [{}, { ...typescript, exactMatch: true }, typescript].map(result);
    assert.deepEqual(reportOf(results, true).byLanguage, {
      python: { tasks: 1, exactMatch: 0 },
      typescript: { tasks: 2, exactMatch: 0.5 },
    });
    assert.equal('byLanguage' in reportOf(results.slice(1), true), false);
  });

  it('compares lengths only where the model chose them', () => {
    const results = [result({ tokens: 3, tokensGold: 7 }), result({ fill: '' })];
    assert.equal(reportOf(results, true).lengthDifference!.mean, -4);
    assert.equal('lengthDifference' in reportOf(results, false), false);
    assert.equal('lengthDifference' in reportOf(results.slice(1), true), false);
  });

  it('takes the tests for the judge of a fill where there are any, else the exact text', () => {
    const passed = { confidence: 0.95, passed: true };
    const failed = { confidence: 0.95, passed: false, exactMatch: true };
    const exact = { confidence: 0.95, exactMatch: true };
    const blank = { confidence: 0.95, fill: ' \n' };
    const results = [passed, failed, failed, exact, blank, {}].map(result);
    const { bins, thresholds } = reportOf(results, true).reliability!;
    assert.deepEqual(bins[9], { from: 0.9, to: 1, tasks: 5, right: 2, exact: 3 });
    assert.deepEqual(thresholds[8], { threshold: 0.9, shown: 0.6667, precision: 0.5 });
  });
});
