/**
 * `lacuna serve`: offers the sampler to a team over HTTP. Reads the flags, puts the server together,
 * says where it listens, and on SIGTERM or Ctrl+C lets what runs come to its end.
 */
import { lookup } from 'node:dns/promises';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { Command } from 'commander';
import { LacunaError } from '../../protocol/errors';
import { Gate } from '../http/gate';
import { HttpServer } from '../http/httpServer';
import { LentEngine } from '../http/lentEngine';
import { openAiRoutes } from '../http/openAiRoutes';
import { ownRoutes } from '../http/ownRoutes';
import { RpcSockets } from '../http/rpcSockets';
import { ServedEngine } from '../http/servedEngine';
import { ServedQueue } from '../http/servedQueue';
import { statusRoutes } from '../http/statusRoutes';
import { readTokens } from '../http/tokens';
import type { Console } from './console';
import { addModelFlags, integerFrom, type ModelFlags } from './samplingFlags';
import { modelDirOf } from './withEngine';

export interface ServeFlags extends ModelFlags {
  readonly host: string;
  readonly port: number;
  readonly tokenFile?: string;
  readonly cert?: string;
  readonly key?: string;
  readonly behindProxy?: boolean;
  readonly allowHost: readonly string[];
  readonly rate: number;
  readonly maxWaiting: number;
  readonly maxBody: number;
  readonly drainSeconds: number;
}

const defaultPort = 8741;

export function serveCommand(console: Console): Command {
  const command = new Command('serve')
    .description('offer the sampler to others over HTTP, with a token')
    .option('--host <address>', 'address to listen on', '127.0.0.1')
    .option('--port <n>', 'port; 0 takes a free one', integerFrom(0, 65_535), defaultPort)
    .option('--token-file <file>', 'tokens, one a line (default: the variable LACUNA_TOKEN)')
    .option('--cert <file>', 'certificate for TLS, PEM')
    .option('--key <file>', 'its private key, PEM')
    .option('--behind-proxy', 'a proxy does TLS and sets X-Forwarded-For; nobody else reaches us')
    .option('--allow-host <name>', 'a name that requests may be for; may be repeated', collect, [])
    .option('--rate <n>', 'requests a minute for each token and address', integerFrom(1), 600)
    .option('--max-waiting <n>', 'requests that may wait', integerFrom(0), 64)
    .option('--max-body <mib>', 'largest request, MiB', integerFrom(1, 64), 2)
    .option('--drain-seconds <n>', 'at most this long for what runs', integerFrom(0), 25);
  return addModelFlags(command).action((flags: ServeFlags) => serve(flags, console));
}

async function serve(flags: ServeFlags, console: Console): Promise<void> {
  const log = (text: string) => void console.err.write(`${text}\n`);
  const tls = await readTls(flags);
  const host = await addressOf(flags.host);
  checkReach(host, flags, tls !== undefined);
  const tokens = await readTokens({
    file: flags.tokenFile,
    env: console.env,
    onWarning: (text) => log(`warning: ${text}`),
  });
  const engine = new ServedEngine();
  const queue = new ServedQueue(flags.maxWaiting);
  const { metrics } = queue;
  const gate = new Gate({
    tokens,
    hosts: [...flags.allowHost, flags.host],
    perMinute: flags.rate,
    isBehindProxy: flags.behindProxy === true,
    metrics,
  });
  const mostBodyBytes = flags.maxBody * 2 ** 20;
  const lent = new LentEngine(engine, queue);
  const sockets = new RpcSockets(lent, gate, mostBodyBytes);
  const server = new HttpServer({
    host,
    port: flags.port,
    ...(tls && { tls }),
    ...{ mostBodyBytes, gate, queue, log, isBehindProxy: flags.behindProxy === true },
    routes: [...statusRoutes(engine, queue), ...ownRoutes(lent), ...openAiRoutes(lent)],
    onUpgrade: (request, socket, head, caller) => sockets.accept(request, socket, head, caller),
  });
  metrics.gauge('process_resident_memory_bytes', 'Memory of the process.', () =>
    process.memoryUsage.rss(),
  );
  const stopping = untilStopped(console.signal);
  try {
    const address = await server.listen(); // before the model, so that probes get an answer
    const modelDir = path.resolve(await modelDirOf(flags.model, console.env));
    const { name, weights, device } = await engine.open(
      { modelDir, device: flags.device, ...(flags.url !== undefined && { deviceUrl: flags.url }) },
      { signal: console.signal, onNote: (note) => log(`Device passed over: ${note}`) },
    );
    metrics.gauge('lacuna_model_info', 'The model that is served.', () => 1, {
      ...{ model: name, weights, device },
    });
    console.out.write(`Serving ${name} (${weights}, ${device}) at ${address}\n`);
    await stopping;
    await drain(queue, flags.drainSeconds, log);
  } finally {
    sockets.close();
    const late = setTimeout(() => server.closeNow(), 2000);
    await server.close();
    clearTimeout(late);
    await engine.dispose();
  }
}

/** Resolves at the first SIGTERM or Ctrl+C; a second one ends the process at once. */
function untilStopped(interrupted: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    process.once('SIGTERM', () => resolve());
    interrupted.addEventListener('abort', () => resolve(), { once: true });
  });
}

async function drain(queue: ServedQueue, seconds: number, log: (text: string) => void) {
  log(`Going down: ${queue.size} requests come to their end`);
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<'late'>((resolve) => {
    timer = setTimeout(() => resolve('late'), seconds * 1000);
  });
  if ((await Promise.race([queue.drain(), late])) === 'late') {
    log(`Gave up ${queue.size} requests after ${seconds} s`);
  }
  clearTimeout(timer);
}

async function readTls({ cert, key }: ServeFlags) {
  if (cert === undefined && key === undefined) return undefined;
  if (cert === undefined || key === undefined) {
    throw cannotServe('--cert and --key were not given together', 'Give both, or neither');
  }
  const read = (file: string) =>
    readFile(file).catch((error: NodeJS.ErrnoException) => {
      throw cannotServe(`"${file}" cannot be read (${error.code ?? error.message})`, 'Name a file');
    });
  return { cert: await read(cert), key: await read(key) };
}

/** What is listened on and judged: a name may stand for any address. */
async function addressOf(host: string): Promise<string> {
  try {
    return (await lookup(host)).address;
  } catch (thrown) {
    const { code = String(thrown) } = thrown as NodeJS.ErrnoException;
    throw cannotServe(`"${host}" has no address here (${code})`, 'Give an address of this machine');
  }
}

/** Code and token would cross the network readable by all. */
function checkReach(address: string, { host, behindProxy }: ServeFlags, hasTls: boolean): void {
  if (isLoopback(address) || hasTls || behindProxy === true) return;
  const named = host === address ? host : `${host} (${address})`;
  throw cannotServe(
    `others can reach ${named}, and nothing would be encrypted`,
    'Give --cert and --key, or --behind-proxy where a proxy does TLS',
  );
}

function isLoopback(address: string): boolean {
  return address === '::1' || /^(::ffff:)?127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/i.test(address);
}

function collect(value: string, values: readonly string[]): readonly string[] {
  return [...values, value];
}

function cannotServe(found: string, advice: string): LacunaError {
  return new LacunaError('badUsage', { doing: 'Cannot serve', found, advice });
}
