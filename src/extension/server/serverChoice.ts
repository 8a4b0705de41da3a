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
  | { readonly use: 'local'; readonly why: 'unset' }
  /** Set, and not in use: nobody was asked, somebody said no, or the folder is not trusted. */
  | {
      readonly use: 'local';
      readonly why: 'untrusted' | 'unanswered' | 'declined';
      readonly address: string;
    }
  | { readonly use: 'local'; readonly why: 'wrong'; readonly error: LacunaError };

export function chooseServer({ url, isTrusted, answers }: ServerWish): ServerChoice {
  if (url.trim() === '') return { use: 'local', why: 'unset' };
  let address: string;
  try {
    address = serverAddress(url).shown;
  } catch (thrown) {
    if (thrown instanceof LacunaError) return { use: 'local', why: 'wrong', error: thrown };
    throw thrown;
  }
  if (!isTrusted) return { use: 'local', why: 'untrusted', address };
  const answer = Object.hasOwn(answers, address) ? answers[address] : undefined;
  if (answer === true) return { use: 'server', address };
  return { use: 'local', why: answer === false ? 'declined' : 'unanswered', address };
}
