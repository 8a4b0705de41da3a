/**
 * Keeps pages in a browser out. A page anywhere on the web can make its visitor's browser send requests
 * to this machine, and by a DNS name of its own that resolves to it (rebinding) even read the answers.
 * So: no request of a page is answered, and only names that were allowed are listened to. Pure.
 */
import type { IncomingHttpHeaders } from 'node:http';
import { HttpError } from './httpError';

export class BrowserGuard {
  readonly #names: ReadonlySet<string>;

  /** @param names host names without port that requests may be for, besides addresses and localhost. */
  constructor(names: readonly string[] = []) {
    this.#names = new Set(['localhost', ...names.map((name) => name.toLowerCase())]);
  }

  /** @throws HttpError 421 for a foreign Host, 403 for what a page sent. */
  check(headers: IncomingHttpHeaders): void {
    const name = nameOf(headers.host);
    // An address cannot be rebound: only names are resolved.
    if (name === undefined || (!isAddress(name) && !this.#names.has(name))) {
      throw new HttpError(421, {
        code: 'wrong_host',
        found: `the request is for ${name === undefined ? 'no host' : 'a host that this server does not know'}`,
        advice: 'Start the server with --allow-host and that name if it is its own',
      });
    }
    const site = headers['sec-fetch-site'];
    const isPage = headers.origin !== undefined || (site !== undefined && site !== 'none');
    if (!isPage) return;
    throw new HttpError(403, {
      code: 'browser_refused',
      found: 'the request comes from a page in a browser',
      advice: 'Use an editor, the command line or another program',
    });
  }
}

/** A host that is no name: nobody but whoever owns it can say what it means. */
function isAddress(host: string): boolean {
  return host.includes(':') || /^\d{1,3}(\.\d{1,3}){3}$/.test(host);
}

/** `Example.org:8741` -> `example.org`, `[::1]:8741` -> `::1`; undefined for what is no host. */
export function nameOf(host: string | undefined): string | undefined {
  const match = /^(?:\[([0-9a-f:.]+)\]|([a-z0-9._-]+))(?::\d{1,5})?$/i.exec(host ?? '');
  return (match?.[1] ?? match?.[2])?.toLowerCase();
}
