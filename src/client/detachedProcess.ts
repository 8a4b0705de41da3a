/**
 * Starts a sampler process that outlives its starter, so that closing one window ends nothing for the
 * others, and remembers how it ended while we are there to see it. Knows no socket.
 */
import { spawn } from 'node:child_process';
import { closeSync, constants, openSync, readFileSync } from 'node:fs';
import { errorFileIn } from '../rendezvous/folder';
import { sharedArguments, type SharedArguments } from '../rendezvous/sharedArguments';
import { describeEnd, type ProcessEnd } from './samplerProcess';

export interface DetachedOptions {
  readonly serverFile: string;
  readonly env: Readonly<Record<string, string>>;
  readonly shared: SharedArguments;
}

/** The connection is known to be over a moment before the process is. */
const endMs = 500;

export class DetachedProcess {
  readonly pid: number | undefined;
  readonly #errorFile: string;
  readonly #ended: Promise<void>;
  #end: Omit<ProcessEnd, 'lastLine'> | undefined;

  constructor({ serverFile, env, shared }: DetachedOptions) {
    this.#errorFile = errorFileIn(shared.folder, shared.key);
    const { O_APPEND, O_CREAT, O_TRUNC, O_WRONLY } = constants;
    const errors = openSync(this.#errorFile, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND, 0o600);
    try {
      // Inside VS Code, execPath is Electron; the variable makes it behave as node.
      const child = spawn(process.execPath, [serverFile, ...sharedArguments.format(shared)], {
        detached: true,
        stdio: ['ignore', 'ignore', errors],
        env: { ...process.env, ...env, ELECTRON_RUN_AS_NODE: '1' },
        windowsHide: true,
      });
      child.unref();
      this.pid = child.pid;
      this.#ended = new Promise((resolve) => {
        child.once('error', (error) => this.#settle({ code: null, signal: null, error }, resolve));
        child.once('exit', (code, signal) => this.#settle({ code, signal }, resolve));
      });
    } finally {
      closeSync(errors);
    }
  }

  /** Absent while it runs. */
  get end(): Omit<ProcessEnd, 'lastLine'> | undefined {
    return this.#end;
  }

  /** How it ended, for people. */
  reason(): string {
    const end = this.#end ?? { code: null, signal: null };
    return describeEnd({ ...end, lastLine: this.#lastLine() });
  }

  async whyItEnded(): Promise<string> {
    let timer: NodeJS.Timeout | undefined;
    const tooLong = new Promise<void>((resolve) => (timer = setTimeout(resolve, endMs)));
    await Promise.race([this.#ended, tooLong]);
    clearTimeout(timer);
    return this.#end ? this.reason() : 'it closed the connection';
  }

  #settle(end: Omit<ProcessEnd, 'lastLine'>, done: () => void): void {
    this.#end = end;
    done();
  }

  #lastLine(): string {
    try {
      return readFileSync(this.#errorFile, 'utf8').trim().split('\n').at(-1)!.trim();
    } catch {
      return ''; // the folder may be gone with the session of the user
    }
  }
}
