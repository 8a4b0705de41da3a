/**
 * One run of a fill from the command line: every step kept, and drawn where that was asked for;
 * Ctrl+C is heard between two steps. Prints no result.
 */
import type { FillParams, FillStep } from '../../protocol/messages';
import { letMessagesIn } from '../queue';
import { streamBehind } from '../trace/door';
import { TraceScreen } from '../trace/screen';
import { painterOf, type Console } from './console';
import type { EngineResult } from './fillOutput';
import type { Sampler } from './withSampler';

export interface RunFlags {
  readonly trace?: boolean;
  readonly json?: boolean;
}

export interface Run {
  readonly result: EngineResult;
  readonly steps: readonly FillStep[];
}

export async function run(
  engine: Pick<Sampler, 'fill'>,
  params: FillParams,
  flags: RunFlags,
  console: Console,
): Promise<Run> {
  const stream = flags.json === true ? console.err : console.out;
  const paint = painterOf(console, stream);
  const screen = flags.trace ? new TraceScreen(streamBehind(stream), params.parts, paint) : null;
  const { signal } = console;
  const steps: FillStep[] = [];
  try {
    const result = await engine.fill(params, {
      signal,
      onStep: (step) => {
        steps.push(step);
        screen?.show(step);
      },
      turn: async () => {
        await letMessagesIn(); // so that Ctrl+C is heard between two steps
        await screen?.pause(signal);
      },
    });
    const elapsedMs = result.elapsedMs - (screen?.pausedMs ?? 0);
    return { result: { ...result, elapsedMs }, steps };
  } finally {
    screen?.end();
  }
}
