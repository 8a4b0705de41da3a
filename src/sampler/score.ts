/**
 * How sure a model is of text that stands there: every unit of the scored parts masked in turn, both
 * sides given. Text longer than the canvas is looked at through overlapping windows, each unit in
 * the window that shows most around it. Ranges count the caller's text. Knows no editor and no
 * commit rule; what is masked together is maskEach.ts's question.
 */
import type { ScoredToken, ScoreParams } from '../protocol/messages';
import { spellMaskId } from '../tokenizer/maskGuard';
import type { Tokenizer } from '../tokenizer/tokenizer';
import type { Span } from './canvas';
import { mostCharacters, startOf } from './layout';
import type { LengthModel } from './length';
import { lineFed, withLineFeeds } from './lineEnds';
import { shareRoom } from './makeCanvas';
import { maskEach, type TargetScore } from './maskEach';
import { unitsOf, type Unit } from './units';

export interface ScoreOptions {
  readonly languageId?: string | undefined;
  /** Other tokens wanted for each; 5 by default. */
  readonly alternatives?: number | undefined;
  /** One forward a token, however many there are. */
  readonly exact?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
  /** @param fraction 0..1 of the units looked at. */
  readonly onProgress?: ((fraction: number) => void) | undefined;
}

export interface Scores {
  readonly tokens: readonly (readonly ScoredToken[])[];
  readonly forwards: number;
}

/** A unit on the endless canvas, before windows are cut out of it. */
interface Placed extends Span {
  readonly part: number;
  readonly unit: Unit;
  readonly toOriginal: (offset: number) => number;
}

/** @throws DOMException `AbortError` between two forwards once the signal is aborted. */
export async function score(
  parts: ScoreParams['parts'],
  model: LengthModel,
  options: ScoreOptions = {},
): Promise<Scores> {
  const { tokenizer, traits } = model;
  const start = startOf(traits, options.languageId, tokenizer);
  const end = traits.closingId === undefined ? [] : [traits.closingId];
  const room = traits.maxTokens - start.length - end.length;
  const { ids, placed } = trimmed(place(parts, model), room);
  const lists: ScoredToken[][] = parts.flatMap((part) => ('score' in part ? [[]] : []));
  let forwards = 0;
  let done = 0;
  let next = 0;
  for (const window of windowsOver(ids.length, room)) {
    const first = next;
    while (next < placed.length && placed[next]!.start < window.to) next++;
    // A unit that a window does not show to its end is left out: it is no text that a model reads.
    const inside = placed.slice(first, next).filter((unit) => unit.end <= window.end);
    if (inside.length === 0) continue;
    const shift = start.length - window.start;
    const targets = inside.map((unit) => ({ start: unit.start + shift, end: unit.end + shift }));
    const canvas = Int32Array.from([...start, ...ids.slice(window.start, window.end), ...end]);
    const result = await maskEach(canvas, targets, model, {
      ...(options.exact === true && { spacing: Infinity }),
      signal: options.signal,
      onForward: (units) => options.onProgress?.((done + units) / placed.length),
    });
    forwards += result.forwards;
    done += inside.length;
    for (const [index, unit] of inside.entries()) {
      const most = options.alternatives ?? defaultAlternatives;
      lists[unit.part]!.push(scored(unit, result.scores[index]!, tokenizer, most));
    }
  }
  return { tokens: lists, forwards };
}

const defaultAlternatives = 5;

interface Line {
  readonly ids: readonly number[];
  readonly placed: readonly Placed[];
}

/** All parts one after the other; the outer texts are cut to what can matter before they are encoded. */
function place(parts: ScoreParams['parts'], { tokenizer, traits }: LengthModel): Line {
  const most = mostCharacters(traits);
  const first = parts.findIndex((part) => 'score' in part);
  const last = parts.findLastIndex((part) => 'score' in part);
  const ids: number[] = [];
  const placed: Placed[] = [];
  let scoredParts = 0;
  for (const [index, part] of parts.entries()) {
    if ('text' in part) {
      const whole = withLineFeeds(part.text);
      const near = index < first ? whole.slice(-most) : index > last ? whole.slice(0, most) : whole;
      const isStart = index === 0 && near === whole;
      const encoded = tokenizer.encode(near, isStart ? 'start' : 'middle');
      for (const id of spellMaskId(encoded, traits.maskId, tokenizer)) ids.push(id);
      continue;
    }
    const { text, toOriginal } = lineFed(part.score);
    for (const unit of unitsOf(text, tokenizer, traits.maskId)) {
      const start = ids.length;
      for (const id of unit.ids) ids.push(id);
      placed.push({ start, end: ids.length, part: scoredParts, unit, toOriginal });
    }
    scoredParts++;
  }
  return { ids, placed };
}

/**
 * Leaves so much context around the scored text that one window shows all where that is possible
 * without leaving its ends bare; else so much that every window is full.
 */
function trimmed({ ids, placed }: Line, room: number): Line {
  if (placed.length === 0) return { ids, placed };
  const first = placed[0]!.start;
  const last = placed.at(-1)!.end;
  const length = last - first;
  const spare = length <= 0.75 * room ? room - length : room;
  const context = shareRoom(spare, first, ids.length - last);
  const cut = first - context.prefix;
  return {
    ids: ids.slice(cut, last + context.suffix),
    placed: placed.map((unit) => ({ ...unit, start: unit.start - cut, end: unit.end - cut })),
  };
}

export interface Window extends Span {
  /** Units that begin here are looked at through this window. */
  readonly from: number;
  readonly to: number;
}

/** Windows of `room` tokens, half a window apart; each owns its middle, the outer ones their ends. */
export function windowsOver(length: number, room: number): Window[] {
  if (length <= room) return [{ start: 0, end: length, from: 0, to: length }];
  const stride = Math.max(1, Math.floor(room / 2));
  const margin = Math.floor((room - stride) / 2);
  const windows: Window[] = [];
  for (let start = 0, from = 0; from < length; start += stride) {
    const isLast = start + room >= length;
    const at = isLast ? length - room : start;
    const to = isLast ? length : start + margin + stride;
    windows.push({ start: at, end: at + room, from, to });
    from = to;
  }
  return windows;
}

function scored(
  { unit, toOriginal }: Placed,
  { probability, candidates }: TargetScore,
  tokenizer: Tokenizer,
  most: number,
): ScoredToken {
  const texts = new Set([unit.text]);
  const alternatives: { text: string; probability: number }[] = [];
  for (const candidate of candidates) {
    if (alternatives.length >= most) break;
    const text = wholeText(tokenizer.bytesOf(candidate.id));
    if (text === undefined || texts.has(text)) continue;
    texts.add(text);
    alternatives.push({ text, probability: candidate.probability });
  }
  const { start, end } = unit;
  return { start: toOriginal(start), end: toOriginal(end), probability, alternatives };
}

/** Undefined for half a character, which nobody could put in the token's place. */
function wholeText(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}
