/**
 * How a system says that there is no room: by one code for a disk and another one for a quota, which is no
 * other thing to whoever has it. Knows no file and no wording.
 */
const codes: readonly unknown[] = ['ENOSPC', 'EDQUOT'];

export function isDiskFull(thrown: unknown): boolean {
  return thrown instanceof Error && codes.includes((thrown as NodeJS.ErrnoException).code);
}
