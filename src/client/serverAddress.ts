/**
 * The address of a team's server as a person writes it: checked, and turned into the one of its socket.
 * Pure; opens nothing.
 */
import { LacunaError } from '../protocol/errors';

export interface ServerAddress {
  /** As it is shown and remembered: `https://lacuna.example.org`. */
  readonly shown: string;
  /** `wss://lacuna.example.org/v1/rpc`. */
  readonly socket: string;
}

/** @throws LacunaError `badUsage` for what is no address, or one that would send all in the clear. */
export function serverAddress(text: string): ServerAddress {
  let url: URL;
  try {
    url = new URL(text.trim());
  } catch {
    throw wrong('it is no address', 'Write it as https://lacuna.example.org');
  }
  const { protocol, hostname, host, username, password, search, hash, pathname } = url;
  if (protocol !== 'https:' && protocol !== 'http:') {
    throw wrong(`it begins with ${protocol}`, 'Write it as https://lacuna.example.org');
  }
  if (username !== '' || password !== '') {
    throw wrong('it holds a name or password', 'Leave them out, and set the token by its command');
  }
  if (search !== '' || hash !== '') {
    throw wrong('something follows the path', 'Leave out what begins with "?" or "#"');
  }
  if (protocol === 'http:' && !isLoopback(hostname)) {
    throw wrong('http would send your code and the token unencrypted', 'Use https');
  }
  const path = pathname.replace(/\/+$/, '');
  return {
    shown: `${protocol}//${host}${path}`,
    socket: `${protocol === 'https:' ? 'wss:' : 'ws:'}//${host}${path}/v1/rpc`,
  };
}

function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127\.[\d.]+$/.test(hostname);
}

function wrong(found: string, advice: string): LacunaError {
  return new LacunaError('badUsage', { doing: 'Cannot use the server address', found, advice });
}
