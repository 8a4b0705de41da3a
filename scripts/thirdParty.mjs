/**
 * The licences of everything that the bundles carry, in one file beside them: which packages those are is
 * read off what esbuild took in, so the list cannot fall behind.
 */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

/** @param metafiles of esbuild; `file` is written. */
export function writeThirdParty(metafiles, file) {
  const folders = new Set(
    metafiles.flatMap(({ inputs }) => Object.keys(inputs).flatMap(packageOf)),
  );
  const texts = [...folders].sort().map((folder) => {
    const { name, version, license } = JSON.parse(
      readFileSync(path.join(folder, 'package.json'), 'utf8'),
    );
    const papers = readdirSync(folder).filter((paper) =>
      /^(licen[cs]e|copying|notice)/i.test(paper),
    );
    const read = papers.map((paper) => readFileSync(path.join(folder, paper), 'utf8').trim());
    return [`${name} ${version} (${license})`, ...read].join('\n\n');
  });
  writeFileSync(file, `${texts.join(`\n\n${'-'.repeat(79)}\n\n`)}\n`);
}

/** The package that a bundled file belongs to; none for our own. */
function packageOf(input) {
  const found = /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(input)?.[1];
  return found && existsSync(path.join(found, 'package.json')) ? [found] : [];
}
