/**
 * Runs Python programs written by a model in the walled-off process of pythonRunner.ts. A program
 * that hangs, crashes or takes the runner with it counts as failed, and the next one runs.
 */
import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { LacunaError } from '../../protocol/errors';
import { limits, pythonRunner } from './pythonRunner';

export interface Verdict {
  readonly outcome: 'passed' | 'failed' | 'timeout' | 'crashed';
  /** The exception, or what else went wrong. */
  readonly detail: string;
}

interface Answer {
  readonly id: number;
  readonly outcome: Verdict['outcome'] | 'ready';
  readonly detail: string;
}

/** The runner stops a program by itself; this is for a runner that does not. */
const patienceMs = (limits.seconds + 6) * 1000;

export class Sandbox {
  readonly #python: string;
  #runner: ChildProcessWithoutNullStreams | undefined;
  #onAnswer: (answer: Answer) => void = () => {};
  #onEnd: (reason: string) => void = () => {};
  #nextId = 0;

  private constructor(python: string) {
    this.#python = python;
  }

  /** @throws LacunaError `badInput` when there is no Python to run programs with. */
  static async start(python: string = defaultPython()): Promise<Sandbox> {
    const sandbox = new Sandbox(python);
    await sandbox.#start();
    return sandbox;
  }

  /** Runs one program; never rejects for what the program does. One at a time. */
  async run(code: string): Promise<Verdict> {
    if (this.#runner === undefined) await this.#start();
    const id = this.#nextId++;
    return new Promise((resolve) => {
      const timer = setTimeout(() => this.#runner?.kill('SIGKILL'), patienceMs);
      const finish = (verdict: Verdict) => {
        clearTimeout(timer);
        resolve(verdict);
      };
      this.#onEnd = (reason) =>
        finish({ outcome: 'crashed', detail: `the runner ended: ${reason}` });
      this.#onAnswer = ({ id: answered, outcome, detail }) => {
        if (answered === id && outcome !== 'ready') finish({ outcome, detail });
      };
      this.#runner!.stdin.write(`${JSON.stringify({ id, code: code.toWellFormed() })}\n`);
    });
  }

  dispose(): void {
    this.#runner?.kill('SIGKILL');
  }

  #start(): Promise<void> {
    return new Promise((resolve, reject) => {
      const sizes = [String(limits.seconds), String(limits.memoryBytes)];
      const { PATH, HOME } = process.env; // nothing else of ours is the programs' business
      const env = { ...(PATH && { PATH }), ...(HOME && { HOME }) };
      const runner = spawn(this.#python, ['-I', '-c', pythonRunner, ...sizes], { env });
      this.#runner = runner;
      let said = '';
      runner.stderr.on('data', (data: Buffer) => (said = `${said}${data}`.slice(-500)));
      runner.stdin.on('error', () => {}); // 'close' tells
      createInterface({ input: runner.stdout }).on('line', (line) => {
        const answer = JSON.parse(line) as Answer;
        if (answer.outcome === 'ready') resolve();
        else this.#onAnswer(answer);
      });
      const end = (reason: string) => {
        if (this.#runner === runner) this.#runner = undefined;
        reject(cannotStart(this.#python, reason)); // of no effect once it was ready
        this.#onEnd(reason);
      };
      runner.once('error', ({ message }) => end(message));
      runner.once('close', (code, signal) =>
        end(said.trim().split('\n').at(-1) || `${signal ?? code}`),
      );
    });
  }
}

/**
 * The system's own where there is one: a Python below a home folder cannot be read by the
 * unprivileged user that programs run as.
 */
function defaultPython(): string {
  if (process.env.LACUNA_PYTHON) return process.env.LACUNA_PYTHON;
  return existsSync('/usr/bin/python3') ? '/usr/bin/python3' : 'python3';
}

function cannotStart(python: string, found: string): LacunaError {
  return new LacunaError('badInput', {
    doing: `Cannot start "${python}", which runs the programs`,
    found,
    advice: 'Install Python 3 (Linux or macOS), or name it in LACUNA_PYTHON',
  });
}
