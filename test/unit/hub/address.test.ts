/** What a person types to name a model. */
import assert from 'node:assert/strict';
import { readAddress } from '../../../src/hub/address';
import { expectError } from '../../support/expectError';

describe('address', () => {
  const read = (text: string, folders: string[] = [], endpoint?: string) =>
    readAddress(text, { endpoint, isFolder: (path) => folders.includes(path) });

  it('reads ids, addresses with and without a revision, mirrors and folders', () => {
    const hub = (endpoint: string, revision = 'main') => ({
      ...{ kind: 'hub', id: 'a-b/c.d', endpoint, revision },
    });
    const cases: [string, object][] = [
      ['a-b/c.d', hub('https://huggingface.co')],
      [' a-b/c.d ', hub('https://huggingface.co')],
      ['https://huggingface.co/a-b/c.d', hub('https://huggingface.co')],
      ['https://hf.example/a-b/c.d/', hub('https://hf.example')],
      ['https://corp.example/x/hf/a-b/c.d/tree/v2', hub('https://corp.example/x/hf', 'v2')],
      ['http://h:8080/a-b/c.d/resolve/abc/config.json', hub('http://h:8080', 'abc')],
    ];
    for (const [text, expected] of cases) assert.deepEqual(read(text), expected, text);
    assert.deepEqual(read('a-b/c.d', [], 'https://m.example/'), hub('https://m.example'));
  });

  it('takes a folder for one where it cannot be an id', () => {
    const folder = (dir: string) => ({ kind: 'folder', dir });
    for (const dir of ['./a/b', '/x/y/z', '../m', 'C:\\models\\m', 'here']) {
      assert.deepEqual(read(dir, [dir]), folder(dir));
    }
    assert.equal(read('org/name', ['org/name']).kind, 'hub');
  });

  it('says what would have made sense', async () => {
    for (const text of ['', 'x', 'a/b/c', 'a/../b', './nowhere', 'https://h/only', '../a/b']) {
      await expectError(() => read(text), 'badUsage', /organisation\/name|diffusionfamily/);
    }
    await expectError(() => read('a/b', [], 'ftp://h'), 'badUsage', /"ftp:\/\/h": it is no http/);
  });
});
