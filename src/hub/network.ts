/**
 * The one door to the network: a `fetch` that goes through the user's proxy, trusts the user's own
 * certificates, and shows the access token to the endpoint alone. Opened when a person asked for a
 * download and at no other time. Knows no hub and no files.
 */
import { readFileSync } from 'node:fs';
import * as tls from 'node:tls';
import { LacunaError } from '../protocol/errors';
import type { NetworkWish } from '../protocol/modelMessages';
import { checkEndpoint, publicEndpoint } from './address';

export interface Network {
  /** Follows no redirect by itself; rejects with a LacunaError, or with the abort reason. */
  readonly fetch: typeof fetch;
  close(): Promise<void>;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** No byte for this long counts as a lost connection. */
const silenceMs = 60_000;
const connectMs = 20_000;

export function endpointOf(wish: NetworkWish | undefined, env: Environment): string {
  return checkEndpoint(wish?.endpoint || env.HF_ENDPOINT || publicEndpoint);
}

export async function openNetwork(
  endpoint: string,
  wish: NetworkWish = {},
  env: Environment = process.env,
): Promise<Network> {
  // Here and not above: it is half of the bundle, and most processes never need it.
  const { EnvHttpProxyAgent, fetch: undiciFetch } = await import('undici');
  const trust = { ca: trustedCertificates(env), rejectUnauthorized: wish.strictTls ?? true };
  const httpProxy = wish.proxy || env.http_proxy || env.HTTP_PROXY;
  const httpsProxy = wish.proxy || env.https_proxy || env.HTTPS_PROXY || httpProxy;
  const agent = new EnvHttpProxyAgent({
    ...(httpProxy ? { httpProxy } : {}),
    ...(httpsProxy ? { httpsProxy } : {}),
    noProxy: wish.noProxy?.join(',') || env.no_proxy || env.NO_PROXY || '',
    connect: { ...trust, timeout: connectMs },
    requestTls: trust,
    proxyTls: trust,
    headersTimeout: silenceMs,
    bodyTimeout: silenceMs,
  });
  const token = wish.token || env.HF_TOKEN;
  const home = new URL(endpoint);
  const fetchHere = async (input: string | URL | Request, init: RequestInit = {}) => {
    const url = new URL(input instanceof Request ? input.url : input);
    const headers = new Headers(init.headers);
    headers.set('user-agent', 'lacuna');
    if (token && url.origin === home.origin && isPrivate(url)) {
      headers.set('authorization', `Bearer ${token}`);
    }
    const request = { ...init, headers: [...headers], redirect: 'manual', dispatcher: agent };
    try {
      return (await undiciFetch(url, request as never)) as unknown as Response;
    } catch (thrown) {
      init.signal?.throwIfAborted();
      throw unreachable(url, thrown);
    }
  };
  return { fetch: fetchHere as typeof fetch, close: () => agent.destroy() };
}

/** A token in clear text over a real network could be read by anybody. */
function isPrivate({ protocol, hostname }: URL): boolean {
  return protocol === 'https:' || /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(hostname);
}

/** What Node trusts, the system's store where this Node can read it, and the user's own files. */
function trustedCertificates(env: Environment): string[] {
  const { getCACertificates } = tls as { getCACertificates?: (type: 'system') => string[] };
  let system: string[] = [];
  try {
    system = getCACertificates?.('system') ?? [];
  } catch {
    // An odd store is no reason to do without the others.
  }
  const files = [env.NODE_EXTRA_CA_CERTS, env.SSL_CERT_FILE].filter((file) => !!file) as string[];
  return [...tls.rootCertificates, ...system, ...files.map(readCertificates)];
}

function readCertificates(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (thrown) {
    throw new LacunaError('badUsage', {
      doing: `Cannot read the certificates in "${file}"`,
      found: messageOf(thrown),
      advice: 'Correct NODE_EXTRA_CA_CERTS or SSL_CERT_FILE',
    });
  }
}

/** undici says `fetch failed` and hides the reason in the cause. */
export function unreachable(url: URL, thrown: unknown): LacunaError {
  const { code = '', message } = causeOf(thrown);
  const isTrust = /CERT|SELF_SIGNED|UNABLE_TO_VERIFY|TLS/.test(code);
  return new LacunaError(
    'downloadFailed',
    {
      doing: `Cannot reach ${url.origin}`,
      found: message,
      advice: isTrust
        ? 'If your network has certificates of its own, name their file in NODE_EXTRA_CA_CERTS'
        : 'Check the connection, a proxy (HTTPS_PROXY) or a mirror (HF_ENDPOINT), then try again',
    },
    { cause: thrown },
  );
}

/** The innermost cause, where the code of the system is. */
function causeOf(thrown: unknown): { code?: string; message: string } {
  let inner = thrown;
  while (inner instanceof Error && inner.cause instanceof Error) inner = inner.cause;
  if (inner instanceof AggregateError && inner.errors.length > 0) inner = inner.errors[0];
  const code = (inner as { code?: unknown } | undefined)?.code;
  return { ...(typeof code === 'string' && { code }), message: messageOf(inner) };
}

function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}
