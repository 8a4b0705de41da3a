/** Changes lacuna.json of a model folder as a conversion would have written it: with its checksum. */
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { checksumOf } from '../../src/model/manifest';

export function editManifest(dir: string, change: Readonly<Record<string, unknown>>): void {
  const file = path.join(dir, 'lacuna.json');
  const manifest = { ...(JSON.parse(readFileSync(file, 'utf8')) as object), ...change };
  writeFileSync(file, JSON.stringify({ ...manifest, checksum: checksumOf(manifest) }));
}
