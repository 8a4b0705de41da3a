/**
 * Disks that are really full: conversions at every size from nothing to enough, downloads whose disk fills on
 * the way, caches and records that find no room. Said in words, nothing half left behind, and the same
 * command works once there is room. Left out where the system lets nobody make a small disk.
 */
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { startFakeHub } from '../support/fakeHub';
import { hasSmallDisks, onSmallDisk } from '../support/smallDisk';
import { cliFile, runCli, useTinyModel } from './tinyModel';

const files = 'echo "left: $(ls -A "$DISK" | tr "\\n" " ")"';

(hasSmallDisks() ? describe : describe.skip)('a full disk', () => {
  const inFolder = useTinyModel({ maxTokens: 512 });
  const lacuna = `"$NODE" "${cliFile}"`;
  const disk = () => inFolder('disk');
  const env = () => ({ XDG_CACHE_HOME: inFolder('home') });
  before(() => mkdirSync(disk()));

  it('of any size ends a conversion in words, without a trace', async () => {
    const convert = `${lacuna} convert "${inFolder('model')}" --out "$DISK/made" --threads 1`;
    let [full, made] = [0, 0];
    for (let kilobytes = 8; made === 0; kilobytes += 16) {
      const { out, err } = await onSmallDisk(disk(), kilobytes, `${convert}\n${files}`, env());
      const [, left] = /left: (.*)$/m.exec(out)!;
      if (err.includes('error:')) {
        assert.match(err, /^error: Cannot convert .*: the disk of ".*" is full\. Free some space/m);
        assert.equal(left!.trim(), '', `${kilobytes} kB`);
        full++;
      } else {
        assert.equal(left!.trim(), 'made', `${kilobytes} kB: ${err}`);
        made++;
      }
      assert.ok(kilobytes < 2000, 'it never fits');
    }
    assert.ok(full >= 3, `${full} too small`);
  }).timeout(120_000);

  it('that is given room takes the same command', async () => {
    const convert = `${lacuna} convert "${inFolder('model')}" --out "$DISK/made"`;
    const script = `head -c 250k /dev/zero > "$DISK/other"; ${convert}; rm "$DISK/other"; ${convert}`;
    const { code, err } = await onSmallDisk(disk(), 300, `${script}\n`, env());
    assert.match(err, /is full/);
    assert.equal(code, 0, err);
  });

  it('keeps a checkpoint from the cache, and a fill that needs none from nothing', async () => {
    writeFileSync(inFolder('a.py'), 'x = <fill>\n');
    const fill = `${lacuna} fill "${inFolder('a.py')}" --device cpu --own-process --model`;
    const cache = { XDG_CACHE_HOME: disk() };
    const refused = await onSmallDisk(disk(), 40, `${fill} "${inFolder('model')}"`, cache);
    assert.equal(refused.code, 1);
    assert.match(refused.err, /Cannot convert .* is full/);
    const made = await runCli(['convert', inFolder('model'), '--out', inFolder('made')], env());
    assert.equal(made.code, 0, made.err);
    const eaten = 'head -c 1000k /dev/zero > "$DISK/other" 2>&-\n';
    const script = `${eaten}${fill} "${inFolder('made')}"`;
    const filled = await onSmallDisk(disk(), 16, script, cache);
    assert.equal(filled.code, 0, filled.err);
    assert.match(filled.out, /^x = /);
  });

  it('that a record of a run finds is told', async () => {
    const fill = `${lacuna} fill "${inFolder('a.py')}" --device cpu --own-process --model "${inFolder('made')}"`;
    const script = `head -c 1000k /dev/zero > "$DISK/other" 2>&-\n${fill} --record "$DISK/run.json"`;
    const { code, err } = await onSmallDisk(disk(), 16, script, env());
    assert.equal(code, 1);
    assert.match(err, /^error: Cannot write ".*run\.json": the disk is full\. /m);
  });

  it('is seen before a download, and on its way, which goes on when there is room', async () => {
    const hub = await startFakeHub('some-org/tiny-gpt', inFolder('model'));
    const flag = inFolder('flag');
    const add = `${lacuna} model add some-org/tiny-gpt --yes`;
    const own = { HF_ENDPOINT: hub.url, LACUNA_MODELS: `${disk()}/models`, FLAG: flag, ...env() };
    try {
      const small = await onSmallDisk(disk(), 100, `${add}\n${files}`, own);
      assert.match(small.err, /^error: Cannot add .*: it needs .* of ".*", where .* are free/m);
      // Room enough when it is asked, and something else takes it while the weights come.
      hub.fault = ({ url }) => {
        if (!/^\/blob.*safetensors/.test(url!)) return false;
        writeFileSync(flag, '');
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 700);
        return false;
      };
      const kilobytes = 96 * 1024; // what a download asks for beyond the model itself is 64 MB
      const eat =
        '(until [ -e "$FLAG" ]; do sleep 0.05; done; cat /dev/zero > "$DISK/other") 2>&- &';
      const list = `${lacuna} model list --json > "$DISK/../list.json"`;
      const script = `${eat}\n${add}; echo "first $?"; wait; rm "$DISK/other"; ${list}; ${add}; echo "second $?"`;
      const run = await onSmallDisk(disk(), kilobytes, script, own);
      assert.match(
        run.err,
        /^error: Cannot write ".*model\.safetensors.*": the disk is full\. .*goes on/m,
      );
      assert.match(run.out, /^first 1$/m);
      assert.match(run.out, /^second 0$/m, run.err);
      assert.doesNotMatch(readFileSync(inFolder('list.json'), 'utf8'), /"dir":[^,]*some-org/);
    } finally {
      await hub.close();
    }
  }).timeout(120_000);
});
