/**
 * Random frames from somebody who knows the token: bytes without a meaning, lengths that lie, JSON that
 * is no message, messages with parameters that make no sense. The process answers others all the same.
 */
import { once } from 'node:events';
import type { SamplerClient } from '../../src/client/samplerClient';
import { greetAsClient } from '../../src/rendezvous/greeting';
import type { Lock } from '../../src/rendezvous/lockFile';
import { connectTo, type Socket } from '../../src/rendezvous/socket';
import type { Draws } from './draws';

export interface FrameOptions {
  readonly frames: number;
  readonly lock: Lock;
  /** A window that works meanwhile. */
  readonly client: SamplerClient;
  readonly draws: Draws;
  readonly endMs: number;
}

export interface FrameFigures {
  readonly frames: number;
  readonly connections: number;
  /** Fills of the window that worked meanwhile. */
  readonly fills: number;
  readonly seconds: number;
}

/** Those that neither end the process nor write to a disk. */
const methods = [
  ...['hello', 'load', 'fill', 'score', 'chat', 'countTokens', 'preview', 'ping', 'limits'],
  ...['processStatus', 'listModels', 'inspectModel', 'verifyModel', 'nonsense', 'log', ''],
].map((name) => `lacuna/${name}`);
const others = ['$/cancelRequest', '$/progress', '$/setTrace', 'exit', 'initialize'];
const keys = ['parts', 'text', 'gap', 'length', 'messages', 'texts', 'protocolVersion', 'sampling'];

/** @throws when the process no longer takes connections, or the window is not served. */
export async function soakFrames(options: FrameOptions): Promise<FrameFigures> {
  const { lock, client, draws, endMs } = options;
  const begun = performance.now();
  let frames = 0;
  let connections = 0;
  let fills = 0;
  let socket: Socket | undefined;
  while (frames < options.frames && Date.now() < endMs) {
    if (!socket || socket.destroyed) {
      socket = await connectTo(lock.address);
      await greetAsClient(socket, lock.token, AbortSignal.timeout(60_000));
      socket.resume(); // its answers are not wanted
      connections++;
      if (draws.chance(0.8)) socket.write(frame(hello));
    }
    // Sound frames first: what follows a lying length is swallowed by it.
    const chunk = Array.from({ length: 200 }, () => frame(randomJson(draws)));
    if (draws.chance(0.5)) chunk.push(brokenFrame(draws));
    frames += chunk.length;
    const isTaken = socket.write(Buffer.concat(chunk));
    // A socket that is destroyed, by us or by the other end, never drains.
    if (!isTaken)
      await Promise.race([once(socket, 'drain'), once(socket, 'close')]).catch(() => {});
    if (draws.chance(0.02)) {
      await client.fill({ parts: [{ text: 'x = ' }, { gap: { length: 2 } }] });
      fills++;
    }
    if (draws.chance(0.05)) socket.destroy();
  }
  socket?.destroy();
  await client.fill({ parts: [{ text: 'x = ' }, { gap: { length: 2 } }] });
  return { frames, connections, fills: fills + 1, seconds: (performance.now() - begun) / 1000 };
}

const hello = {
  jsonrpc: '2.0',
  id: 0,
  method: 'lacuna/hello',
  params: { protocolVersion: 3, clientName: 'fuzz' },
};

function frame(message: unknown): Buffer {
  const body = Buffer.from(JSON.stringify(message) ?? '');
  return Buffer.concat([Buffer.from(`Content-Length: ${body.length}\r\n\r\n`), body]);
}

function brokenFrame(draws: Draws): Buffer {
  const body = draws.bytes(draws.below(64));
  const header = (length: unknown) => Buffer.from(`Content-Length: ${String(length)}\r\n\r\n`);
  const broken = [
    () => body,
    () => Buffer.concat([header(body.length), body]),
    () => Buffer.concat([header(body.length + draws.below(9)), body]),
    () => header(draws.oneOf([-1, 1e12, 'x', '', 2 ** 31, '0x10'])),
    () => Buffer.alloc(3000, 0x41),
    () => Buffer.from('\r\n\r\n\r\n\r\n'),
    () => Buffer.from(`Content-Type: nonsense\r\n\r\n`),
  ];
  return draws.oneOf(broken)();
}

function randomJson(draws: Draws): unknown {
  const id = draws.oneOf<unknown>([draws.below(1e6), `${draws.below(99)}`, null, -1, 0.5]);
  const method = draws.chance(0.8) ? draws.oneOf(methods) : draws.oneOf(others);
  const params = randomValue(draws, 3);
  const kinds = [
    { jsonrpc: '2.0', id, method, params },
    { jsonrpc: '2.0', id, method, params },
    { jsonrpc: '2.0', method, params },
    { jsonrpc: '2.0', id, result: params },
    { jsonrpc: '2.0', id, error: params },
    { jsonrpc: '1.0', id, method },
    params,
  ];
  return draws.oneOf<unknown>(kinds);
}

function randomValue(draws: Draws, depth: number): unknown {
  const leaves = [null, true, 0, -1, 1e308, '', 'x', '\u0000', '\ud800', draws.below(1000)];
  if (depth === 0 || draws.chance(0.4)) return draws.oneOf<unknown>(leaves);
  const values = Array.from({ length: draws.below(4) }, () => randomValue(draws, depth - 1));
  if (draws.chance(0.4)) return values;
  return Object.fromEntries(values.map((value) => [draws.oneOf(keys), value]));
}
