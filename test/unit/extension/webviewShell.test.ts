import assert from 'node:assert/strict';
import { htmlShell, newNonce } from '../../../src/extension/webview/htmlShell';

const shell = (over = {}) =>
  htmlShell({
    title: 'View',
    scriptUri: 'https://h/s.js',
    styleUri: 'https://h/s.css',
    cspSource: 'https://h',
    nonce: 'n0',
    language: 'de',
    ...over,
  });

describe('the page of a web view', () => {
  it('lets in one script by its nonce and styles of its own, nothing else', () => {
    const [, policy] = /Content-Security-Policy" content="([^"]+)"/.exec(shell())!;
    assert.deepEqual(policy!.split('; '), [
      "default-src 'none'",
      "script-src 'nonce-n0'",
      'style-src https://h',
      "form-action 'none'",
      "base-uri 'none'",
    ]);
    assert.match(shell(), /<html lang="de">/);
    assert.equal(shell().match(/<script/g)!.length, 1);
    assert.doesNotMatch(shell(), /\son\w+=|unsafe|<style/);
  });

  it('takes no markup from a title or an address', () => {
    const page = shell({ title: '</title><script>x</script>', scriptUri: '"><img src=x>' });
    assert.equal(page.match(/<script/g)!.length, 1);
    assert(page.includes('&lt;/title&gt;') && page.includes('&quot;&gt;&lt;img'));
  });

  it('carries the words of the page, and none of them is markup', () => {
    const page = shell({ words: { play: `Los "<b>"&'` } });
    const [, told] = /<body data-words="([^"]*)">/.exec(page)!;
    assert.doesNotMatch(told!, /</);
    const plain = told!.replaceAll('&quot;', '"').replaceAll('&lt;', '<').replaceAll('&gt;', '>');
    assert.deepEqual(JSON.parse(plain.replaceAll('&amp;', '&')), { play: `Los "<b>"&'` });
  });

  it('has a nonce of its own each time', () => {
    assert.notEqual(newNonce(), newNonce());
    assert.match(newNonce(), /^[\w-]{32}$/);
  });
});
