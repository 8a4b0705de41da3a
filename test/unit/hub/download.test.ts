/** One file from a hub, whatever happens on the way: real sockets, real ranges, real disks. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { downloadAll, missingBytes } from '../../../src/hub/downloadAll';
import { openNetwork, type Network } from '../../../src/hub/network';
import { pickFiles, readRepository, type Repository } from '../../../src/hub/repository';
import type { Patience } from '../../../src/hub/retry';
import type { TransferState } from '../../../src/hub/transferMeter';
import { isAbort } from '../../../src/protocol/errors';
import { expectError } from '../../support/expectError';
import { answer, commit, cutAfter, startFakeHub, type FakeHub } from '../../support/fakeHub';
import { useTempFolder } from '../../support/tempFolder';

const id = 'some-org/some-model';
const weights = Buffer.from(Float32Array.from({ length: 50_000 }, Math.sin).buffer);
const config = '{"model_type":"gpt2"}\n';

describe('download', () => {
  const inFolder = useTempFolder();
  let hub: FakeHub;
  let network: Network;
  let waits: number[];
  let patience: Patience;

  beforeEach(async () => {
    mkdirSync(inFolder('remote'));
    mkdirSync(inFolder('local'));
    writeFileSync(inFolder('remote', 'model.safetensors'), weights);
    writeFileSync(inFolder('remote', 'config.json'), config);
    writeFileSync(inFolder('remote', 'README.md'), '# card\n');
    writeFileSync(inFolder('remote', 'training_args.bin'), 'no');
    hub = await startFakeHub(id, inFolder('remote'));
    network = await openNetwork(hub.url, {}, {});
    waits = [];
    patience = {
      tries: 3,
      sleep: async (ms, signal) => {
        signal?.throwIfAborted();
        waits.push(ms);
      },
    };
  });
  afterEach(async () => {
    await network.close();
    await hub.close();
  });

  const read = (revision = 'main') =>
    readRepository({ kind: 'hub', id, endpoint: hub.url, revision }, network, patience);
  const fetchAll = async (
    options: {
      repository?: Repository;
      signal?: AbortSignal;
      onProgress?: (state: TransferState) => void;
      openFile?: (path: string, flags: string) => Promise<FileHandle>;
    } = {},
  ) => {
    const repository = options.repository ?? (await read());
    await downloadAll(repository, repository.files, inFolder('local'), {
      network,
      patience,
      ...options,
    });
  };
  const local = (name: string) => readFileSync(inFolder('local', name));
  const isHere = (name: string) => existsSync(inFolder('local', name));

  it('lists what a checkpoint needs, over the pages of the tree, pinned to one commit', async () => {
    hub.info = { cardData: { license: 'mit' }, safetensors: { total: 50_000 } };
    const { files, revision, licence, licenceUrl, parameters } = await read();
    assert.equal(revision, commit);
    assert.deepEqual(
      files.map(({ name }) => name),
      ['README.md', 'config.json', 'model.safetensors'],
    );
    assert.equal(files[2]!.sha256, createHash('sha256').update(weights).digest('hex'));
    assert.match(files[1]!.gitOid!, /^[0-9a-f]{40}$/);
    assert.deepEqual([licence, licenceUrl, parameters], ['mit', `${hub.url}/${id}`, 50_000]);
  });

  it('names licences of all kinds', async () => {
    const own = { license: 'other', license_name: 'apple-amlr', license_link: 'LICENSE' };
    const cases: [Record<string, unknown>, string, string][] = [
      [{ cardData: own }, 'apple-amlr', '/blob/main/LICENSE'],
      [{ cardData: {}, tags: ['license:bsd'] }, 'bsd', ''],
      [{ cardData: undefined }, 'not stated', ''],
    ];
    for (const [info, name, end] of cases) {
      hub.info = info;
      const { licence, licenceUrl } = await read();
      assert.deepEqual([licence, licenceUrl], [name, `${hub.url}/${id}${end}`]);
    }
  });

  it('fetches every file whole and reports bytes, rate and time left', async () => {
    const states: TransferState[] = [];
    await fetchAll({ onProgress: (state) => states.push(state) });
    assert.deepEqual(local('model.safetensors'), weights);
    assert.equal(local('config.json').toString(), config);
    const last = states.at(-1)!;
    assert.equal(last.doneBytes, last.totalBytes);
    assert.ok(last.bytesPerSecond > 0 && last.secondsLeft === 0);
    assert.equal(isHere('training_args.bin'), false);
  });

  it('goes on within a file where the connection was cut', async () => {
    hub.fault = cutAfter(inFolder('remote'), /^\/blob/, 60_000, 3);
    await fetchAll();
    assert.deepEqual(local('model.safetensors'), weights);
    const ranges = hub.requests.flatMap(
      (line) => /^GET \/blob.*bytes=(\d+)-$/.exec(line)?.[1] ?? [],
    );
    assert.deepEqual(ranges, ['0', '60000', '120000', '180000']);
  });

  it('gives up when nothing comes any more, and the next run takes up what is there', async () => {
    let blobs = 0;
    const cut = cutAfter(inFolder('remote'), /^\/blob/, 60_000, 1);
    hub.fault = (request, response) => {
      if (cut(request, response)) return true;
      if (!request.url!.startsWith('/blob') || blobs++ > 10) return false;
      request.socket.destroy();
      return true;
    };
    await expectError(fetchAll(), 'downloadFailed', /Cannot reach .*try again/);
    assert.equal(isHere('model.safetensors'), false);
    assert.equal(local('model.safetensors.partial').length, 60_000);
    const { files } = await read();
    assert.equal(await missingBytes(files, inFolder('local')), weights.length - 60_000);

    hub.fault = () => false;
    hub.requests.length = 0;
    await fetchAll();
    assert.deepEqual(local('model.safetensors'), weights);
    assert.ok(hub.requests.some((line) => line.endsWith('bytes=60000-')));
    assert.equal(isHere('model.safetensors.partial'), false);
  });

  it('starts anew where a server knows no ranges or what is here is too long', async () => {
    writeFileSync(inFolder('local', 'model.safetensors.partial'), weights.subarray(0, 7));
    hub.fault = (request, response) => {
      if (request.url!.startsWith('/blob')) response.end(weights);
      return request.url!.startsWith('/blob');
    };
    await fetchAll();
    assert.deepEqual(local('model.safetensors'), weights);

    writeFileSync(inFolder('local', 'config.json.partial'), config.repeat(2));
    writeFileSync(inFolder('local', 'config.json'), 'something');
    await fetchAll();
    assert.equal(local('config.json').toString(), config);
  });

  it('never keeps bytes with a wrong checksum', async () => {
    const wrong = Buffer.from(weights).fill(1, 100, 200);
    const sendWrong = (times: number) => {
      let left = times;
      hub.fault = (request, response) => {
        if (!request.url!.startsWith('/blob') || left-- <= 0) return false;
        response.writeHead(206, { 'content-range': `bytes 0-${wrong.length - 1}/${wrong.length}` });
        response.end(wrong);
        return true;
      };
    };
    sendWrong(9);
    await expectError(
      fetchAll(),
      'downloadFailed',
      /"model\.safetensors": its checksum is [0-9a-f]+, not/,
    );
    assert.deepEqual(
      [isHere('model.safetensors'), isHere('model.safetensors.partial')],
      [false, false],
    );
    sendWrong(1);
    await fetchAll();
    assert.deepEqual(local('model.safetensors'), weights);
  });

  it('notices a part that was changed on the disk meanwhile', async () => {
    const part = Buffer.from(weights.subarray(0, 60_000)).fill(9, 10, 20);
    writeFileSync(inFolder('local', 'model.safetensors.partial'), part);
    await fetchAll();
    assert.deepEqual(local('model.safetensors'), weights);
  });

  it('checks small files by the sum of git', async () => {
    hub.fault = (request, response) => {
      const isConfig = request.url!.endsWith('/config.json');
      if (isConfig) response.end(config.replace('gpt2', 'gptX'));
      return isConfig;
    };
    await expectError(fetchAll(), 'downloadFailed', /"config\.json": its checksum is/);
  });

  it('waits as long as a busy server asks, and no longer than is bearable', async () => {
    hub.fault = answer(/^\/blob/, 429, { 'retry-after': '7' }, 2);
    await fetchAll();
    assert.deepEqual(waits, [7000, 7000]);
    hub.fault = answer(/\/api\//, 429, { 'retry-after': '3600' });
    await expectError(read(), 'downloadFailed', /status 429 .* Try again in 3600 s/);
  });

  it('tries again after errors of the server, with growing pauses, then says so', async () => {
    hub.fault = answer(/\/tree\//, 503, {}, 2);
    await fetchAll();
    assert.deepEqual(waits, [1000, 2000]);
    hub.fault = answer(/resolve/, 502);
    writeFileSync(inFolder('local', 'config.json'), 'stale');
    await expectError(fetchAll(), 'downloadFailed', /status 502 again and again/);
  });

  it('stops at once when told to, and keeps what came', async () => {
    const aborter = new AbortController();
    const running = fetchAll({
      signal: aborter.signal,
      onProgress: ({ doneBytes }) => {
        if (doneBytes > 1000) aborter.abort();
      },
    });
    await assert.rejects(running, isAbort);
    assert.equal(isHere('model.safetensors'), false);
    assert.ok(isHere('model.safetensors.partial'));
  });

  it('says what a gated, private or missing model asks for', async () => {
    const page = `${hub.url}/${id}`;
    const gate = { 'x-error-code': 'GatedRepo', 'x-error-message': 'Ask first' };
    hub.fault = answer(/resolve.*config/, 403, gate);
    await expectError(
      fetchAll(),
      'accessDenied',
      new RegExp(`Ask first. Accept them at ${page} .*HF_TOKEN`),
    );
    hub.fault = answer(/\/api\//, 401, { 'x-error-code': 'RepoNotFound' });
    await expectError(read(), 'accessDenied', /no public model of that name/);
    hub.fault = answer(/\/api\//, 404, { 'x-error-code': 'RevisionNotFound' });
    await expectError(read('nope'), 'downloadFailed', /no such revision .*404/);
    hub.fault = answer(/resolve.*config/, 404, { 'x-error-code': 'EntryNotFound' });
    await expectError(fetchAll(), 'downloadFailed', /it has no such file/);
  });

  it('takes the weights in one format: whole before shards nobody lists, PyTorch last', () => {
    const shards = (kind: string) => [1, 2].map((n) => `model-0000${n}-of-00002.${kind}`);
    const cases: [string[], string[]][] = [
      [['model.safetensors', 'pytorch_model.bin'], ['model.safetensors']],
      [['model.safetensors', ...shards('safetensors')], ['model.safetensors']],
      [
        ['model.safetensors.index.json', ...shards('safetensors'), 'model.safetensors'],
        ['model.safetensors.index.json', ...shards('safetensors')],
      ],
      [['pytorch_model.bin', 'training_args.bin'], ['pytorch_model.bin']],
      [['model.safetensors.index.json', 'pytorch_model.bin'], ['pytorch_model.bin']],
    ];
    for (const [there, wanted] of cases) {
      const files = ['config.json', 'spiece.model', ...there].map((name) => ({ name, bytes: 1 }));
      const picked = pickFiles(id, files as Parameters<typeof pickFiles>[1]);
      assert.deepEqual(
        picked.map(({ name }) => name),
        ['config.json', 'spiece.model', ...wanted],
      );
    }
  });

  it('refuses a repository without weights it can read, and odd answers', async () => {
    hub.info = { sha: 'HEAD' };
    await expectError(read(), 'downloadFailed', /the commit is "HEAD"/);
    hub.info = {};
    hub.fault = (request, response) => {
      const isTree = request.url!.includes('/tree/');
      if (isTree) response.end(JSON.stringify([{ type: 'file', path: 'model.gguf', size: 1 }]));
      return isTree;
    };
    await expectError(
      read(),
      'unsupportedModel',
      /"model\.gguf" but no safetensors and no pytorch_model/,
    );
  });

  it('shows the token to the hub and to nobody else', async () => {
    await network.close();
    network = await openNetwork(hub.url, { token: 'hf_secret' }, {});
    let shown = 0;
    hub.fault = ({ headers, url }) => {
      if (headers.authorization === 'Bearer hf_secret' && !url!.startsWith('/blob')) shown++;
      return false;
    };
    await fetchAll();
    assert.ok(shown >= 4);
    assert.deepEqual(hub.tokensAtStore, []);
  });

  it('says that the disk is full, and goes on once there is room', async () => {
    const tooSmall = async (path: string, flags: string) => {
      const file = await open(path, flags);
      let room = 100_000;
      const write = file.write.bind(file);
      const limited = async (piece: Uint8Array, offset: number) => {
        room -= piece.length;
        if (room >= 0) return write(piece, offset);
        const full = new Error('ENOSPC: no space left on device, write');
        throw Object.assign(full, { code: 'ENOSPC', syscall: 'write' });
      };
      Object.assign(file, { write: limited });
      return file;
    };
    await expectError(fetchAll({ openFile: tooSmall }), 'diskFull', /the disk is full.*goes on/);
    assert.equal(isHere('model.safetensors'), false);
    await fetchAll();
    assert.deepEqual(local('model.safetensors'), weights);
  });

  it('says that a host cannot be reached, and does not try for long', async () => {
    await hub.close();
    await expectError(read(), 'downloadFailed', /Cannot reach http:.*ECONNREFUSED.*HTTPS_PROXY/);
    assert.deepEqual(waits, []);
    hub = await startFakeHub(id, inFolder('remote'));
  });
});
