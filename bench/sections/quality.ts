/**
 * Whether the faster sampler fills as well: the same weights, canvases and gap lengths, once with the seed's
 * sampler and once with ours. Exact text, tests passed, and tokens right, on single lines of functions with
 * tests. Milliseconds are seed.ts's question.
 */
import { existsSync } from 'node:fs';
import {
  programOf,
  isTested,
  readTasks,
  spread,
  type InfillingTask,
} from '../../src/server/evaluation/tasks';
import { Sandbox } from '../../src/server/evaluation/sandbox';
import { createTokenizer, type Tokenizer } from '../../src/tokenizer/tokenizer';
import { figure, type Row, type Section } from '../support/report';
import { asShipped, inForwards, OwnSampler } from '../support/ownSampler';
import type { Place } from '../support/places';
import { startSeed, Unavailable, type Setting } from '../support/setting';

const mostTasks = 100;

type Fill = (place: Place) => Promise<{ ids: readonly number[]; forwards: number }>;

export async function quality(setting: Setting): Promise<Section> {
  if (!existsSync(setting.tasks)) {
    throw new Unavailable(
      `there is no "${setting.tasks}": give --tasks FILE (HumanEval-Infilling, single lines)`,
    );
  }
  const tasks = spread(await readTasks(setting.tasks), Math.min(mostTasks, 20 * setting.rounds));
  const own = await OwnSampler.open(setting.modelDir, setting.threads);
  const { worker } = await startSeed(setting.checkpoint, setting.threads);
  const sandbox = await Sandbox.start();
  try {
    const { tokenizer: json, config } = own.model.tokenizerFiles!;
    const tokenizer = createTokenizer(json, config);
    const { maskId, languageTokens, maxTokens } = own.traits;
    const seed =
      (argmax: boolean): Fill =>
      (place) =>
        worker.ask({
          ...{
            sampler: 'top-k-mask',
            temperature: 0.95,
            topP: 0.9,
            steps: 64,
            skipUnchanged: true,
          },
          ...{ argmax, maskId, ...place },
        });
    const ways: Record<string, Fill> = {
      "the seed's sampler, tokens drawn (as published)": seed(false),
      "the seed's sampler, likeliest tokens": seed(true),
      'plain recomputation, a token a forward': (place) =>
        own.fill(place, { ...inForwards(place.end - place.start), refreshEvery: 1 }),
      'as shipped: window, rule': (place) => own.fill(place, asShipped),
    };
    const rows: Row[] = [];
    for (const [label, fill] of Object.entries(ways)) {
      rows.push(...(await score(label, fill, tasks)));
    }
    return {
      title: `How good the fills are: ${tasks.length} single lines, lengths given`,
      rows,
      notes: [
        `HumanEval-Infilling, development half, embedded model; a share of ${tasks.length} tasks is certain to about ` +
          `${Math.round(200 * Math.sqrt((0.06 * 0.94) / tasks.length))} points (two standard errors at 6 %), one of tokens to about 3.`,
        'The same canvas for all: text before, gap, text after, encoded separately; steps that change nothing are not run again.',
      ],
    };

    async function score(label: string, fill: Fill, all: readonly InfillingTask[]): Promise<Row[]> {
      let [exact, passed, tokens, right, forwards] = [0, 0, 0, 0, 0];
      for (const task of all) {
        const place = canvasOf(task, tokenizer, languageTokens['python']!, maxTokens);
        const { ids, forwards: ran } = await fill(place);
        const text = tokenizer.decode(ids);
        const gold = place.ids.slice(place.start, place.end);
        exact += text === task.canonical_solution ? 1 : 0;
        if (isTested(task)) {
          const { outcome } = await sandbox.run(programOf(task, text));
          passed += outcome === 'passed' ? 1 : 0;
        }
        tokens += gold.length;
        right += gold.filter((id, index) => ids[index] === id).length;
        forwards += ran;
      }
      const share = (part: number, whole: number) => [(100 * part) / whole];
      return [
        figure(`${label}: exact`, share(exact, all.length), '%'),
        figure(`${label}: tests pass`, share(passed, all.length), '%'),
        figure(`${label}: tokens right`, share(right, tokens), '%'),
        figure(`${label}: forwards`, [forwards / all.length], 'a gap'),
      ];
    }
  } finally {
    sandbox.dispose();
    worker.dispose();
    await own.dispose();
  }
}

/** As the published evaluation lays it out, cut to the canvas at both ends. */
function canvasOf(task: InfillingTask, tokenizer: Tokenizer, opening: number, most: number): Place {
  const before = tokenizer.encode(task.prompt, 'start');
  const gold = tokenizer.encode(task.canonical_solution, 'middle');
  const after = tokenizer.encode(task.suffix, 'middle');
  const room = most - 1 - gold.length;
  const behind = Math.min(after.length, Math.max(Math.floor(room / 4), room - before.length));
  const ahead = Math.min(before.length, room - behind);
  const kept = before.subarray(before.length - ahead);
  const ids = [opening, ...kept, ...gold, ...after.subarray(0, behind)];
  return { ids, start: 1 + ahead, end: 1 + ahead + gold.length };
}
