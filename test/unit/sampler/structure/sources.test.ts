import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { Demand } from '../../../../src/sampler/structure/demand';

/** Share of lines that are judged to suit where they stand: some cannot be, such as the first of a string. */
const least = 0.97;

const sources: Readonly<Record<string, readonly string[]>> = {
  python: ['training/attribution.py', 'training/sample.py', 'training/vocabulary.py'],
  javascript: ['scripts/build.mjs', 'scripts/test.mjs', 'esbuild.mjs'],
  typescript: [
    'src/client/heartbeat.ts',
    'src/sampler/denoise.ts',
    'src/server/queue.ts',
    'src/extension/edits/decisions.ts',
  ],
};

/** Every line of a file as a gap, but blank ones and those in strings and comments. */
function* linesOf(file: string, languageId: string) {
  const text = readFileSync(file, 'utf8').replaceAll('\r\n', '\n');
  let start = 0;
  for (const line of text.split('\n')) {
    const end = start + line.length;
    const [before, behind] = [text.slice(0, start), text.slice(end)];
    start = end + 1;
    const demand = Demand.of(before, behind, { languageId, singleLine: true });
    if (demand && line.trim() !== '') yield { line, demand };
  }
}

describe('lines of real sources', () => {
  for (const [languageId, files] of Object.entries(sources)) {
    it(`suit where they stand (${languageId})`, () => {
      const lines = files.flatMap((file) => [...linesOf(file, languageId)]);
      const suiting = lines.filter(({ line, demand }) => demand.judge(line) === 2);
      const others = lines.filter((line) => !suiting.includes(line)).map(({ line }) => line);
      assert.ok(lines.length > 150, `${lines.length} lines`);
      assert.ok(suiting.length / lines.length >= least, others.join('\n'));
    }).timeout(30_000); // a demand a line: seconds on a busy machine

    it(`may be begun anyhow (${languageId})`, () => {
      for (const file of files.slice(0, 1)) {
        for (const { line, demand } of linesOf(file, languageId)) {
          for (let end = 0; end <= line.length; end++) {
            const suits = demand.goesOn(line.slice(0, end));
            assert.ok(suits >= 0 && suits <= 2);
          }
        }
      }
    });
  }
});
