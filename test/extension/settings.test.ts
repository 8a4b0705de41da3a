/** Settings of a wrong type count as not set, and nothing that was to stay unread is read by a slip. */
import { strict as assert } from 'node:assert';
import type { LacunaApi } from '../../src/extension/extension';
import {
  readEditSettings,
  readInlineSettings,
  readServerSettings,
} from '../../src/extension/settings';
import { activateLacuna, closeAll, invoke, open, withSetting } from './workbench';

describe('settings of a wrong type', () => {
  let lacuna: LacunaApi;
  before(async () => {
    lacuna = await activateLacuna();
  });
  afterEach(closeAll);

  const odd: [name: string, value: unknown][] = [
    ['inline.maxTokens', -3],
    ['inline.maxTokens', 1e9],
    ['inline.debounceMs', 'soon'],
    ['inline.mode', 7],
    ['inline.budgetMs', {}],
    ['sampler.name', 'best'],
    ['sampler.steps', 0],
    ['sampler.temperature', 'hot'],
    ['regenerate.locks', {}],
    ['holeMarks', 5],
    ['disabledFiles', [5]],
  ];
  for (const [name, value] of odd) {
    it(`${name}: ${JSON.stringify(value)} leaves completion as it is`, async () => {
      await open('const total = |;\n');
      await withSetting(name, value, async () => {
        const { outcome } = await invoke(lacuna);
        assert.notEqual(outcome, 'failed');
        assert.notEqual(outcome, 'disabledFile');
      });
    });
  }

  it('give what they give where they are not set', async () => {
    const { document } = await open('const total = |;\n');
    const before = [readInlineSettings(document), readEditSettings(document), readServerSettings()];
    await withSetting('inline.maxTokens', -3, () =>
      withSetting('regenerate.locks', {}, () =>
        withSetting('server.unloadAfter', 'never', async () => {
          assert.deepEqual(
            [readInlineSettings(document), readEditSettings(document), readServerSettings()],
            before,
          );
        }),
      ),
    );
  });

  it('keep a file unread that a single glob names', async () => {
    const { document } = await open('const total = |;\n');
    await withSetting('disabledFiles', '**/*', async () => {
      assert.deepEqual(readInlineSettings(document).disabledFiles, ['**/*']);
      assert.equal((await invoke(lacuna)).outcome, 'disabledFile');
    });
  });
});
