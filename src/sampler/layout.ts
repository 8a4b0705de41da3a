/**
 * From parts of text to a canvas: runs of given token ids with gaps between them, in document
 * order, nothing re-ordered. Here the seams are made right: line ends as the models know them, text
 * that spells the mask id, a word cut at the cursor, a context longer than the model's.
 * Knows no network and no schedule; how long a gap should be is src/sampler/length.ts's question.
 */
import { LacunaError } from '../protocol/errors';
import type { GapWish, Part } from '../protocol/messages';
import { spellMaskId } from '../tokenizer/maskGuard';
import type { Tokenizer } from '../tokenizer/tokenizer';
import { Canvas, type Ending, type SlotRule, type Span } from './canvas';
import { resolveWish, type ResolvedWish } from './place';
import { healSeam } from './seam';
import { firstPredictable } from './shift';
import type { ModelTraits } from './traits';

/** One gap of a layout. */
export interface LaidGap {
  readonly wish: ResolvedWish;
  /** Bytes of the cut word's beginning that the gap's first token must spell again; often none. */
  readonly healed: Uint8Array;
}

/** Given runs and gaps in turn: given[0] gap[0] given[1] ... given[n]. */
export interface Layout {
  /** (n+1) runs of given ids; the first begins with the canvas's start token. */
  readonly given: readonly Int32Array[];
  readonly gaps: readonly LaidGap[];
}

const lineFeed = 10;

/** No tokenizer here puts more than this many characters into one token of code, on average. */
const charactersPerToken = 12;

/**
 * Lays the parts out as token ids; texts longer than the model could hold are cut before they are
 * encoded, so that a huge file costs what a small one does.
 */
export function layOut(
  parts: readonly Part[],
  tokenizer: Tokenizer,
  traits: ModelTraits,
  languageId?: string,
): Layout {
  const { texts, wishes } = alternate(parts);
  const given: Int32Array[] = [];
  const gaps: LaidGap[] = [];
  for (const [index, whole] of texts.entries()) {
    const text = nearGap(whole, index, texts.length, traits.maxTokens * charactersPerToken);
    const encoded = tokenizer.encode(text, index === 0 && text === whole ? 'start' : 'middle');
    let ids = spellMaskId(encoded, traits.maskId, tokenizer);
    const wish = wishes[index];
    if (wish !== undefined) {
      const seam = traits.trainedOnCharacterCuts ? undefined : healSeam(ids, tokenizer);
      if (seam !== undefined) ids = seam.kept;
      const resolved = resolveWish(wish, text, texts[index + 1]!);
      gaps.push({ wish: resolved, healed: seam?.healed ?? new Uint8Array() });
    }
    given.push(ids);
  }
  given[0] = Int32Array.from([...startOf(traits, languageId, tokenizer), ...given[0]!]);
  return { given, gaps };
}

/**
 * A canvas with `lengths[g]` masked tokens in gap g. The outer texts are shortened to fit: the
 * prefix keeps its end, the suffix its beginning, two thirds to one where both are long.
 * @throws LacunaError `contextTooLong` when gaps and the text between them alone are too long.
 */
export function makeCanvas(
  layout: Layout,
  lengths: readonly number[],
  tokenizer: Tokenizer,
  traits: ModelTraits,
  openEnded: ReadonlySet<number> = new Set(),
): Canvas {
  const given = fit(layout, lengths, traits);
  const unwritten = openEnded.size > 0 ? traits.blankId : undefined;
  const ids: number[] = [];
  const spans: Span[] = [];
  const rules = new Map<number, SlotRule>();
  const endings = new Map<number, Ending>();
  for (const [index, run] of given.entries()) {
    ids.push(...run);
    const gap = layout.gaps[index];
    if (gap === undefined) break;
    const start = ids.length;
    for (let slot = 0; slot < lengths[index]!; slot++) {
      const rule = ruleFor(gap, slot, tokenizer, unwritten);
      if (rule !== undefined) rules.set(ids.length, rule);
      ids.push(traits.maskId);
    }
    if (openEnded.has(index)) endings.set(index, endingOf(gap, tokenizer, traits));
    spans.push({ start, end: ids.length });
  }
  return new Canvas(Int32Array.from(ids), spans, traits.maskId, { rules, endings });
}

