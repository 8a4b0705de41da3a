/** The command line as it is run: what it prints, and how it ends. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { cliFile, runCli, useTinyModel } from './tinyModel';

describe('lacuna', () => {
  const inFolder = useTinyModel();
  const env = () => ({ LACUNA_MODEL: inFolder('small') });

  before(async () => {
    const run = await runCli(['convert', inFolder('model'), '--out', inFolder('small')]);
    assert.deepEqual([run.code, run.err], [0, '']);
    assert.match(run.out, /^model \(gpt2, 0\.\d M parameters, q8\) -> /);
  });

  function write(name: string, text: string): string {
    writeFileSync(inFolder(name), text);
    return inFolder(name);
  }

  const fill = (...args: string[]) => runCli(['fill', '--device', 'cpu', ...args], env());

  describe('fill', () => {
    it('prints the code with the fill, byte for byte around it', async () => {
      const file = write('a.py', 'def f():\r\n    return \r\n');
      const { code, out, err } = await fill(`${file}:2:12`, '--length', '3', '--single-line');
      assert.equal(code, 0, err);
      assert.ok(out.startsWith('def f():\r\n    return ') && out.endsWith('\r\n'), out);
      assert.match(err, /^\d+ steps?, \d+ forwards?, \d+ ms, confidence \d+ % \(model on cpu\)\n$/);
    });

    it('prints one JSON object with --json', async () => {
      const file = write('b.ts', 'const a = <fill>;\nconst b = <fill>;\n');
      const { code, out, err } = await fill(file, '--length', '3', '--json');
      assert.deepEqual([code, err], [0, '']);
      const { fills, ...rest } = JSON.parse(out) as {
        fills: { text: string; tokens: number; confidence: number }[];
      };
      assert.deepEqual(Object.keys(rest), [
        ...['steps', 'forwards', 'elapsedMs', 'loadMs', 'device', 'model'],
      ]);
      assert.equal(fills.length, 2);
      for (const { text, tokens, confidence } of fills) {
        assert.equal(typeof text, 'string');
        assert.equal(tokens, 3);
        assert.ok(confidence >= 0 && confidence <= 1);
      }
      assert.equal(out.trim().split('\n').length, 1);
    });

    it('takes prefix and suffix from two files', async () => {
      const prefix = write('prefix.py', 'x = ');
      const suffix = write('suffix.py', '\n');
      const flags = ['--prefix-file', prefix, '--suffix-file', suffix, '--length', '2'];
      const { code, out } = await fill(...flags);
      assert.equal(code, 0);
      assert.ok(out.startsWith('x = ') && out.endsWith('\n'));
    });

    it('draws every step as a line when piped', async () => {
      const file = write('c.py', 'x = <fill>\n');
      const steps = ['--sampler', 'even', '--steps', '3', '--length', '3'];
      const { code, out } = await fill(file, '--trace', ...steps);
      assert.equal(code, 0);
      const rows = out.split('\n').filter((line) => /^ +\d+ +\d+ +\d+ /.test(line));
      assert.equal(rows.length, 4);
      assert.match(rows[0]!, /^ +0 +0 +3 {2}░{6}$/);
      assert.ok(!out.includes('\x1b'));
    });

    const texts: [string, string | Buffer, number, RegExp][] = [
      ['an empty file', '', 0, /./],
      ['200,000 lines', `${'x = 1\n'.repeat(200_000)}y = <fill>\n`, 0, /./],
      ['NUL bytes and mixed line ends', 'a\0\r\nb\r<fill>\n\0', 0, /./],
      ['what is not UTF-8', Buffer.from([0x61, 0xff, 0x3c]), 1, /is not UTF-8/],
    ];
    for (const [name, text, expected, message] of texts) {
      it(`copes with ${name}`, async () => {
        writeFileSync(inFolder('odd.py'), text);
        const place = text.includes('<fill>') ? '' : ':1:1';
        const { code, err } = await fill(`${inFolder('odd.py')}${place}`, '--length', '2');
        assert.equal(code, expected, err);
        assert.match(err, message);
      });
    }

    it('ends quietly when its reader goes away', async () => {
      const file = write('d.py', `${'x = 1\n'.repeat(200_000)}y = <fill>\n`);
      const args = [cliFile, 'fill', file, '--length', '1', '--device', 'cpu'];
      const child = spawn(process.execPath, args, { env: { ...process.env, ...env() } });
      child.stdout.once('data', () => child.stdout.destroy());
      let err = '';
      child.stderr.on('data', (data: Buffer) => (err += String(data)));
      const [code] = (await once(child, 'close')) as [number];
      assert.equal(code, 0, err);
    });

    it('is cancelled by Ctrl+C', async () => {
      const file = write('e.py', 'x = <fill>\n');
      const many = ['--length', '900', '--sampler', 'even', '--steps', '900', '--trace'];
      const args = [cliFile, 'fill', file, '--device', 'cpu', ...many];
      const child = spawn(process.execPath, args, { env: { ...process.env, ...env() } });
      child.stdout.once('data', () => child.kill('SIGINT'));
      child.stdout.resume();
      const [code] = (await once(child, 'close')) as [number];
      assert.equal(code, 130);
    });
  });

  describe('forward', () => {
    it('writes the logits of all rows and prints their shape', async () => {
      const out = inFolder('logits.f32');
      const run = await runCli(
        ['forward', '--ids', '5,7,9', '--out', out, '--device', 'cpu'],
        env(),
      );
      assert.deepEqual([run.code, run.err], [0, '']);
      const [rows, vocabSize] = (JSON.parse(run.out) as { shape: [number, number] }).shape;
      assert.equal(rows, 3);
      assert.equal(readFileSync(out).length, 4 * rows * vocabSize);
    });
  });

  describe('info', () => {
    it('shows the manifest', async () => {
      const run = await runCli(['info', inFolder('small'), '--json']);
      const { name, weights, hasTokenizer } = JSON.parse(run.out) as Record<string, unknown>;
      assert.deepEqual(
        { name, weights, hasTokenizer },
        {
          ...{ name: 'model', weights: 'q8', hasTokenizer: true },
        },
      );
      const words = await runCli(['info'], env());
      assert.match(words.out, /^model +model$/m);
      assert.match(words.out, /^mask +id \d+, shift on$/m);
    });
  });
});
