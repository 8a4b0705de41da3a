/**
 * Files with a line of 2 MiB, as bundles and data have them, by every way in: the shared socket, HTTP, the
 * socket of editors, the command line. Each request works or is refused in words; no process ends, and
 * nothing takes long that is refused.
 */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import net from 'node:net';
import { ServerTransport } from '../../src/client/serverTransport';
import { LacunaError } from '../../src/protocol/errors';
import type { FillParams, FillResult } from '../../src/protocol/messages';
import { expectError } from '../support/expectError';
import { ask, eventsOf, testToken, useServe, type Served } from './serveProcess';
import { useMeeting } from './sharedProcess';
import { loadParams, runCli, useClients, useTinyModel } from './tinyModel';

const bytes = 2 ** 21;
/** What is hard on tokenizers and patterns: one word, one run of blanks, characters of many bytes. */
const lines: Readonly<Record<string, string>> = {
  'of one letter': 'a'.repeat(bytes),
  'of code': 'let x = self; '.repeat(bytes / 14),
  'of blanks': `x${' '.repeat(bytes - 2)}x`,
  'of brackets': '({['.repeat(bytes / 3),
  'of Chinese': '漢'.repeat(bytes / 3),
  'of halves of emoji': '\ud83d'.repeat(bytes / 3),
  'of what spells the mask': '<|mask|>'.repeat(bytes / 8),
};
const gap = { gap: { length: 4 } } as const;
const editorOf = (address: string) =>
  new ServerTransport({ address, token: async () => testToken, tokenAdvice: 'Set one' });
const around = (line: string): FillParams => ({ parts: [{ text: line }, gap, { text: line }] });

