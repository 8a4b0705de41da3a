/**
 * `lacuna convert`: a model folder from a published checkpoint folder, or a comparison of the formats
 * that it could have.
 */
import path from 'node:path';
import { Command, InvalidArgumentError, Option } from 'commander';
import type { ChatWish } from '../../model/chatFormat';
import { convertCheckpoint } from '../../model/convert';
import type { Manifest } from '../../model/manifest';
import { LacunaError } from '../../protocol/errors';
import { resolveModelDir } from '../../model/modelFolder';
import { writeTritonRepository } from '../../model/tritonRepository';
import type { WeightFormat } from '../../protocol/messages';
import { weightFormats } from '../loadParams';
import { selfTestSnippet } from '../selfTestSnippet';
import { painterOf, printJson, type Console } from './console';
import { convertReport } from './convertReport';
import { progressBar } from './progressBar';
import { integerFrom } from './samplingFlags';

interface ConvertFlags {
  readonly out?: string;
  readonly report?: boolean;
  readonly json?: boolean;
  readonly threads?: number;
  readonly weights: WeightFormat;
  readonly cpuWeights?: 'q8';
  readonly maskId?: number;
  readonly shift?: 'on' | 'off';
  readonly chat: ChatWish;
  readonly expandId?: number;
  readonly base?: string;
  readonly target: 'lacuna' | 'triton';
}

export function convertCommand(console: Console): Command {
  return new Command('convert')
    .description('convert a published checkpoint folder to a model folder')
    .argument('<checkpoint-dir>', 'folder as it was downloaded: config.json, weights, tokenizer')
    .option('--out <dir>', 'model folder to write, or the model repository of a Triton')
    .option('--report', 'compare the logits, size and speed of all weight formats; needs no --out')
    .addOption(
      new Option('--target <kind>', 'what is written: a model folder, or a model for NVIDIA Triton')
        .choices(['lacuna', 'triton'])
        .default('lacuna'),
    )
    .addOption(
      new Option('--weights <format>', 'how weights are stored')
        .choices(weightFormats)
        .default('q8'),
    )
    .addOption(
      new Option(
        '--cpu-weights <format>',
        'what they become, in the cache, before a CPU runs them',
      ).choices(['q8']),
    )
    .option(
      '--mask-id <n>',
      'token id of the mask, where the checkpoint does not say',
      integerFrom(0),
    )
    .option('--expand-id <n>', 'token id that becomes two masks (DreamOn)', integerFrom(0))
    .option('--base <dir>', 'checkpoint folder that an adapter (LoRA) was trained on')
    .addOption(new Option('--shift <on|off>', 'row m-1 predicts token m').choices(['on', 'off']))
    .option(
      '--chat <format>',
      'how conversations are written: auto, template, none, or sep:IDS (a separator, maybe empty)',
      chatWish,
      'auto',
    )
    .option('--threads <n>', 'threads that encode (default: all)', integerFrom(1))
    .option('--json', 'print one JSON object')
    .option('--verbose', 'show stack traces')
    .action(async (checkpointDir: string, flags: ConvertFlags) => {
      const options = {
        ...(flags.maskId !== undefined && { maskId: flags.maskId }),
        ...(flags.expandId !== undefined && { expandId: flags.expandId }),
        ...(flags.base !== undefined && { base: flags.base }),
        ...(flags.threads !== undefined && { threads: flags.threads }),
        ...(flags.shift !== undefined && { shift: flags.shift === 'on' }),
        chat: flags.chat,
        snippet: selfTestSnippet,
      };
      const isJson = flags.json === true;
      const { out } = flags;
      if (flags.report === true) {
        if (out !== undefined) throw bothWanted(checkpointDir);
        return convertReport(checkpointDir, options, isJson, console);
      }
      if (out === undefined) throw nothingWanted(checkpointDir);
      if (flags.cpuWeights !== undefined && flags.weights !== 'q4') throw notFromQ4(checkpointDir);
      if (flags.target === 'triton') return exportToTriton(checkpointDir, out, flags, console);
      const bar = progressBar(console, 'Converting');
      try {
        const manifest = await convertCheckpoint(checkpointDir, {
          ...options,
          outDir: out,
          weights: flags.weights,
          ...(flags.cpuWeights !== undefined && { cpuWeights: flags.cpuWeights }),
          onProgress: (fraction) => bar.update(fraction, ''),
          signal: console.signal,
        });
        bar.stop();
        if (isJson) return printJson(console, { ...manifest, dir: out });
        console.out.write(`${converted(manifest, out, console)}\n`);
      } finally {
        bar.stop();
      }
    });
}

