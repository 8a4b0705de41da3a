/**
 * The protocol of the sampler process for one editor on a socket, on the model and the queue that all
 * share. What concerns this machine (other models, their files, ending the process) is refused in one
 * sentence. Knows neither sockets nor tokens.
 */
import type {
  CancellationToken,
  MessageConnection,
  ProgressType,
  RequestType,
} from 'vscode-jsonrpc/node';
import {
  chatProgress,
  chatRequest,
  countTokensRequest,
  previewRequest,
} from '../../protocol/chatMessages';
import { LacunaError } from '../../protocol/errors';
import {
  fillProgress,
  fillRequest,
  helloRequest,
  loadRequest,
  protocolVersion,
  scoreProgress,
  scoreRequest,
  type ErrorData,
  type HelloParams,
  type HelloResult,
} from '../../protocol/messages';
import { toErrorResponse } from '../errorResponse';
import type { LentEngine } from './lentEngine';

export interface RpcOptions {
  readonly version: string;
  /** Called before each request that costs something; throws what it is refused with. */
  readonly admit: () => void;
}

/** Asked by editors that watch a process of their own; a server has limits of its own as well. */
const pleasantries: Readonly<Record<string, object | null>> = {
  'lacuna/ping': { longestSilenceMs: 0 },
  'lacuna/limits': null,
};

export function serveRpc(
  connection: MessageConnection,
  lent: LentEngine,
  options: RpcOptions,
): void {
  const gone = new AbortController();
  let isGreeted = false;
  connection.onClose(() => gone.abort());

  const handle = <P, R>(
    type: RequestType<P, R, ErrorData>,
    doing: string,
    work: (params: P, signal: AbortSignal) => Promise<R> | R,
    isFree = false,
  ) =>
    connection.onRequest(type, async (params: P, token: CancellationToken) => {
      try {
        if (!isGreeted && type.method !== helloRequest.method) throw notGreeted(doing);
        if (!isFree) options.admit();
        return await work(params, AbortSignal.any([signalOf(token), gone.signal]));
      } catch (thrown) {
        return toErrorResponse(thrown, doing);
      }
    });
  /** Reports under the token that the request brought, if it did. */
  const reporter = <P>(type: ProgressType<P>, params: { progressToken?: string } | undefined) => {
    const token = params?.progressToken;
    if (typeof token !== 'string') return undefined;
    return (progress: P) => void connection.sendProgress(type, token, progress).catch(() => {});
  };

  const hello = (params: HelloParams): HelloResult => {
    checkVersion(params, options.version);
    isGreeted = true;
    return { protocolVersion, serverVersion: options.version, pid: process.pid };
  };
  handle(helloRequest, 'Cannot connect', hello, true);
  handle(loadRequest, 'Cannot use the model', (params) => lent.engine.load(params), true);
  handle(fillRequest, 'Cannot fill', (params, signal) =>
    lent.fill(params, signal, reporter(fillProgress, params), connection),
  );
  handle(scoreRequest, 'Cannot score', (params, signal) => {
    const report = reporter(scoreProgress, params);
    return lent.score(params, signal, report && ((fraction) => report({ fraction })));
  });
  handle(chatRequest, 'Cannot answer', (params, signal) =>
    lent.chat(params, signal, reporter(chatProgress, params)),
  );
  handle(countTokensRequest, 'Cannot count tokens', (params) => lent.engine.countAll(params));
  handle(previewRequest, 'Cannot show what would be sent', (params) => lent.engine.preview(params));
  connection.onRequest((method) => {
    if (Object.hasOwn(pleasantries, method)) return pleasantries[method];
    return toErrorResponse(notHere(), 'Cannot answer');
  });
  connection.listen();
}

function checkVersion(params: HelloParams, version: string): void {
  if (params?.protocolVersion === protocolVersion) return;
  throw new LacunaError('versionMismatch', {
    doing: 'Cannot use the server',
    found: `it speaks protocol version ${protocolVersion} (Lacuna ${version}), this end ${params?.protocolVersion}`,
    advice: 'Use the same version of Lacuna on both',
  });
}

function signalOf(token: CancellationToken): AbortSignal {
  const aborter = new AbortController();
  if (token.isCancellationRequested) aborter.abort();
  else token.onCancellationRequested(() => aborter.abort());
  return aborter.signal;
}

function notHere(): LacunaError {
  return new LacunaError('badUsage', {
    doing: 'Cannot do this on the server',
    found: 'its models and its process are in the hands of whoever runs it',
    advice: 'Unset the server to add, choose and remove models on this machine',
  });
}

function notGreeted(doing: string): LacunaError {
  return new LacunaError('badUsage', {
    doing,
    found: 'no hello came before it',
    advice: `Send ${helloRequest.method} first`,
  });
}
