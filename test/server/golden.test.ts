/**
 * Token ids through the command line against what an independent float64 reference computed:
 * logits, fills, the order of commits. The checkpoints are not part of the repository: LACUNA_GOLDEN
 * names their folder, ../shared/golden is looked for.
 */
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { runCli } from './tinyModel';

interface InfillCase {
  readonly sampler: string;
  /** Steps, or the factor. */
  readonly argument: number;
  readonly middle?: readonly number[];
  readonly order?: readonly number[];
  readonly filled?: readonly number[];
  readonly forwards: number;
}
interface Expected {
  readonly kind: string;
  readonly mask_token_id: number;
  readonly shift: boolean;
  readonly logits: {
    readonly file: string;
    readonly cases: readonly {
      readonly ids: readonly number[];
      readonly shape: [number, number];
    }[];
  };
  readonly infill: readonly InfillCase[];
  readonly length_predictor?: {
    readonly ids: readonly number[];
    readonly logits: readonly number[];
  };
}

const golden = path.resolve(process.env.LACUNA_GOLDEN ?? '../shared/golden');
const checkpoints = existsSync(golden)
  ? readdirSync(golden).filter((name) => existsSync(path.join(golden, name, 'expected.json')))
  : [];
/** Of families that this release does not read. */
const unread = ['coda', 'llada-moe'];
/** Relative to the largest logit; the reference's own promise. */
const tolerance = 1e-3;

describe('golden checkpoints', () => {
  let folder = '';
  before(() => (folder = mkdtempSync(path.join(os.tmpdir(), 'lacuna-golden-'))));
  after(() => rmSync(folder, { recursive: true, force: true }));

  if (checkpoints.length === 0)
    it(`are not in ${golden}`, function () {
      this.skip();
    });

  for (const name of checkpoints) {
    const source = path.join(golden, name);
    const expected = JSON.parse(
      readFileSync(path.join(source, 'expected.json'), 'utf8'),
    ) as Expected;
    const model = () => path.join(folder, name);

    describe(name, () => {
      before(async function () {
        if (unread.includes(name)) this.skip();
        const shift = expected.shift ? 'on' : 'off';
        const kind = [
          '--weights',
          'f32',
          '--mask-id',
          `${expected.mask_token_id}`,
          '--shift',
          shift,
        ];
        const run = await runCli(['convert', source, '--out', model(), ...kind]);
        assert.equal(run.code, 0, run.err);
      });

      it('has the logits of the reference', async () => {
        const all = readFloats(path.join(source, expected.logits.file));
        let offset = 0;
        for (const { ids, shape } of expected.logits.cases) {
          const out = path.join(folder, 'logits.f32');
          const flags = ['--model', model(), '--device', 'cpu', '--out', out];
          const run = await runCli(['forward', '--ids', ids.join(), ...flags]);
          assert.deepEqual(JSON.parse(run.out), { shape }, run.err);
          const wanted = all.subarray(offset, (offset += shape[0] * shape[1]));
          assert.ok(distance(readFloats(out), wanted) < tolerance);
        }
      });

      const { length_predictor: predictor } = expected;
      if (predictor) {
        it('has the length logits of the reference', async () => {
          const out = path.join(folder, 'length.f32');
          const flags = ['--model', model(), '--device', 'cpu', '--out', out, '--head', 'length'];
          const run = await runCli(['forward', '--ids', predictor.ids.join(), ...flags]);
          assert.deepEqual(JSON.parse(run.out), { shape: [predictor.logits.length] }, run.err);
          const wanted = Float32Array.from(predictor.logits);
          assert.ok(distance(readFloats(out), wanted) < tolerance);
        });
      }

      it('fills as the reference does', async () => {
        for (const [index, one] of expected.infill.entries()) {
          const request = path.join(folder, 'request.json');
          writeFileSync(request, JSON.stringify(one));
          const argument = one.sampler === 'factor' ? '--factor' : '--steps';
          const flags = ['--sampler', one.sampler, argument, `${one.argument}`, '--device', 'cpu'];
          const run = await runCli(['fill', '--model', model(), '--request', request, ...flags]);
          assert.equal(run.code, 0, run.err);
          const got = JSON.parse(run.out) as InfillCase;
          const label = `case ${index}, ${one.sampler} ${one.argument}`;
          assert.deepEqual(got.middle, one.middle, label);
          assert.deepEqual(got.filled, one.filled, label);
          // Rules that remask have no order of their own in the reference.
          if (one.order && one.order.length > 0) assert.deepEqual(got.order, one.order, label);
          assert.ok(got.forwards <= one.forwards, label);
        }
      });
    });
  }
});

function readFloats(file: string): Float32Array {
  const bytes = readFileSync(file);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  return Float32Array.from({ length: bytes.length / 4 }, (_, i) => view.getFloat32(4 * i, true));
}

function distance(got: Float32Array, wanted: Float32Array): number {
  assert.equal(got.length, wanted.length);
  let largest = 0;
  let off = 0;
  wanted.forEach((value, index) => {
    largest = Math.max(largest, Math.abs(value));
    off = Math.max(off, Math.abs(value - got[index]!));
  });
  return off / largest;
}
