/**
 * A page on the web tries all that a browser lets it try to reach `lacuna serve` on its visitor's machine,
 * with the right token even: from another origin, and under a name of its own that points here. A real
 * browser, a real server.
 */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createServer } from 'node:http';
import path from 'node:path';
import { openPage } from '../bed/browser.mjs';

const token = 'a-token-that-has-leaked-0123';
const root = path.resolve(import.meta.dirname, '../..');

/** What runs in the page; each answer is what the page could learn. */
async function attack({ server, socket, token }) {
  const learnt = {};
  const tries = {
    get: () => fetch(`${server}/healthz`).then((r) => r.text()),
    opaque: () => fetch(`${server}/v1/models`, { mode: 'no-cors' }).then((r) => r.text()),
    json: () =>
      fetch(`${server}/v1/infill`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json', Authorization: `Bearer ${token}` },
        body: JSON.stringify({ parts: [{ gap: { length: 1 } }] }),
      }).then((r) => r.text()),
    simple: () =>
      fetch(`${server}/v1/infill`, {
        method: 'POST',
        mode: 'no-cors',
        headers: { 'Content-Type': 'text/plain' },
        body: JSON.stringify({ parts: [{ gap: { length: 1 } }] }),
      }).then((r) => r.text()),
    credentials: () => fetch(`${server}/metrics`, { credentials: 'include' }).then((r) => r.text()),
    beacon: async () => (navigator.sendBeacon(`${server}/v1/infill`, '{}'), ''),
    events: () =>
      new Promise((resolve, reject) => {
        const source = new EventSource(`${server}/v1/infill`);
        source.onopen = () => resolve('open');
        source.onerror = () => (source.close(), reject(new Error('refused')));
      }),
    socket: () =>
      new Promise((resolve, reject) => {
        const opened = new WebSocket(`${socket}/v1/rpc`, ['bearer', token]);
        opened.onopen = () => resolve('open');
        opened.onerror = () => reject(new Error('refused'));
      }),
    script: () =>
      new Promise((resolve, reject) => {
        const element = document.createElement('script');
        element.src = `${server}/v1/models`;
        element.onload = () => resolve('loaded');
        element.onerror = () => reject(new Error('refused'));
        document.head.append(element);
      }),
    form: () =>
      new Promise((resolve) => {
        document.body.innerHTML = `<iframe name="f"></iframe>
          <form target="f" method="post" enctype="text/plain" action="${server}/v1/infill">
          <input name='{"parts":[{"gap":{"length":1}}],"x":"' value='"}'></form>`;
        const [frame] = document.getElementsByTagName('iframe');
        frame.onload = () => resolve(frame.contentDocument?.body.textContent ?? '');
        document.forms[0].submit();
      }),
  };
  for (const [name, work] of Object.entries(tries)) {
    learnt[name] = await work().then(
      (text) => text,
      () => '',
    );
  }
  return learnt;
}

describe('a hostile page', () => {
  let child;
  let browser;
  let page;
  let evil;
  let port;
  let address;

  before(async () => {
    const args = ['serve', '--model', path.join(root, 'dist/model'), '--device', 'cpu'];
    child = spawn(process.execPath, [path.join(root, 'dist/cli.js'), ...args, '--port', '0'], {
      env: { ...process.env, LACUNA_TOKEN: token },
    });
    address = await new Promise((resolve, reject) => {
      let said = '';
      child.stdout.on('data', (text) => {
        said += text;
        const found = / at (http:\S+)\n/.exec(said)?.[1];
        if (found) resolve(found);
      });
      child.stderr.on('data', (text) => reject(new Error(String(text))));
    });
    port = new URL(address).port;
    evil = createServer((_request, response) => {
      response.writeHead(200, { 'Content-Type': 'text/html' }).end('<body>hello</body>');
    });
    await new Promise((resolve) => evil.listen(0, '127.0.0.1', resolve));
    const rules = '--host-resolver-rules=MAP evil.test 127.0.0.1';
    ({ browser, page } = await openPage({ args: [rules] }));
  });
  after(async () => {
    await browser?.close();
    evil?.close();
    child?.kill('SIGKILL');
  });

  const metrics = () =>
    fetch(`${address}/metrics`, { headers: { authorization: `Bearer ${token}` } }).then((r) =>
      r.text(),
    );
  const refusals = async () =>
    Number(/lacuna_refused_total\{reason="browser"\} (\d+)/.exec(await metrics())?.[1] ?? 0);

  for (const name of ['127.0.0.1', 'localhost']) {
    it(`on another origin learns and moves nothing at ${name}`, async () => {
      const before = await refusals();
      await page.goto(`http://evil.test:${evil.address().port}/`);
      const server = `http://${name}:${port}`;
      const learnt = await page.evaluate(attack, { server, socket: `ws://${name}:${port}`, token });
      assert.deepEqual([...new Set(Object.values(learnt))], [''], JSON.stringify(learnt));
      // It did get as far as the server, which refused: the browser alone would not have helped.
      assert.ok((await refusals()) >= before + 8, String((await refusals()) - before));
    });
  }

  it('under a name of its own that points here gets refusals only', async () => {
    const before = await refusals();
    const answer = await page.goto(`http://evil.test:${port}/v1/models`);
    assert.equal(answer.status(), 421);
    const server = `http://evil.test:${port}`;
    const learnt = await page.evaluate(attack, { server, socket: `ws://evil.test:${port}`, token });
    const said = Object.values(learnt).filter((text) => text !== '');
    for (const text of said) assert.match(text, /"code":"wrong_host"/);
    assert.ok(said.length >= 3, JSON.stringify(learnt)); // it may read these, and learns nothing
    assert.ok((await refusals()) > before);
  });

  it('has made the server do nothing', async () => {
    assert.match(await metrics(), /^lacuna_requests_total 0$/m);
    assert.match(await metrics(), /^lacuna_forwards_total 0$/m);
  });
});
