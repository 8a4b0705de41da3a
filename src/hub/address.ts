/**
 * What a person types to name a model: `organisation/name`, a web address that ends so, or a folder.
 * A pure decision but for one look at the disk, which is the caller's. Knows no network.
 */
import { LacunaError } from '../protocol/errors';

export const publicEndpoint = 'https://huggingface.co';

export type Source =
  | {
      readonly kind: 'hub';
      readonly id: string;
      /** Base address without a final slash. */
      readonly endpoint: string;
      /** Branch, tag or commit. */
      readonly revision: string;
    }
  | { readonly kind: 'folder'; readonly dir: string };

export interface AddressWish {
  readonly endpoint?: string | undefined;
  readonly revision?: string | undefined;
  readonly isFolder: (path: string) => boolean;
}

/** Names on the hub: letters, digits, `.`, `_`, `-`; no leading dot, no `..`. */
const idPattern = /^[A-Za-z0-9][\w.-]{0,95}\/[A-Za-z0-9][\w.-]{0,95}$/;

/** @throws LacunaError `badUsage` that says what would have made sense. */
export function readAddress(text: string, { endpoint, revision, isFolder }: AddressWish): Source {
  const named = text.trim();
  if (/^https?:\/\//i.test(named)) return readUrl(named, revision);
  // A folder wins only where it cannot be meant as an id: a stray folder of that name must not.
  const looksLikePath = /^([./~\\]|[A-Za-z]:[\\/])/.test(named) || !isId(named);
  if (looksLikePath && isFolder(named)) return { kind: 'folder', dir: named };
  if (isId(named)) {
    return {
      kind: 'hub',
      id: named,
      endpoint: checkEndpoint(endpoint ?? publicEndpoint),
      revision: revision ?? 'main',
    };
  }
  throw wrongAddress(named, 'it is neither a folder, nor organisation/name, nor an address');
}

export function isId(text: string): boolean {
  return idPattern.test(text) && !text.includes('..');
}

/** `https://host/base/organisation/name`, with or without `/tree/revision` behind it. */
function readUrl(text: string, revision: string | undefined): Source {
  const url = parseUrl(text);
  const pieces = url.pathname.split('/').filter((piece) => piece !== '');
  const mark = pieces.findIndex(
    (piece, index) => index >= 2 && /^(tree|resolve|blob)$/.test(piece),
  );
  const path = mark < 0 ? pieces : pieces.slice(0, mark);
  const id = path.slice(-2).join('/');
  if (!isId(id)) throw wrongAddress(text, 'it does not end in organisation/name');
  const base = path.slice(0, -2).join('/');
  return {
    kind: 'hub',
    id,
    endpoint: base === '' ? url.origin : `${url.origin}/${base}`,
    revision: revision ?? (mark < 0 ? undefined : pieces[mark + 1]) ?? 'main',
  };
}

/** @throws LacunaError `badUsage` for what is no http(s) address; without a final slash. */
export function checkEndpoint(text: string): string {
  const { origin, pathname } = parseUrl(text.trim());
  return `${origin}${pathname}`.replace(/\/+$/, '');
}

function parseUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url !== undefined && /^https?:$/.test(url.protocol)) return url;
  throw wrongAddress(text, 'it is no http or https address');
}

function wrongAddress(named: string, found: string): LacunaError {
  return new LacunaError('badUsage', {
    doing: `Cannot find the model "${named}"`,
    found,
    advice: 'Name it like diffusionfamily/diffugpt-s, by its address, or by an existing folder',
  });
}
