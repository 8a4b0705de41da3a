/**
 * Takes media/ghost-text.png, the README's picture, and its light twin into out-test/: a real
 * workbench, the extension from this folder, a place in an example file, the command, the picture.
 * Run by hand when the looks or the model change.
 *
 * node scripts/takePictures.mjs [PLACE]   PLACE: index of the place to show
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { clickLineEnd, ghostText, openEditor, runCommand } from '../test/e2e/editor.mjs';
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
const pictures = [
  { theme: 'Default Dark Modern', file: 'media/ghost-text.png' },
  { theme: 'Default Light Modern', file: 'out-test/ghost-text-light.png' },
];

ensureBuild();
const lines = places[Number(process.argv[2] ?? 0)];
const gapLine = lines.findIndex((line) => line.includes('|'));
const behind = lines[gapLine].length - 1 - lines[gapLine].indexOf('|');
const folder = mkdtempSync(path.join(os.tmpdir(), 'lacuna-picture-'));
const file = path.join(folder, 'example.ts');
writeFileSync(file, lines.join('\n').replace('|', ''));
mkdirSync(path.join(root, 'out-test'), { recursive: true });

for (const { theme, file: picture } of pictures) {
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
    await clickLineEnd(page, gapLine + 1);
    for (let step = 0; step < behind; step++) await page.keyboard.press('ArrowLeft');
    await runCommand(page, 'Lacuna: Fill at Cursor');
    console.log(`${theme}: ${JSON.stringify(await ghostText(page).catch(() => 'no ghost text'))}`);
    await page.screenshot({ path: path.join(root, picture) });
  } finally {
    await close();
  }
}
rmSync(folder, { recursive: true });
