/** The client of every face and the command line, against the real `lacuna serve`. */
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import WebSocket, { WebSocketServer } from 'ws';
import { ServerTransport } from '../../src/client/serverTransport';
import { isAbort } from '../../src/protocol/errors';
import { servedModel, type FillStep } from '../../src/protocol/messages';
import { listModelsRequest } from '../../src/protocol/modelMessages';
import { shutdownRequest } from '../../src/protocol/processMessages';
import { expectError } from '../support/expectError';
import { ask, metric, testToken, useServe, type Served } from './serveProcess';
import { loadParams, runCli, useClients, useTinyModel } from './tinyModel';

const short = { parts: [{ text: 'x = ' }, { gap: { length: 6 } }, { text: '\n' }] };
const long = {
  parts: [{ text: 'x = ' }, { gap: { length: 900 } }],
  sampling: { sampler: 'even', steps: 900 },
} as const;
const load = { modelDir: servedModel, device: 'auto' } as const;

describe('a client of a server', () => {
  const inFolder = useTinyModel();
  const start = useServe();
  const newClient = useClients();
  let served: Served;
  before(async () => {
    served = await start(inFolder('model'));
  });
  const clientOf = (address: string, token: string | undefined = testToken) =>
    newClient({
      transport: new ServerTransport({
        address,
        token: async () => token,
        tokenAdvice: 'Set the token',
      }),
    });
  const running = async () => {
    const { text } = await ask(`${served.url}/metrics`);
    return metric(text, 'lacuna_running') + metric(text, 'lacuna_queue_length');
  };

  it('fills, scores and counts as with a process of its own', async () => {
    const [remote, local] = [clientOf(served.url), newClient()];
    const [info, own] = [await remote.load(load), await local.load(loadParams(inFolder))];
    assert.equal(info.name, own.name);
    assert.equal(info.dir, '');
    assert.equal(remote.pid, undefined);
    const params = { ...short, sampling: { temperature: 1, seed: 5 } };
    const steps: FillStep[] = [];
    const fill = await remote.fill(params, { onStep: (step) => steps.push(step) });
    assert.deepEqual(fill.fills, (await local.fill(params)).fills);
    assert.equal(steps.length, fill.steps + 1);
    const score = { parts: [{ score: 'self = 1' }] };
    assert.deepEqual((await remote.score(score)).tokens, (await local.score(score)).tokens);
    const texts = { texts: ['self'] };
    assert.deepEqual(await remote.countTokens(texts), await local.countTokens(texts));
    assert.deepEqual(await remote.preview({ fill: short }), await local.preview({ fill: short }));
  });

  it('cancels between two steps', async () => {
    const client = clientOf(served.url);
    await client.load(load);
    const aborter = new AbortController();
    let steps = 0;
    const filling = client.fill(long, {
      signal: aborter.signal,
      onStep: () => ++steps === 3 && aborter.abort(),
    });
    await assert.rejects(filling, isAbort);
    await client.fill(short);
    assert.equal(await running(), 0);
  });

  it('gives up what runs when the socket breaks off', async () => {
    const client = clientOf(served.url);
    await client.load(load);
    let begun = () => {};
    const isRunning = new Promise<void>((resolve) => (begun = resolve));
    const filling = client.fill(long, { onStep: begun });
    await isRunning;
    const gone = assert.rejects(filling);
    await client.dispose();
    await gone;
    while ((await running()) > 0) await new Promise((resolve) => setTimeout(resolve, 20));
  });

  it("is told that another's newer inline fill does not take its place", async () => {
    const [one, two] = [clientOf(served.url), clientOf(served.url)];
    await Promise.all([one.load(load), two.load(load)]);
    const inline = { ...short, priority: 'inline' } as const;
    const fills = await Promise.all([one.fill(inline), two.fill(inline)]);
    assert.equal(fills.length, 2);
  });

  const local: [string, () => Promise<unknown>, RegExp][] = [
    ['folders', async () => clientOf(served.url).load(loadParams(inFolder)), /chosen.*unset/i],
    [
      'its models',
      async () => {
        const client = clientOf(served.url);
        const options = { doing: 'Cannot list models' };
        return client.ask(listModelsRequest, { modelsDir: '/' }, options);
      },
      /in the hands of whoever runs it.*Unset the server/,
    ],
    [
      'its end',
      async () => {
        const client = clientOf(served.url);
        return client.ask(shutdownRequest, undefined, { doing: 'Cannot shut down' });
      },
      /in the hands of whoever runs it/,
    ],
  ];
  for (const [name, work, message] of local) {
    it(`may not touch ${name}`, async () => {
      await expectError(work(), 'badUsage', message);
      assert.equal((await ask(`${served.url}/readyz`)).status, 200);
    });
  }

  it('is refused with another token, or none, and told what to do', async () => {
    await expectError(
      clientOf(served.url, 'wrong').load(load),
      'accessDenied',
      /refuses the token.*Set/,
    );
    await expectError(clientOf(served.url, '').load(load), 'accessDenied', /no token is set.*Set/);
  });

  it('says where nobody listens, and where something else does', async () => {
    await expectError(clientOf('http://127.0.0.1:1').load(load), 'samplerGone', /ECONNREFUSED/);
    const other = createServer((_request, response) => response.writeHead(404).end());
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(other.address() as AddressInfo).port}`;
    await expectError(clientOf(url).load(load), 'samplerGone', /no Lacuna server/);
    other.close();
  });

  it('notices a server that says nothing any more', async () => {
    const mute = new WebSocketServer({ port: 0, host: '127.0.0.1', autoPong: false });
    await new Promise((resolve) => mute.once('listening', resolve));
    const transport = new ServerTransport({
      address: `http://127.0.0.1:${(mute.address() as AddressInfo).port}`,
      token: async () => testToken,
      tokenAdvice: '',
      silenceMs: 100,
    });
    const channel = await transport.connect({ signal: new AbortController().signal });
    assert.match(await channel.ended, /said nothing for/);
    mute.close();
  });

  it('is connected again when the server was', async () => {
    const first = await start(inFolder('model'));
    const client = clientOf(first.url);
    await client.load(load);
    await client.fill(short);
    first.child.kill('SIGTERM');
    await first.ended;
    await start(inFolder('model'), '--port', `${first.port}`);
    const states = new Set([client.status.state]);
    client.onStatus(({ state }) => states.add(state));
    while (client.status.state !== 'ready') {
      if (client.status.state === 'failed') await client.restart().catch(() => {});
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    await client.fill(short);
  });

  it('that talks nonsense or too much is cut off, and the others are served', async () => {
    const headers = { authorization: `Bearer ${testToken}` };
    const url = `${served.url.replace('http', 'ws')}/v1/rpc`;
    for (const frame of [...hostileFrames(), 'x'.repeat(3 * 2 ** 20)]) {
      const socket = new WebSocket(url, { headers });
      await new Promise((resolve) => socket.once('open', resolve));
      const closed = new Promise((resolve) => socket.once('close', resolve));
      socket.on('error', () => {});
      socket.send(frame);
      setTimeout(() => socket.close(), 100);
      await closed;
    }
    const client = clientOf(served.url);
    await client.load(load);
    await client.fill(short);
  });

  it('is heard out by a client whatever it sends, and the client lives', async () => {
    for (const frame of hostileFrames()) {
      const hostile = new WebSocketServer({ port: 0, host: '127.0.0.1' });
      await new Promise((resolve) => hostile.once('listening', resolve));
      hostile.on('connection', (socket) => {
        socket.on('error', () => {});
        socket.send(frame);
        setTimeout(() => socket.terminate(), 20);
      });
      const { port } = hostile.address() as { port: number };
      const client = clientOf(`http://127.0.0.1:${port}`);
      await assert.rejects(client.load(load), frame);
      await client.dispose();
      hostile.close();
    }
  });

  it('is no page in a browser, token or not', async () => {
    const headers = { authorization: `Bearer ${testToken}`, origin: 'http://evil.example' };
    const socket = new WebSocket(`${served.url.replace('http', 'ws')}/v1/rpc`, { headers });
    const status = await new Promise((resolve) => {
      socket.on('error', () => {});
      socket.once('unexpected-response', (_request, response) => resolve(response.statusCode));
      socket.once('open', () => resolve(101));
    });
    assert.equal(status, 403);
    socket.terminate();
  });

  describe('on the command line', () => {
    const env = () => ({ LACUNA_SERVER: served.url, LACUNA_TOKEN: testToken });

    it('fills a mark through the server', async () => {
      const { writeFileSync } = await import('node:fs');
      writeFileSync(inFolder('a.py'), 'x = <fill>\n');
      const flags = ['fill', inFolder('a.py'), '--length', '4'];
      const remote = await runCli(flags, env());
      const own = await runCli([...flags, '--model', inFolder('model'), '--device', 'cpu']);
      assert.equal(remote.code, 0, remote.err);
      assert.equal(remote.out, own.out);
      const scored = await runCli(['score', inFolder('a.py'), '--json'], env());
      assert.equal(scored.code, 0, scored.err);
    });

    it('says what to do about the token', async () => {
      const flags = ['fill', inFolder('a.py'), '--server', served.url];
      const { code, err } = await runCli(flags, { LACUNA_TOKEN: '' });
      assert.equal(code, 1);
      assert.match(err, /no token is set.*LACUNA_TOKEN/);
    });

    it('takes a server or a model, not both', async () => {
      const flags = ['fill', inFolder('a.py'), '--server', served.url, '--model', 'x'];
      const { code, err } = await runCli(flags, env());
      assert.equal(code, 2);
      assert.match(err, /Leave one of them out/);
    });
  });
});

/** JSON that is no message, and messages whose fields are of no kind that the library looks for. */
function hostileFrames(): string[] {
  const odd = [
    'null',
    '[]',
    '0',
    '""',
    '{"id":null}',
    '{"token":null,"value":null}',
    '[null]',
    'true',
  ];
  const methods = ['$/cancelRequest', '$/progress', '$/setTrace', '$/logTrace', 'lacuna/fill'];
  const notifications = methods.flatMap((method) =>
    odd.map((params) => `{"jsonrpc":"2.0","method":"${method}","params":${params}}`),
  );
  const answers = ['{}', '[]', '"x"', 'null', '1e309'].map((id) => `{"jsonrpc":"2.0","id":${id}}`);
  return ['{', '[]', 'null', '[null]', '0', '"x"', '{"method":null}', ...answers, ...notifications];
}
