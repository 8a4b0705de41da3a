/** What keeps pages, foreign names and those who ask too often out. */
import assert from 'node:assert/strict';
import type { IncomingMessage } from 'node:http';
import { BrowserGuard, nameOf } from '../../../../src/server/http/browserGuard';
import { Gate } from '../../../../src/server/http/gate';
import { HttpError } from '../../../../src/server/http/httpError';
import { Metrics } from '../../../../src/server/http/metrics';
import { RateLimit } from '../../../../src/server/http/rateLimit';
import { TokenRing } from '../../../../src/server/http/tokens';

const statusOf = (work: () => void): number => {
  try {
    work();
    return 200;
  } catch (thrown) {
    if (thrown instanceof HttpError) return thrown.status;
    throw thrown;
  }
};

describe('the browser guard', () => {
  const guard = new BrowserGuard(['Lacuna.Example.org']);
  const rows: [Record<string, string>, number][] = [
    [{ host: 'localhost:8741' }, 200],
    [{ host: '127.0.0.1:8741' }, 200],
    [{ host: '[::1]:8741' }, 200],
    [{ host: '10.1.2.3' }, 200], // a probe; an address is never rebound
    [{ host: 'lacuna.example.org' }, 200],
    [{ host: 'LACUNA.example.org:443' }, 200],
    [{ host: 'evil.example' }, 421],
    [{ host: 'localhost.evil.example' }, 421],
    [{ host: 'evil.example#@localhost' }, 421],
    [{ host: 'localhost:8741, evil.example' }, 421],
    [{}, 421],
    [{ host: 'localhost', origin: 'http://evil.example' }, 403],
    [{ host: 'localhost', origin: 'null' }, 403],
    [{ host: 'localhost', origin: 'http://localhost:8741' }, 403],
    [{ host: 'localhost', 'sec-fetch-site': 'cross-site' }, 403],
    [{ host: 'localhost', 'sec-fetch-site': 'same-origin' }, 403],
    [{ host: 'localhost', 'sec-fetch-site': 'none' }, 200], // typed into the address bar
  ];
  for (const [headers, status] of rows) {
    it(`${status} for ${JSON.stringify(headers)}`, () =>
      assert.equal(
        statusOf(() => guard.check(headers)),
        status,
      ));
  }

  it('reads a host as no more than a host', () => {
    assert.equal(nameOf('A.b:1'), 'a.b');
    assert.equal(nameOf('a.b:123456'), undefined);
    assert.equal(nameOf('user@a.b'), undefined);
    assert.equal(nameOf('[fe80::1%eth0]'), undefined);
  });
});

describe('the rate limit', () => {
  it('lets a burst through, then as many as come back with time', () => {
    let now = 0;
    const limit = new RateLimit({ perMinute: 60, burst: 3 }, () => now);
    const take = (count: number) => Array.from({ length: count }, () => limit.take('a'));
    assert.deepEqual(take(4), [0, 0, 0, 1]);
    assert.equal(limit.take('b'), 0); // another key has its own
    now += 2000;
    assert.deepEqual(take(3), [0, 0, 1]);
    now += 3_600_000;
    assert.deepEqual(take(4), [0, 0, 0, 1]); // no more than the burst is saved up
  });

  it('forgets keys that are full again, and keeps memory bounded', () => {
    let now = 0;
    const limit = new RateLimit({ perMinute: 60, burst: 2 }, () => now);
    for (let key = 0; key < 30_000; key++) {
      now += 1;
      limit.take(`${key}`);
    }
    assert.equal(limit.wait('29999'), 0);
    limit.take('29999');
    assert.ok(limit.wait('29999') > 0); // the newest is still known
  });
});

describe('the gate', () => {
  const token = 'a1b2c3d4e5f6a7b8c9d0';
  const request = (authorization?: string, address = '10.0.0.1', forwarded?: string) =>
    ({
      headers: {
        ...(authorization && { authorization }),
        ...(forwarded && { 'x-forwarded-for': forwarded }),
      },
      socket: { remoteAddress: address },
    }) as unknown as IncomingMessage;
  const newGate = (over = {}) => {
    const metrics = new Metrics();
    metrics.counter('lacuna_refused_total', '');
    const tokens = new TokenRing([token], 'a test');
    const options = { tokens, hosts: [], perMinute: 60, isBehindProxy: false, metrics };
    return { gate: new Gate({ ...options, ...over }), metrics };
  };

  it('names token and address of who comes in', () => {
    const caller = newGate().gate.identify(request(`Bearer ${token}`));
    assert.deepEqual(caller, { token: 1, address: '10.0.0.1' });
  });

  it('slows an address that guesses, and lets a right token in from it all the same', () => {
    const { gate, metrics } = newGate();
    const guess = () => statusOf(() => gate.identify(request('Bearer wrong')));
    const statuses = Array.from({ length: 12 }, guess);
    assert.deepEqual(statuses.slice(0, 10), Array(10).fill(401));
    assert.deepEqual(statuses.slice(10), [429, 429]);
    for (let i = 0; i < 40; i++) {
      assert.equal(guess(), 429);
      assert.equal(
        statusOf(() => gate.identify(request(`Bearer ${token}`))),
        200,
      );
    }
    assert.match(metrics.toString(), /lacuna_refused_total\{reason="token"\} 10/);
  });

  it('believes X-Forwarded-For behind a proxy only, and there its last address', () => {
    const own = newGate().gate.identify(request(`Bearer ${token}`, '10.0.0.1', '1.2.3.4'));
    assert.equal(own.address, '10.0.0.1');
    const { gate } = newGate({ isBehindProxy: true });
    const through = gate.identify(request(`Bearer ${token}`, '10.0.0.1', '9.9.9.9, 1.2.3.4'));
    assert.equal(through.address, '1.2.3.4');
  });

  it('counts each person that shares a token for himself', () => {
    const { gate } = newGate();
    const spend = (address: string) => statusOf(() => gate.spend({ token: 1, address }));
    for (let i = 0; i < 10; i++) assert.equal(spend('a'), 200);
    assert.equal(spend('a'), 429);
    assert.equal(spend('b'), 200);
  });
});
