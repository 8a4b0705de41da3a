/** Bearer tokens: where they come from, which are taken, what a header must look like. */
import assert from 'node:assert/strict';
import { chmodSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { readTokens, TokenRing } from '../../../../src/server/http/tokens';
import { expectError } from '../../../support/expectError';
import { useTempFolder } from '../../../support/tempFolder';

const first = 'a1b2c3d4e5f6a7b8c9d0';
const second = 'zyxwvutsrqponmlkjihg';

describe('the token ring', () => {
  const ring = new TokenRing([first, second], 'a test');
  const rows: [string | undefined, number | undefined][] = [
    [`Bearer ${first}`, 1],
    [`bearer  ${second} `, 2],
    [`Bearer ${first}x`, undefined],
    [`Bearer ${first.slice(0, -1)}`, undefined],
    [`Basic ${first}`, undefined],
    [first, undefined],
    [`Bearer ${first} ${second}`, undefined],
    ['Bearer', undefined],
    ['Bearer ', undefined],
    ['', undefined],
    [undefined, undefined],
  ];
  for (const [index, [header, found]] of rows.entries()) {
    it(`finds ${found ?? 'none'} in header ${index + 1}`, () =>
      assert.equal(ring.find(header), found));
  }

  it('holds no token, only digests', () => {
    assert.doesNotMatch(JSON.stringify(ring) + Object.values(ring).join(), new RegExp(first));
  });
});

describe('where tokens come from', () => {
  const inFolder = useTempFolder();
  const write = (text: string, mode = 0o600) => {
    const file = inFolder('tokens');
    writeFileSync(file, text);
    chmodSync(file, mode);
    return file;
  };
  const noEnv = {};

  it('a file, one a line, with comments', async () => {
    const file = write(`# ours\n${first}\r\n\n  ${second}  \n`);
    assert.equal((await readTokens({ file, env: noEnv })).size, 2);
  });

  it('the environment, where no file is named', async () => {
    const ring = await readTokens({ env: { LACUNA_TOKEN: ` ${first}\n` } });
    assert.equal(ring.find(`Bearer ${first}`), 1);
  });

  it('warns of a file that others can read', async () => {
    const warnings: string[] = [];
    const onWarning = (text: string) => warnings.push(text);
    await readTokens({ file: write(first, 0o644), env: noEnv, onWarning });
    assert.match(warnings.join(), process.platform === 'win32' ? /^$/ : /chmod 600/);
  });

  const refused: [string, () => Parameters<typeof readTokens>[0], RegExp][] = [
    ['no token at all', () => ({ env: noEnv }), /neither --token-file nor LACUNA_TOKEN.*openssl/],
    ['an empty file', () => ({ file: write('# none\n'), env: noEnv }), /holds none/],
    ['a missing file', () => ({ file: path.join('no', 'such'), env: noEnv }), /ENOENT/],
    ['a short one', () => ({ file: write(`${first}\nhunter2`), env: noEnv }), /token 2.*16 char/],
    ['a sentence', () => ({ env: { LACUNA_TOKEN: 'open sesame, please' } }), /no token may have/],
  ];
  for (const [name, source, message] of refused) {
    it(`refuses ${name}, and says how to make one`, () =>
      expectError(readTokens(source()), 'badUsage', message));
  }
});
