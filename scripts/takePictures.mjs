/**
 * Takes media/ghost-text.png and media/proposal.png, the README's pictures, and their light twins into
 * out-test/: a real workbench, the extension from this folder, a place in an example file, the command,
 * the picture. Run by hand when the looks or the model change.
 *
 * node scripts/takePictures.mjs [PLACE]   PLACE: index of the place to show ghost text at
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import {
  clickLineEnd,
  ghostText,
  openEditor,
  runCommand,
  statusBarItem,
} from '../test/e2e/editor.mjs';
import { ensureBuild } from './build.mjs';
import { root } from './freshness.mjs';

/** A file with the gap at `|`. */
const places = [
  [
    "import { readFile } from 'node:fs/promises';",
    "import path from '|';",
    '',
    '/** The text of a file in a folder. */',
    'export function readText(folder: string, name: string): Promise<string> {',
    "  return readFile(path.join(folder, name), 'utf8');",
    '}',
    '',
  ],
  [
    'class Rectangle {',
    '  constructor(width, height) {',
    '    this.width = width;',
    '    |',
    '  }',
    '',
    '  area() {',
    '    return this.width * this.height;',
    '  }',
    '}',
    '',
    'module.exports = { Rectangle };',
    '',
  ],
  [
    'const low = 1;',
    'const high = 9;',
    '',
    'for (let i = low; |; i++) {',
    '  console.log(i);',
    '}',
    '',
  ],
  [
    'function sum(values) {',
    '  let total = 0;',
    '  for (const value of values) {',
    '    |',
    '  }',
    '  return total;',
    '}',
    '',
  ],
];
/** A file with hole marks, which are filled together. */
const marked = [
  '/** A place on a plane. */',
  'export class Point {',
  '  constructor(',
  '    readonly x: number,',
  '    readonly y: number,',
  '  ) {}',
  '',
  '  plus(other: Point): Point {',
  '    return new Point(this.x + other.x, <fill>);',
  '  }',
  '',
  '  minus(other: Point): Point {',
  '    return new Point(this.x - other.x, <fill>);',
  '  }',
  '}',
  '',
];
const themes = [
  { theme: 'Default Dark Modern', nameOf: (name) => `media/${name}.png` },
  { theme: 'Default Light Modern', nameOf: (name) => `out-test/${name}-light.png` },
];

ensureBuild();
const folder = mkdtempSync(path.join(os.tmpdir(), 'lacuna-picture-'));
const file = path.join(folder, 'example.ts');
mkdirSync(path.join(root, 'out-test'), { recursive: true });

async function take(theme, picture, act) {
  const { page, close } = await openEditor({
    folder,
    file,
    extension: root,
    viewport: { width: 860, height: 420 },
    settings: {
      'workbench.colorTheme': theme,
      'workbench.sideBar.visible': false,
      'workbench.activityBar.location': 'hidden',
      'breadcrumbs.enabled': false,
      'editor.fontSize': 15,
      'editor.inlineSuggest.showToolbar': 'never',
      'window.commandCenter': false,
    },
  });
  try {
    await page.keyboard.press('Control+b'); // the side bar opens with the folder
    console.log(`${theme}: ${JSON.stringify(await act(page))}`);
    await page.screenshot({ path: path.join(root, picture) });
  } finally {
    await close();
  }
}

async function showGhostText(page, lines) {
  const gapLine = lines.findIndex((line) => line.includes('|'));
  const behind = lines[gapLine].length - 1 - lines[gapLine].indexOf('|');
  await clickLineEnd(page, gapLine + 1);
  for (let step = 0; step < behind; step++) await page.keyboard.press('ArrowLeft');
  await runCommand(page, 'Lacuna: Fill at Cursor');
  return ghostText(page).catch(() => 'no ghost text');
}

async function showProposal(page) {
  await clickLineEnd(page, 1);
  await runCommand(page, 'Lacuna: Fill All Gaps');
  await statusBarItem(page, /\d changes? \(/).waitFor({ timeout: 30_000 });
  const links = page.locator('.codelens-decoration', { hasText: 'Accept' });
  await links.first().waitFor();
  return links.allTextContents();
}

for (const { theme, nameOf } of themes) {
  const lines = places[Number(process.argv[2] ?? 0)];
  writeFileSync(file, lines.join('\n').replace('|', ''));
  await take(theme, nameOf('ghost-text'), (page) => showGhostText(page, lines));
  writeFileSync(file, marked.join('\n'));
  await take(theme, nameOf('proposal'), (page) => showProposal(page));
}
rmSync(folder, { recursive: true });
