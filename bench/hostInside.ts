/**
 * The half of sections/host.ts that runs inside the extension host: activation, keys typed into a file of
 * 10,000 lines with Lacuna on and off by turns, rest, memory. VS Code calls `run`; it only collects.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { performance } from 'node:perf_hooks';
import * as vscode from 'vscode';
import type { LacunaApi } from '../src/extension/extension';
import { ownTime, type OwnTime } from './support/ownTime';
import { closeAll, open, type, until } from '../test/extension/workbench';

const lines = 10_000;
const keysATurn = 8;
const settleMs = 1500; // a key's work is over by then, answer and ghost text included
const restMs = 15_000;

/** Of one key, in the extension host. */
export interface KeyCost {
  readonly isOn: boolean;
  /** Processor time, all threads. */
  readonly cpuMs: number;
  /** How long the event loop was not idle, by the clock. */
  readonly busyMs: number;
}

export interface HostRecord {
  /** Absent where VS Code had activated it before this code ran. */
  readonly activationMs?: number;
  /** Processor time of the host meanwhile, all that VS Code does in it included. */
  readonly activationCpuMs?: number;
  readonly readyMs: number;
  readonly keys: readonly KeyCost[];
  /** Of as many keys more, with Lacuna on and under a profile. */
  readonly own: readonly OwnTime[];
  /** Requests that the sampler answered, all rounds. */
  readonly answered: number;
  /** Shares of one core while nobody types, %. */
  readonly hostRest: number;
  readonly samplerRest: number;
  readonly heapMiB: number;
  readonly samplerMiB: number;
}

export async function run(): Promise<void> {
  const extension = vscode.extensions.getExtension<LacunaApi>('lacuna.lacuna')!;
  const wasActive = extension.isActive;
  const heapBefore = process.memoryUsage().heapUsed;
  const [start, cpu] = [performance.now(), process.cpuUsage()];
  const api = await extension.activate();
  const activationMs = performance.now() - start;
  const { user, system } = process.cpuUsage(cpu);
  const activationCpuMs = (user + system) / 1000;
  const heapMiB = (process.memoryUsage().heapUsed - heapBefore) / 2 ** 20;
  await until('the sampler is ready', () => api.status.state === 'ready', 60_000);
  const readyMs = performance.now() - start;
  let answered = 0;
  const counting = api.onRequest(({ forwards }) => (answered += forwards === undefined ? 0 : 1));
  const rounds = Number(process.env['BENCH_ROUNDS']);
  const { keys } = await typeKeys(rounds, ['off', 'on']);
  counting.dispose();
  const rest = await restShares(api);
  const { own } = await typeKeys(rounds, ['profiled']); // last: a host that was profiled is not at rest
  const record: HostRecord = {
    ...(wasActive ? {} : { activationMs, activationCpuMs }),
    ...{ readyMs, keys, own, answered, ...rest, heapMiB, samplerMiB: residentMiB(api.samplerPid!) },
  };
  writeFileSync(
    process.env['TEST_REPORT']!,
    JSON.stringify([{ title: 'host', state: 'passed', record }]),
  );
}

async function typeKeys(
  rounds: number,
  turns: readonly ('off' | 'on' | 'profiled')[],
): Promise<Pick<HostRecord, 'keys' | 'own'>> {
  const block =
    'export function area(width: number, height: number): number {\n  return width * height;\n}\n\n';
  const half = block.repeat(lines / 8);
  const editor = await open(`${half}const total = |;\n${half}`);
  const keys: KeyCost[] = [];
  const own: OwnTime[] = [];
  for (let round = 0; round <= rounds; round++) {
    for (const turn of turns) {
      const mode = turn === 'off' ? 'off' : 'auto';
      await vscode.workspace.getConfiguration('lacuna').update('inline.mode', mode, true);
      await pause(settleMs);
      for (let key = 0; key < keysATurn; key++) {
        const press = () => type('abcdefgh'[key]!);
        if (turn === 'profiled') {
          const time = await ownTime('/dist/extension.js', () => settled(press));
          if (round > 0) own.push(time); // the first round compiles
          continue;
        }
        const cost = await costOf(press);
        if (round > 0) keys.push({ isOn: turn === 'on', ...cost });
      }
      for (let key = 0; key < keysATurn; key++) {
        await vscode.commands.executeCommand('deleteLeft');
      }
    }
  }
  await vscode.workspace.getConfiguration('lacuna').update('inline.mode', undefined, true);
  if (editor.document.lineCount < lines) throw new Error('The file has fewer lines than it should');
  await closeAll();
  return { keys, own };
}

async function costOf(act: () => Thenable<unknown>): Promise<Omit<KeyCost, 'isOn'>> {
  const cpu = process.cpuUsage();
  const loop = performance.eventLoopUtilization();
  await settled(act);
  const { user, system } = process.cpuUsage(cpu);
  const busyMs = performance.eventLoopUtilization(loop).active;
  return { cpuMs: (user + system) / 1000, busyMs };
}

async function settled(act: () => Thenable<unknown>): Promise<void> {
  await act();
  await pause(settleMs);
}

async function restShares(api: LacunaApi): Promise<{ hostRest: number; samplerRest: number }> {
  await pause(3000);
  const cpu = process.cpuUsage();
  const ticks = ticksOf(api.samplerPid!);
  await pause(restMs);
  const { user, system } = process.cpuUsage(cpu);
  const tickMs = 10; // USER_HZ is 100 on every Linux that runs VS Code
  return {
    hostRest: (user + system) / 10 / restMs,
    samplerRest: (100 * tickMs * (ticksOf(api.samplerPid!) - ticks)) / restMs,
  };
}

/** User and system time of a process, in clock ticks; Linux only, as the test bed is. */
function ticksOf(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ');
  return Number(fields[11]) + Number(fields[12]);
}

function residentMiB(pid: number): number {
  const [, kib] = /^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))!;
  return Number(kib) / 1024;
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
