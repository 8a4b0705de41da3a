/**
 * What a command is given of the world: its streams, its environment, the signal of Ctrl+C. So
 * commands print nowhere else and can be told to stop.
 */
import { painterFor, type Painter } from '../trace/terminal';

export interface Console {
  readonly out: NodeJS.WriteStream;
  readonly err: NodeJS.WriteStream;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Aborts on Ctrl+C. */
  readonly signal: AbortSignal;
}

export function painterOf(console: Console, stream: NodeJS.WriteStream): Painter {
  return painterFor(stream, console.env);
}

export function printJson({ out }: Console, value: unknown): void {
  out.write(`${JSON.stringify(value)}\n`);
}
