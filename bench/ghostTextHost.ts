/**
 * The half of the ghost text bench that runs inside the extension host: types one key at a time and
 * collects the records of the requests that follow. VS Code calls `run`. Figures are made by
 * bench/ghostText.mjs.
 */
import { writeFileSync } from 'node:fs';
import type { RequestRecord } from '../src/extension/requestLog';
import {
  activateLacuna,
  closeAll,
  nextRequest,
  open,
  placesWorthFilling,
  type,
} from '../test/extension/workbench';

const limitMs = 5000;
const keys = 'abcdefghij'; // after these the place is opened afresh

export async function run(): Promise<void> {
  const lacuna = await activateLacuna();
  const wanted = Number(process.env['BENCH_REQUESTS']);
  const records: RequestRecord[] = [];
  for (let index = 0; records.length < wanted; index++) {
    await open(placesWorthFilling[index % placesWorthFilling.length]!);
    for (const key of keys) {
      // Answers from an earlier fill, and requests that the next key cancelled, measure nothing.
      const answered = nextRequest(lacuna, ({ forwards }) => forwards !== undefined, limitMs);
      await type(key);
      await answered.then(
        (record) => records.push(record),
        () => {},
      );
    }
    await closeAll();
  }
  records.length = wanted;
  const row = { title: 'bench', state: 'passed', model: lacuna.status.model, records };
  writeFileSync(process.env['TEST_REPORT']!, JSON.stringify([row]));
}
