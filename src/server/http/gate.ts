/**
 * Who comes in: the checks that every request passes before anything of it is read, the same for an
 * upgrade to a socket. Browser pages, strangers and those who ask too often stay out. Knows no routes.
 */
import type { IncomingMessage } from 'node:http';
import { BrowserGuard } from './browserGuard';
import { HttpError } from './httpError';
import type { Metrics } from './metrics';
import { RateLimit } from './rateLimit';
import type { TokenRing } from './tokens';

export interface GateOptions {
  readonly tokens: TokenRing;
  /** Host names besides localhost and addresses. */
  readonly hosts: readonly string[];
  /** Requests a minute for each token at each address. */
  readonly perMinute: number;
  /** Believe the last X-Forwarded-For: only a proxy of our own can reach us. */
  readonly isBehindProxy: boolean;
  readonly metrics: Metrics;
}

/** Somebody with a token. */
export interface Caller {
  /** Which token, from 1: what the log may say. */
  readonly token: number;
  readonly address: string;
}

/** Wrong tokens from one address that are told so; more are told to wait. */
const failures = { perMinute: 10, burst: 10 };

export class Gate {
  readonly #options: GateOptions;
  readonly #browsers: BrowserGuard;
  readonly #rate: RateLimit;
  readonly #failures = new RateLimit(failures);

  constructor(options: GateOptions) {
    this.#options = options;
    this.#browsers = new BrowserGuard(options.hosts);
    const { perMinute } = options;
    this.#rate = new RateLimit({ perMinute, burst: Math.max(10, Math.ceil(perMinute / 6)) });
  }

  /** @throws HttpError for what a page sent, or what is for another host. */
  checkOrigin(request: IncomingMessage): void {
    this.#refusing('browser', () => this.#browsers.check(request.headers));
  }

  /**
   * A right token always comes in: many people may share an address, one of them with an old token.
   * @throws HttpError 401, or 429 after too many wrong tokens.
   */
  identify(request: IncomingMessage): Caller {
    const address = this.#addressOf(request);
    const token = this.#options.tokens.find(request.headers.authorization);
    if (token !== undefined) return { token, address };
    const seconds = this.#failures.take(address);
    if (seconds > 0) throw this.#tooMany('wrong tokens came from this address', seconds);
    return this.#refusing('token', () => {
      throw new HttpError(401, {
        code: 'invalid_token',
        found: `the request has ${request.headers.authorization === undefined ? 'no' : 'a wrong'} token`,
        advice: 'Send the token of this server as "Authorization: Bearer …"',
        headers: { 'WWW-Authenticate': 'Bearer' },
      });
    });
  }

  /** One request of a caller. @throws HttpError 429 */
  spend({ token, address }: Caller): void {
    const seconds = this.#rate.take(`${token} ${address}`);
    if (seconds > 0) throw this.#tooMany('requests came', seconds);
  }

  #tooMany(what: string, seconds: number): HttpError {
    this.#options.metrics.add('lacuna_refused_total', 1, { reason: 'rate' });
    return new HttpError(429, {
      code: 'rate_limited',
      found: `more ${what} than this server allows`,
      advice: `Try again in ${seconds} s`,
      headers: { 'Retry-After': `${seconds}` },
    });
  }

  #refusing<T>(reason: string, check: () => T): T {
    try {
      return check();
    } catch (thrown) {
      this.#options.metrics.add('lacuna_refused_total', 1, { reason });
      throw thrown;
    }
  }

  #addressOf({ headers, socket }: IncomingMessage): string {
    const own = socket.remoteAddress ?? 'unknown';
    if (!this.#options.isBehindProxy) return own;
    const forwarded = [headers['x-forwarded-for'] ?? ''].flat().join(',').split(',').at(-1)!.trim();
    return forwarded === '' ? own : forwarded;
  }
}
