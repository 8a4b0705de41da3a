import { strict as assert } from 'node:assert';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import {
  linuxSource,
  macSource,
  readPowerSource,
  windowsSource,
  type PowerSource,
  type Supply,
} from '../../../../src/extension/power/powerSource';

describe('the power source', () => {
  const battery = { type: 'Battery', status: 'Discharging' };
  const supplies: [what: string, supplies: Supply[], expected: PowerSource][] = [
    ['a desktop', [], 'unknown'],
    ['a desktop with a plug only', [{ type: 'Mains', online: '1' }], 'unknown'],
    ['a laptop unplugged', [battery, { type: 'Mains', online: '0' }], 'battery'],
    ['a laptop plugged in', [{ type: 'Battery', status: 'Charging' }], 'mains'],
    [
      'a full one',
      [
        { type: 'Battery', status: 'Full' },
        { type: 'Mains', online: '1' },
      ],
      'mains',
    ],
    ['a weak charger', [battery, { type: 'USB', online: '1' }], 'mains'],
    ['two batteries', [{ type: 'Battery', status: 'Full' }, battery], 'battery'],
    ['a mouse', [{ ...battery, scope: 'Device' }], 'unknown'],
    [
      'a mouse at a plugged laptop',
      [
        { ...battery, scope: 'Device' },
        { type: 'Battery', status: 'Full' },
      ],
      'mains',
    ],
  ];
  for (const [what, list, expected] of supplies) {
    it(`on Linux: ${what}`, () => assert.equal(linuxSource(list), expected));
  }

  it('on macOS', () => {
    assert.equal(
      macSource("Now drawing from 'Battery Power'\n -InternalBattery-0\t71%"),
      'battery',
    );
    assert.equal(macSource("Now drawing from 'AC Power'\n -InternalBattery-0\t100%"), 'mains');
    assert.equal(macSource('No batteries'), 'unknown');
  });

  it('on Windows', () => {
    assert.equal(windowsSource('1\r\n'), 'battery');
    assert.equal(windowsSource('2\r\n'), 'mains');
    assert.equal(windowsSource('2\r\n5\r\n'), 'battery');
    assert.equal(windowsSource(''), 'unknown');
  });

  describe('read from a folder', () => {
    let folder: string;
    before(async () => (folder = await mkdtemp(path.join(os.tmpdir(), 'lacuna-power-'))));
    after(() => rm(folder, { recursive: true }));

    it('as the kernel lays it out', async () => {
      const write = async (name: string, files: Record<string, string>) => {
        await mkdir(path.join(folder, name));
        for (const [file, text] of Object.entries(files)) {
          await writeFile(path.join(folder, name, file), `${text}\n`);
        }
      };
      await write('AC', { type: 'Mains', online: '0' });
      await write('BAT0', { type: 'Battery', status: 'Discharging' });
      assert.equal(await readPowerSource('linux', folder), 'battery');
    });

    it('that is not there', async () => {
      assert.equal(await readPowerSource('linux', path.join(folder, 'none')), 'unknown');
    });

    it('on a system that nobody asked', async () => {
      assert.equal(await readPowerSource('aix', folder), 'unknown');
    });
  });
});
