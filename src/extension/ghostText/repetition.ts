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
  return repeatsLine(fill) || repeatsUnit(fill.trimEnd());
}

function repeatsLine(fill: string): boolean {
  let rounds = 1;
  const lines = fill.split('\n').map((line) => line.trim());
  for (let index = 1; index < lines.length; index++) {
    const repeated = lines[index] === lines[index - 1] && /\w/.test(lines[index]!);
    rounds = repeated ? rounds + 1 : 1;
    if (rounds >= equalLines) return true;
  }
  return false;
}

function repeatsUnit(text: string): boolean {
  for (let length = 1; length <= Math.min(longestUnit, text.length / fewestRounds); length++) {
    const unit = text.slice(-length);
    if (!/[A-Za-z_]/.test(unit)) continue; // a ruler, an indentation, a row of zeros
    let rounds = 1;
    while (text.endsWith(unit, text.length - rounds * length)) rounds++;
    if (rounds >= fewestRounds && rounds * length >= shortestCircle) return true;
  }
  return false;
}
