/** How whoever starts a shared process tells it where to meet; one place for both ends. */
export interface SharedArguments {
  /** Made and checked already. */
  readonly folder: string;
  /** Of the build, as `buildKey` says. */
  readonly key: string;
  /** How long it stays when the last connection has gone, milliseconds. */
  readonly graceMs: number;
}

const flag = '--shared';

export const sharedArguments = {
  format: ({ folder, key, graceMs }: SharedArguments): string[] => [
    flag,
    folder,
    key,
    String(graceMs),
  ],
  /** Absent: the process is a private one. */
  parse: ([first, folder, key, grace]: readonly string[]): SharedArguments | undefined =>
    first === flag && folder && key ? { folder, key, graceMs: Number(grace) || 0 } : undefined,
};
