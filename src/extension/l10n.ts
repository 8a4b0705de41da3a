/**
 * Translates what the user reads. Files that know no editor take `t` from here, so that they can be
 * tested without one: before `useTranslation` it puts the values in and leaves the English text. The
 * first argument is always a literal, since a test compares all of them with the bundles in l10n/.
 */
export type Translate = (text: string, ...values: (string | number)[]) => string;

let translate: Translate = (text, ...values) =>
  text.replace(/\{(\d+)\}/g, (place, index) => String(values[Number(index)] ?? place));

/** VS Code's `l10n.t`, once it is there. */
export function useTranslation(translation: Translate): void {
  translate = translation;
}

export const t: Translate = (text, ...values) => translate(text, ...values);
