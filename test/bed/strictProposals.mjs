/**
 * code-server answers "yes" to every extension that asks for a proposed API. That would hide the
 * very mistake that keeps an extension from activating in VS Code itself, so this puts VS Code's own
 * check back into the installed bundles. Stands on the shape of the check, not on minified names.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

const bundles = [
  'out/vs/workbench/api/node/extensionHostProcess.js',
  'out/vs/workbench/api/worker/extensionHostWorkerMain.js',
  'out/vs/code/browser/workbench/workbench.js',
];

/** `function isEnabled(a,b){return!0}` where the function after it throws the error of the API. */
const patchedCheck =
  /function ([\w$]+)\((\w+),(\w+)\)\{return!0\}(?=function [\w$]+\(\w+,\w+\)\{if\(!\1\(\w+,\w+\)\)throw new Error\(`Extension '\$\{\w+\.identifier\.value\}' CANNOT use API proposal)/;

const strictCheck =
  /\{return!!\w+\.enabledApiProposals&&\w+\.enabledApiProposals\.includes\(\w+\)\}/;

export function restoreProposalCheck(vscodeDir) {
  let strictBundles = 0;
  for (const bundle of bundles) {
    const file = path.join(vscodeDir, bundle);
    if (!existsSync(file)) continue;
    const source = readFileSync(file, 'utf8');
    const strict = source.replace(
      patchedCheck,
      (_, name, extension, proposal) =>
        `function ${name}(${extension},${proposal}){return!!${extension}.enabledApiProposals&&` +
        `${extension}.enabledApiProposals.includes(${proposal})}`,
    );
    if (strict !== source) writeFileSync(file, strict);
    if (strictCheck.test(strict)) strictBundles++;
  }
  if (strictBundles === 0) throw new Error('Cannot restore the proposal check: no bundle matches');
}
