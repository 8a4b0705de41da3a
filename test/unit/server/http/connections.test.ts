import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { Connections } from '../../../../src/server/http/connections';

type Socket = IncomingMessage['socket'];
let port = 1000;

class FakeSocket extends EventEmitter {
  readonly remotePort = port++;
  destroyed = false;
  constructor(readonly remoteAddress = '10.0.0.1') {
    super();
  }
  destroy() {
    if (!this.destroyed) queueMicrotask(() => this.emit('close'));
    this.destroyed = true;
  }
}

describe('connections', () => {
  const opened = (connections: Connections, count: number, address?: string) =>
    Array.from({ length: count }, () => {
      const socket = new FakeSocket(address) as unknown as Socket;
      connections.add(socket);
      return socket;
    });
  const closed = (sockets: readonly Socket[]) => sockets.map(({ destroyed }) => destroyed);

  it('of an address that holds its share: the one that was idle for longest gives way', () => {
    const connections = new Connections({ perAddress: 3, all: 100 });
    const [a, b, c] = opened(connections, 3) as [Socket, Socket, Socket];
    connections.begin(a);
    connections.end(a); // used since
    const [d] = opened(connections, 1) as [Socket];
    assert.deepEqual(closed([a, b, c, d]), [false, true, false, false]);
    opened(connections, 5, '10.0.0.2');
    assert.deepEqual(closed([a, c, d]), [false, false, false]);
  });

  it('at work are left alone: a new one is refused', () => {
    const connections = new Connections({ perAddress: 2, all: 100 });
    const busy = opened(connections, 2);
    for (const socket of busy) connections.begin(socket);
    const [late] = opened(connections, 1) as [Socket];
    assert.deepEqual(closed([...busy, late]), [false, false, true]);
  });

  it('with a right token do not count towards the share', () => {
    const connections = new Connections({ perAddress: 2, all: 100 });
    const team = opened(connections, 1);
    for (let i = 0; i < 20; i++) {
      for (const socket of team) connections.trust(socket);
      team.push(...opened(connections, 1));
    }
    assert.ok(closed(team).every((each) => !each));
  });

  it('that are all there may be give way as well, those without a token first', async () => {
    const connections = new Connections({ perAddress: 100, all: 3 });
    const [a, b, c] = opened(connections, 3) as [Socket, Socket, Socket];
    connections.trust(a);
    connections.trust(b);
    const [d] = opened(connections, 1, '10.0.0.9') as [Socket];
    assert.deepEqual(closed([a, b, c, d]), [false, false, true, false]);
    await new Promise((resolve) => setImmediate(resolve));
    assert.equal(connections.size, 3);
  });
});
