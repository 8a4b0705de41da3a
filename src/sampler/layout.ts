/**
 * From parts of text to pieces of a canvas: given token ids, gaps and drafts in document order,
 * nothing re-ordered. Here the seams are made right: line ends as the models know them, text that
 * spells the mask id, a word cut at the cursor, locks that share no token with what is free.
 * Knows no network and no schedule; which of a draft's tokens are masked is strength.ts's question,
 * how long a gap should be length.ts's, what fits makeCanvas.ts's.
 */
import type { DraftWish, GapWish, Part } from '../protocol/messages';
import { spellMaskId } from '../tokenizer/maskGuard';
import type { Tokenizer } from '../tokenizer/tokenizer';
import { tooLong } from './contextTooLong';
import { placeInstruction } from './instruction';
import { lineFed, withLineFeeds } from './lineEnds';
import { Outline } from './outline';
import { splitParts, textAfter, textBefore, textOf } from './parts';
import { sidesOf, resolveWish, type ResolvedWish } from './place';
import { healSeam, type Seam } from './seam';
import type { Demands } from './structure/demands';
import type { ModelTraits } from './traits';
import { unitsOf, type Unit } from './units';

/** Ids that stay. */
export interface GivenPiece {
  readonly kind: 'given';
  readonly ids: readonly number[];
  /** The field whose text it is part of, and that text; absent: it lies between fields. */
  readonly own?: { readonly field: number; readonly units: readonly Unit[] };
}
/** A run of masks: one span of the canvas. */
export interface GapPiece {
  readonly kind: 'gap';
  readonly field: number;
  readonly wish: ResolvedWish;
  /** Bytes of the cut word's beginning that the gap's first token must spell again; often none. */
  readonly healed: Uint8Array;
}
/** Text of which some units will be masked. */
export interface DraftPiece {
  readonly kind: 'draft';
  readonly field: number;
  readonly wish: DraftWish;
  readonly units: readonly DraftUnit[];
}
export interface DraftUnit extends Unit {
  readonly locked: boolean;
}

interface Pieces<Piece> {
  /** Never cut: the start token, or the language's, and the instruction. */
  readonly start: readonly number[];
  /** Cut from its left where the canvas is too small. */
  readonly prefix: readonly number[];
  readonly pieces: readonly Piece[];
  /** Cut from its right. */
  readonly suffix: readonly number[];
  /** Never cut: what the model's canvases end with. */
  readonly end: readonly number[];
  /** Gaps and drafts of the request; one fill each. */
  readonly fields: number;
  /** What the code around its gaps demands, where they are to be led by that. */
  readonly demands?: Demands;
}
/** Drafts whole. */
export type Sketch = Pieces<GivenPiece | GapPiece | DraftPiece>;
/** Ready to become a canvas. */
export type Layout = Pieces<GivenPiece | GapPiece>;

export interface LayoutOptions {
  readonly languageId?: string | undefined;
  readonly instruction?: string | undefined;
  readonly constrain?: boolean | undefined;
}

/**
 * Characters before and after a gap that can matter to a canvas of so many tokens.
 * No tokenizer here puts more than twelve characters into one token of code, on average.
 */
export function mostCharacters({ maxTokens }: Pick<ModelTraits, 'maxTokens'>): number {
  return maxTokens * 12;
}

/**
 * Texts longer than the model could hold are cut before they are encoded, so that a huge file costs
 * what a small one does.
 */
