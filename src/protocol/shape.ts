/**
 * Small checks for messages between the extension and its web views: whether a value has a shape, yes
 * or no. What comes from the other side of a frame is believed only after that. Knows no message.
 */

export type Check = (value: unknown) => boolean;
/** May be absent, too. */
export interface OptionalCheck extends Check {
  readonly optional: Check;
}

function withOptional(check: Check): OptionalCheck {
  const own: Check = (value) => check(value);
  return Object.assign(own, { optional: (value: unknown) => value === undefined || check(value) });
}

export const isString = withOptional((value) => typeof value === 'string');

export function isInteger(least: number, most: number = Number.MAX_SAFE_INTEGER): OptionalCheck {
  return withOptional(
    (value) => Number.isSafeInteger(value) && Number(value) >= least && Number(value) <= most,
  );
}

export function oneOf(...names: readonly string[]): Check {
  return (value) => typeof value === 'string' && names.includes(value);
}

export function isList(item: Check): Check {
  return (value) => Array.isArray(value) && value.every(item);
}

/** Fields that are not named may be there and are not looked at. */
export function isObject(fields: Readonly<Record<string, Check>>): Check {
  return (value) =>
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    Object.entries(fields).every(([name, check]) =>
      check((value as Readonly<Record<string, unknown>>)[name]),
    );
}
