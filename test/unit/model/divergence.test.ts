/** How far two models' predictions are apart, on logits whose figures are known by hand. */
import assert from 'node:assert/strict';
import { divergence } from '../../../src/model/divergence';
import { reportCanvases, timedCanvas } from '../../../src/model/reportCanvases';

describe('divergence', () => {
  const log = (...shares: number[]) => Float32Array.from(shares, Math.log);

  it('is nothing between the same logits, or shifted ones', () => {
    const one = log(0.5, 0.25, 0.25, 0.1, 0.1, 0.8);
    const same = divergence(one, one, 3);
    assert.deepEqual(same, { relativeMax: 0, kl: 0, topAgreement: 1, rows: 2 });
    const shifted = divergence(
      one,
      one.map((value) => value + 3),
      3,
    );
    assert.ok(shifted.kl < 1e-6 && shifted.topAgreement === 1, 'softmax does not see a constant');
  });

  it('is the KL divergence in nats, a row', () => {
    const { kl, topAgreement, rows } = divergence(log(0.5, 0.5), log(0.25, 0.75), 2);
    assert.ok(Math.abs(kl - (0.5 * Math.log(2) + 0.5 * Math.log(2 / 3))) < 1e-6);
    assert.equal(rows, 1);
    assert.equal(topAgreement, 0);
    const half = divergence(log(0.9, 0.1, 0.9, 0.1), log(0.8, 0.2, 0.2, 0.8), 2);
    assert.equal(half.topAgreement, 0.5);
  });

  it('takes the largest difference relative to the largest logit', () => {
    const { relativeMax } = divergence(Float32Array.of(-8, 2), Float32Array.of(-7, 1.5), 2);
    assert.equal(relativeMax, 1 / 8);
  });
});

describe('reportCanvases', () => {
  const dimensions = { vocabSize: 97, maxTokens: 48 } as never;
  const model = { dimensions, maskId: 5, shift: true, bosId: 1 };
  const snippet = Int32Array.from({ length: 40 }, (_, i) => 10 + i);

  it('masks every token of the text once by itself and asks for the row that predicts it', () => {
    const { text, random } = reportCanvases(model, snippet);
    const apart = text!.slice(0, 8).flatMap(({ ids, rows }) => {
      const masks = [...ids.keys()].filter((i) => ids[i] === 5);
      assert.deepEqual(
        [...rows],
        masks.map((i) => i - 1),
      );
      return masks;
    });
    assert.deepEqual(
      apart.toSorted((a, b) => a - b),
      Array.from({ length: 40 }, (_, i) => i + 1),
    );
    const rows = random.reduce((sum, canvas) => sum + canvas.rows.length, 0);
    assert.ok(rows >= 120, `${rows} random rows`);
  });

  it('is the same at each call, within the canvas and the vocabulary', () => {
    assert.deepEqual(reportCanvases(model, snippet), reportCanvases(model, snippet));
    const { text, random } = reportCanvases({ ...model, shift: false });
    assert.equal(text, undefined);
    for (const { ids, rows } of [...random, timedCanvas(model)]) {
      assert.ok(ids.length <= 48 && ids.every((id) => id < 97));
      assert.ok(rows.every((row) => row < ids.length));
    }
  });
});
