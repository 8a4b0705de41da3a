/** Asserts that something fails with a LacunaError of a code, and that its text says what it must. */
import assert from 'node:assert/strict';
import { LacunaError } from '../../src/protocol/errors';
import type { ErrorCode } from '../../src/protocol/errors';

export async function expectError(
  doing: Promise<unknown> | (() => unknown),
  code: ErrorCode,
  text: RegExp,
): Promise<void> {
  await assert.rejects(
    async () => (typeof doing === 'function' ? doing() : doing),
    (error: unknown) => {
      assert.ok(error instanceof LacunaError, `not a LacunaError: ${String(error)}`);
      assert.equal(error.code, code, error.message);
      assert.match(error.message, text);
      return true;
    },
  );
}
