/**
 * Given text in units: the fewest tokens in a row that spell whole characters, mostly one. A token
 * of a byte-level vocabulary can end within a character (an emoji is up to four), and half a
 * character can be neither masked, kept, shown nor given a range. Knows no canvas.
 */
import { spellMaskId } from '../tokenizer/maskGuard';
import type { Tokenizer } from '../tokenizer/tokenizer';

export interface Unit {
  readonly ids: readonly number[];
  /** Verbatim, so that what is kept comes back as it was even where a tokenizer cannot spell it. */
  readonly text: string;
  /** UTF-16 code units of the text that the units were made of. */
  readonly start: number;
  readonly end: number;
}

const utf8 = new TextEncoder();

/**
 * The units of a piece of running text. Where the tokenizer does not spell the text back (it
 * normalises, or lacks a character) the whole piece is one unit.
 */
export function unitsOf(text: string, tokenizer: Tokenizer, maskId: number): Unit[] {
  const ids = [...spellMaskId(tokenizer.encode(text, 'middle'), maskId, tokenizer)];
  if (text === '') return [];
  if (!spellsBack(text, ids, tokenizer)) return [{ ids, text, start: 0, end: text.length }];
  const borders = characterBorders(text);
  const units: Unit[] = [];
  let tokens: number[] = [];
  let bytes = 0;
  let start = 0;
  for (const id of ids) {
    tokens.push(id);
    bytes += tokenizer.bytesOf(id).length;
    const end = borders.get(bytes);
    if (end === undefined || end === start) continue;
    units.push({ ids: tokens, text: text.slice(start, end), start, end });
    tokens = [];
    start = end;
  }
  return units;
}

function spellsBack(text: string, ids: readonly number[], tokenizer: Tokenizer): boolean {
  const wanted = utf8.encode(text.toWellFormed());
  let at = 0;
  for (const id of ids) {
    for (const byte of tokenizer.bytesOf(id)) if (wanted[at++] !== byte) return false;
  }
  return at === wanted.length;
}

/** Byte offset -> UTF-16 offset of every character's end. */
function characterBorders(text: string): Map<number, number> {
  const borders = new Map<number, number>();
  let bytes = 0;
  let end = 0;
  for (const character of text) {
    bytes += utf8.encode(character.toWellFormed()).length;
    end += character.length;
    borders.set(bytes, end);
  }
  return borders;
}
