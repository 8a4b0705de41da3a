/**
 * The exported graph on a model server, asked over the Open Inference Protocol: the same numbers as ONNX
 * Runtime in this process. Four servers: a real Triton and a real KServe where they are installed
 * (LACUNA_TEST_TRITON=1 and LACUNA_TEST_KSERVE=1 install them), and two of the suite's own that check every
 * message, with the binary extension and without.
 */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Denoiser, ForwardRequest } from '../../src/model/denoiser';
import { openModelFolder, type ModelFolder } from '../../src/model/modelFolder';
import { OipDenoiser } from '../../src/model/oipDenoiser';
import { decodeAnswer, encodeRequest } from '../../src/model/oipMessage';
import { openDenoiser } from '../../src/model/openDenoiser';
import { expectError } from '../support/expectError';
import { freePort, realServers, startKserve, startTriton } from '../support/modelServers';
import { startOipServer, type OipServer } from '../support/oipServer';
import { runCli, useTinyModel } from './tinyModel';

const upTo = (length: number) => Int32Array.from({ length }, (_, i) => i);
const canvas = (seed: number, length = 40) =>
  Int32Array.from({ length }, (_, i) => (i * 29 + seed) % 200);
const request = (seed: number, over: Partial<ForwardRequest> = {}): ForwardRequest => ({
  ids: canvas(seed),
  positions: upTo(40),
  rows: Int32Array.of(3, 17, 39),
  banned: [1, 5],
  ...over,
});

/** Largest difference relative to the largest expected value. */
function distance(found: ArrayLike<number>, expected: ArrayLike<number>): number {
  assert.equal(found.length, expected.length);
  let [difference, largest] = [0, 0];
  for (let i = 0; i < expected.length; i++) {
    difference = Math.max(difference, Math.abs(found[i]! - expected[i]!));
    largest = Math.max(largest, Math.abs(expected[i]!));
  }
  return difference / largest;
}

type Kind =
  | 'a real Triton'
  | 'a real KServe'
  | 'a checking server'
  | 'a checking server without the extension';

/** A repository with the tiny model as it is exported; the model's folder in it. */
async function exportModel(inFolder: (...names: string[]) => string): Promise<string> {
  // f32: what is compared is the graph, not the rounding of weights.
  const converted = ['convert', inFolder('model'), '--weights', 'f32', '--out', inFolder('f32')];
  assert.equal((await runCli(converted)).code, 0);
  const exported = ['convert', inFolder('f32'), '--target', 'triton', '--out', inFolder('repo')];
  const { code, err, out } = await runCli(exported);
  assert.equal(code, 0, err);
  return inFolder('repo', /^(\S+) ->/.exec(out)![1]!);
}

