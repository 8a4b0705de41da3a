/**
 * Lays a canvas over the one of the request before, so that its cached keys and values stay where they
 * are: what was typed since takes slots of the gap, and the suffix keeps its positions. That is the
 * canvas of the fill before with some tokens committed, so the cache is as stale as it gets within one
 * fill, and no more. Only for gaps that have more slots than they need. Knows no network.
 */
import type { Reuse } from './forwarder';
import type { ContextStore, KeptContext } from './keptContext';
import type { Layout } from './layout';
import type { LengthChoice } from './length';
import type { FixedShares } from './makeCanvas';

export interface Anchor {
  /** Slots of the gap. */
  readonly length: number;
  readonly shares: FixedShares;
}

/** Tokens that may have changed since. Beyond, a fill of ten tokens would have to refresh the cache. */
const mostChanged = 20;
/** The last word's tokens become others when it goes on, and an editor closes brackets. */
const mostReplaced = 8;

/**
 * The gap on the canvas of the request before, where it fits there, and that request's context; else
 * only where this one's goes. Models that are told a length, or find one by trying, need the suffix
 * where that length puts it, so theirs is not kept.
 */
export function anchored(
  layout: Layout,
  choice: LengthChoice,
  contexts: ContextStore,
): { choice?: LengthChoice; shares?: FixedShares; reuse?: Reuse } {
  if (choice.openEnded.size !== 1 || choice.lengths.length !== 1) return {};
  const { last } = contexts;
  const keep: Reuse['keep'] = (context) => contexts.keep(context);
  const anchor = last && anchorTo(last, layout, choice.lengths[0]!);
  if (!anchor) return { reuse: { keep } };
  const { length, shares } = anchor;
  return { choice: { ...choice, lengths: [length] }, shares, reuse: { context: last, keep } };
}

/** @param length slots that the gap gets on a canvas of its own; half of them are enough. */
export function anchorTo(
  { ids, spans: [gap, ...others] }: KeptContext,
  layout: Layout,
  length: number,
): Anchor | undefined {
  if (gap === undefined || others.length > 0 || layout.pieces.length !== 1) return undefined;
  const { start, end } = layout;
  const behind = ids.length - end.length;
  if (!start.every((id, at) => ids[at] === id)) return undefined;
  if (!end.every((id, at) => ids[behind + at] === id)) return undefined;
  const left = alignPrefix(ids.subarray(start.length, gap.start), layout.prefix);
  const right = alignSuffix(ids.subarray(gap.end, behind), layout.suffix);
  if (left === undefined || right === undefined) return undefined;
  // What the old gap held, and the tokens beside it that gave way, hold the new tokens and the gap.
  const room = gap.end - gap.start + left.replaced + right.replaced;
  const free = room - left.added - right.added;
  if (left.added + left.replaced + right.added + right.replaced > mostChanged) return undefined;
  if (free < Math.max(1, Math.ceil(length / 2))) return undefined;
  const slots = Math.min(free, length);
  const shares = { prefix: left.share, suffix: right.share, masksBehind: free - slots };
  return { length: slots, shares };
}

interface Alignment {
  /** Tokens of the new text that come onto the canvas. */
  readonly share: number;
  /** Of them, those that the old canvas had not. */
  readonly added: number;
  /** Tokens of the old text that are gone. */
  readonly replaced: number;
}

/** Where the old prefix begins in the new one, which may reach further back or begin elsewhere. */
function alignPrefix(old: Int32Array, now: readonly number[]): Alignment | undefined {
  for (let added = 0; added <= mostChanged; added++) {
    for (let replaced = 0; replaced <= Math.min(mostReplaced, old.length); replaced++) {
      const common = old.length - replaced;
      const from = now.length - added - common;
      if (from < 0 || common === 0) continue;
      let same = common - 1;
      while (same >= 0 && old[same] === now[from + same]) same--;
      if (same < 0) return { share: common + added, added, replaced };
    }
  }
  return undefined;
}

function alignSuffix(old: Int32Array, now: readonly number[]): Alignment | undefined {
  for (let added = 0; added <= mostReplaced; added++) {
    for (let replaced = 0; replaced <= Math.min(mostReplaced, old.length); replaced++) {
      const common = old.length - replaced;
      if (now.length - added < common) continue;
      let same = 0;
      while (same < common && old[replaced + same] === now[added + same]) same++;
      if (same === common) return { share: common + added, added, replaced };
    }
  }
  return undefined;
}
