/**
 * What the guards at the wire share: looking at one value that came as JSON, and the error that
 * names it. Knows no message.
 */
import { LacunaError } from '../protocol/errors';

export type Fields = Readonly<Record<string, unknown>>;

/** `badInput` is about text and parts, `badUsage` about options. */
export type Blame = 'badInput' | 'badUsage';

export class Guard {
  /** @param doing what cannot be done when a value is wrong: `Cannot fill`. */
  constructor(readonly doing: string) {}

  object(value: unknown, name: string, blame: Blame): Fields {
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
      return value as Fields;
    }
    throw this.wrong(blame, name, value, 'be an object');
  }

  list(value: unknown, name: string, blame: Blame): readonly unknown[] {
    if (Array.isArray(value)) return value;
    throw this.wrong(blame, name, value, 'be a list');
  }

  /** An option that may be absent. */
  string(value: unknown, name: string): void {
    if (value === undefined || typeof value === 'string') return;
    throw this.wrong('badUsage', name, value, 'be a string');
  }

  /** An option that may be absent. */
  boolean(value: unknown, name: string): void {
    if (value === undefined || typeof value === 'boolean') return;
    throw this.wrong('badUsage', name, value, 'be true or false');
  }

  /** An option that may be absent. */
  oneOf(value: unknown, name: string, allowed: readonly string[]): void {
    if (value === undefined || allowed.includes(value as string)) return;
    throw this.wrong('badUsage', name, value, `be one of ${allowed.join(', ')}`);
  }

  /** An option that may be absent. */
  integer(value: unknown, name: string, least: number, most: number): void {
    const rule = `be an integer from ${least} to ${most}`;
    this.number(value, name, (n) => isInteger(n, least, most), rule);
  }

  /** An option that may be absent. */
  number(value: unknown, name: string, isRight: (n: number) => boolean, rule: string): void {
    if (value === undefined) return;
    if (typeof value !== 'number' || !Number.isFinite(value) || !isRight(value)) {
      throw this.wrong('badUsage', name, value, rule);
    }
  }

  wrong(code: Blame, name: string, value: unknown, rule: string): LacunaError {
    return new LacunaError(code, {
      doing: this.doing,
      found: `${name} is ${show(value)}`,
      advice: `It must ${rule}`,
    });
  }
}

export function isInteger(value: unknown, least: number, most: number): boolean {
  return Number.isInteger(value) && (value as number) >= least && (value as number) <= most;
}

/** Never the user's code: errors are logged, so only short option values are quoted. */
function show(value: unknown): string {
  if (value === undefined) return 'missing';
  if (typeof value === 'string') return value.length < 40 ? JSON.stringify(value) : 'a long string';
  if (Array.isArray(value)) return `a list of ${value.length}`;
  return typeof value === 'object' && value !== null ? 'an object' : String(value);
}
