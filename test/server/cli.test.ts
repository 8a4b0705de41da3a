/** The command line as it is run: what it prints, and how it ends. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { cliFile, runCli, useTinyModel } from './tinyModel';

describe('lacuna', () => {
  const inFolder = useTinyModel();
  const env = () => ({ LACUNA_MODEL: inFolder('small') });

  before(async () => {
    const run = await runCli(['convert', inFolder('model'), '--out', inFolder('small')]);
    assert.deepEqual([run.code, run.err], [0, '']);
    assert.match(
      run.out,
      /^model \(diffugpt, gpt2, 0\.\d M parameters, q8\) -> .*\nself-test: sees the text to its right/,
    );
  });

  function write(name: string, text: string): string {
    writeFileSync(inFolder(name), text);
    return inFolder(name);
  }

  const fill = (...args: string[]) => runCli(['fill', '--device', 'cpu', ...args], env());

  it('convert --report: what each weight format costs', async () => {
    const run = await runCli(['convert', inFolder('model'), '--report', '--json']);
    assert.equal(run.code, 0, run.err);
    const { formats } = JSON.parse(run.out);
    const names = formats.map(({ weights }: { weights: string }) => weights);
    assert.deepEqual(names, ['f32', 'f16', 'q8', 'q4']);
    const [f32, f16, q8, q4] = formats;
    assert.equal(f32.text.kl, 0);
    assert.equal(f32.random.topAgreement, 1);
    assert.ok(f16.random.kl < q8.random.kl && q8.random.kl < q4.random.kl, run.out);
    // A width of 32 fills a quarter of the blocks of q4's head: it is no smaller than q8 here.
    assert.ok(f32.bytes > f16.bytes && f16.bytes > Math.max(q8.bytes, q4.bytes), run.out);
    for (const { forwardMs, tokens, text, random } of formats) {
      assert.ok(forwardMs > 0 && tokens === 128 && text.rows > 100 && random.rows > 100);
    }
    const table = await runCli(['convert', inFolder('model'), '--report']);
    assert.match(table.out, /^weights +size +forward +KL text +top-1 +KL random +top-1 +largest/);
    assert.match(table.out, /\nq4 .* MB .* ms .* %\n.*nats from f32/);
    const both = ['convert', inFolder('model'), '--report', '--out', inFolder('both')];
    assert.match((await runCli(both)).err, /^error: .*--report keeps no model/);
  });

  describe('fill', () => {
    it('prints the code with the fill, byte for byte around it', async () => {
      const file = write('a.py', 'def f():\r\n    return \r\n');
      const { code, out, err } = await fill(`${file}:2:12`, '--length', '3', '--single-line');
      assert.equal(code, 0, err);
      assert.ok(out.startsWith('def f():\r\n    return ') && out.endsWith('\r\n'), out);
      const figures = /^\d+ steps?, \d+ forwards? \(\d\.\d\d a token\), \d+ ms, confidence \d+ % \(model on cpu\)\n$/; // prettier-ignore
      assert.match(err, figures);
    });

    it('prints one JSON object with --json', async () => {
      const file = write('b.ts', 'const a = <fill>;\nconst b = <fill>;\n');
      const { code, out, err } = await fill(file, '--length', '3', '--json');
      assert.deepEqual([code, err], [0, '']);
      const { fills, ...rest } = JSON.parse(out) as {
        fills: { text: string; tokens: number; confidence: number }[];
        forwards: number;
        forwardsPerToken: number;
      };
      assert.ok(Math.abs(rest.forwardsPerToken - rest.forwards / 6) < 0.006);
      assert.deepEqual(Object.keys(rest), [
        ...['steps', 'forwards', 'forwardsPerToken', 'elapsedMs', 'loadMs', 'device', 'model'],
      ]);
      assert.equal(fills.length, 2);
      for (const { text, tokens, confidence } of fills) {
        assert.equal(typeof text, 'string');
        assert.equal(tokens, 3);
        assert.ok(confidence >= 0 && confidence <= 1);
      }
      assert.equal(out.trim().split('\n').length, 1);
    });

    it('keeps a range of one line on one line', async () => {
      const text = 'def f(self):\r\n\treturn self.first + self.second\r\nf()\r\n';
      const file = write('line.py', text);
      for (const seed of ['1', '2', '3']) {
        const sampling = ['--strength', '100', '--growth', '3', '--temperature', '1.5', '--seed', seed]; // prettier-ignore
        const { code, out, err } = await fill(file, '--range', '2', ...sampling);
        assert.equal(code, 0, err);
        const lines = out.split('\r\n');
        assert.deepEqual([lines.length, lines[0], lines[2]], [4, 'def f(self):', 'f()'], out);
        assert.doesNotMatch(lines[1]!, /[\r\n]/);
      }
    });

    it('denoises a range again around what is locked', async () => {
      const text = 'def f(self):\r\n    return self\r\nf()\r\n';
      const file = write('draft.py', text);
      const range = ['--range', '1-2', '--lock', 'self', '--lock', 'def f'];
      const all = await fill(file, ...range, '--strength', '100', '--growth', '2', '--json');
      assert.equal(all.code, 0, all.err);
      const { fills } = JSON.parse(all.out) as { fills: { text: string; given: number }[] };
      assert.match(fills[0]!.text, /^def f[^]*self[^]*self$/);
      assert.ok(fills[0]!.given > 0);
      const none = await fill(file, ...range, '--strength', '0');
      assert.equal(none.out, text);
      assert.match(none.err, /^0 steps, 0 forwards, /);
    });

    it('prints every answer under its number', async () => {
      const file = write('many.py', 'x = <fill>\n');
      const { code, out } = await fill(
        file,
        '--length',
        '4',
        '--variants',
        '3',
        '--instruction',
        'go',
      );
      assert.equal(code, 0);
      const heads = out.split('\n').filter((line) => line.startsWith('=== answer '));
      assert.ok(heads.length >= 2 && heads.length <= 3);
      assert.match(heads[0]!, /^=== answer 1 of [23], confidence \d+ %$/);
      const flags = ['--length', '4', '--variants', '3', '--instruction', 'go', '--json'];
      const { alternatives } = JSON.parse((await fill(file, ...flags)).out) as {
        alternatives: object[];
      };
      assert.equal(alternatives.length, heads.length - 1);
    });

    it('fills around what the gap must contain', async () => {
      const file = write('contains.py', 'x = <fill>\n');
      const { code, out } = await fill(file, '--length', '3', '--contains', 'self(1)');
      assert.equal(code, 0);
      assert.match(out, /^x = [^]+self\(1\)[^]+$/);
    });

    it('keeps a run in a file and repeats it step by step', async () => {
      const file = write('kept.py', 'x = <fill>\ny = 1\n');
      const [kept, changed] = [inFolder('run.json'), inFolder('changed.json')];
      const flags = ['--range', '2', '--order', 'random', '--temperature', '0.8', '--seed', '4'];
      const first = await fill(
        file,
        ...flags,
        '--variants',
        '2',
        '--length',
        '3',
        '--record',
        kept,
      );
      assert.equal(first.code, 0, first.err);
      const again = await runCli(['fill', '--replay', kept, '--device', 'cpu'], env());
      assert.deepEqual([again.code, again.err], [0, '']);
      assert.match(again.out, /^identical: \d+ steps?, 2 fills \(model on cpu\)\n$/);

      const record = JSON.parse(readFileSync(kept, 'utf8')) as {
        model: object;
        params: { sampling: { seed: number } };
        steps: object[];
      };
      assert.deepEqual(record.model, { name: 'model', weights: 'q8', device: 'cpu' });
      record.steps.pop();
      writeFileSync(changed, JSON.stringify(record));
      const other = await runCli(['fill', '--replay', changed, '--json', '--device', 'cpu'], env());
      assert.equal(other.code, 1);
      assert.match(other.err, /^error: Cannot repeat ".*changed.json": steps\[\d+\] is /);
      assert.equal((JSON.parse(other.out) as { identical: boolean }).identical, false);
    });

    it('writes over nothing that it reads, by whatever name', async () => {
      const file = write('kept.py', 'x = <fill>\n');
      symlinkSync(file, inFolder('link.py'));
      for (const record of [file, inFolder('link.py')]) {
        const { code, err } = await fill(file, '--length', '2', '--record', record);
        assert.equal(code, 2);
        assert.match(
          err,
          /^error: Cannot write ".*": it is what the command reads\. Name another file\.\n$/,
        );
      }
      assert.equal(readFileSync(file, 'utf8'), 'x = <fill>\n');
      const { code, err } = await fill(file, '--length', '2', '--record', inFolder());
      assert.equal(code, 2, err);
      assert.match(err, /it is a folder/);
    });

    it('resumes a kept run from a step with another seed, and keeps that', async () => {
      const file = write('resume.ts', 'const a = <fill>;\n');
      const [kept, other] = [inFolder('whole.json'), inFolder('other.json')];
      const warm = ['--sampler', 'even', '--steps', '6', '--length', '6', '--temperature', '2'];
      await fill(file, ...warm, '--top-p', '1', '--seed', '2', '--record', kept);
      const resume = (...flags: string[]) =>
        runCli(['fill', '--replay', kept, '--from-step', '2', '--device', 'cpu', ...flags], env());
      const same = await resume('--seed', '2', '--record', other);
      assert.equal(same.code, 0, same.err);
      const read = (from: string) =>
        JSON.parse(readFileSync(from, 'utf8')) as { steps: object[]; result: object };
      assert.deepEqual(read(other).result, read(kept).result);

      const { code, out, err } = await resume('--seed', '9', '--record', other);
      assert.equal(code, 0, err);
      assert.match(out, /^const a = .*;\n$/s);
      assert.deepEqual(read(other).steps.slice(0, 3), read(kept).steps.slice(0, 3));
      assert.notDeepEqual(read(other).result, read(kept).result);
      const again = await runCli(['fill', '--replay', other, '--device', 'cpu'], env());
      assert.match(again.out, /^identical: 6 steps, 1 fill /, again.err);

      const cold = await resume('--seed', '9', '--temperature', '0', '--json');
      assert.match(cold.err, /^At temperature 0 another seed changes nothing/);
      for (const [flags, text] of [
        [[], /no seed was given/],
        [['--seed', '1', '--steps', '3'], /"steps" was given beside --replay/],
        [['--seed', '1', '--from-step', '6'], /has 6 steps.*from 0 to 5/],
      ] as const) {
        const refused = await resume(...flags);
        assert.equal(refused.code, 2, refused.err);
        assert.match(refused.err, text);
      }
      const alone = await fill(file, '--from-step', '2');
      assert.match(alone.err, /--from-step was given without a kept run/);
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

  describe('score', () => {
    it('shows how likely the tokens of a range are', async () => {
      const file = write('score.py', 'def f(self):\n    return 😀\n');
      const { code, out, err } = await runCli(
        ['score', file, '--range', '2', '--device', 'cpu'],
        env(),
      );
      assert.equal(code, 0, err);
      assert.match(out, /^ 2 +\d+ % │     return 😀$/m);
      assert.ok(!out.includes('def f') && !out.includes('\x1b'));
      assert.match(
        err,
        /^\d+ tokens, \d+ % likely on average, \d+ forwards, \d+ ms \(model on cpu\)\n$/,
      );
    });

    it('prints one JSON object with --json', async () => {
      const text = 'a\r\nb = self\r\n';
      const file = write('score.ts', text);
      const flags = ['--json', '--exact', '--alternatives', '2', '--device', 'cpu'];
      const { code, out } = await runCli(['score', file, ...flags], env());
      assert.equal(code, 0);
      const { tokens, forwards } = JSON.parse(out) as {
        tokens: { line: number; column: number; text: string; alternatives: object[] }[];
        forwards: number;
      };
      assert.equal(tokens.map((token) => token.text).join(''), text);
      const b = tokens.find((token) => token.text === 'b')!;
      assert.deepEqual([b.line, b.column], [2, 1]);
      assert.ok(b.alternatives.length === 2 && forwards === tokens.length);
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
