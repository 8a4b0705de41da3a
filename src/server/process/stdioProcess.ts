/**
 * The private sampler process: standard input and output are the one connection. Ends when its input
 * closes, so that no orphan outlives the editor, however that died.
 */
import {
  createMessageConnection,
  StreamMessageReader,
  StreamMessageWriter,
} from 'vscode-jsonrpc/node';
import { SamplerHost } from './samplerHost';

/** Long enough for the answer to be flushed; the other end closes our input sooner as a rule. */
const shutdownDelayMs = 50;

export function serveStdio(version: string): void {
  const connection = createMessageConnection(
    new StreamMessageReader(process.stdin),
    new StreamMessageWriter(process.stdout),
  );
  // The process is about to end when its pipes fail; there is nobody left to tell.
  process.stdout.on('error', () => process.exit(0));
  connection.onError(([error]) => console.error(`Connection: ${error.message}`));
  process.stdin.on('end', () => process.exit(0));
  const onShutdown = () => setTimeout(() => process.exit(0), shutdownDelayMs);
  new SamplerHost({ version, isShared: false, onShutdown }).serve(connection);
  connection.onClose(() => process.exit(0));
}
