/**
 * Whether the computer runs on battery, asked of the operating system, since VS Code does not tell its
 * extensions: files on Linux, `pmset` on macOS, a query of PowerShell's on Windows. Unknown where there
 * is no battery, no answer or no such system. What is done about it is batteryPause.ts's business.
 */
import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';

export type PowerSource = 'battery' | 'mains' | 'unknown';

const linuxFolder = '/sys/class/power_supply';
const answerMs = 10_000;

/** Never rejects. @param folder of the supplies, for Linux. */
export async function readPowerSource(
  platform: NodeJS.Platform,
  folder: string = linuxFolder,
): Promise<PowerSource> {
  try {
    switch (platform) {
      case 'linux':
        return linuxSource(await readSupplies(folder));
      case 'darwin':
        return macSource(await output('pmset', ['-g', 'batt']));
      case 'win32':
        return windowsSource(await output('powershell.exe', windowsQuery));
      default:
        return 'unknown';
    }
  } catch {
    return 'unknown';
  }
}

/** One folder below /sys/class/power_supply, its files by name. */
export interface Supply {
  readonly type?: string;
  readonly online?: string;
  readonly status?: string;
  /** `Device` for the battery of a mouse or a headset. */
  readonly scope?: string;
}

export function linuxSource(supplies: readonly Supply[]): PowerSource {
  const own = supplies.filter(({ scope }) => scope !== 'Device');
  const batteries = own.filter(({ type }) => type === 'Battery');
  if (batteries.some(({ status }) => status === 'Discharging')) {
    // A weak charger does not keep up: that is mains power all the same.
    const isPlugged = own.some(({ type, online }) => type !== 'Battery' && online === '1');
    return isPlugged ? 'mains' : 'battery';
  }
  return batteries.length > 0 ? 'mains' : 'unknown';
}

/** Of `pmset -g batt`, whose first line is `Now drawing from 'Battery Power'`. */
export function macSource(answer: string): PowerSource {
  const power = /'(AC|Battery) Power'/.exec(answer)?.[1];
  if (power === undefined) return 'unknown';
  return power === 'AC' ? 'mains' : 'battery';
}

/** Of Win32_Battery.BatteryStatus, one line a battery: 1 is discharging; none without a battery. */
export function windowsSource(answer: string): PowerSource {
  const states = answer.split(/\s+/).filter((state) => /^\d+$/.test(state));
  if (states.length === 0) return 'unknown';
  // 4 and 5 are low and critical, and discharging too.
  return states.some((state) => ['1', '4', '5'].includes(state)) ? 'battery' : 'mains';
}

const windowsQuery = [
  ...['-NoProfile', '-NonInteractive', '-Command'],
  '(Get-CimInstance Win32_Battery).BatteryStatus',
];

async function readSupplies(folder: string): Promise<Supply[]> {
  const names = await readdir(folder);
  return Promise.all(
    names.map(async (name) => {
      const files = ['type', 'online', 'status', 'scope'] as const;
      const read = async (file: string) => {
        const text = await readFile(path.join(folder, name, file), 'utf8').catch(() => undefined);
        return [file, text?.trim()] as const;
      };
      return Object.fromEntries(await Promise.all(files.map(read))) as Supply;
    }),
  );
}

function output(program: string, args: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const options = { timeout: answerMs, windowsHide: true };
    execFile(program, [...args], options, (error, stdout) =>
      error ? reject(error) : resolve(stdout),
    );
  });
}
