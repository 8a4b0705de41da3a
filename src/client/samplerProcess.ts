/**
 * The sampler process as a child: starts it, hands its pipes to whoever speaks the protocol, says
 * how it ended, and ends it for sure. Knows nothing of messages and never restarts anything.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';

export interface ProcessOptions {
  /** dist/server.js. */
  readonly serverFile: string;
  /** Node's own arguments, such as `--inspect`. */
  readonly execArgv?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Each line of the process's standard error. */
  readonly onStderr?: (line: string) => void;
}

export interface ProcessEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** The process could not be started. */
  readonly error?: Error;
  /** What it said last on standard error; empty when it said nothing. */
  readonly lastLine: string;
}

/** It ends by itself when its input closes; a blocked one is killed after this. */
const graceMs = 500;

export class SamplerProcess {
  readonly #child: ChildProcess;
  /** Resolves once the process has ended and said its last line; never rejects. */
  readonly ended: Promise<ProcessEnd>;
  #isClosing = false;

  constructor(options: ProcessOptions) {
    // Inside VS Code, execPath is Electron; the variable makes it behave as node.
    this.#child = spawn(process.execPath, [...(options.execArgv ?? []), options.serverFile], {
      stdio: 'pipe',
      env: { ...process.env, ...options.env, ELECTRON_RUN_AS_NODE: '1' },
      windowsHide: true,
    });
    let lastLine = '';
    createInterface({ input: this.#child.stderr! }).on('line', (line) => {
      if (line.trim() !== '') lastLine = line.trim();
      options.onStderr?.(line);
    });
    // Writing to a process that has just died fails on the stream as well as on its exit.
    this.#child.stdin!.on('error', () => {});
    this.ended = new Promise((resolve) => {
      this.#child.once('error', (error) => resolve({ code: null, signal: null, error, lastLine }));
      // 'close' comes after 'exit', when the pipes are read to their end.
      this.#child.once('close', (code, signal) => resolve({ code, signal, lastLine }));
    });
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  get input(): Writable {
    return this.#child.stdin!;
  }

  get output(): Readable {
    return this.#child.stdout!;
  }

  /** Ends the process, politely first; safe to call twice. Resolves when it is gone. */
  async dispose(): Promise<void> {
    if (!this.#isClosing) {
      this.#isClosing = true;
      this.#child.stdin!.end();
      const terminate = setTimeout(() => this.kill('SIGTERM'), graceMs);
      const kill = setTimeout(() => this.kill('SIGKILL'), 2 * graceMs);
      void this.ended.then(() => {
        clearTimeout(terminate);
        clearTimeout(kill);
      });
    }
    await this.ended;
  }

  kill(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }
}

/** How a process ended, for people: `exit code 1: Cannot find module "x"`. */
export function describeEnd({ code, signal, error, lastLine }: ProcessEnd): string {
  if (error !== undefined) return `it could not be started (${error.message})`;
  const how = signal === null ? `exit code ${code}` : `signal ${signal}`;
  return `it ended with ${how}${lastLine === '' ? '' : ` (${lastLine.slice(0, 300)})`}`;
}
