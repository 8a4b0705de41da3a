/**
 * The guard for a draft's locks: ranges of its text, in order, none of them half a character.
 * Knows no tokens; a lock may begin or end anywhere else.
 */
import type { TextRange } from '../protocol/messages';
import { isInteger, type Guard } from './guard';

/** @throws LacunaError `badUsage` that names the lock. */
export function checkLocks(locks: unknown, text: string, name: string, guard: Guard): void {
  let past = 0;
  for (const [index, lock] of guard.list(locks, name, 'badUsage').entries()) {
    const own = `${name}[${index}]`;
    const { start, end } = guard.object(lock, own, 'badUsage') as Partial<TextRange>;
    if (!isInteger(start, 0, text.length)) {
      const rule = `be an offset in the draft, 0 to ${text.length}`;
      throw guard.wrong('badUsage', `${own}.start`, start, rule);
    }
    if (!isInteger(end, start!, text.length)) {
      const rule = `be an offset in the draft, ${start} to ${text.length}`;
      throw guard.wrong('badUsage', `${own}.end`, end, rule);
    }
    if (start! < past) {
      const rule = `be ${past} or more: locks are ascending and do not overlap`;
      throw guard.wrong('badUsage', `${own}.start`, start, rule);
    }
    for (const [side, offset] of [
      ['start', start],
      ['end', end],
    ] as const) {
      if (!isInCharacter(text, offset!)) continue;
      const rule = 'be moved by one: it is inside a character of two UTF-16 units';
      throw guard.wrong('badUsage', `${own}.${side}`, offset, rule);
    }
    past = end!;
  }
}

export function isInCharacter(text: string, offset: number): boolean {
  return (
    /[\uD800-\uDBFF]/.test(text.charAt(offset - 1)) && /[\uDC00-\uDFFF]/.test(text.charAt(offset))
  );
}
