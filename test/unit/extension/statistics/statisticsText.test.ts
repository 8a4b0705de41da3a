import { strict as assert } from 'node:assert';
import { noCounts, withEvents, type Event } from '../../../../src/extension/statistics/counts';
import {
  statisticsJson,
  statisticsPage,
} from '../../../../src/extension/statistics/statisticsText';

const events: Event[] = [
  ...Array.from({ length: 4 }, (): Event => ({ languageId: 'typescript', name: 'shown' })),
  { languageId: 'typescript', name: 'accepted' },
  { languageId: 'typescript', name: 'keptAfter30s' },
  { languageId: 'typescript', name: 'lostAfter5min' },
  { languageId: 'typescript', latencyMs: 120 },
  { languageId: 'python', name: 'proposed' },
];
const counts = withEvents(noCounts, events, '2026-05-06');

describe('the page of the statistics', () => {
  it('says so when nothing was counted', () => {
    assert.match(statisticsPage(noCounts), /Nothing has been counted yet\.\n$/);
  });

  it('is a table with a row for each language and one for all', () => {
    const page = statisticsPage(counts);
    const rows = page.split('\n').filter((line) => line.startsWith('|'));
    const cells = rows.map((row) =>
      row
        .split('|')
        .map((cell) => cell.trim())
        .slice(1, -1),
    );
    assert.deepEqual(
      cells.map(([name]) => name),
      ['language', '----------', 'python', 'typescript', 'all'],
    );
    assert.equal(
      new Set(rows.map((row) => row.length)).size,
      1,
      'the columns stand under each other',
    );
    assert.deepEqual(cells[3]!.slice(1, 7), ['4', '1 (25 %)', '0', '-', '1 (100 %)', '0 (0 %)']);
    assert(Math.abs(Number(cells[3]![7]) - 120) < 5);
    assert.equal(cells[2]![7], '-');
    assert.match(page, /Since 2026-05-06\./);
  });

  it('is exported with the figures that follow from the counts', () => {
    const exported = JSON.parse(statisticsJson(counts));
    assert.equal(exported.since, '2026-05-06');
    assert.equal(exported.languages.typescript.shown, 4);
    assert.equal(exported.languages.typescript.answers, 1);
    assert.equal(exported.languages.python.p50Ms, null);
    assert.equal(exported.all.accepted, 1);
  });
});
