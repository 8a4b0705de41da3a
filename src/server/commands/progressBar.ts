/**
 * A bar on standard error for what takes long, where standard error is a terminal; nothing else.
 */
import { Presets, SingleBar } from 'cli-progress';
import { streamBehind } from '../trace/door';
import { printable } from '../trace/terminal';
import type { Console } from './console';

export interface ProgressBar {
  /** @param fraction 0..1 */
  update(fraction: number, detail: string): void;
  stop(): void;
}

/** cli-progress counts whole steps. */
const total = 1000;

export function progressBar({ err }: Console, label: string): ProgressBar {
  if (err.isTTY !== true) return { update: () => {}, stop: () => {} };
  const bar = new SingleBar(
    {
      format: `${label} {bar} {percentage} %  {detail}`,
      stream: streamBehind(err),
      barsize: 24,
      clearOnComplete: true,
      hideCursor: true,
    },
    Presets.shades_classic,
  );
  bar.start(total, 0, { detail: '' });
  return {
    update: (fraction, detail) =>
      bar.update(Math.round(fraction * total), { detail: printable(detail) }),
    stop: () => bar.stop(),
  };
}