function nothingWanted(dir: string): LacunaError {
  const found = 'no folder to write is named';
  const advice = 'Name one with --out, or compare the weight formats with --report';
  return new LacunaError('badUsage', { doing: `Cannot convert "${dir}"`, found, advice });
}

function notFromQ4(dir: string): LacunaError {
  const found = '--cpu-weights is for weights that are stored in 4 bits';
  const advice = 'Add --weights q4, or leave out --cpu-weights';
  return new LacunaError('badUsage', { doing: `Cannot convert "${dir}"`, found, advice });
}

function bothWanted(dir: string): LacunaError {
  const found = '--report keeps no model, --out asks for one';
  const advice = 'Look at the report first, then convert with the --weights you choose';
  return new LacunaError('badUsage', { doing: `Cannot convert "${dir}"`, found, advice });
}

/** Of a model folder, or of a checkpoint, which is converted in between. */
async function exportToTriton(
  dir: string,
  outDir: string,
  flags: ConvertFlags,
  console: Console,
): Promise<void> {
  const bar = progressBar(console, 'Converting');
  try {
    const modelDir = await resolveModelDir(dir, {
      weights: flags.weights,
      ...(flags.maskId !== undefined && { maskId: flags.maskId }),
      ...(flags.expandId !== undefined && { expandId: flags.expandId }),
      ...(flags.base !== undefined && { base: flags.base }),
      ...(flags.shift !== undefined && { shift: flags.shift === 'on' }),
      chat: flags.chat,
      snippet: selfTestSnippet,
      onProgress: (fraction) => bar.update(fraction, ''),
      signal: console.signal,
    });
    const name = await writeTritonRepository(modelDir, { outDir });
    bar.stop();
    const place = path.join(path.relative('', outDir) || '.', name);
    console.out.write(`${painterOf(console, console.out)(name, 'bold')} -> ${place}\n`);
  } finally {
    bar.stop();
  }
}

function converted(manifest: Manifest, out: string, console: Console): string {
  const paint = painterOf(console, console.out);
  const { name, family, architecture, parameters, weights, hasTokenizer } = manifest;
  const size = `${(parameters / 1e6).toFixed(1)} M parameters`;
  const tokenizer = hasTokenizer ? '' : ', no tokenizer';
  const chat = manifest.chat ? `, chat by ${manifest.chat.kind}` : '';
  const kind = family === architecture ? family : `${family}, ${architecture}`;
  const facts = `${kind}, ${size}, ${weights}${tokenizer}${chat}`;
  const { seesSuffix, shift, note } = manifest.selfTest;
  const sight = seesSuffix === true ? 'sees the text to its right' : 'not tried';
  const tested = `self-test: ${sight}, shift ${shift} (${note})`;
  const line = `${paint(name, 'bold')} (${facts}) -> ${path.relative('', out) || '.'}`;
  return `${line}\n${paint(tested, 'dim')}`;
}

function chatWish(value: string): ChatWish {
  if (value === 'auto' || value === 'template' || value === 'none') return value;
  const ids = /^sep:((\d+(,\d+)*)?)$/.exec(value)?.[1];
  if (ids !== undefined) return { sepIds: ids === '' ? [] : ids.split(',').map(Number) };
  throw new InvalidArgumentError('It must be auto, template, none or sep:IDS, as in sep:4936.');
}
