/** What the .vsix says of other people's code. Needs dist/, which every run of the suites bundles. */
import { strict as assert } from 'node:assert';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

interface Notices {
  readonly noticesFile: string;
  thirdPartyNotices(): string;
}

describe('THIRD-PARTY.txt', () => {
  let notices: Notices;
  before(async () => {
    const script = pathToFileURL(path.resolve('scripts/notices.mjs')).href;
    notices = (await import(script)) as Notices;
  });

  it('lists the packages that are inside, as they are now: else run "npm run notices"', () => {
    assert.equal(readFileSync(notices.noticesFile, 'utf8'), notices.thirdPartyNotices());
  });

  it('has every package of the bundles with version, licence and its text', () => {
    const text = readFileSync(notices.noticesFile, 'utf8');
    const bundled = JSON.parse(readFileSync('dist/packages.json', 'utf8')) as string[];
    assert(bundled.length >= 8, String(bundled));
    for (const place of [...bundled, 'node_modules/onnxruntime-node']) {
      const { name, version } = JSON.parse(
        readFileSync(path.join(place, 'package.json'), 'utf8'),
      ) as { name: string; version: string };
      assert(text.includes(`\n${name} ${version} (`), `${name} ${version}`);
    }
    const sections = text.split(/\n-{5,}\n/).slice(1, -1);
    for (const section of sections) assert.match(section, /copyright|licen[cs]e/i);
  });
});
