/**
 * Who may use the server: bearer tokens, one a line of a file or one in the environment. Compared in
 * constant time and only as digests; a token itself is kept nowhere and logged never.
 */
import { createHash, timingSafeEqual } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { LacunaError } from '../../protocol/errors';

/** Fewer characters could be guessed; `openssl rand -hex 32` makes 64. */
export const fewestCharacters = 16;
export const tokenVariable = 'LACUNA_TOKEN';

/** What RFC 6750 lets a bearer token hold. */
const plainToken = /^[A-Za-z0-9\-._~+/]+=*$/;

export class TokenRing {
  readonly #digests: readonly Buffer[];

  /** @throws LacunaError `badUsage` for none, and for one that is too short or no token at all. */
  constructor(tokens: readonly string[], source: string) {
    if (tokens.length === 0) throw noToken(`${source} holds none`);
    for (const [index, token] of tokens.entries()) {
      const which = `token ${index + 1} of ${source}`;
      if (token.length < fewestCharacters) {
        throw noToken(`${which} has fewer than ${fewestCharacters} characters`);
      }
      if (!plainToken.test(token))
        throw noToken(`${which} holds characters that no token may have`);
    }
    this.#digests = tokens.map(digest);
  }

  get size(): number {
    return this.#digests.length;
  }

  /** Which token an Authorization header holds, from 1; undefined for none that is known. */
  find(header: string | undefined): number | undefined {
    const given = /^Bearer +([^\s]+) *$/i.exec(header ?? '')?.[1];
    const wanted = digest(given ?? '');
    let found: number | undefined;
    // All are compared, so that the time tells neither how many there are nor which one it was.
    for (const [index, known] of this.#digests.entries()) {
      if (timingSafeEqual(known, wanted)) found = index + 1;
    }
    return given === undefined ? undefined : found;
  }
}

function digest(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}

export interface TokenSource {
  readonly file?: string | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Told what is odd about the file and no reason to stop. */
  readonly onWarning?: (text: string) => void;
}

/** @throws LacunaError `badUsage` that says how to make a token. */
export async function readTokens({ file, env, onWarning }: TokenSource): Promise<TokenRing> {
  if (file === undefined) {
    const token = env[tokenVariable]?.trim() ?? '';
    if (token === '') throw noToken(`neither --token-file nor ${tokenVariable} names one`);
    return new TokenRing([token], tokenVariable);
  }
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw noToken(`"${file}" cannot be read (${error.code ?? error.message})`);
  });
  const { mode, gid } = await stat(file);
  const isForeignGroup = gid !== process.getgid?.();
  if (process.platform !== 'win32' && (mode & (isForeignGroup ? 0o077 : 0o007)) !== 0) {
    onWarning?.(`"${file}" can be read by others on this machine; "chmod 600" keeps it to you`);
  }
  const lines = text.split(/\r?\n/).map((line) => line.trim());
  return new TokenRing(
    lines.filter((line) => line !== '' && !line.startsWith('#')),
    `"${file}"`,
  );
}

function noToken(found: string): LacunaError {
  return new LacunaError('badUsage', {
    doing: 'Cannot serve without a token',
    found,
    advice: 'Make one with "openssl rand -hex 32 > token" and name the file with --token-file',
  });
}
