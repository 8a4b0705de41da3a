/**
 * A process that answers one JSON line for each JSON line: the sides of a comparison that cannot run in
 * ours. It says `ready` first; what it said on its error output is part of the error when it ends early.
 */
import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { createInterface } from 'node:readline';

export class LineWorker {
  readonly #process: ChildProcessWithoutNullStreams;
  readonly #lines: AsyncIterator<string>;
  #said = '';

  private constructor(command: string, args: readonly string[]) {
    this.#process = spawn(command, args, { stdio: 'pipe' });
    this.#process.stderr.on(
      'data',
      (data: Buffer) => (this.#said = `${this.#said}${data}`.slice(-800)),
    );
    this.#process.stdin.on('error', () => {}); // the missing answer tells
    this.#process.once('error', ({ message }) => {
      this.#said ||= message;
    });
    this.#lines = createInterface({ input: this.#process.stdout })[Symbol.asyncIterator]();
  }

  /** Resolves with what the worker says of itself. */
  static async start<T>(
    command: string,
    args: readonly string[],
  ): Promise<{ worker: LineWorker; hello: T }> {
    const worker = new LineWorker(command, args);
    return { worker, hello: await worker.#next<T>() };
  }

  async ask<T>(request: object): Promise<T> {
    this.#process.stdin.write(`${JSON.stringify(request)}\n`);
    return this.#next<T>();
  }

  dispose(): void {
    this.#process.kill('SIGKILL');
  }

  /** Lines that are no JSON are log output of the runtime. */
  async #next<T>(): Promise<T> {
    for (;;) {
      const { done, value } = await this.#lines.next();
      if (done === true) {
        const said = this.#said.trim().split('\n').slice(-3).join(' ');
        throw new Error(
          `The process "${this.#process.spawnfile}" ended: ${said || 'without a word'}`,
        );
      }
      if (value.startsWith('{')) return JSON.parse(value) as T;
    }
  }
}
