/** `lacuna serve`, a real process over real sockets: who gets in, what is answered, how it ends. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import type { FillResult, FillStep } from '../../src/protocol/messages';
import { testCertificate, testKey } from '../support/testCertificate';
import { ask, eventsOf, metric, testToken, useServe, type Ask, type Served } from './serveProcess';
import { loadParams, runCli, useClients, useTinyModel } from './tinyModel';

const long = {
  parts: [{ text: 'x = ' }, { gap: { length: 900 } }],
  sampling: { sampler: 'even', steps: 900 },
};
const short = { parts: [{ text: 'x = ' }, { gap: { length: 6 } }, { text: '\n' }] };

interface Failure {
  readonly error: { readonly message: string; readonly type: string; readonly code: string };
}

describe('lacuna serve', () => {
  const inFolder = useTinyModel();
  const start = useServe();
  const newClient = useClients();
  let served: Served;
  before(async () => {
    served = await start(inFolder('model'));
  });
  const at = (path: string, options: Ask = {}) => ask(`${served.url}${path}`, options);
  const metrics = async () => (await at('/metrics')).text;

  describe('lets in', () => {
    const refused: [string, number, string, () => Promise<{ status: number; text: string }>][] = [
      [
        'nobody without a token',
        401,
        'invalid_token',
        () => at('/v1/models', { headers: { authorization: undefined } }),
      ],
      [
        'nobody with another token',
        401,
        'invalid_token',
        () => at('/v1/infill', { body: short, headers: { authorization: 'Bearer wrong' } }),
      ],
      [
        'nobody to its figures without one',
        401,
        'invalid_token',
        () => at('/metrics', { headers: { authorization: undefined } }),
      ],
      [
        'no page',
        403,
        'browser_refused',
        () => at('/healthz', { headers: { origin: 'http://evil.example' } }),
      ],
      [
        'no page that asks first',
        403,
        'browser_refused',
        () => at('/v1/infill', { method: 'OPTIONS', headers: { origin: 'http://evil.example' } }),
      ],
      [
        'no name that points here',
        421,
        'wrong_host',
        () => at('/healthz', { headers: { host: `evil.example:${served.port}` } }),
      ],
      ['no other path', 404, 'not_found', () => at('/v1/engines')],
      ['no other method', 405, 'method_not_allowed', () => at('/v1/infill')],
      [
        'no form',
        415,
        'unsupported_media_type',
        () => at('/v1/infill', { body: '{}', headers: { 'content-type': 'text/plain' } }),
      ],
      [
        'no compressed body',
        415,
        'unsupported_encoding',
        () => at('/v1/infill', { body: '{}', headers: { 'content-encoding': 'gzip' } }),
      ],
      [
        'nothing that is no JSON',
        400,
        'invalid_json',
        () => at('/v1/infill', { body: '{"parts"' }),
      ],
      [
        'nothing too large',
        413,
        'too_large',
        () => at('/v1/infill', { body: { parts: [{ text: 'x'.repeat(3 * 2 ** 20) }] } }),
      ],
      ['no list', 400, 'badInput', () => at('/v1/infill', { body: [] })],
      [
        'no request without a gap',
        400,
        'badInput',
        () => at('/v1/infill', { body: { parts: [{ text: 'x' }] } }),
      ],
      [
        'no gap too long for the model',
        400,
        'contextTooLong',
        () => at('/v1/infill', { body: { parts: [{ gap: { length: 5000 } }] } }),
      ],
      [
        'no wrong option',
        400,
        'badUsage',
        () => at('/v1/infill', { body: { ...short, sampling: { steps: 0 } } }),
      ],
      [
        'no conversation with a model that has none',
        400,
        'unsupportedModel',
        () => at('/v1/chat', { body: { messages: [{ role: 'user', content: 'hi' }] } }),
      ],
      [
        'no other model',
        404,
        'model_not_found',
        () => at('/v1/completions', { body: { prompt: 'x', model: 'gpt-4' } }),
      ],
    ];
    for (const [name, status, code, work] of refused) {
      it(`${name}: ${status}, with what was found and what to do`, async () => {
        const answer = await work();
        assert.equal(answer.status, status, answer.text);
        const { error } = JSON.parse(answer.text) as Failure;
        assert.equal(error.code, code);
        assert.match(error.message, /^Cannot .+: .+\. .+\.$/);
        assert.doesNotMatch(answer.text, /access-control/i);
      });
    }

    it('never says that another origin may read', async () => {
      const { headers } = await at('/healthz');
      assert.equal(headers['access-control-allow-origin'], undefined);
      assert.equal(headers['cross-origin-resource-policy'], 'same-origin');
    });

    it('probes, without a token', async () => {
      const headers = { authorization: undefined };
      assert.equal((await at('/healthz', { headers })).text, 'alive\n');
      assert.equal((await at('/readyz', { headers })).text, 'ready\n');
    });

    it('lives on after bytes that are no HTTP', async () => {
      for (const text of [
        '\x00\xff\n\r\n',
        'GET / HTTP/9.9\r\n\r\n',
        `GET ${'x'.repeat(99_999)}`,
      ]) {
        await new Promise<void>((resolve) => {
          const socket = connect(served.port, '127.0.0.1', () => socket.end(text));
          socket.on('error', () => {}).on('close', () => resolve());
          socket.resume();
        });
      }
      assert.equal((await at('/healthz')).status, 200);
    });
  });

  describe('answers', () => {
    it('a fill with the same text as the sampler process gives', async () => {
      const client = newClient();
      await client.load(loadParams(inFolder));
      const params = { ...short, sampling: { temperature: 1, seed: 5 } };
      const own = await client.fill(params);
      const answer = await at('/v1/infill', { body: params });
      assert.equal(answer.status, 200);
      const { fills, queueMs } = JSON.parse(answer.text) as FillResult;
      assert.deepEqual(fills, own.fills);
      assert.ok(queueMs >= 0);
    });

    it('a fill step by step, then the result', async () => {
      const answer = await at('/v1/infill', { body: { ...short, stream: true } });
      assert.match(answer.headers['content-type']!, /^text\/event-stream/);
      const events = eventsOf(answer.text);
      const steps = events.filter(({ event }) => event === 'step');
      const last = JSON.parse(steps.at(-1)!.data) as FillStep;
      const result = JSON.parse(events.at(-1)!.data) as FillResult;
      assert.equal(events.at(-1)!.event, 'result');
      assert.equal(steps.length, result.steps + 1);
      assert.equal(last.gaps[0]!.map(({ text }) => text).join(''), result.fills[0]!.text);
    });

    it('what is wrong with a streamed request by its status', async () => {
      const { status } = await at('/v1/infill', { body: { parts: [], stream: true } });
      assert.equal(status, 400);
    });

    it('scores', async () => {
      const body = { parts: [{ score: 'self = 1' }], alternatives: 2 };
      const { text, status } = await at('/v1/score', { body });
      assert.equal(status, 200);
      assert.ok((JSON.parse(text) as { tokens: unknown[][] }).tokens[0]!.length > 0);
    });

    it('which model there is, and no path of the machine', async () => {
      const { text } = await at('/v1/models');
      const { data } = JSON.parse(text) as { data: { id: string; object: string }[] };
      assert.deepEqual(
        data.map(({ object }) => object),
        ['model'],
      );
      assert.ok(!text.includes(inFolder()), text);
    });

    it("a completion between prompt and suffix in OpenAI's form", async () => {
      const body = { prompt: 'x = ', suffix: '\n', max_tokens: 8, n: 2, logprobs: 1, seed: 3 };
      const { status, text } = await at('/v1/completions', { body });
      assert.equal(status, 200, text);
      const answer = JSON.parse(text);
      assert.equal(answer.object, 'text_completion');
      assert.match(answer.id, /^cmpl-/);
      const [first] = answer.choices;
      assert.equal(first.logprobs.tokens.join(''), first.text);
      assert.match(first.finish_reason, /^(stop|length)$/);
      const { prompt_tokens: before, completion_tokens: after, total_tokens: all } = answer.usage;
      assert.equal(all, before + after);
    });

    it('the same completion in pieces', async () => {
      for (const seed of [1, 2, 3]) {
        const sampling = { seed, temperature: 1, max_tokens: 12 };
        const body = { prompt: 'x = ', suffix: '\nself', ...sampling };
        const whole = JSON.parse((await at('/v1/completions', { body })).text);
        const { text } = await at('/v1/completions', { body: { ...body, stream: true } });
        const events = eventsOf(text);
        assert.equal(events.at(-1)!.data, '[DONE]');
        const choices = events.slice(0, -1).map(({ data }) => JSON.parse(data).choices[0]);
        assert.equal(choices.map((choice) => choice.text).join(''), whole.choices[0].text);
        assert.deepEqual(choices.map((choice) => choice.finish_reason).filter(Boolean), [
          whole.choices[0].finish_reason,
        ]);
      }
    });

    it('its figures, for Prometheus', async () => {
      const text = await metrics();
      assert.ok(metric(text, 'lacuna_forwards_total') > 10);
      assert.equal(metric(text, 'lacuna_queue_length'), 0);
      assert.match(text, /lacuna_model_info\{model=".+",weights="q8",device="cpu"\} 1/);
      assert.match(text, /lacuna_refused_total\{reason="token"\} [3-9]/);
    });
  });

  it('stops a fill when whoever asked hangs up, and serves the next', async () => {
    const before = metric(await metrics(), 'lacuna_cancelled_total');
    const aborter = new AbortController();
    const asked = at('/v1/infill', {
      body: { ...long, stream: true },
      signal: aborter.signal,
      onData: () => aborter.abort(),
    });
    await assert.rejects(asked);
    const startMs = performance.now();
    assert.equal((await at('/v1/infill', { body: short })).status, 200);
    assert.ok(performance.now() - startMs < 1500);
    assert.equal(metric(await metrics(), 'lacuna_cancelled_total'), before + 1);
  });

  it('slows those down who ask too often', async () => {
    const { url } = await start(inFolder('model'), '--rate', '1');
    const answers = [];
    for (let i = 0; i < 11; i++) answers.push(await ask(`${url}/v1/models`));
    assert.deepEqual(answers.map(({ status }) => status).slice(0, 10), Array(10).fill(200));
    assert.equal(answers[10]!.status, 429);
    assert.ok(Number(answers[10]!.headers['retry-after']) > 30);
  });

  it('refuses what would wait behind too many', async () => {
    const { url } = await start(inFolder('model'), '--max-waiting', '0');
    const aborter = new AbortController();
    let begun = () => {};
    const running = new Promise<void>((resolve) => (begun = resolve));
    const first = ask(`${url}/v1/infill`, {
      body: { ...long, stream: true },
      signal: aborter.signal,
      onData: begun,
    });
    await running;
    const second = await ask(`${url}/v1/infill`, { body: short });
    assert.equal(second.status, 503);
    assert.equal(second.headers['retry-after'], '1');
    aborter.abort();
    await assert.rejects(first);
  });

  it('speaks TLS with a certificate of its own', async () => {
    writeFileSync(inFolder('cert.pem'), testCertificate);
    writeFileSync(inFolder('key.pem'), testKey);
    const flags = ['--cert', inFolder('cert.pem'), '--key', inFolder('key.pem')];
    const { url } = await start(inFolder('model'), ...flags, '--host', '0.0.0.0');
    const name = `https://localhost:${new URL(url).port}/v1/models`;
    assert.equal((await ask(name, { ca: testCertificate })).status, 200);
    await assert.rejects(ask(name), /self.signed/);
  });

  describe('when it is told to end', () => {
    it('lets what runs come to its end, takes nothing new, and goes', async () => {
      const going = await start(inFolder('model'));
      let begun = () => {};
      const running = new Promise<void>((resolve) => (begun = resolve));
      const steps = { ...long, sampling: { sampler: 'even', steps: 40 } };
      const first = ask(`${going.url}/v1/infill`, {
        body: { ...steps, stream: true },
        onData: begun,
      });
      await running;
      going.child.kill('SIGTERM');
      let ready = await ask(`${going.url}/readyz`);
      while (ready.status === 200) ready = await ask(`${going.url}/readyz`);
      assert.equal(ready.text, 'draining\n');
      const late = await ask(`${going.url}/v1/infill`, { body: short });
      assert.equal(late.status, 503);
      assert.equal(late.headers.connection, 'close');
      assert.equal(late.headers['retry-after'], '1');
      const done = await first;
      assert.equal(eventsOf(done.text).at(-1)!.event, 'result');
      assert.deepEqual((await going.ended).code, 0);
    });

    it('waits no longer than it was told', async () => {
      const going = await start(inFolder('model'), '--drain-seconds', '0');
      let begun = () => {};
      const running = new Promise<void>((resolve) => (begun = resolve));
      const first = ask(`${going.url}/v1/infill`, {
        body: { ...long, stream: true },
        onData: begun,
      });
      await running;
      going.child.kill('SIGTERM');
      await assert.rejects(first);
      assert.match((await going.ended).err, /Gave up 1 requests/);
    });
  });

  it('lets no request see another one, even where both would go on from a context', async () => {
    const { url } = await start('dist/model');
    const filled = async (typed: string, reuseContext: boolean) => {
      const gap = { gap: { length: 'auto', maxLength: 32, singleLine: true } };
      const text = `def mean(values):\n    total = sum(values)\n    return total / ${typed}`;
      const parts = [{ text }, gap, { text: '\n\ndef other(values):\n    return max(values)\n' }];
      const body = { parts, reuseContext, languageId: 'python' };
      const answer = await ask(`${url}/v1/infill`, { body });
      return JSON.stringify((JSON.parse(answer.text) as FillResult).fills);
    };
    const alone = await filled('len', false);
    await filled('', true); // another one's, who has typed less
    assert.equal(await filled('len', true), alone);
  });

  describe('takes no notice of an offer of another protocol', () => {
    const offer =
      'Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAEAAEAAAAIAAAABAAMAAABk\r\n';
    /** Whole answers to what is sent, in pieces of that many bytes. */
    const raw = (text: string, piece = text.length, later = '') =>
      new Promise<string>((resolve, reject) => {
        const socket = connect(served.port, '127.0.0.1', () => {
          for (let at = 0; at < text.length; at += piece) {
            setTimeout(() => socket.write(text.slice(at, at + piece)), (20 * at) / piece);
          }
        });
        let out = '';
        socket.setEncoding('utf8').on('data', (data: string) => (out += data));
        socket.on('close', () => resolve(out)).on('error', reject);
        setTimeout(() => socket.write(later), 800);
        setTimeout(() => socket.end(), 1500);
      });
    const head = (line: string) => `${line} HTTP/1.1\r\nHost: 127.0.0.1:${served.port}\r\n`;

    it('where nothing is sent with it', async () => {
      assert.match(await raw(`${head('GET /healthz')}${offer}\r\n`), /^HTTP\/1\.1 200/);
    });

    it('and reads the body, whole or in pieces, and the next request', async () => {
      const body = JSON.stringify(short);
      const facts = `Authorization: Bearer ${testToken}\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n`;
      const request = `${head('POST /v1/infill')}${offer}${facts}\r\n${body}`;
      const again = `${head('GET /healthz')}${offer}\r\n`;
      for (const piece of [undefined, 150]) {
        const answers = (await raw(request, piece, again)).match(/HTTP\/1\.1 \d+/g);
        assert.deepEqual(answers, ['HTTP/1.1 200', 'HTTP/1.1 200']);
      }
    });

    it('and lets nobody in by it', async () => {
      assert.match(await raw(`${head('GET /v1/models')}${offer}\r\n`), /^HTTP\/1\.1 401/);
    });
  });

  it('answers a right token while hundreds of connections from its address are idle', async () => {
    const { port, url } = await start(inFolder('model'));
    const idle = Array.from({ length: 1200 }, (_, i) => {
      const socket = connect(port, '127.0.0.1');
      socket.on('error', () => {});
      // Some have asked a probe, some say nothing at all.
      if (i % 2 === 0) socket.write('GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n');
      return socket;
    });
    try {
      await new Promise((resolve) => setTimeout(resolve, 500));
      const startMs = performance.now();
      for (let i = 0; i < 5; i++) {
        assert.equal((await ask(`${url}/v1/infill`, { body: short })).status, 200);
        assert.equal((await ask(`${url}/healthz`)).status, 200);
      }
      assert.ok(performance.now() - startMs < 10_000);
    } finally {
      for (const socket of idle) socket.destroy();
    }
  });

  it('takes a language for what it is, whatever it is called', async () => {
    for (const languageId of ['constructor', '__proto__', 'hasOwnProperty']) {
      const { status, text } = await at('/v1/infill', { body: { ...short, languageId } });
      assert.equal(status, 200, text);
    }
  });

  describe('does not start', () => {
    const model = ['--model', 'no-such-model'];
    const token = { LACUNA_TOKEN: 'test-token-0123456789' };
    const rows: [string, string[], Record<string, string>, RegExp][] = [
      ['without a token', [], { LACUNA_TOKEN: '' }, /without a token.*openssl rand/],
      ['with a short token', [], { LACUNA_TOKEN: 'hunter2' }, /fewer than 16/],
      ['unencrypted for all', ['--host', '0.0.0.0'], token, /nothing would be encrypted.*--cert/],
      [
        'at a name that only looks like loopback',
        ['--host', '127.attack.example'],
        token,
        /has no address here/,
      ],
      ['with half a certificate', ['--cert', 'c.pem'], token, /not given together/],
      ['with a missing key', ['--cert', 'c.pem', '--key', 'k.pem'], token, /"c.pem".*ENOENT/],
      ['at a port that is none', ['--port', '99999'], token, /0 to 65535/],
    ];
    for (const [name, flags, env, message] of rows) {
      it(name, async () => {
        const { code, err } = await runCli(['serve', ...model, ...flags], env);
        assert.equal(code, 2, err);
        assert.match(err, message);
      });
    }

    it('at a port that is taken', async () => {
      const flags = ['--model', inFolder('model'), '--port', `${served.port}`];
      const { code, err } = await runCli(['serve', ...flags], token);
      assert.equal(code, 2);
      assert.match(err, /something else does/);
    });

    it('with a model that is not there', async () => {
      const { code, err } = await runCli(['serve', ...model, '--port', '0'], token);
      assert.equal(code, 1);
      assert.match(err, /no such folder/);
    });
  });
});
