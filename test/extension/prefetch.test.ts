/**
 * The next line's fill, made ahead after an acceptance, with the real sampler process. What the model
 * says does not matter: places are tried until it says something.
 */
import { strict as assert } from 'node:assert';
import type { LacunaApi } from '../../src/extension/extension';
import type { BatteryPause } from '../../src/extension/power/batteryPause';
import {
  activateLacuna,
  closeAll,
  commit,
  invoke,
  nextRequest,
  open,
  setTemperature,
  type,
  until,
  withSetting,
} from './workbench';

type Tested = LacunaApi & { battery: BatteryPause };
const places = [
  'class Point {\n  constructor(x, y, z) {\n    this.x = |\n  }\n\n  sum() {\n    return this.x + this.y + this.z;\n  }\n}\n',
  'const low = [1, 2];\nconst high = |\n\nconsole.log(low, high, both);\n',
  'const name = |\n',
];

describe('the next line', () => {
  let lacuna: Tested;

  before(async () => {
    lacuna = (await activateLacuna()) as Tested;
    await setTemperature(1); // not the same every time
  });
  beforeEach(() => lacuna.battery.useSource(async () => 'mains'));
  afterEach(closeAll);
  after(async () => {
    await lacuna.battery.useSource(undefined);
    await setTemperature(undefined);
  });

  /** Accepts ghost text somewhere, and waits whether the next line is filled then. */
  async function acceptAndWait(limitMs: number): Promise<boolean> {
    for (const place of places) {
      const editor = await open(place);
      if ((await invoke(lacuna)).outcome !== 'shown') {
        await closeAll();
        continue;
      }
      const before = lacuna.madeAheadCount;
      await commit(lacuna, editor);
      const made = () => lacuna.madeAheadCount > before;
      return until('it is filled ahead', made, limitMs).then(
        () => true,
        () => false,
      );
    }
    return false;
  }

  it('is there when Enter is pressed', async function () {
    this.timeout(240_000);
    for (let round = 0; round < 8; round++) {
      if (await acceptAndWait(15_000)) {
        const answered = nextRequest(lacuna, ({ automatic }) => automatic);
        await type('\n');
        const { fromCache, outcome, parts } = await answered;
        assert.ok(fromCache, outcome);
        assert.equal(parts.debounceMs, 0);
        return;
      }
      await closeAll();
    }
    assert.fail('the model had nothing for any next line');
  });

  it('is not made on battery, nor where it is switched off', async function () {
    this.timeout(120_000);
    const before = lacuna.madeAheadCount;
    await withSetting('inline.prefetch', false, async () => {
      await acceptAndWait(2500);
    });
    await closeAll();
    await lacuna.battery.useSource(async () => 'battery');
    await acceptAndWait(2500);
    assert.equal(lacuna.madeAheadCount, before);
  });
});
