/**
 * A fill with bytes that make no character: a small model may stop in the middle of a UTF-8
 * sequence, and the decoder then writes U+FFFD. Such a fill is never shown, not even in part: what
 * stands before the damage was sampled together with it.
 */

const replacementCharacter = '\uFFFD';
/** Control characters other than tab and line feed never belong into source text. */
const control = /[\u0000-\u0008\u000B\u000C\u000E-\u001F\u007F]/;

export function isUndecodable(fill: string): boolean {
  return fill.includes(replacementCharacter) || control.test(fill);
}
