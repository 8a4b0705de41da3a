/**
 * Several files of one repository into one folder, one after the other, as one progress. Knows
 * nothing of what the files are for.
 */
import path from 'node:path';
import { downloadFile, presentBytes, type DownloadOptions } from './download';
import { TransferMeter, type TransferState } from './transferMeter';
import { fileUrl, refusal, type RemoteFile, type Repository } from './repository';

export interface DownloadAllOptions extends Omit<DownloadOptions, 'onBytes' | 'onRefusal'> {
  readonly onProgress?: (state: TransferState) => void;
  /** Milliseconds of a clock that never goes back. */
  readonly now?: () => number;
}

/** @param files of the repository, in the order wanted. */
export async function downloadAll(
  repository: Repository,
  files: readonly RemoteFile[],
  dir: string,
  { onProgress, now = () => performance.now(), ...options }: DownloadAllOptions,
): Promise<void> {
  const present = new Map<string, number>();
  for (const { name } of files) present.set(name, await presentBytes(path.join(dir, name)));
  const meter = new TransferMeter(sum(files.map(({ bytes }) => bytes)), now);
  const report = () => onProgress?.(meter.update(sum(present.values())));
  report();
  for (const file of files) {
    options.signal?.throwIfAborted();
    await downloadFile(
      { ...file, url: fileUrl(repository, file.name), target: path.join(dir, file.name) },
      {
        ...options,
        onRefusal: (response) => refusal(response, repository.id, repository.endpoint),
        onBytes: (bytes) => {
          present.set(file.name, bytes);
          report();
        },
      },
    );
  }
}

/** Bytes that are not on the disk yet. */
export async function missingBytes(files: readonly RemoteFile[], dir: string): Promise<number> {
  const missing = files.map(
    async ({ name, bytes }) => bytes - Math.min(bytes, await presentBytes(path.join(dir, name))),
  );
  return sum(await Promise.all(missing));
}

function sum(numbers: Iterable<number>): number {
  let total = 0;
  for (const number of numbers) total += number;
  return total;
}