export function layOut(
  parts: readonly Part[],
  tokenizer: Tokenizer,
  traits: ModelTraits,
  { languageId, instruction, constrain = true }: LayoutOptions = {},
): Sketch {
  const { before, inner, after } = splitParts(parts);
  const most = mostCharacters(traits);
  const placed = placeInstruction(instruction, {
    head: before,
    following: inner[0] === undefined ? '' : textOf(inner[0]),
    languageId,
    prefix: traits.instructionPrefix,
  });
  const encode = (text: string, at: 'start' | 'middle') => [
    ...spellMaskId(tokenizer.encode(text, at), traits.maskId, tokenizer),
  ];
  /** Of what may not be cut; to encode a line of megabytes takes seconds. */
  const checkSize = ({ length }: string) => {
    if (length > most) throw tooLong(`${length} characters`, traits, placed.line !== '');
  };
  checkSize(placed.line);
  const near = placed.head.slice(Math.max(0, placed.head.length - most));
  const isWhole = near === placed.head && placed.line === '';
  let prefix = encode(near, isWhole ? 'start' : 'middle');
  const pieces: Sketch['pieces'][number][] = [];
  const outline = new Outline(before);
  let field = 0;
  for (const [index, part] of inner.entries()) {
    checkSize(
      'text' in part ? part.text : 'draft' in part ? part.draft.text : (part.gap.contains ?? ''),
    );
    if ('text' in part) {
      pieces.push({ kind: 'given', ids: encode(part.text, 'middle') });
      outline.add(part.text);
    } else if ('draft' in part) {
      const units = draftUnits(part.draft, tokenizer, traits.maskId);
      pieces.push({ kind: 'draft', field: field++, wish: part.draft, units });
      outline.addDraft();
    } else {
      const last = pieces.at(-1);
      const cut = index === 0 ? prefix : last?.kind === 'given' && !last.own ? last.ids : [];
      const seam = traits.trainedOnCharacterCuts ? undefined : healSeam(cut, tokenizer);
      if (seam && index === 0) prefix = [...seam.kept];
      else if (seam) pieces.splice(-1, 1, { kind: 'given', ids: seam.kept });
      const around = [textBefore(before, inner, index), textAfter(inner, index, after)] as const;
      const gaps = gapPieces(part.gap, around, field++, seam, tokenizer, traits);
      pieces.push(...gaps);
      for (const piece of gaps) {
        if (piece.kind === 'gap') outline.open(piece.wish);
        else outline.add(withLineFeeds(part.gap.contains!));
      }
    }
  }
  outline.add(after);
  // A model that fills in any order cannot be led.
  const demands = constrain && traits.fromLeft ? outline.demands(languageId) : undefined;
  return {
    start: [...startOf(traits, languageId, tokenizer), ...encode(placed.line, 'start')],
    prefix,
    pieces,
    suffix: encode(after.slice(0, most), 'middle'),
    end: traits.closingId === undefined ? [] : [traits.closingId],
    fields: field,
    ...(demands && { demands }),
  };
}

/** One gap; or, around what it must contain, two. */
function gapPieces(
  wish: GapWish,
  [before, after]: readonly [string, string],
  field: number,
  seam: Seam | undefined,
  tokenizer: Tokenizer,
  traits: ModelTraits,
): (GivenPiece | GapPiece)[] {
  const contained = withLineFeeds(wish.contains ?? '');
  const isBlock = wish.singleLine === undefined && contained.includes('\n');
  const resolved = resolveWish(isBlock ? { ...wish, singleLine: false } : wish, before, after);
  const healed = seam?.healed ?? new Uint8Array();
  if (contained === '') return [{ kind: 'gap', field, wish: resolved, healed }];
  const units = unitsOf(contained, tokenizer, traits.maskId);
  const ids = units.flatMap((unit) => unit.ids);
  const [left, right] = sidesOf(resolved, ids.length);
  return [
    { kind: 'gap', field, wish: left, healed },
    { kind: 'given', ids, own: { field, units } },
    // Not healed: whoever says that a word must stand there means the whole word.
    { kind: 'gap', field, wish: right, healed: new Uint8Array() },
  ];
}

/** Encoded piece by piece between the borders of locks, so that no token is half locked. */
function draftUnits(
  { text: original, locks = [] }: DraftWish,
  tokenizer: Tokenizer,
  maskId: number,
): DraftUnit[] {
  const { text, fromOriginal } = lineFed(original);
  const units: DraftUnit[] = [];
  const add = (from: number, to: number, locked: boolean) => {
    for (const unit of unitsOf(text.slice(from, to), tokenizer, maskId)) {
      units.push({ ...unit, start: unit.start + from, end: unit.end + from, locked });
    }
  };
  let done = 0;
  for (const lock of locks) {
    if (lock.end <= lock.start) continue;
    const start = Math.max(done, fromOriginal(lock.start, 'start'));
    const end = Math.max(start, fromOriginal(lock.end, 'end'));
    add(done, start, false);
    add(start, end, true);
    done = end;
  }
  add(done, text.length, false);
  return units;
}

/** The token at position 0; without one a shifted model could not predict the canvas's first. */
export function startOf(
  traits: ModelTraits,
  languageId: string | undefined,
  tokenizer: Tokenizer,
): number[] {
  const base = baseLanguage(languageId);
  const known = Object.hasOwn(traits.languageTokens, base);
  const tag = known ? traits.languageTokens[base] : traits.bosId;
  if (tag !== undefined) return [tag];
  return traits.shift ? [...tokenizer.encode('\n', 'middle')].slice(0, 1) : [];
}

/** `typescriptreact` is TypeScript to a model. */
function baseLanguage(languageId = ''): string {
  return languageId.replace(/react$/, '');
}
