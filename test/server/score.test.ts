/** Scores through the real process: ranges, progress, refusals, cancelling, and fills that go first. */
import assert from 'node:assert/strict';
import { isAbort } from '../../src/protocol/errors';
import type { ScoreParams } from '../../src/protocol/messages';
import { expectError } from '../support/expectError';
import { loadParams, useClients, useTinyModel } from './tinyModel';

describe('score over the process', () => {
  const inFolder = useTinyModel();
  const newClient = useClients();

  const loaded = async () => {
    const client = newClient();
    await client.load(loadParams(inFolder));
    return client;
  };
  /** Hundreds of forwards of 900 rows: some seconds. */
  const long: ScoreParams = { parts: [{ score: 'x'.repeat(900) }], exact: true };

  it('covers the text with ranges of it, and reports its way', async () => {
    const client = await loaded();
    const text = 'def f(😀):\r\n    return self\n';
    const seen: number[] = [];
    const result = await client.score(
      { parts: [{ text: '# é\r\n' }, { score: text }, { text: 'f()' }, { score: 'a' }] },
      { onProgress: ({ fraction }) => seen.push(fraction) },
    );
    const [tokens, more] = result.tokens;
    assert.equal(tokens!.map(({ start, end }) => text.slice(start, end)).join(''), text);
    assert.equal(more!.length, 1);
    for (const { probability, alternatives } of tokens!) {
      assert.ok(probability > 0 && probability < 1);
      assert.ok(alternatives.length <= 5);
      assert.ok(
        alternatives.every((a, i) => i === 0 || a.probability <= alternatives[i - 1]!.probability),
      );
    }
    assert.equal(seen.length, result.forwards);
    assert.equal(seen.at(-1), 1);
    assert.ok(result.elapsedMs > 0);
  });

  it('agrees with one forward a token where it is asked to be exact', async () => {
    const client = await loaded();
    const parts = [{ score: 'return self = ' }];
    const [grouped, exact] = [
      await client.score({ parts }),
      await client.score({ parts, exact: true }),
    ];
    assert.deepEqual(grouped.tokens, exact.tokens); // few tokens are exact anyway
  });

  it('refuses what makes no sense, names it, and goes on', async () => {
    const client = await loaded();
    await expectError(
      client.score({ parts: [] }),
      'badInput',
      /Cannot score: parts is a list of 0/,
    );
    await expectError(
      client.score({ parts: [{ score: 'x' }], alternatives: 99 }),
      'badUsage',
      /alternatives is 99.*0 to 10/,
    );
    await client.score({ parts: [{ score: 'x' }] });
  });

  it('says so when no model is loaded', () =>
    expectError(newClient().score({ parts: [{ score: 'x' }] }), 'noModel', /Cannot score/));

  it('stops between two forwards', async () => {
    const client = await loaded();
    const abort = new AbortController();
    let forwards = 0;
    const scoring = client.score(long, {
      signal: abort.signal,
      onProgress: () => ++forwards === 3 && abort.abort(),
    });
    await assert.rejects(scoring, isAbort);
    const start = performance.now();
    await client.score({ parts: [{ score: 'x' }] });
    assert.ok(performance.now() - start < 1500);
    assert.ok(forwards < 100, `${forwards} forwards`);
  });

  it('lets every fill that somebody waits for go first', async () => {
    const client = await loaded();
    const abort = new AbortController();
    let forwards = 0;
    let started = () => {};
    const running = new Promise<void>((resolve) => (started = resolve));
    const scoring = client.score(long, {
      signal: abort.signal,
      onProgress: () => ++forwards === 2 && started(),
    });
    scoring.catch(() => {});
    await running;
    for (const priority of ['explicit', 'inline'] as const) {
      await client.fill({ parts: [{ text: 'x' }, { gap: { length: 2 } }], priority });
    }
    assert.ok(forwards < 300, `${forwards} of 900 forwards before two short fills`);
    abort.abort();
    await assert.rejects(scoring, isAbort);
  });
});
