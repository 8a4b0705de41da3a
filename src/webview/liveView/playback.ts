/**
 * Which step of which run is shown, and how that changes by messages, keys and the clock. A value; each
 * event makes the next one. Knows neither the DOM nor time.
 */
import type { RunView, StepView, ToView } from '../../protocol/liveView';

export interface Playback {
  readonly run: RunView | undefined;
  /** Index in the run's steps. */
  readonly at: number;
  /** The last step is shown, whichever it is, as long as more come. */
  readonly isFollowing: boolean;
  readonly isPlaying: boolean;
  readonly speed: number;
}

export const speeds = [0.5, 1, 2, 4] as const;
/** Of a step at speed 1. */
export const stepMs = 500;

export const nothingShown: Playback = {
  run: undefined,
  at: 0,
  isFollowing: true,
  isPlaying: false,
  speed: 1,
};

export const isRunning = ({ head }: RunView) => ['running', 'repeating'].includes(head.state);
export const lastOf = ({ run }: Playback) => Math.max(0, (run?.steps.length ?? 0) - 1);

/** @param isCalm nothing moves by itself: runs are shown at their end, once there is one. */
export function received(before: Playback, message: ToView, isCalm: boolean): Playback {
  const { run } = before;
  switch (message.type) {
    case 'run':
      return opened(before, message.run, isCalm);
    case 'step':
      if (run?.head.id !== message.id) return before;
      return followed({ ...before, run: grown(run, message.step) }, isCalm);
    case 'head': {
      if (run?.head.id !== message.head.id) return before;
      const steps = run.steps.slice(0, message.steps);
      const next = { ...run, head: message.head, steps };
      // It is made again for its steps, which come one by one.
      const isBegun = isRunning(next) && !isRunning(run);
      const isFollowing = isBegun || before.isFollowing;
      const now = { ...before, run: next, isFollowing };
      return followed({ ...now, at: Math.min(before.at, lastOf(now)) }, isCalm);
    }
    case 'empty':
      return { ...nothingShown, speed: before.speed };
    case 'said':
      return before;
  }
}

function opened(before: Playback, run: RunView, isCalm: boolean): Playback {
  const now: Playback = { ...before, run, at: 0, isPlaying: false, isFollowing: true };
  if (isRunning(run) || isCalm) return followed(now, isCalm);
  return { ...now, isFollowing: false, isPlaying: run.steps.length > 1 };
}

function followed(now: Playback, isCalm: boolean): Playback {
  if (!now.isFollowing || !now.run || (isCalm && isRunning(now.run))) return now;
  return { ...now, at: lastOf(now), isFollowing: isRunning(now.run) };
}

function grown(run: RunView, step: StepView): RunView {
  return { ...run, steps: [...run.steps, step] };
}

/** By the user: playing and following end. */
export function goTo(before: Playback, at: number): Playback {
  const last = lastOf(before);
  const isAtLiveEnd = at >= last && before.run !== undefined && isRunning(before.run);
  const place = Math.min(last, Math.max(0, at));
  return { ...before, at: place, isPlaying: false, isFollowing: isAtLiveEnd };
}

/** From the beginning, where it is at the end. */
export function togglePlay(before: Playback): Playback {
  if (before.isPlaying) return { ...before, isPlaying: false };
  if (lastOf(before) === 0) return before;
  const at = before.at >= lastOf(before) ? 0 : before.at;
  return { ...before, at, isPlaying: true, isFollowing: false };
}

/** The clock has gone on by one step. */
export function ticked(before: Playback): Playback {
  if (!before.isPlaying) return before;
  const at = before.at + 1;
  if (at < lastOf(before)) return { ...before, at };
  const goesOn = before.run !== undefined && isRunning(before.run);
  return { ...before, at: lastOf(before), isPlaying: false, isFollowing: goesOn };
}

/** What outlives a hidden page. */
export interface Kept {
  readonly id: number;
  readonly at: number;
  readonly isFollowing: boolean;
  readonly speed: number;
}

export function keptOf({ run, at, isFollowing, speed }: Playback): Kept | undefined {
  return run && { id: run.head.id, at, isFollowing, speed };
}

/** Back to where the page was, if it is the same run that comes first. */
export function restored(now: Playback, kept: unknown): Playback {
  const { id, at, isFollowing, speed } = (kept ?? {}) as Partial<Kept>;
  const isSpeed = speeds.some((known) => known === speed);
  const paced = isSpeed ? { ...now, speed: speed! } : now;
  if (!now.run || now.run.head.id !== id || !Number.isSafeInteger(at)) return paced;
  if (isFollowing === true && isRunning(now.run)) return paced;
  return { ...goTo(paced, at!), isFollowing: false };
}
