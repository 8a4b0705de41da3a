/**
 * Translates what the user reads. Files that know no editor take `t` from here, so that they can be
 * tested without one: before `useTranslation` it puts the values in and leaves the English text. The
 * first argument is always a literal, since a test compares all of them with the bundles in l10n/.
 */
import { english, type Translate } from '../protocol/english';
import { LacunaError } from '../protocol/errors';

let translate = english;

/** VS Code's `l10n.t`, once it is there. */
export function useTranslation(translation: Translate): void {
  translate = translation;
}

export const t: Translate = (text, ...values) => translate(text, ...values);

/** A text that is translated where it is shown: for constants, which are there before the translation. */
export const later = (text: string): string => text;

/** What was thrown, for people. Each part of an error of ours is translated by itself. */
export function messageOf(thrown: unknown): string {
  if (!(thrown instanceof LacunaError))
    return thrown instanceof Error ? thrown.message : String(thrown);
  const { doing, found, advice } = thrown.parts;
  return `${t(doing)}: ${t(found)}. ${t(advice)}.`;
}
