/** Proxies and certificates of one's own: a TLS hub behind a proxy that notes what it is asked. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { endpointOf, openNetwork } from '../../../src/hub/network';
import type { NetworkWish } from '../../../src/protocol/modelMessages';
import { expectError } from '../../support/expectError';
import { useTempFolder } from '../../support/tempFolder';
import { testCertificate, testKey } from '../../support/testCertificate';

describe('network', () => {
  const inFolder = useTempFolder();
  const sockets = new Set<Socket>();
  let hub: Server;
  let hubUrl: string;
  let proxy: Server;
  let proxyUrl: string;
  let tunnels: string[];

  const listen = async (server: Server) => {
    server.on('connection', (socket: Socket) => {
      sockets.add(socket);
      socket.on('error', () => {}); // cut at the end of a test
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return (server.address() as AddressInfo).port;
  };

  before(async () => {
    hub = createTlsServer({ cert: testCertificate, key: testKey }, (_, response) => {
      response.end('hello');
    }) as unknown as Server;
    hubUrl = `https://localhost:${await listen(hub)}`;
    proxy = createServer();
    proxy.on('connect', ({ url }, socket) => {
      tunnels.push(url!);
      const onward = connect(Number(url!.split(':')[1]), '127.0.0.1', () => {
        socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
        onward.pipe(socket).pipe(onward);
      });
      onward.on('error', () => socket.destroy());
      sockets.add(onward);
    });
    proxyUrl = `http://127.0.0.1:${await listen(proxy)}`;
  });
  beforeEach(() => {
    tunnels = [];
    writeFileSync(inFolder('ca.pem'), testCertificate);
  });
  after(() => {
    for (const socket of sockets) socket.destroy();
    hub.close();
    proxy.close();
  });

  const get = async (wish: NetworkWish, env: Record<string, string>) => {
    const network = await openNetwork(hubUrl, wish, env);
    try {
      return await (await network.fetch(`${hubUrl}/x`)).text();
    } finally {
      await network.close();
    }
  };

  it('does not trust a stranger, and says how to make it trusted', async () => {
    await expectError(
      get({}, {}),
      'downloadFailed',
      /self-signed certificate.*NODE_EXTRA_CA_CERTS/,
    );
  });

  it('trusts the certificates that the user names, or any where told so', async () => {
    assert.equal(await get({}, { NODE_EXTRA_CA_CERTS: inFolder('ca.pem') }), 'hello');
    assert.equal(await get({}, { SSL_CERT_FILE: inFolder('ca.pem') }), 'hello');
    assert.equal(await get({ strictTls: false }, {}), 'hello');
    const missing = get({}, { NODE_EXTRA_CA_CERTS: inFolder('none.pem') });
    await expectError(missing, 'badUsage', /none\.pem.*Correct NODE_EXTRA_CA_CERTS/);
  });

  it('goes through the proxy, with the same trust in what is behind it', async () => {
    const env = { NODE_EXTRA_CA_CERTS: inFolder('ca.pem') };
    assert.equal(await get({ proxy: proxyUrl }, env), 'hello');
    assert.deepEqual(tunnels, [new URL(hubUrl).host]);
    await expectError(get({ proxy: proxyUrl }, {}), 'downloadFailed', /self-signed/);
  });

  it('takes the proxy from the environment, and goes past it where that says so', async () => {
    const env = { NODE_EXTRA_CA_CERTS: inFolder('ca.pem'), HTTPS_PROXY: proxyUrl };
    assert.equal(await get({}, env), 'hello');
    assert.equal(tunnels.length, 1);
    assert.equal(await get({}, { ...env, NO_PROXY: 'example.com,localhost' }), 'hello');
    assert.equal(await get({ noProxy: ['localhost'] }, env), 'hello');
    assert.equal(tunnels.length, 1);
  });

  it('says so where the proxy is not there', async () => {
    const gone = get({ proxy: 'http://127.0.0.1:1' }, {});
    await expectError(gone, 'downloadFailed', /Cannot reach https:.*HTTPS_PROXY/);
  });

  it('takes a mirror from the wish before the environment, and only web addresses', async () => {
    const env = { HF_ENDPOINT: 'https://mirror.example/' };
    assert.equal(endpointOf({}, env), 'https://mirror.example');
    assert.equal(
      endpointOf({ endpoint: 'https://other.example/hf/' }, env),
      'https://other.example/hf',
    );
    assert.equal(endpointOf(undefined, {}), 'https://huggingface.co');
    await expectError(() => endpointOf({ endpoint: 'mirror' }, {}), 'badUsage', /no http/);
  });
});
