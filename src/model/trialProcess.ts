/**
 * Tries a GPU in a child process: drivers crash, hang and leak, and the sampler process must not go with
 * them. The child is `tryDevice.js` beside the bundle that runs; where there is none (tests bundle single
 * files), the trial runs here. Knows no execution provider.
 */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { tryGpu, type TrialReport, type TrialRequest } from './gpuTrial';
import type { ModelFolder } from './modelFolder';

export interface ProcessOptions {
  readonly signal?: AbortSignal;
  /** The child's script. */
  readonly script?: string;
  /** Shaders are compiled at the first run: half a minute on a slow machine. */
  readonly longestMs?: number;
}

export async function tryInProcess(
  model: ModelFolder,
  request: TrialRequest,
  options: ProcessOptions = {},
): Promise<TrialReport> {
  const { signal, script = path.join(__dirname, 'tryDevice.js'), longestMs = 180_000 } = options;
  if (!existsSync(script)) return tryGpu(model, request);
  signal?.throwIfAborted();
  const { output, error, end } = await ranOut(script, [model.dir, JSON.stringify(request)], {
    longestMs,
    ...(signal && { signal }),
  });
  signal?.throwIfAborted();
  return reportIn(output) ?? { notes: [`${request.device}: ${failure(end, error)}`] };
}

interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly isLate: boolean;
}

function ranOut(
  script: string,
  args: readonly string[],
  { longestMs, signal }: { readonly longestMs: number; readonly signal?: AbortSignal },
): Promise<{ output: string; error: string; end: Ended }> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [script, ...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
      windowsHide: true,
    });
    let [output, error, isLate] = ['', '', false];
    child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
    child.stderr
      .setEncoding('utf8')
      .on('data', (text: string) => (error = (error + text).slice(-2000)));
    // A run of the network hears nothing: only the hardest signal ends it.
    const kill = () => void child.kill('SIGKILL');
    const timer = setTimeout(() => {
      isLate = true;
      kill();
    }, longestMs);
    signal?.addEventListener('abort', kill, { once: true });
    child.on('error', reject);
    child.on('close', (code, ended) => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', kill);
      resolve({ output, error, end: { code, signal: ended, isLate } });
    });
  });
}

/** The last line is the report; drivers print before it. */
function reportIn(output: string): TrialReport | undefined {
  try {
    const report = JSON.parse(output.trimEnd().split('\n').at(-1)!) as Partial<TrialReport>;
    return Array.isArray(report.notes) ? (report as TrialReport) : undefined;
  } catch {
    return undefined;
  }
}

function failure({ code, signal, isLate }: Ended, error: string): string {
  if (isLate) return 'its trial did not end';
  const last = error.trimEnd().split('\n').at(-1);
  const why = last ? ` (${last})` : '';
  return signal === null
    ? `its trial ended with code ${code}${why}`
    : `its driver ended the process of the trial: ${signal}${why}`;
}
