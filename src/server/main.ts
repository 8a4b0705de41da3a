/**
 * Entry of dist/server.js, the sampler process: standard input and output become the connection,
 * nothing else. Ends when its input closes, so that no orphan outlives the editor, however that
 * died. Whatever prints goes to standard error: one stray byte on the output breaks the framing.
 */
import { Console } from 'node:console';
import {
  createMessageConnection,
  StreamMessageReader,
  StreamMessageWriter,
} from 'vscode-jsonrpc/node';
import { version } from '../../package.json';
import { Engine } from './engine';
import { Server } from './server';

globalThis.console = new Console(process.stderr, process.stderr);

const connection = createMessageConnection(
  new StreamMessageReader(process.stdin),
  new StreamMessageWriter(process.stdout),
);
// The process is about to end when its pipes fail; there is nobody left to tell.
process.stdout.on('error', () => process.exit(0));
connection.onError(([error]) => console.error(`Connection: ${error.message}`));
connection.onClose(() => process.exit(0));
process.stdin.on('end', () => process.exit(0));
process.on('unhandledRejection', (reason) => console.error('Unhandled rejection:', reason));

// Long enough for the answer to be flushed; the other end closes our input sooner as a rule.
const shutdownDelayMs = 50;
const onShutdown = () => setTimeout(() => process.exit(0), shutdownDelayMs);

new Server(connection, new Engine(), { version, onShutdown }).listen();
