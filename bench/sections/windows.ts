/**
 * Several editor windows at once: each has a sampler process of its own, and all ask at the same moment.
 * Through the real client and the real process, by the clock on the wall, since that is what a user waits.
 */
import path from 'node:path';
import { SamplerClient } from '../../src/client/samplerClient';
import { StdioTransport } from '../../src/client/stdioTransport';
import type { FillParams } from '../../src/protocol/messages';
import { figure, type Section } from '../support/report';
import type { Setting } from '../support/setting';
import { summarize, takeTurns } from '../support/statistics';
import { readFileSync } from 'node:fs';

const counts = [1, 2, 4, 8];

export async function windows(setting: Setting): Promise<Section> {
  const serverFile = path.resolve('dist/server.js');
  const clients: SamplerClient[] = [];
  try {
    for (let i = 0; i < counts.at(-1)!; i++) {
      const client = new SamplerClient({
        transport: new StdioTransport({ serverFile }),
        clientName: 'bench',
      });
      clients.push(client);
      await client.load({ modelDir: setting.modelDir, device: 'cpu' });
    }
    const request = midLine();
    const together = (count: number) => async () => {
      const waits = await Promise.all(
        clients.slice(0, count).map(async (client) => {
          const start = performance.now();
          await client.fill(request);
          return performance.now() - start;
        }),
      );
      return summarize(waits).median;
    };
    const sides = Object.fromEntries(counts.map((count) => [`for ${count}`, together(count)]));
    const taken = await takeTurns(sides, setting.rounds, 2);
    const of = (count: number) => taken[`for ${count}`]!;
    return {
      title: 'Several windows at once',
      rows: counts.map((count) =>
        figure(`${count} ${count === 1 ? 'window asks' : 'windows ask'} at once`, of(count), 'ms'),
      ),
      notes: [
        'The median wait of the windows, by the clock; each has a process and a copy of the model.',
      ],
      charts: [
        {
          ...{ id: 'windows', title: 'Windows that ask at the same moment', logX: true },
          ...{ x: 'windows', y: 'ms until the fill is there (median)' },
          series: [
            {
              name: 'embedded model',
              points: counts.map((count) => [count, summarize(of(count)).median] as const),
            },
          ],
        },
      ],
    };
  } finally {
    for (const client of clients) await client.dispose();
  }
}

/** The rest of a line of ours, as a keystroke asks for it. */
function midLine(): FillParams {
  const text = readFileSync('src/sampler/denoise.ts', 'utf8');
  const line = '  const draws = new Draws(settings);';
  const cut = text.indexOf(line) + line.indexOf('new');
  const end = text.indexOf('\n', cut);
  return {
    parts: [
      { text: text.slice(0, cut) },
      { gap: { length: 'auto', singleLine: true } },
      { text: text.slice(end) },
    ],
    ...{ languageId: 'typescript', priority: 'inline' },
  };
}
