import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { fits, type SettingSchema } from '../../../src/extension/settingSchema';

const manifest = JSON.parse(readFileSync('package.json', 'utf8'));
const schemas = Object.assign(
  {},
  ...manifest.contributes.configuration.map(({ properties }: { properties: object }) => properties),
) as Record<string, SettingSchema & { default?: unknown }>;
const is = (name: string, value: unknown) => fits(value, schemas[`lacuna.${name}`]!);

describe('a setting fits its description in the manifest', () => {
  const good: [name: string, ...values: unknown[]][] = [
    ['inline.mode', 'auto', 'off'],
    ['inline.maxTokens', null, 1, 256],
    ['inline.debounceMs', null, 0, 12.5],
    ['disabledFiles', [], ['**/*.secret']],
    ['regenerate.locks', [], ['strings']],
    ['panel.examples', [{ question: 'a', answer: 'b' }]],
  ];
  const bad: [name: string, ...values: unknown[]][] = [
    ['inline.mode', 'on', null, true, ['auto']],
    ['inline.maxTokens', -3, 1e9, 1.5, '20', NaN, {}],
    ['inline.debounceMs', -1, 5001, 'fast', Infinity],
    ['inline.prefetch', 'yes', 1, null],
    ['disabledFiles', '**/*.secret', [5], { a: true }, null],
    ['regenerate.locks', {}, 'strings', ['names']],
    ['regenerate.strength', 101, '60'],
    ['sampler.temperature', 9, 'hot'],
    ['model.path', 5, null, ['/m']],
    ['panel.examples', [{ question: 'a' }], [{ question: 1, answer: 'b' }], 'a'],
  ];
  for (const [name, ...values] of good) {
    it(`${name}: ${JSON.stringify(values)}`, () => assert.ok(values.every((v) => is(name, v))));
  }
  for (const [name, ...values] of bad) {
    it(`${name}: none of ${JSON.stringify(values)}`, () =>
      assert.deepEqual(
        values.filter((value) => is(name, value)),
        [],
      ));
  }

  it('and so does every default', () => {
    for (const [name, schema] of Object.entries(schemas))
      assert.ok(fits(schema.default, schema), name);
  });
});
