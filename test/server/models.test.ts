/** Getting a model through the real CLI and the real process, from a hub on this machine. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { isAbort } from '../../src/protocol/errors';
import {
  addModelProgress,
  addModelRequest,
  benchRequest,
  inspectModelRequest,
  listModelsRequest,
  removeModelRequest,
  verifyModelRequest,
  type AddProgress,
  type CatalogueModel,
  type InstalledModel,
  type ModelList,
} from '../../src/protocol/modelMessages';
import { expectError } from '../support/expectError';
import { answer, commit, cutAfter, startFakeHub, type FakeHub } from '../support/fakeHub';
import { useTempFolder } from '../support/tempFolder';
import { cliFile, runCli, useClients, useTinyModel } from './tinyModel';

const id = 'some-org/tiny-gpt';
const folder = 'some-org--tiny-gpt';

/** `expected` is a part of `actual`. */
function holds(actual: object, expected: object): void {
  const merged = (whole: object, part: object): object =>
    Object.fromEntries(
      Object.entries(part).map(([key, value]) => {
        const found = (whole as Record<string, unknown>)[key];
        return [key, value instanceof Object ? merged(found ?? {}, value as object) : found];
      }),
    );
  assert.deepEqual(merged(actual, expected), expected);
}

describe('models', () => {
  const inFolder = useTinyModel();
  const inTest = useTempFolder();
  const newClient = useClients();
  let hub: FakeHub;

  before(async () => {
    hub = await startFakeHub(id, inFolder('model'));
    writeFileSync(inFolder('model', 'README.md'), '# A tiny model\n');
    writeFileSync(inFolder('model', 'LICENSE.txt'), 'Do as you like.\n');
  });
  beforeEach(() => {
    hub.fault = () => false;
    hub.info = {};
    hub.requests.length = 0;
  });
  after(() => hub.close());

  const shelf = (...names: string[]) => inTest('models', ...names);
  const env = () => ({ HF_ENDPOINT: hub.url, LACUNA_MODELS: shelf() });
  const model = (...args: string[]) => runCli(['model', ...args], env());
  /** Names that a stopped or refused try must not have left. */
  const shelved = () =>
    existsSync(shelf()) ? readdirSync(shelf()).filter((name) => !name.startsWith('.')) : [];

  describe('lacuna model', () => {
    it('adds by id, keeps card, licence and checksums, and fills with it', async () => {
      const added = await model('add', id, '--yes');
      assert.equal(added.code, 0, added.err);
      assert.match(added.err, /licence +apache-2\.0 \(http.*\/some-org\/tiny-gpt\)/);
      assert.match(added.err, /memory +fits \(1024 tokens\): .* free/);
      assert.match(added.out, /^some-org\/tiny-gpt -> /);
      assert.deepEqual(readdirSync(shelf(folder)).toSorted(), [
        ...['LICENSE', 'MODEL_CARD.md', 'lacuna-source.json', 'lacuna.json'],
        ...['tokenizer.json', 'tokenizer_config.json', 'weights.safetensors'],
      ]);
      assert.deepEqual(readdirSync(shelf('.downloads')), []);
      const record = JSON.parse(
        readFileSync(shelf(folder, 'lacuna-source.json'), 'utf8'),
      ) as object;
      holds(record, {
        ...{ name: id, origin: `${hub.url}/${id}`, revision: commit, licence: 'apache-2.0' },
      });

      writeFileSync(inTest('a.py'), 'x = <fill>\n');
      const fill = await runCli(
        ['fill', inTest('a.py'), '--length', '3', '--model', id, '--device', 'cpu'],
        env(),
      );
      assert.equal(fill.code, 0, fill.err);
      assert.match(fill.err, /\(tiny-gpt on cpu\)/);
    });

    it('lists, verifies and removes', async () => {
      await model('add', id, '--yes', '--no-try', '--weights', 'f16');
      const list = JSON.parse((await model('list', '--json')).out) as ModelList;
      const [installed] = list.installed as [InstalledModel];
      holds(installed, {
        ...{ name: id, architecture: 'gpt2', weights: 'f16', licence: 'apache-2.0' },
        fit: { verdict: 'fits', window: 1024 },
      });
      const table = (await model('list')).out;
      assert.match(table, /some-org\/tiny-gpt +0 M +1024 +.* fits +- +f16, apache-2\.0/);
      assert.match(table, /diffusionfamily\/diffugpt-s +124 M +512 +252 MB/);

      const good = await model('verify', id);
      assert.deepEqual([good.code, good.out.match(/ same$/gm)?.length], [0, 6]);
      const weights = readFileSync(shelf(folder, 'weights.safetensors'));
      weights[weights.length - 3]! ^= 1;
      writeFileSync(shelf(folder, 'weights.safetensors'), weights);
      rmSync(shelf(folder, 'tokenizer_config.json'));
      const bad = await model('verify', id);
      assert.equal(bad.code, 1);
      assert.match(bad.out, /^tokenizer_config\.json +missing$/m);
      assert.match(bad.err, /weights\.safetensors changed or went missing/);

      const kept = await model('remove', id);
      assert.match(
        kept.err,
        /not all in it was put there by Lacuna: its file "weights\.safetensors" has been changed since/,
      );
      const removed = await model('remove', id, '--force');
      assert.match(removed.out, /is removed, 0\.\d MB are free again/);
      assert.deepEqual(shelved(), []);
      assert.equal((await model('remove', id)).code, 2);
    });

    it('fetches no weight before the licence is accepted', async () => {
      const { code, err } = await model('add', id);
      assert.equal(code, 2);
      assert.match(err, /its licence \(apache-2\.0\) was not accepted.*--yes/);
      assert.ok(hub.requests.length > 0);
      assert.deepEqual(
        hub.requests.filter((line) => line.includes('.safetensors')),
        [],
      );
      assert.deepEqual(shelved(), []);
    });

    it('refuses what cannot fill gaps before it fetches weights', async () => {
      mkdirSync(inTest('other'));
      const write = (name: string, value: unknown) =>
        writeFileSync(inTest('other', name), JSON.stringify(value));
      write('config.json', { model_type: 'llama', architectures: ['LlamaForCausalLM'] });
      write('model.safetensors', 'never fetched');
      write('tokenizer.json', {});
      const other = await startFakeHub(id, inTest('other'));
      try {
        const { code, err } = await model('add', `${other.url}/${id}`, '--yes');
        assert.equal(code, 1);
        assert.match(err, /Cannot use "some-org\/tiny-gpt": it is a plain autoregressive llama/);
        assert.deepEqual(
          other.requests.filter((line) => line.includes('resolve') && /model\.safe/.test(line)),
          [],
        );
      } finally {
        await other.close();
      }
    });

    it('goes on after it was killed, and is on no list before it is whole', async () => {
      hub.fault = cutAfter(inFolder('model'), /blob\?name=model/, 50_000, 1);
      const first = hub.fault;
      hub.fault = (request, response) =>
        first(request, response) || (/blob\?name=model/.test(request.url!) && stall());
      const stall = () => true; // never answers
      const child = spawn(process.execPath, [cliFile, 'model', 'add', id, '--yes'], {
        env: { ...process.env, ...env() },
        stdio: 'ignore',
      });
      const partial = shelf(
        '.downloads',
        folder,
        'checkpoint',
        'tiny-gpt',
        'model.safetensors.partial',
      );
      while (!existsSync(partial) || readFileSync(partial).length < 50_000) {
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
      child.kill('SIGKILL');
      await once(child, 'exit');
      assert.deepEqual(shelved(), []);
      assert.match(
        (await model('list')).out,
        /unfinished: some-org\/tiny-gpt \(.*lacuna model add/,
      );

      hub.fault = () => false;
      hub.requests.length = 0;
      const second = await model('add', id, '--yes');
      assert.equal(second.code, 0, second.err);
      assert.match(second.err, /download .* are there already/);
      const ranges = hub.requests.filter((line) => line.includes('blob?name=model.safetensors'));
      assert.ok(ranges.length === 1 && ranges[0]!.endsWith('bytes=50000-'), ranges.join());
      assert.deepEqual(shelved(), [folder]);
    });

    it('adds a checkpoint folder and a model folder, which stay as they are', async () => {
      const before = readdirSync(inFolder('model')).toSorted();
      const checkpoint = await model('add', inFolder('model'), '--json');
      assert.equal(checkpoint.code, 0, checkpoint.err);
      const { name, dir } = JSON.parse(checkpoint.out) as InstalledModel;
      assert.equal(name, 'model');
      assert.deepEqual(readdirSync(inFolder('model')).toSorted(), before);

      const again = await runCli(['model', 'add', dir, '--models-dir', inTest('elsewhere')]);
      assert.equal(again.code, 0, again.err);
      const copy = path.join(inTest('elsewhere'), 'model', 'weights.safetensors');
      assert.deepEqual(readFileSync(copy), readFileSync(path.join(dir, 'weights.safetensors')));
      assert.equal(hub.requests.length, 0);

      const same = await model('add', dir);
      assert.match(same.out, new RegExp(`^model -> ${dir}`));
      assert.match(readFileSync(path.join(dir, 'lacuna-source.json'), 'utf8'), /lacuna-server-/);
    });

    it('measures one forward of a model', async () => {
      const { code, out, err } = await model('bench', inFolder('model'), '--seconds', '2');
      assert.equal(code, 0, err);
      assert.match(out, /^model: \d+ ms a forward of 1024 tokens on \w+, /);
    });

    it('says in one line what is wrong with a name, a hub or a gate', async () => {
      const cases: [string[], number, RegExp][] = [
        [['add', 'nonsense'], 2, /neither a folder, nor organisation\/name, nor an address/],
        [['add', 'some-org/nothing', '--yes'], 1, /there is no such model at http/],
        [['add', id, '--yes', '--endpoint', 'ftp://x'], 2, /"ftp:\/\/x": it is no http/],
        [['verify', 'nothing'], 2, /holds no model/],
      ];
      for (const [args, code, text] of cases) {
        const run = await model(...args);
        assert.equal(run.code, code, run.err);
        assert.match(run.err, text);
        assert.equal(run.err.trim().split('\n').length, 1);
      }
      hub.fault = answer(/resolve/, 403, { 'x-error-code': 'GatedRepo' });
      const gated = await model('add', id, '--yes');
      assert.match(gated.err, /conditions accepted first .* HF_TOKEN/);
    });
  });

  describe('over the process', () => {
    const source = () => ({
      modelsDir: shelf(),
      source: id,
      network: { endpoint: hub.url },
    });
    const doing = 'Cannot add the model';

    it('looks up, adds with progress, lists, verifies and removes', async () => {
      const client = newClient();
      const offer = await client.ask(inspectModelRequest, source(), { doing });
      holds(offer, {
        ...{ name: id, revision: commit, licence: 'apache-2.0', mustAccept: true },
        ...{ presentBytes: 0, fit: { verdict: 'fits' } },
      });
      assert.ok(offer.downloadBytes > 100_000 && offer.neededDiskBytes < offer.freeDiskBytes);

      const seen: AddProgress[] = [];
      const params = { ...source(), acceptedLicence: offer.licence };
      const added = await client.ask(addModelRequest, params, {
        doing,
        progress: { type: addModelProgress, onProgress: (progress) => seen.push(progress) },
      });
      const stages = new Set(seen.map(({ stage }) => stage));
      assert.deepEqual([...stages], ['listing', 'downloading', 'converting', 'checking']);
      assert.ok(seen.some(({ totalBytes }) => (totalBytes ?? 0) > 100_000));

      const info = await client.load({ modelDir: added.dir, device: 'cpu' });
      assert.equal(info.name, 'tiny-gpt');
      const named = { modelsDir: shelf(), name: id };
      const list = await client.ask(listModelsRequest, named, { doing });
      assert.deepEqual(
        list.installed.map(({ name }) => name),
        [id],
      );
      const verified = await client.ask(verifyModelRequest, named, { doing });
      assert.ok(verified.length > 4 && verified.every(({ state }) => state === 'same'));
      const { freedBytes } = await client.ask(removeModelRequest, named, { doing });
      assert.ok(freedBytes > 50_000);
    });

    it('does not add under another licence than the one that was accepted', async () => {
      const params = { ...source(), acceptedLicence: 'mit' };
      const adding = newClient().ask(addModelRequest, params, { doing });
      await expectError(adding, 'badUsage', /its licence \(apache-2\.0, http.*was not accepted/);
      assert.deepEqual(shelved(), []);
    });

    it('stops when it is cancelled, keeps the loaded model, and goes on later', async () => {
      const client = newClient();
      await client.load({
        modelDir: inFolder('model'),
        device: 'cpu',
        cacheDir: inFolder('cache'),
      });
      hub.fault = ({ url }) => /blob\?name=model/.test(url!); // never answers
      const aborter = new AbortController();
      const params = { ...source(), acceptedLicence: 'apache-2.0' };
      const adding = client.ask(addModelRequest, params, {
        doing,
        signal: aborter.signal,
        progress: {
          type: addModelProgress,
          onProgress: ({ stage }) => stage === 'downloading' && aborter.abort(),
        },
      });
      await assert.rejects(adding, isAbort);
      const fill = { parts: [{ text: 'x = ' }, { gap: { length: 2 } }] };
      assert.equal((await client.fill(fill)).fills.length, 1);
      assert.deepEqual(shelved(), []);

      hub.fault = () => false;
      // The lock is let go once the process has heard of it.
      for (let attempt = 0; ; attempt++) {
        try {
          await client.ask(addModelRequest, params, { doing });
          break;
        } catch (thrown) {
          if (attempt > 50 || !/at this moment/.test(String(thrown))) throw thrown;
          await new Promise((resolve) => setTimeout(resolve, 50));
        }
      }
      assert.deepEqual(shelved(), [folder]);
    });

    it('lets a fill through while a download goes on', async () => {
      const client = newClient();
      await client.load({
        modelDir: inFolder('model'),
        device: 'cpu',
        cacheDir: inFolder('cache'),
      });
      let release = () => {};
      const held = new Promise<void>((resolve) => (release = resolve));
      hub.fault = (request, response) => {
        if (!/blob\?name=model/.test(request.url!)) return false;
        void held.then(() => cutAfter(inFolder('model'), /blob/, 1e9)(request, response));
        return true;
      };
      const params = { ...source(), acceptedLicence: 'apache-2.0' };
      const adding = client.ask(addModelRequest, params, { doing });
      const fill = { parts: [{ text: 'x = ' }, { gap: { length: 2 } }] };
      assert.equal((await client.fill(fill)).fills.length, 1);
      release();
      assert.equal((await adding).name, id);
    });

    it('refuses parameters that make no sense', async () => {
      const client = newClient();
      const cases: [object, RegExp][] = [
        [{ modelsDir: 'relative', source: id }, /modelsDir is "relative"/],
        [{ modelsDir: shelf() }, /no model is named/],
        [{ ...source(), weights: 'q3' }, /weights is "q3"/],
        [{ ...source(), network: 5 }, /network is 5/],
      ];
      for (const [params, text] of cases) {
        const asked = client.ask(inspectModelRequest, params as never, { doing });
        await expectError(asked, 'badUsage', text);
      }
    });

    it('measures the machine, and reckons with it from then on', async () => {
      const client = newClient();
      const wish = { modelsDir: shelf(), device: 'cpu', seconds: 2 } as const;
      const speed = await client.ask(benchRequest, wish, { doing });
      assert.ok(speed.macsPerSecond > 1e8);
      const list = await client.ask(listModelsRequest, { modelsDir: shelf() }, { doing });
      const time = (end: string) =>
        list.catalogue.find(({ id: each }: CatalogueModel) => each.endsWith(end))!.fit.forwardMs!;
      assert.ok(time('diffugpt-m') > 2 * time('diffugpt-s'));
    });
  });
});
