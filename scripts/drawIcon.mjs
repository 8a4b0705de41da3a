/**
 * Draws media/icon.png from media/icon.svg with the test bed's browser. Run by hand when the drawing
 * changes; the picture is kept in the repository.
 */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { openPage } from '../test/bed/browser.mjs';
import { root } from './freshness.mjs';

const size = 256; // pixels; the marketplace asks for at least 128
const svg = readFileSync(path.join(root, 'media/icon.svg'), 'utf8');
const { browser, page } = await openPage({ viewport: { width: size, height: size } });
await page.setContent(`<body style="margin:0">${svg}</body>`);
await page.screenshot({ path: path.join(root, 'media/icon.png'), omitBackground: true });
await browser.close();
