/**
 * Whether an accepted text is still there after its user went on: at least half of it, by edit distance.
 * Pure.
 */

/** Longer texts are compared by their beginnings: the work grows with the square. */
const mostCompared = 800; // UTF-16 units

export function isKept(accepted: string, now: string): boolean {
  const a = accepted.slice(0, mostCompared);
  const b = now.slice(0, mostCompared);
  if (a === b) return true;
  return editDistance(a, b) < Math.max(a.length, b.length) / 2;
}

function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, row[j]! + 1, next[j - 1]! + 1));
    }
    row = next;
  }
  return row[b.length]!;
}
