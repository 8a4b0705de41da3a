/** Values put into words that came translated. Pure. */

/** `{0}`, `{1}` … by values; what a value says is not looked into. */
export function filled(words: string, ...values: readonly (string | number)[]): string {
  return words.replace(/\{(\d)\}/g, (_, index: string) => String(values[Number(index)] ?? ''));
}
