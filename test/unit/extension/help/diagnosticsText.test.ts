import { strict as assert } from 'node:assert';
import {
  diagnosticsText,
  withoutHomes,
  type Diagnostics,
} from '../../../../src/extension/help/diagnosticsText';

const diagnostics: Diagnostics = {
  versions: [['Lacuna', '1.2.3']],
  machine: [['platform', 'linux-x64']],
  sampler: {
    state: 'failed',
    detail: 'Cannot load checkpoint "/home/me/my models/x": it is damaged. Get it again.',
  },
  settings: { 'lacuna.model.path': '/home/me/my models/x', 'lacuna.inline.mode': 'manual' },
  troubles: [{ atMs: 0, text: 'Cannot read /home/me/a/b.ts: gone', times: 3 }],
  homes: ['/home/me'],
};

describe('the diagnostics', () => {
  const text = diagnosticsText(diagnostics);

  it('hold versions, state, changed settings and errors', () => {
    assert.match(text, /^Lacuna: 1\.2\.3$/m);
    assert.match(text, /^lacuna\.inline\.mode: "manual"$/m);
    assert.match(text, /^1970-01-01T00:00:00\.000Z Cannot read ~ gone \(3 times\)$|Cannot read ~/m);
    assert.match(text, /## Times\nnone/);
  });

  it('hold no path of the home folder, not even its end', () => {
    assert.doesNotMatch(text, /home|models|b\.ts/);
    assert.match(text, /^lacuna\.model\.path: "~"$/m);
    assert.match(text, /Cannot load checkpoint "~": it is damaged/);
  });

  const hidden: [what: string, home: string, text: string, expected: string][] = [
    ['a bare path', '/home/me', 'in /home/me/x/y.ts there', 'in ~ there'],
    ['the folder itself', '/home/me', 'in /home/me there', 'in ~ there'],
    ['another user with a longer name', '/home/me', '/home/melissa/x', '/home/melissa/x'],
    ['a path of Windows', 'C:\\Users\\me', 'at C:\\Users\\me\\x.ts', 'at ~'],
    ['one with slashes and another case', 'C:\\Users\\me', 'at c:/users/me/x.ts', 'at ~'],
    ['one inside JSON', 'C:\\Users\\me', '"C:\\\\Users\\\\me\\\\my models"', '"~"'],
    ['a URI', '/home/my me', 'file:///home/my%20me/x', 'file://~'],
    ['no home at all', '', 'nothing', 'nothing'],
    ['the root as home', '/', 'in /x', 'in /x'],
  ];
  for (const [what, home, given, expected] of hidden) {
    it(`hide ${what}`, () => assert.equal(withoutHomes(given, [home]), expected));
  }
});
