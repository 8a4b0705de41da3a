/**
 * Texts with places for values, as English leaves them. Functions that word something for the editor and
 * for the command line take a translation, and this where there is none. Knows no language but its own.
 */
export type Translate = (text: string, ...values: (string | number)[]) => string;

export const english: Translate = (text, ...values) =>
  text.replace(/\{(\d+)\}/g, (place, index) => String(values[Number(index)] ?? place));
