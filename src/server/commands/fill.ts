/**
 * `lacuna fill`: fills the gaps of a file, or of token ids, and shows the result, the way there
 * (--trace) or one JSON object (--json).
 */
import { Command } from 'commander';
import { LacunaError } from '../../protocol/errors';
import type { FillResult, FillStep, GapWish, ModelInfo, Part } from '../../protocol/messages';
import type { Engine } from '../engine';
import { letMessagesIn } from '../queue';
import { TraceScreen } from '../trace/screen';
import { printable } from '../trace/terminal';
import { painterOf, printJson, type Console } from './console';
import { fillRequestFile } from './fillRequestFile';
import { languageOf, parseTarget, partsAround, partsOf } from './fillTarget';
import {
  addModelFlags,
  addSamplingFlags,
  parseLength,
  samplingOf,
  type ModelFlags,
  type SamplingFlags,
} from './samplingFlags';
import { readText } from './textFile';
import { withEngine } from './withEngine';

interface FillFlags extends ModelFlags, SamplingFlags {
  readonly prefixFile?: string;
  readonly suffixFile?: string;
  readonly request?: string;
  readonly length: number | 'auto';
  readonly singleLine?: boolean;
  readonly trace?: boolean;
  readonly json?: boolean;
}

type EngineResult = Omit<FillResult, 'queueMs'>;

export function fillCommand(console: Console): Command {
  const command = new Command('fill')
    .description('fill the gap at FILE:LINE:COL, or every <fill> mark of FILE')
    .argument(
      '[target]',
      'FILE:LINE:COL (from 1, the gap lies before it) or FILE with <fill> marks',
    )
    .option('--prefix-file <file>', 'text before the gap')
    .option('--suffix-file <file>', 'text after the gap')
    .option('--request <file>', 'token ids to fill, as JSON')
    .option('--length <n>', 'tokens of the gap, or auto', parseLength, 'auto')
    .option('--single-line', 'the fill must not hold a line break')
    .option('--trace', 'draw every denoise step')
    .option('--json', 'print one JSON object');
  addSamplingFlags(addModelFlags(command));
  return command.action(async (target: string | undefined, flags: FillFlags) => {
    if (flags.request !== undefined) {
      if (target !== undefined || flags.prefixFile || flags.suffixFile) throw oneSourceOnly();
      return fillRequestFile(flags.request, flags, console);
    }
    const { parts, languageId } = await readParts(target, flags);
    return withEngine(flags, console, (engine, info) =>
      fillParts(engine, info, { parts, languageId }, flags, console),
    );
  });
}

interface Source {
  readonly parts: readonly Part[];
  readonly languageId: string | undefined;
}

async function readParts(target: string | undefined, flags: FillFlags): Promise<Source> {
  const gap: GapWish = { length: flags.length, ...(flags.singleLine && { singleLine: true }) };
  const { prefixFile, suffixFile } = flags;
  if (prefixFile === undefined && suffixFile === undefined) {
    if (target === undefined) throw oneSourceOnly();
    const place = parseTarget(target);
    const parts = partsOf(await readText(place.file), place, gap);
    return { parts, languageId: languageOf(place.file) };
  }
  if (target !== undefined) throw oneSourceOnly();
  const [prefix, suffix] = await Promise.all(
    [prefixFile, suffixFile].map((file) => (file === undefined ? '' : readText(file))),
  );
  const languageId = languageOf(prefixFile ?? suffixFile!);
  return { parts: partsAround(prefix!, suffix!, gap), languageId };
}

async function fillParts(
  engine: Engine,
  info: ModelInfo,
  { parts, languageId }: Source,
  flags: FillFlags,
  console: Console,
): Promise<void> {
  const stream = flags.json === true ? console.err : console.out;
  const screen = flags.trace ? new TraceScreen(stream, parts, painterOf(console, stream)) : null;
  const { signal } = console;
  let result: EngineResult;
  try {
    result = await engine.fill(
      { parts, sampling: samplingOf(flags), ...(languageId !== undefined && { languageId }) },
      {
        signal,
        ...(screen && { onStep: (step: FillStep) => screen.show(step) }),
        turn: async () => {
          await letMessagesIn(); // so that Ctrl+C is heard between two steps
          await screen?.pause(signal);
        },
      },
    );
    result = { ...result, elapsedMs: result.elapsedMs - (screen?.pausedMs ?? 0) };
  } finally {
    screen?.end();
  }
  if (flags.json === true) return printJson(console, asJson(result, info));
  if (screen === null) printCode(parts, result, console);
  console.err.write(`${summary(result, info)}\n`);
}

/** The whole text with the fills in it; into a pipe byte for byte. */
function printCode(parts: readonly Part[], { fills }: EngineResult, console: Console): void {
  const { out } = console;
  const paint = painterOf(console, out);
  const shown = (text: string) => (out.isTTY === true ? printable(text, '\r\n\t') : text);
  let gap = 0;
  const code = parts
    .map((part) => ('text' in part ? shown(part.text) : paint(shown(fills[gap++]!.text), 'fill')))
    .join('');
  out.write(out.isTTY === true && !code.endsWith('\n') ? `${code}\n` : code);
}

function asJson({ fills, steps, forwards, elapsedMs }: EngineResult, info: ModelInfo): object {
  return {
    fills: fills.map(({ text, tokens, confidence }) => ({
      text,
      tokens: tokens.length,
      confidence: Math.min(1, Math.max(0, confidence)),
    })),
    steps,
    forwards,
    elapsedMs: Math.round(elapsedMs),
    loadMs: Math.round(info.loadMs),
    device: info.device,
    model: info.name,
  };
}

function summary({ fills, steps, forwards, elapsedMs }: EngineResult, info: ModelInfo): string {
  const confidences = fills.map(({ confidence }) => `${Math.round(confidence * 100)} %`).join(', ');
  return `${count(steps, 'step')}, ${count(forwards, 'forward')}, ${Math.round(elapsedMs)} ms, confidence ${confidences} (${info.name} on ${info.device})`;
}

function count(amount: number, noun: string): string {
  return `${amount} ${noun}${amount === 1 ? '' : 's'}`;
}

function oneSourceOnly(): LacunaError {
  return new LacunaError('badUsage', {
    doing: 'Cannot fill',
    found: 'what to fill is not given exactly once',
    advice: 'Name FILE:LINE:COL, or FILE, or --prefix-file and --suffix-file, or --request FILE',
  });
}
