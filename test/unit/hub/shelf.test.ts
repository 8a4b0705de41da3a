/** The models folder: what is on it, what is not yet, and what survives a stop at a bad moment. */
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { withLock } from '../../../src/hub/lock';
import { verifyFiles, writeRecord } from '../../../src/hub/record';
import { folderOf, Shelf, userModelsDir } from '../../../src/hub/shelf';
import { expectError } from '../../support/expectError';
import { useTempFolder } from '../../support/tempFolder';

describe('shelf', () => {
  const inFolder = useTempFolder();
  const shelf = () => new Shelf(inFolder());
  const write = (dir: string, files: Record<string, string>) => {
    mkdirSync(dir, { recursive: true });
    for (const [name, text] of Object.entries(files)) writeFileSync(path.join(dir, name), text);
  };
  const names = async () => (await shelf().list()).map(({ name }) => name);

  it('lists whole models only, by the name of their record or their folder', async () => {
    write(inFolder('org--b'), { 'lacuna.json': '{}' });
    write(inFolder('a'), { 'lacuna.json': '{}' });
    await writeRecord(inFolder('a'), { name: 'org/a', origin: 'x', addedAt: 'now' });
    write(inFolder('half'), { 'weights.safetensors.partial': '' });
    write(inFolder('.downloads', 'org--c'), { 'model.safetensors.partial': '12345' });
    writeFileSync(inFolder('file'), '');
    assert.deepEqual(await names(), ['org/a', 'org/b']);
    assert.deepEqual(await shelf().unfinished(), [{ name: 'org/c', bytes: 5 }]);
    assert.deepEqual(await new Shelf(inFolder('none')).list(), []);
  });

  it('puts a finished folder in the place of an older one', async () => {
    write(inFolder('org--m'), { 'lacuna.json': 'old', other: '' });
    await writeRecord(inFolder('org--m'), { name: 'org/m', origin: 'x', addedAt: 'now' });
    write(inFolder('.downloads', 'x'), { 'lacuna.json': 'new' });
    const place = await shelf().publish(inFolder('.downloads', 'x'), 'org/m');
    assert.equal(place, inFolder('org--m'));
    assert.equal(readFileSync(path.join(place, 'lacuna.json'), 'utf8'), 'new');
    assert.deepEqual(readdirSync(inFolder()).toSorted(), ['.downloads', 'org--m']);
  });

  it('brings back what was moved away when a replacement was stopped, sweeps what was doomed', async () => {
    write(inFolder('.org--m-old-0123abcd'), { 'lacuna.json': '{}' });
    write(inFolder('.removed-0123abcd'), { 'lacuna.json': '{}' });
    assert.deepEqual(await names(), ['org/m']);
    assert.deepEqual(readdirSync(inFolder()), ['org--m']);
  });

  it('removes models and unfinished downloads, and says what it does not know', async () => {
    write(inFolder('org--m'), { 'lacuna.json': '{}' });
    write(inFolder('.downloads', 'org--m'), { part: '123' });
    write(inFolder('.downloads', 'org--n'), { part: '1234' });
    await writeRecord(inFolder('org--m'), { name: 'org/m', origin: 'x', addedAt: 'now' });
    assert.ok((await shelf().remove('org/m')) > 5);
    assert.equal(await shelf().remove('org/n'), 4);
    await expectError(shelf().remove('org/m'), 'badUsage', /"org\/m": ".*" holds no model/);
    assert.deepEqual(readdirSync(inFolder('.downloads')), []);
  });

  const strays: [
    what: string,
    files: Record<string, string>,
    later: Record<string, string>,
    why: RegExp,
  ][] = [
    [
      'a folder of weights and notes',
      {},
      { 'pytorch_model.bin': 'w', 'notes.txt': '' },
      /no record/,
    ],
    [
      'a model with notes beside it',
      { 'lacuna.json': '{}' },
      { 'notes.txt': '' },
      /also holds "notes.txt"/,
    ],
    [
      'a model with an adapter below it',
      { 'lacuna.json': '{}' },
      { 'adapter/': '' },
      /also holds "adapter"/,
    ],
    [
      'a model whose card was edited',
      { 'lacuna.json': '{}', card: 'a' },
      { card: 'b' },
      /"card" has been changed/,
    ],
  ];
  for (const [what, files, later, why] of strays) {
    it(`neither replaces nor removes ${what}`, async () => {
      const place = inFolder('org--m');
      write(place, files);
      if (files['lacuna.json'])
        await writeRecord(place, { name: 'org/m', origin: 'x', addedAt: 'now' });
      for (const [name, text] of Object.entries(later)) {
        if (name.endsWith('/')) mkdirSync(path.join(place, name));
        else writeFileSync(path.join(place, name), text);
      }
      const before = readdirSync(place);
      write(inFolder('.downloads', 'x'), { 'lacuna.json': 'new' });
      await expectError(shelf().publish(inFolder('.downloads', 'x'), 'org/m'), 'badUsage', why);
      if (files['lacuna.json']) await expectError(shelf().remove('org/m'), 'badUsage', why);
      assert.deepEqual(readdirSync(place), before);
    });
  }

  it('never leaves the folder by a name', async () => {
    for (const name of ['..', '../x', '.hidden', 'a b', 'x\\y', '']) {
      await expectError(() => folderOf(name), 'badUsage', /under the name/);
    }
    write(inFolder('models', '.downloads'), {});
    write(inFolder('outside'), { 'lacuna.json': '{}' });
    await expectError(new Shelf(inFolder('models')).remove('../outside'), 'badUsage', /name/);
    assert.ok(existsSync(inFolder('outside')));
  });

  it('tells changed and missing files by their checksums', async () => {
    write(inFolder('m'), { a: 'same', b: 'before', c: 'gone' });
    await writeRecord(inFolder('m'), { name: 'm', origin: 'x', addedAt: 'now' });
    writeFileSync(inFolder('m', 'b'), 'beforE');
    const record = (await new Shelf(inFolder()).list())[0]?.record;
    assert.equal(record, undefined); // no manifest, no model
    write(inFolder('m'), { 'lacuna.json': '{}' });
    const { dir, record: known } = await shelf().find('m');
    rmSync(inFolder('m', 'c'));
    assert.deepEqual(await verifyFiles(dir, known!), [
      { name: 'a', state: 'same' },
      { name: 'b', state: 'changed' },
      { name: 'c', state: 'missing' },
    ]);
  });

  it('lets one process at a time add a model, and takes over from a dead one', async () => {
    const dir = inFolder('staging');
    await withLock(dir, 'org/m', async () => {
      await expectError(
        withLock(dir, 'org/m', async () => {}),
        'badUsage',
        new RegExp(`process ${process.pid} is adding it`),
      );
    });
    writeFileSync(path.join(dir, '.lock'), '999999999');
    assert.equal(await withLock(dir, 'org/m', async () => 'mine'), 'mine');
    assert.deepEqual(readdirSync(dir), []);
  });

  it('keeps models where the system keeps data, or where it is told to', () => {
    assert.equal(userModelsDir({ LACUNA_MODELS: '/m' }), path.resolve('/m'));
    assert.match(userModelsDir({}), /lacuna[/\\]models$/);
  });
});
