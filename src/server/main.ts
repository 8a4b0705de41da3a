/**
 * Entry of dist/server.js, the sampler process: private over its standard streams, or with --shared
 * for all windows of a user over a socket. Whatever prints goes to standard error: one stray byte on
 * the output would break the framing.
 */
import { Console } from 'node:console';
import os from 'node:os';
import { version } from '../../package.json';
import { sharedArguments } from '../rendezvous/sharedArguments';
import { serveShared } from './process/sharedProcess';
import { serveStdio } from './process/stdioProcess';

globalThis.console = new Console(process.stderr, process.stderr);
process.on('unhandledRejection', (reason) => console.error('Unhandled rejection:', reason));

try {
  // The editor goes first: a forward takes all cores that it can get.
  os.setPriority(os.constants.priority.PRIORITY_BELOW_NORMAL);
} catch (error) {
  console.error(`Cannot lower the priority: ${String(error)}`);
}

const shared = sharedArguments.parse(process.argv.slice(2));
if (shared === undefined) serveStdio(version);
else void serveShared({ ...shared, version });
