/**
 * Damaged models: every file of a small one with a flipped bit, a lost block and a cut at every 4 KiB. Each
 * must be refused in words or fill as the sound one does: never otherwise, never without an end.
 */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { cpSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { convertCheckpoint } from '../../src/model/convert';
import { LacunaError } from '../../src/protocol/errors';
import { Engine } from '../../src/server/engine';
import { editManifest } from '../support/editManifest';
import { expectError } from '../support/expectError';
import { runCli, useClients, useTinyModel } from './tinyModel';

const pageBytes = 4096;
const fill = { parts: [{ text: 'x = ' }, { gap: { length: 6 } }, { text: '\nreturn x\n' }] };

interface Damage {
  readonly what: string;
  readonly bytes: Buffer;
}

/** At the start, at every 4 KiB and at the last byte. */
function* damagesOf(whole: Buffer): Generator<Damage> {
  for (let page = 0; page * pageBytes <= whole.length; page++) {
    const at = Math.min(page * pageBytes, whole.length - 1);
    const flipped = Buffer.from(whole);
    flipped[at]! ^= 1 << (page % 8);
    yield { what: `bit ${page % 8} of byte ${at} flipped`, bytes: flipped };
    const end = Math.min(at + pageBytes, whole.length);
    if (whole.subarray(at, end).some((byte) => byte !== 0)) {
      yield { what: `block ${page} lost`, bytes: Buffer.from(whole).fill(0, at, end) };
    }
    yield { what: `cut at ${at}`, bytes: whole.subarray(0, at) };
  }
}

async function textOf(modelDir: string, cacheDir: string): Promise<string> {
  const engine = new Engine();
  try {
    await engine.load({ modelDir, device: 'cpu', cacheDir }, { threads: 1 });
    return (await engine.fill(fill)).fills[0]!.text;
  } finally {
    await engine.dispose();
  }
}

interface Outcomes {
  refused: number;
  same: number;
}

/** @param isTold whether every damage must be refused. */
async function tryAll(
  dir: string,
  name: string,
  cacheDir: string,
  isTold: boolean,
): Promise<Outcomes> {
  const outcomes = { refused: 0, same: 0 };
  const file = path.join(dir, name);
  const whole = readFileSync(file);
  const right = await textOf(dir, cacheDir);
  for (const { what, bytes } of damagesOf(whole)) {
    writeFileSync(file, bytes);
    try {
      assert.equal(await textOf(dir, cacheDir), right, `${name}, ${what}: another fill`);
      assert.ok(!isTold, `${name}, ${what}: not told`);
      outcomes.same++;
    } catch (error) {
      assert.ok(error instanceof LacunaError, `${name}, ${what}: ${(error as Error).stack}`);
      assert.notEqual(error.code, 'internal', `${name}, ${what}: ${error.message}`);
      outcomes.refused++;
    }
  }
  writeFileSync(file, whole);
  assert.equal(await textOf(dir, cacheDir), right, 'whole again, it fills again');
  return outcomes;
}

describe('a damaged model', () => {
  const inFolder = useTinyModel({
    ...{ layers: 1, maxTokens: 256 },
    files: { 'special_tokens_map.json': { mask_token: 'x' } },
  });
  const newClient = useClients();
  const model = (...names: string[]) => inFolder('made', ...names);
  const cache = () => inFolder('cache');
  const paper = 'MODEL_CARD.md';

  before(async () => {
    writeFileSync(inFolder('model', paper), '# A card\n'.repeat(700));
    await convertCheckpoint(inFolder('model'), { outDir: model(), weights: 'q8' });
  });

  it('as it was converted is refused, whichever file it is and wherever the damage', async () => {
    const names = readdirSync(model());
    assert.ok(names.includes('lacuna.json') && names.includes('tokenizer.json'), `${names}`);
    let refused = 0;
    for (const name of names) {
      const decides = name !== paper;
      const outcomes = await tryAll(model(), name, cache(), decides);
      assert.equal(decides ? outcomes.same : outcomes.refused, 0, name);
      refused += outcomes.refused;
    }
    assert.ok(refused > 40, `${refused} refused`);
  }).timeout(120_000);

  it('is refused as well where its time was set back, and only then read again', async () => {
    const file = model('weights.safetensors');
    const whole = readFileSync(file);
    await textOf(model(), cache());
    const flipped = Buffer.from(whole);
    flipped[whole.length - 9]! ^= 1;
    const old = new Date(1e12);
    writeFileSync(file, flipped);
    utimesSync(file, old, old);
    await expectError(textOf(model(), cache()), 'badCheckpoint', /"weights.safetensors" has other/);
    writeFileSync(file, whole);
    utimesSync(file, old, old);
    await textOf(model(), cache());
  });

  it('is no other model with a digit of its manifest changed', async () => {
    const file = model('lacuna.json');
    const whole = readFileSync(file, 'utf8');
    const digits = [...whole.matchAll(/(?<=: )\d/g)].map(({ index }) => index);
    assert.ok(digits.length > 10);
    for (const at of digits) {
      const digit = (Number(whole[at]) + 1) % 10;
      writeFileSync(file, `${whole.slice(0, at)}${digit}${whole.slice(at + 1)}`);
      await expectError(textOf(model(), cache()), 'badCheckpoint', /lacuna\.json|"made"|made"/);
    }
    writeFileSync(file, whole);
  });

  it('that states no checksum of its weights is refused', async () => {
    cpSync(model(), inFolder('unsigned'), { recursive: true });
    editManifest(inFolder('unsigned'), { files: {} });
    const loading = textOf(inFolder('unsigned'), cache());
    await expectError(loading, 'badCheckpoint', /no checksum of "weights.safetensors"/);
  });

  it('as it was published with checksums is refused before it is converted', async () => {
    const dir = inFolder('published');
    cpSync(inFolder('model'), dir, { recursive: true });
    const sums = readdirSync(dir).map((name) => {
      const sum = createHash('sha256')
        .update(readFileSync(path.join(dir, name)))
        .digest('hex');
      return `${sum}  ${name}\n`;
    });
    writeFileSync(path.join(dir, 'SHA256SUMS'), sums.join(''));
    for (const name of ['model.safetensors', 'config.json', 'tokenizer.json']) {
      const outcomes = await tryAll(dir, name, cache(), true);
      assert.ok(outcomes.refused >= 3, name);
    }
  }).timeout(120_000);

  it('as it was published without any is refused where it is cut, and ends at all times', async () => {
    const dir = inFolder('bare');
    cpSync(inFolder('model'), dir, { recursive: true });
    for (const name of ['model.safetensors', 'config.json', 'tokenizer.json']) {
      const whole = readFileSync(path.join(dir, name));
      for (const { what, bytes } of damagesOf(whole)) {
        writeFileSync(path.join(dir, name), bytes);
        const loading = textOf(dir, cache());
        if (what.startsWith('cut')) await expectError(loading, 'badCheckpoint', /bare/);
        else await loading.catch((error: unknown) => assert.ok(error instanceof LacunaError, what));
      }
      writeFileSync(path.join(dir, name), whole);
    }
  }).timeout(120_000);

  it('of the cache is made again, and the log says so', async () => {
    const fresh = inFolder('fresh-cache');
    const right = await textOf(inFolder('model'), fresh);
    const [made] = readdirSync(fresh).filter((name) => !name.startsWith('.'));
    for (const name of ['weights.safetensors', 'tokenizer.json', 'lacuna.json']) {
      const file = path.join(fresh, made!, name);
      const bytes = readFileSync(file);
      bytes[bytes.length >> 1]! ^= 4;
      writeFileSync(file, bytes);
      const notes: string[] = [];
      const engine = new Engine();
      const params = { modelDir: inFolder('model'), device: 'cpu', cacheDir: fresh } as const;
      await engine.load(params, { threads: 1, onNote: (note) => notes.push(note) });
      assert.equal((await engine.fill(fill)).fills[0]!.text, right);
      await engine.dispose();
      assert.match(notes.join(), /cache was damaged and is made again/);
    }
    rmSync(fresh, { recursive: true });
  });

  it('ends no process, and the sound one loads after it', async () => {
    const client = newClient();
    const params = { modelDir: model(), device: 'cpu', cacheDir: cache() } as const;
    const file = model('weights.safetensors');
    const whole = readFileSync(file);
    await client.load(params);
    const { pid } = client;
    const right = (await client.fill(fill)).fills[0]!.text;
    for (const { bytes } of [...damagesOf(whole)].slice(-6)) {
      writeFileSync(file, bytes);
      await expectError(client.load(params), 'badCheckpoint', /weights\.safetensors/);
    }
    writeFileSync(file, whole);
    await client.load(params);
    assert.equal((await client.fill(fill)).fills[0]!.text, right);
    assert.equal(client.pid, pid);
  });

  it('is not exported', async () => {
    const file = model('weights.safetensors');
    const whole = readFileSync(file);
    writeFileSync(file, Buffer.from(whole).fill(0, whole.length - 4));
    const flags = ['convert', model(), '--target', 'triton', '--out', inFolder('repository')];
    const { code, err } = await runCli(flags, { XDG_CACHE_HOME: inFolder('home') });
    assert.equal(code, 1);
    assert.match(err, /"weights\.safetensors" has other contents/);
    writeFileSync(file, whole);
  });
});
