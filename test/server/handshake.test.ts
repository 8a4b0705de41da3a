/** The first messages on a connection, over the real process. */
import assert from 'node:assert/strict';
import { SamplerLink, type LinkOptions } from '../../src/client/samplerLink';
import { StdioTransport } from '../../src/client/stdioTransport';
import { fillRequest, helloRequest, protocolVersion } from '../../src/protocol/messages';
import { shutdownRequest } from '../../src/protocol/processMessages';
import { expectError } from '../support/expectError';
import { serverFile } from './tinyModel';

describe('hello', () => {
  const links: SamplerLink[] = [];
  const open = async (options: Partial<LinkOptions> = {}) => {
    const transport = new StdioTransport({ serverFile });
    const { signal } = new AbortController();
    const link = await SamplerLink.open({ transport, clientName: 'test', ...options }, signal);
    links.push(link);
    return link;
  };
  afterEach(() => Promise.all(links.splice(0).map((link) => link.dispose('the test is over'))));

  it('names version and process', async () => {
    const link = await open();
    const answer = await link.hello();
    assert.equal(answer.protocolVersion, protocolVersion);
    assert.equal(answer.pid, link.pid);
    assert.match(answer.serverVersion, /^\d+\.\d+\.\d+/);
  });

  it('refuses another protocol version and names both', async () => {
    const link = await open({ protocolVersion: 99 });
    await expectError(link.hello(), 'versionMismatch', new RegExp(`${protocolVersion}.*99`));
  });

  it('must come first', async () => {
    const link = await open();
    const early = link.request(fillRequest, { parts: [] }, { doing: 'Cannot fill' });
    await expectError(early, 'badUsage', /lacuna\/hello first/);
    await link.hello();
  });

  it('may come again', async () => {
    const link = await open();
    await link.hello();
    const again = { protocolVersion, clientName: 'test' };
    await link.request(helloRequest, again, { doing: 'Cannot connect' });
  });

  it('is undone by a shutdown, which is answered before the process ends', async () => {
    const link = await open();
    await link.hello();
    await link.request(shutdownRequest, undefined, { doing: 'Cannot shut down' });
    assert.match(await link.gone, /exit code 0/);
  });
});