function suite(kind: Kind): void {
  const inFolder = useTinyModel();
  let server: OipServer | undefined;
  let url = '';
  let model: ModelFolder;
  let local: Denoiser;
  let remote: OipDenoiser;

  before(async function () {
    this.timeout(120_000);
    const folder = await exportModel(inFolder);
    const starts: Record<Kind, () => Promise<OipServer>> = {
      'a real Triton': () => startTriton(folder, inFolder('batches')),
      'a real KServe': () => startKserve(folder),
      'a checking server': () => startOipServer(folder, true),
      'a checking server without the extension': () => startOipServer(folder, false),
    };
    server = await starts[kind]();
    ({ url } = server);
    model = await openModelFolder(inFolder('f32'));
    local = await openDenoiser(model, 'cpu', 'plain', 1);
    remote = await OipDenoiser.connect(url, model.manifest);
  });
  after(async () => {
    await local?.dispose();
    await server?.close();
  });

  it('computes what this process computes', async () => {
    const asked = request(11, { wantLogits: true });
    const [there, here] = [await remote.forward(asked), await local.forward(asked)];
    assert.ok(distance(there.logits!, here.logits!) < 1e-4);
    assert.ok(distance(there.stats.logSumExp, here.stats.logSumExp) < 1e-4);
    assert.deepEqual(there.stats.ids.subarray(0, 3), here.stats.ids.subarray(0, 3));
    for (const row of [0, 1, 2]) {
      const ids = there.stats.ids.subarray(row * 64, row * 64 + 20);
      assert.ok(!ids.includes(1) && !ids.includes(5), 'what is banned is not among the likeliest');
    }
  });

  it('computes a step with a cache as one full forward', async () => {
    const full = request(11, { rows: Int32Array.of(32, 35), keep: upTo(30) });
    const { kept } = await remote.forward(full);
    assert.equal(kept!.length, 30);
    const step = await remote.forward({
      ids: full.ids.slice(30),
      positions: full.positions.slice(30),
      rows: Int32Array.of(2, 5),
      banned: full.banned,
      past: kept!,
      wantLogits: true,
    });
    const expected = await local.forward({ ...full, wantLogits: true });
    assert.ok(distance(step.logits!, expected.logits!) < 1e-4);
    // The same from two caches, one of which held other tokens before.
    const { kept: near } = await remote.forward({ ...full, keep: upTo(10) });
    const last = await remote.forward({ ...full, keep: Int32Array.of(37, 38, 39) });
    near!.replace(Int32Array.of(4, 5, 6), last.kept!);
    const part = await remote.forward({
      ...{ ids: full.ids.slice(30, 37), positions: full.positions.slice(30, 37) },
      ...{ rows: Int32Array.of(2, 5), banned: full.banned, wantLogits: true },
      ...{ past: kept!, near: { cache: near!, rows: Int32Array.of(4, 5, 6) } },
    });
    assert.ok(distance(part.logits!, expected.logits!) < 1e-4);
  });

  it('runs canvases of one length together, and each comes out as alone', async () => {
    const seeds = Array.from({ length: 12 }, (_, i) => i + 1);
    const alone = [];
    for (const seed of seeds) alone.push(await local.forward(request(seed)));
    const together = await Promise.all(seeds.map((seed) => remote.forward(request(seed))));
    for (const [index, { stats }] of together.entries()) {
      assert.ok(distance(stats.logSumExp, alone[index]!.stats.logSumExp) < 1e-4, `${index}`);
      assert.ok(distance(stats.logits, alone[index]!.stats.logits) < 1e-4, `${index}`);
    }
    if (kind !== 'a real Triton') return; // the others run each by itself
    const sizes = readFileSync(inFolder('batches'), 'utf8').trim().split('\n').map(Number);
    assert.ok(Math.max(...sizes) > 1, `batches of ${sizes.join(', ')}`);
  });

  it('takes lists as well as bytes, as the protocol without its extension has it', async () => {
    const of = (name: string, values: Int32Array) => ({
      ...{ name, shape: [1, values.length], data: BigInt64Array.from(values, BigInt) },
    });
    const { ids, positions, rows } = request(4);
    const ban = Int32Array.of(1);
    const inputs = [of('ids', ids), of('positions', positions), of('rows', rows), of('ban', ban)];
    const answers = [];
    for (const isBinary of kind.endsWith('extension') ? [false] : [false, true]) {
      const { body, headers } = encodeRequest('7', inputs, ['log_sum_exp'], isBinary);
      const address = `${url}/v2/models/${path.basename(model.manifest.name)}/infer`;
      const response = await fetch(address, { method: 'POST', body, headers });
      assert.equal(response.status, 200);
      const length = response.headers.get('Inference-Header-Content-Length');
      assert.equal(length !== null, isBinary);
      const answer = decodeAnswer(new Uint8Array(await response.arrayBuffer()), length);
      answers.push(answer.get('log_sum_exp')!);
    }
    assert.deepEqual(answers[0]!.shape, [1, 3]);
    assert.ok(
      distance(answers[0]!.data as Float32Array, answers.at(-1)!.data as Float32Array) < 1e-6,
    );
  });

  it('fills from the command line as this process does', async () => {
    writeFileSync(inFolder('a.py'), 'x = <fill>\nself = 1\n');
    const flags = ['fill', inFolder('a.py'), '--model', inFolder('f32'), '--refresh', '1'];
    const there = await runCli([...flags, '--device', 'oip', '--url', url]);
    assert.equal(there.code, 0, there.err);
    assert.match(there.err, /on oip/);
    assert.equal(there.out, (await runCli([...flags, '--device', 'cpu'])).out);
  });

  it('that is named wrongly, or does not have the model, is told', async () => {
    const flags = ['fill', inFolder('a.py'), '--model', inFolder('f32'), '--device', 'oip'];
    const missing = await runCli(flags);
    assert.equal(missing.code, 2);
    assert.match(missing.err, /address of the model server is missing.*--url/);
    const nobody = await runCli([...flags, '--url', `http://127.0.0.1:${await freePort()}`]);
    assert.equal(nobody.code, 1);
    assert.match(nobody.err, /ECONNREFUSED.*--target triton/);
    const other = { ...model.manifest, name: 'another-model' };
    await expectError(OipDenoiser.connect(url, other), 'deviceUnavailable', /answered 40\d/);
  });

  it('that is gone in the middle is told, and nothing hangs', async () => {
    await server!.close();
    server = undefined;
    await expectError(remote.forward(request(1)), 'deviceUnavailable', /ECONNREFUSED/);
  });
}

const kinds: readonly Kind[] = [
  'a checking server',
  'a checking server without the extension',
  ...(realServers.triton === undefined ? [] : (['a real Triton'] as const)),
  ...(realServers.kserve === undefined ? [] : (['a real KServe'] as const)),
];
for (const kind of kinds) describe(`the exported graph on ${kind}`, () => suite(kind));