describe('a line of 2 MiB', () => {
  const inFolder = useTinyModel();
  const newClient = useClients();
  const meeting = useMeeting();
  const start = useServe();
  const served: Record<'usual' | 'large', Served | undefined> = {
    usual: undefined,
    large: undefined,
  };

  before(async () => {
    served.usual = await start(inFolder('model'));
    served.large = await start(inFolder('model'), '--max-body', '16');
  });

  for (const [what, line] of Object.entries(lines)) {
    it(`${what} is filled, scored and laid out, or refused, by the shared process`, async () => {
      const client = newClient({ transport: meeting.transport() });
      await client.load(loadParams(inFolder));
      const { pid } = client;
      const { fills } = await client.fill(around(line));
      assert.equal(fills.length, 1);
      await client.fill({ parts: [{ text: line }, { gap: { length: 'auto' } }, { text: line }] });
      await client.fill({ parts: [{ text: 'x' }, gap], instruction: line });
      await client.preview({ fill: around(line) });
      const scored = await client.score({
        parts: [{ text: line }, { score: 'return' }, { text: line }],
      });
      assert.equal(scored.tokens[0]!.at(-1)!.end, 6);
      // What may not be cut is too long for any canvas, and is told so before it is encoded.
      const whole: FillParams['parts'][] = [
        [{ text: 'x' }, { gap: { length: 4, contains: line } }],
        [{ draft: { text: line, strength: 0.5 } }],
        [gap, { text: line }, gap],
      ];
      for (const parts of whole) {
        await expectError(client.fill({ parts }), 'contextTooLong', /take \d{6,} characters/);
      }
      await expectError(
        client.score({ parts: [{ score: line }] }),
        'badInput',
        /take \d{6,} characters, more than 400000.*a part of it/,
      );
      const counted = await client.countTokens({ texts: [line] }).catch((error: unknown) => error);
      assert.ok(!(counted instanceof Error) || counted instanceof LacunaError);
      assert.equal(client.pid, pid);
    });
  }

  it('is refused as a body by the usual limit of a server, and filled under a larger one', async () => {
    const body = around(lines['of code']!);
    const refused = await ask(`${served.usual!.url}/v1/infill`, { body }).catch((e: unknown) => e);
    // The answer may be lost with the connection that is closed on what is still being sent.
    if (!(refused instanceof Error)) {
      const { status, text } = refused as { status: number; text: string };
      assert.equal(status, 413);
      assert.match(text, /MiB/);
    }
    for (const stream of [false, true]) {
      const answer = await ask(`${served.large!.url}/v1/infill`, { body: { ...body, stream } });
      assert.equal(answer.status, 200);
      const result = stream ? eventsOf(answer.text).at(-1)!.data : answer.text;
      assert.equal((JSON.parse(result) as FillResult).fills.length, 1);
    }
    const line = lines['of code']!;
    const completion = { prompt: line, suffix: line, max_tokens: 4 };
    const answer = await ask(`${served.large!.url}/v1/completions`, { body: completion });
    assert.equal(answer.status, 200, answer.text);
    const { usage } = JSON.parse(answer.text) as { usage: { prompt_tokens: number } };
    assert.equal(usage.prompt_tokens, 1024, 'of what the model can read, not of megabytes');
    const alive = await ask(`${served.usual!.url}/v1/infill`, {
      body: { parts: [{ text: 'x' }, gap] },
    });
    assert.equal(alive.status, 200);
  });

  it('ends no server where it is a header, an address or no JSON', async () => {
    const { port, url } = served.usual!;
    const long = 'a'.repeat(bytes);
    const requests = [
      `GET /${long} HTTP/1.1\r\nHost: localhost\r\n\r\n`,
      `GET /healthz HTTP/1.1\r\nHost: localhost\r\nX-Long: ${long}\r\n\r\n`,
      `GET /healthz HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${long}\r\n\r\n`,
      long,
    ];
    for (const request of requests) {
      const socket = net.connect(port, '127.0.0.1');
      let answer = '';
      socket.setEncoding('latin1').on('data', (piece: string) => (answer += piece));
      socket.on('error', () => {}); // closed while it still gets
      const closed = new Promise((resolve) => socket.once('close', resolve));
      socket.end(request);
      await closed;
      assert.match(answer, /^(HTTP\/1\.1 4\d\d|$)/, answer.slice(0, 40));
    }
    const broken = await ask(`${url}/v1/infill`, { body: `{"parts":"${long.slice(99)}` });
    assert.equal(broken.status, 400);
    assert.equal((await ask(`${url}/healthz`)).status, 200);
  });

  it('goes through the socket of editors where the server lets it', async () => {
    const { url } = served.large!;
    const transport = editorOf(url);
    const client = newClient({ transport });
    await client.load({ modelDir: '', device: 'auto' });
    assert.equal((await client.fill(around(lines['of code']!))).fills.length, 1);
    await client.dispose();
  });

  it('is told to an editor whose server does not, which keeps its connection or gets another', async () => {
    const { url } = served.usual!;
    const transport = editorOf(url);
    const client = newClient({ transport });
    await client.load({ modelDir: '', device: 'auto' });
    const refused = client.fill(around(lines['of code']!));
    await assert.rejects(refused, (error) => error instanceof LacunaError);
    assert.equal((await client.fill({ parts: [{ text: 'x' }, gap] })).fills.length, 1);
  });

  it('is filled and scored by the command line, and a whole one is refused in one line', async () => {
    const file = inFolder('bundle.js');
    const line = lines['of code']!;
    writeFileSync(file, `${line}<fill>${line}\nreturn x\n`);
    const model = ['--model', inFolder('model'), '--device', 'cpu', '--own-process'];
    const env = { XDG_CACHE_HOME: inFolder('home') };
    const filled = await runCli(['fill', file, '--json', ...model], env);
    assert.equal(filled.code, 0, filled.err);
    const at = await runCli(
      ['fill', `${file}:1:1000001`, '--length', '3', '--json', ...model],
      env,
    );
    assert.equal(at.code, 0, at.err);
    const scored = await runCli(['score', file, '--range', '2', '--json', ...model], env);
    assert.equal(scored.code, 0, scored.err);
    const whole = inFolder('whole.js');
    writeFileSync(whole, `${line}\nreturn x\n`);
    const refused = [
      ['fill', whole, '--range', '1', '--strength', '30'],
      ['fill', `${file}:2:1`, '--contains', 'x'.repeat(15_000)],
      ['score', file],
    ];
    for (const flags of refused) {
      const { code, err } = await runCli([...flags, ...model], env);
      assert.equal(code, 1, err);
      assert.match(err, /^error: .*take \d{5,} characters/m);
      assert.ok(err.length < 2000, `${err.length} characters of error`);
    }
    const { code, err } = await runCli(['fill', file, '--instruction', 'x'.repeat(100_000)], env);
    assert.equal(code, 2, 'what would end the process without a word is refused before it');
    assert.match(err, /arguments have 100\d{3} characters, more than 16000/);
  });
});
