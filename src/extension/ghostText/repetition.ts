/**
 * Finds a fill that runs in a circle, the commonest failure of a small model: the same line again
 * and again, or the same few characters up to the end. Rows of numbers, rulers and closing brackets
 * are left alone.
 */

/** The same non-blank line this often in a row is a circle. */
const equalLines = 3;
/** A unit of up to this many characters is looked for at the end of the fill. */
const longestUnit = 40;
const fewestRounds = 4;
/** `0, 0, 0, 0` has four rounds too; a circle goes on for longer. */
const shortestCircle = 24; // characters

export function runsInCircle(fill: string): boolean {
  return unrolled(fill) !== fill;
}

/** The fill with its circle gone through once; itself where it runs in none. */
export function unrolled(fill: string): string {
  return withoutRepeatedLines(withoutRepeatedUnit(fill));
}

function withoutRepeatedLines(fill: string): string {
  let rounds = 1;
  const lines = fill.split('\n');
  for (let index = 1; index < lines.length; index++) {
    const line = lines[index]!.trim();
    rounds = line === lines[index - 1]!.trim() && /\w/.test(line) ? rounds + 1 : 1;
    if (rounds >= equalLines) return lines.slice(0, index - equalLines + 2).join('\n');
  }
  return fill;
}

function withoutRepeatedUnit(fill: string): string {
  const text = fill.trimEnd();
  for (let length = 1; length <= Math.min(longestUnit, text.length / fewestRounds); length++) {
    const unit = text.slice(-length);
    if (!/[A-Za-z_]/.test(unit)) continue; // a ruler, an indentation, a row of zeros
    let rounds = 1;
    while (text.endsWith(unit, text.length - rounds * length)) rounds++;
    if (rounds >= fewestRounds && rounds * length >= shortestCircle) {
      return text.slice(0, text.length - (rounds - 1) * length);
    }
  }
  return fill;
}