/** @param unwritten the blank where gaps are open-ended: it is predicted there and never written. */
function ruleFor(
  gap: LaidGap,
  slot: number,
  tokenizer: Tokenizer,
  unwritten: number | undefined,
): SlotRule | undefined {
  const { singleLine } = gap.wish;
  const fits = (id: number) => id !== unwritten && !(singleLine && breaksLine(tokenizer, id));
  if (slot === 0 && gap.healed.length > 0) {
    return { narrow: true, allows: (id) => spells(tokenizer, id, gap.healed) && fits(id) };
  }
  return singleLine || unwritten !== undefined ? { narrow: false, allows: fits } : undefined;
}

function endingOf(gap: LaidGap, tokenizer: Tokenizer, traits: ModelTraits): Ending {
  return {
    minLength: Math.max(gap.wish.minLength ?? 0, gap.healed.length > 0 ? 1 : 0),
    blankId: traits.blankId!,
    blankLossWeight: traits.blankLossWeight,
    ...(gap.wish.singleLine ? { breaksLine: (id) => breaksLine(tokenizer, id) } : {}),
  };
}

function breaksLine(tokenizer: Tokenizer, id: number): boolean {
  return tokenizer.bytesOf(id).includes(lineFeed);
}

function spells(tokenizer: Tokenizer, id: number, beginning: Uint8Array): boolean {
  const bytes = tokenizer.bytesOf(id);
  return beginning.every((byte, index) => bytes[index] === byte);
}

/** Shortens the first run from its left and the last from its right until the canvas fits. */
function fit(layout: Layout, lengths: readonly number[], traits: ModelTraits): Int32Array[] {
  const first = layout.given[0]!;
  const last = layout.given.at(-1)!;
  const start = firstPredictable(traits.shift);
  const inner = layout.given.slice(1, -1).reduce((sum, run) => sum + run.length, 0);
  const slots = lengths.reduce((sum, length) => sum + length, 0);
  const room = traits.maxTokens - start - inner - slots;
  if (room < 0) {
    throw new LacunaError('contextTooLong', {
      doing: 'Cannot lay out the canvas',
      found: `the gaps and the text between them take ${inner + slots + start} tokens, the model holds ${traits.maxTokens}`,
      advice: 'Fill fewer gaps at once or make them shorter',
    });
  }
  const prefix = first.length - start;
  const suffixShare = Math.min(last.length, Math.max(Math.floor(room / 3), room - prefix));
  const prefixShare = Math.min(prefix, room - suffixShare);
  return layout.given.map((run, index) => {
    if (index === 0) {
      return Int32Array.from([...run.slice(0, start), ...run.slice(run.length - prefixShare)]);
    }
    return index === layout.given.length - 1 ? run.slice(0, suffixShare) : run;
  });
}

/** The token at position 0; without one a shifted model could not predict the canvas's first. */
function startOf(
  traits: ModelTraits,
  languageId: string | undefined,
  tokenizer: Tokenizer,
): number[] {
  const tag = traits.languageTokens[baseLanguage(languageId)] ?? traits.bosId;
  if (tag !== undefined) return [tag];
  return traits.shift ? [...tokenizer.encode('\n', 'middle')].slice(0, 1) : [];
}

/** `typescriptreact` is TypeScript to a model. */
function baseLanguage(languageId = ''): string {
  return languageId.replace(/react$/, '');
}

/** Texts and gaps in turn, starting and ending with a text, which may be empty. */
function alternate(parts: readonly Part[]): { texts: string[]; wishes: GapWish[] } {
  const texts = [''];
  const wishes: GapWish[] = [];
  for (const part of parts) {
    if ('gap' in part) {
      wishes.push(part.gap);
      texts.push('');
    } else {
      texts[texts.length - 1] += part.text;
    }
  }
  // Models read line feeds only; the face turns the fill's back into the document's own.
  return { texts: texts.map((text) => text.replace(/\r\n?/g, '\n')), wishes };
}

/** The outer texts cut to `most` characters, the inner ones whole. */
function nearGap(text: string, index: number, count: number, most: number): string {
  if (index === 0) return text.slice(Math.max(0, text.length - most));
  return index === count - 1 ? text.slice(0, most) : text;
}
