/**
 * Whether a process still runs, told by its number and its start: numbers are used again, and a
 * stranger must be neither waited for nor killed. Knows no sampler.
 */
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';

export interface ProcessId {
  readonly pid: number;
  /** When it began, in whatever unit the system has; `unknown` where it does not say. */
  readonly start: string;
}

/** The system that is asked; another one for tests. */
export interface System {
  readonly platform: NodeJS.Platform;
  /** What a program prints; `unknown` where it fails. */
  readonly say: (program: string, args: readonly string[]) => Promise<string>;
}

const thisSystem: System = { platform: process.platform, say };

export async function ownProcess(system = thisSystem): Promise<ProcessId> {
  return { pid: process.pid, start: (await startOf(process.pid, system)) ?? 'unknown' };
}

export async function isRunning({ pid, start }: ProcessId, system = thisSystem): Promise<boolean> {
  if (!isOurs(pid)) return false;
  const found = await startOf(pid, system);
  if (found === undefined) return false;
  return found === start || found === 'unknown' || start === 'unknown';
}

/** Ends it at once, and nobody who has its number by now. */
export async function killProcess(id: ProcessId): Promise<void> {
  if (!(await isRunning(id))) return;
  try {
    process.kill(id.pid, 'SIGKILL');
  } catch {
    // It was quicker.
  }
}

/** Another user's process is none of ours, so what had the number before is gone. */
function isOurs(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** Absent: there is no such process, or nothing but its entry in the table is left. */
async function startOf(pid: number, { platform, say }: System): Promise<string | undefined> {
  switch (platform) {
    case 'linux':
      return linuxStart(pid);
    case 'win32': {
      const script = `(Get-Process -Id ${pid}).StartTime.ToFileTimeUtc()`;
      return say('powershell.exe', ['-NoProfile', '-NonInteractive', '-Command', script]);
    }
    default:
      return say('ps', ['-o', 'lstart=', '-p', String(pid)]);
  }
}

async function linuxStart(pid: number): Promise<string | undefined> {
  try {
    const text = await readFile(`/proc/${pid}/stat`, 'utf8');
    // The name, in brackets, may hold blanks and brackets itself; the fields after it do not.
    const [state, ...fields] = text.slice(text.lastIndexOf(')') + 2).split(' ');
    return state === 'Z' || state === 'X' ? undefined : fields[18]; // field 22, clock ticks since boot
  } catch {
    return undefined;
  }
}

export function say(program: string, args: readonly string[]): Promise<string> {
  // ps writes times in the language and the zone of whoever asks: two windows may differ in both.
  const env = { ...process.env, LC_ALL: 'C', TZ: 'UTC' };
  return new Promise((resolve) => {
    execFile(program, args, { timeout: 5000, windowsHide: true, env }, (error, output) =>
      resolve((error ? '' : output.trim()) || 'unknown'),
    );
  });
}
