/**
 * Whether fills are made on this machine or by a server, and if not by the one that the settings name,
 * why. Pure; knows no VS Code and no connection.
 */
import { serverAddress } from '../../client/serverAddress';
import { LacunaError } from '../../protocol/errors';

export interface ServerWish {
  /** The setting; empty: none. */
  readonly url: string;
  readonly isTrusted: boolean;
  /** What was answered for each address, by its shown form. */
  readonly answers: Readonly<Record<string, boolean>>;
}

export type ServerChoice =
  | { readonly use: 'server'; readonly address: string }
  | { readonly use: 'local'; readonly reason: 'unset' }
  /** Set, and not in use: nobody was asked, somebody said no, or the folder is not trusted. */
  | {
      readonly use: 'local';
      readonly reason: 'untrusted' | 'unanswered' | 'declined';
      readonly address: string;
    }
  | { readonly use: 'local'; readonly reason: 'wrong'; readonly error: LacunaError };

export function chooseServer({ url, isTrusted, answers }: ServerWish): ServerChoice {
  if (url.trim() === '') return { use: 'local', reason: 'unset' };
  let address: string;
  try {
    address = serverAddress(url).shown;
  } catch (thrown) {
    if (thrown instanceof LacunaError) return { use: 'local', reason: 'wrong', error: thrown };
    throw thrown;
  }
  if (!isTrusted) return { use: 'local', reason: 'untrusted', address };
  const answer = Object.hasOwn(answers, address) ? answers[address] : undefined;
  if (answer === true) return { use: 'server', address };
  return { use: 'local', reason: answer === false ? 'declined' : 'unanswered', address };
}
