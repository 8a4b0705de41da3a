/**
 * `lacuna fill`: fills the gaps of a file, denoises parts of it again, or fills token ids; shows the
 * result, the way there (--trace) or one JSON object (--json), keeps a run in a file and repeats it.
 */
import { Command } from 'commander';
import { LacunaError } from '../../protocol/errors';
import type { FillParams, GapWish, VariantRank } from '../../protocol/messages';
import { mostVariants } from '../fillParams';
import type { Console } from './console';
import { addDraftFlags, checkDraftFlags, draftWishOf, type DraftFlags } from './draftFlags';
import { answer } from './fillAnswer';
import { replay } from './fillReplay';
import { fillRequestFile } from './fillRequestFile';
import { resume } from './fillResume';
import { run } from './fillRun';
import { languageOf, parseTarget, partsAround, partsOf } from './fillTarget';
import {
  addModelFlags,
  addServerFlag,
  addSamplingFlags,
  integerFrom,
  parseLength,
  rankOption,
  samplingOf,
  type SamplingFlags,
} from './samplingFlags';
import { checkOutput, readText } from './textFile';
import { addSamplerFlags, withSampler, type Sampler, type SamplerFlags } from './withSampler';

interface FillFlags extends SamplerFlags, SamplingFlags, DraftFlags {
  readonly prefixFile?: string;
  readonly suffixFile?: string;
  readonly request?: string;
  readonly replay?: string;
  readonly fromStep?: number;
  readonly length: number | 'auto';
  readonly singleLine?: boolean;
  readonly contains?: string;
  readonly instruction?: string;
  readonly variants?: number;
  readonly rank?: VariantRank;
  readonly record?: string;
  readonly trace?: boolean;
  readonly json?: boolean;
}

export function fillCommand(console: Console): Command {
  const command = new Command('fill')
    .description(
      'fill the gap at FILE:LINE:COL, every <fill> mark of FILE, or denoise --range again',
    )
    .argument(
      '[target]',
      'FILE:LINE:COL (from 1, the gap lies before it) or FILE with <fill> marks or a --range',
    )
    .option('--prefix-file <file>', 'text before the gap')
    .option('--suffix-file <file>', 'text after the gap')
    .option('--request <file>', 'token ids to fill, as JSON')
    .option('--length <n>', 'tokens of the gap, or auto', parseLength, 'auto')
    .option('--single-line', 'the fill must not hold a line break')
    .option('--contains <text>', 'text that must stand in the gap');
  addDraftFlags(command)
    .option('--instruction <text>', 'what the gaps should do, in words')
    .option('--variants <n>', 'different answers, at most 8', integerFrom(1, mostVariants))
    .addOption(rankOption())
    .option('--trace', 'draw every denoise step')
    .option('--record <file>', 'keep the run: request, model, every step, result, as JSON')
    .option('--replay <file>', 'repeat a kept run and say whether it comes out the same')
    .option('--from-step <k>', 'with --replay: go on from that step with --seed', integerFrom(0))
    .option('--json', 'print one JSON object');
  addSamplingFlags(addServerFlag(addModelFlags(addSamplerFlags(command))));
  return command.action(async (target: string | undefined, flags: FillFlags) => {
    const isFile = target !== undefined || flags.prefixFile || flags.suffixFile;
    if ([isFile, flags.request, flags.replay].filter(Boolean).length !== 1) throw oneSourceOnly();
    checkDraftFlags(flags);
    refuseStrays(flags);
    if (flags.request !== undefined) return fillRequestFile(flags.request, flags, console);
    if (flags.replay !== undefined) {
      const { fromStep } = flags;
      if (fromStep === undefined) return replay(flags.replay, flags, console);
      return resume(flags.replay, { ...flags, fromStep }, console);
    }
    const params = await readParams(target, flags);
    if (flags.record !== undefined) await checkOutput(flags.record);
    // A drawn run waits between its steps for whoever watches; the windows must not.
    const wish = { ...flags, ownProcess: flags.ownProcess || flags.trace };
    return withSampler(wish, console, async (engine: Sampler, info) => {
      await answer(await run(engine, params, flags, console), info, params, flags, console);
    });
  });
}

async function readParams(target: string | undefined, flags: FillFlags): Promise<FillParams> {
  const { prefixFile, suffixFile, instruction, variants, rank } = flags;
  const gap: GapWish = {
    length: flags.length,
    ...(flags.singleLine && { singleLine: true }),
    ...(flags.contains !== undefined && { contains: flags.contains }),
  };
  const params = (parts: FillParams['parts'], file: string): FillParams => {
    const languageId = languageOf(file);
    return {
      parts,
      sampling: samplingOf(flags),
      ...(languageId !== undefined && { languageId }),
      ...(instruction !== undefined && { instruction }),
      ...(variants !== undefined && { variants }),
      ...(rank !== undefined && { rank }),
    };
  };
  if (prefixFile === undefined && suffixFile === undefined) {
    const place = parseTarget(target!);
    if (flags.range !== undefined && place.line !== undefined) throw oneSourceOnly();
    const draftOf = (text: string) => draftWishOf(flags, text);
    const wishes = { gap, ...(flags.range && { ranges: flags.range, draftOf }) };
    const parts = partsOf(await readText(place.file), place, wishes);
    if (flags.contains !== undefined && parts.filter((part) => 'gap' in part).length !== 1) {
      throw oneGapOnly();
    }
    return params(parts, place.file);
  }
  if (target !== undefined || flags.range !== undefined) throw oneSourceOnly();
  const [prefix, suffix] = await Promise.all(
    [prefixFile, suffixFile].map((file) => (file === undefined ? '' : readText(file))),
  );
  return params(partsAround(prefix!, suffix!, gap), prefixFile ?? suffixFile!);
}

/** What is in a request file or a record cannot be said again beside it. */
function refuseStrays(flags: FillFlags): void {
  const { fromStep } = flags;
  if (fromStep !== undefined && !flags.replay) throw needsRecord();
  const source = flags.request ? '--request' : flags.replay ? '--replay' : undefined;
  if (source === undefined) return;
  const isAllowed = (name: string) => fromStep !== undefined && resumeFlags.has(name);
  const stray = [
    ...['range', 'contains', 'instruction', 'variants', 'rank', 'record'].filter(
      (name) => name in flags,
    ),
    ...(flags.replay ? Object.keys(samplingOf(flags)) : []),
  ].find((name) => !isAllowed(name));
  if (stray === undefined) return;
  throw new LacunaError('badUsage', {
    doing: 'Cannot fill',
    found: `"${stray}" was given beside ${source}, which says what to fill and how`,
    advice: 'Leave one of them out',
  });
}

/** What a resumed run may say beside its record. */
const resumeFlags = new Set(['seed', 'temperature', 'record']);

function needsRecord(): LacunaError {
  return new LacunaError('badUsage', {
    doing: 'Cannot resume',
    found: '--from-step was given without a kept run',
    advice: 'Name the run with --replay FILE',
  });
}

function oneSourceOnly(): LacunaError {
  return new LacunaError('badUsage', {
    doing: 'Cannot fill',
    found: 'what to fill is not given exactly once',
    advice:
      'Name FILE:LINE:COL, or FILE, perhaps with --range, or --prefix-file and --suffix-file, or --request FILE, or --replay FILE',
  });
}

function oneGapOnly(): LacunaError {
  return new LacunaError('badUsage', {
    doing: 'Cannot fill',
    found: '--contains was given, but not exactly one gap',
    advice: 'Say where the one gap is that must contain the text',
  });
}
