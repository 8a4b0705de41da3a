/**
 * Shows the drawn steps of a fill: on a terminal in place, at a pace that eyes can follow; into a
 * pipe or a file as successive lines. Knows how to draw nothing itself (draw.ts does).
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { FillStep, Part } from '../../protocol/messages';
import { surenessLevels, type Painter } from './terminal';
import { drawCode, drawProgress, drawRow, stepTitle } from './draw';

/** A small model takes a few milliseconds a step, which nobody can see. */
const paceMs = 90;

const hideCursor = '\x1b[?25l';
const showCursor = '\x1b[?25h';
/** Without wrapping, a line of code is a row of the screen however long it is. */
const noWrap = '\x1b[?7l';
const wrap = '\x1b[?7h';

export interface Screen {
  readonly isTTY?: boolean;
  readonly rows?: number;
  write(text: string): unknown;
}

export class TraceScreen {
  readonly #screen: Screen;
  readonly #parts: readonly Part[];
  readonly #paint: Painter;
  #last: FillStep | undefined;
  #rows = 0;
  #pausedMs = 0;

  constructor(screen: Screen, parts: readonly Part[], paint: Painter) {
    this.#screen = screen;
    this.#parts = parts;
    this.#paint = paint;
  }

  show(step: FillStep): void {
    if (this.#screen.isTTY === true) this.#redraw(step);
    else this.#append(step);
    this.#last = step;
  }

  /** To be awaited between two steps. */
  async pause(signal?: AbortSignal): Promise<void> {
    if (this.#screen.isTTY !== true || this.#last === undefined) return;
    const start = performance.now();
    await sleep(paceMs, undefined, signal && { signal });
    this.#pausedMs += performance.now() - start;
  }

  /** Time taken for eyes only. */
  get pausedMs(): number {
    return this.#pausedMs;
  }

  /** Leaves the finished code on the screen; safe to call when nothing was shown. */
  end(): void {
    if (this.#last === undefined) return;
    const calm = { ...this.#last, gaps: this.#last.gaps.map((tokens) => tokens.map(settled)) };
    if (this.#screen.isTTY === true) {
      this.#redraw(calm);
      this.#screen.write(wrap + showCursor);
    } else {
      const isComplete = calm.maskedTokens === 0;
      if (isComplete) this.#writeLines(['', ...drawCode(this.#parts, calm, this.#paint)]);
    }
  }

  #redraw(step: FillStep): void {
    const frame = [
      drawProgress(step, this.#paint),
      '',
      ...drawCode(this.#parts, step, this.#paint).slice(0, (this.#screen.rows ?? 24) - 5),
      '',
      legend(this.#paint),
    ];
    const back = this.#rows === 0 ? hideCursor + noWrap : `\x1b[${this.#rows}A\x1b[0J`;
    this.#rows = frame.length;
    this.#screen.write(`${back}${frame.join('\n')}\n`);
  }

  #append(step: FillStep): void {
    const isFirst = this.#last === undefined;
    if (isFirst) this.#writeLines([...drawCode(this.#parts, step, this.#paint), '', stepTitle]);
    this.#writeLines([drawRow(step, this.#paint)]);
  }

  #writeLines(lines: readonly string[]): void {
    this.#screen.write(`${lines.join('\n')}\n`);
  }
}

function settled(token: FillStep['gaps'][number][number]): typeof token {
  return { ...token, fresh: false };
}

function legend(paint: Painter): string {
  const percent = (share: number) => `${Math.round(share * 100)} %`;
  const { sure, likely } = surenessLevels;
  const levels = [
    paint(`■ ${percent(sure)} sure`, 'sure'),
    paint(`■ ${percent(likely)}`, 'likely'),
    paint('■ less', 'unsure'),
  ];
  return `${levels.join('  ')}  ${paint('░ still masked', 'dim')}`;
}
