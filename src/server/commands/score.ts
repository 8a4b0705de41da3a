/**
 * `lacuna score`: how sure the model is of a file's text, or of ranges of it: each token masked in
 * turn, both sides given.
 */
import { Command } from 'commander';
import type { ModelInfo, ScoredToken, ScoreParams, ScoreResult } from '../../protocol/messages';
import { mostAlternatives } from '../scoreParams';
import { drawScores } from '../trace/drawScores';
import { painterOf, printJson, type Console } from './console';
import { count, percent } from './fillOutput';
import { languageOf } from './fillTarget';
import { progressBar } from './progressBar';
import { addModelFlags, addServerFlag, integerFrom } from './samplingFlags';
import { readText } from './textFile';
import { collectRanges, piecesOf, rangesIn, type RangeWish } from './textPlace';
import { addSamplerFlags, withSampler, type Sampler, type SamplerFlags } from './withSampler';

interface ScoreFlags extends SamplerFlags {
  readonly range?: readonly RangeWish[];
  readonly alternatives?: number;
  readonly exact?: boolean;
  readonly json?: boolean;
}

export function scoreCommand(console: Console): Command {
  const command = new Command('score')
    .description('show how likely each token of a file is where it stands, both sides given')
    .argument('<file>', 'text file')
    .option(
      '--range <from-to>',
      'only this part: LINE:COL-LINE:COL or LINE-LINE; may be repeated',
      collectRanges,
    )
    .option('--alternatives <n>', 'other tokens wanted for each', integerFrom(0, mostAlternatives))
    .option('--exact', 'one forward a token, instead of eight for them all')
    .option('--json', 'print one JSON object');
  const all = addServerFlag(addModelFlags(addSamplerFlags(command)));
  return all.action(async (file: string, flags: ScoreFlags) => {
    const text = await readText(file);
    const context = { doing: 'Cannot score', file };
    const whole = [{ start: 0, end: text.length }];
    const ranges = flags.range ? rangesIn(text, flags.range, context) : whole;
    const pieces = piecesOf(text, ranges);
    await withSampler(flags, console, async (engine, info) => {
      const result = await score(engine, pieces, languageOf(file), flags, console);
      const starts = ranges.map(({ start }) => start);
      const tokens = result.tokens.flatMap((list, part) =>
        list.map((t) => ({ ...t, start: t.start + starts[part]!, end: t.end + starts[part]! })),
      );
      if (flags.json === true) printJson(console, asJson(text, tokens, result, info));
      else print(text, tokens, result, info, console);
    });
  });
}

async function score(
  engine: Sampler,
  pieces: ReturnType<typeof piecesOf>,
  languageId: string | undefined,
  { alternatives, exact }: ScoreFlags,
  console: Console,
): Promise<ScoreResult> {
  const parts = pieces.map(({ text, isInside }) => (isInside ? { score: text } : { text }));
  const params: ScoreParams = {
    parts: parts.length === 0 ? [{ score: '' }] : parts, // an empty file
    ...(languageId !== undefined && { languageId }),
    ...(alternatives !== undefined && { alternatives }),
    ...(exact !== undefined && { exact }),
  };
  const bar = progressBar(console, 'Scoring');
  try {
    const { signal } = console;
    return await engine.score(params, { signal, onProgress: (done) => bar.update(done, '') });
  } finally {
    bar.stop();
  }
}

function print(
  text: string,
  tokens: readonly ScoredToken[],
  { forwards, elapsedMs }: ScoreResult,
  info: ModelInfo,
  console: Console,
): void {
  const lines = drawScores(text, tokens, painterOf(console, console.out));
  console.out.write(lines.map((line) => `${line}\n`).join(''));
  const sum = tokens.reduce((total, { probability }) => total + probability, 0);
  const mean = tokens.length === 0 ? '' : `, ${percent(sum / tokens.length)} likely on average`;
  const figures = `${count(forwards, 'forward')}, ${Math.round(elapsedMs)} ms`;
  console.err.write(
    `${count(tokens.length, 'token')}${mean}, ${figures} (${info.name} on ${info.device})\n`,
  );
}

function asJson(
  text: string,
  tokens: readonly ScoredToken[],
  { forwards, elapsedMs }: ScoreResult,
  info: ModelInfo,
): object {
  const lineStarts = [
    0,
    ...[...text.matchAll(/\r\n|\r|\n/g)].map((end) => end.index + end[0].length),
  ];
  let line = 0; // tokens come in order
  return {
    tokens: tokens.map(({ start, end, probability, alternatives }) => {
      while (line + 1 < lineStarts.length && lineStarts[line + 1]! <= start) line++;
      const place = { line: line + 1, column: start - lineStarts[line]! + 1 };
      return { ...place, start, end, text: text.slice(start, end), probability, alternatives };
    }),
    forwards,
    elapsedMs: Math.round(elapsedMs),
    loadMs: Math.round(info.loadMs),
    device: info.device,
    model: info.name,
  };
}
