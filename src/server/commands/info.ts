/**
 * `lacuna info`: what a model folder, or a checkpoint that was not converted yet, says about itself.
 * Loads no weights.
 */
import { stat } from 'node:fs/promises';
import path from 'node:path';
import { Command } from 'commander';
import { openCheckpoint } from '../../model/checkpoint';
import type { ModelFacts } from '../../model/checkpointFacts';
import { manifestFile } from '../../model/convert';
import { badCheckpoint } from '../../model/modelErrors';
import type { WeightFormat } from '../../protocol/messages';
import { firstChange } from '../../model/fileRecords';
import type { FileRecord, LengthPolicy, SelfTestRecord } from '../../model/manifest';
import { openModelFolder } from '../../model/modelFolder';
import { tokenizerFiles } from '../../model/tokenizerFiles';
import { painterOf, printJson, type Console } from './console';
import { defaultModelDir } from './withEngine';

export function infoCommand(console: Console): Command {
  return new Command('info')
    .description('show what a model folder says about itself')
    .argument('[dir]', 'model folder (default: the shipped model)')
    .option('--json', 'print one JSON object')
    .option('--verify', 'compare its files with the hashes of the conversion')
    .option('--verbose', 'show stack traces')
    .action(async (named: string | undefined, flags: InfoFlags) => {
      const dir = named ?? defaultModelDir(console.env);
      const description = await describe(dir, flags.verify === true);
      if (flags.json === true) return printJson(console, { ...description, dir });
      const paint = painterOf(console, console.out);
      const rows = [...rowsOf(description), ['folder', dir] as const];
      for (const [label, value] of rows) {
        console.out.write(`${paint(label.padEnd(12), 'dim')} ${value}\n`);
      }
    });
}

interface InfoFlags {
  readonly json?: boolean;
  readonly verify?: boolean;
}

interface Description extends ModelFacts {
  /** Absent: a checkpoint as it was published. */
  readonly weights?: WeightFormat;
  readonly weightBytes?: number;
  readonly selfTest?: SelfTestRecord;
  readonly files?: Readonly<Record<string, FileRecord>>;
  /** Only where it was asked for. */
  readonly isIntact?: string;
  readonly hasTokenizer: boolean;
}

async function describe(dir: string, isChecked: boolean): Promise<Description> {
  if (
    !(await exists(path.join(dir, manifestFile))) &&
    ((await exists(path.join(dir, 'config.json'))) || (await exists(path.join(dir, 'args.json'))))
  ) {
    const { facts, tensors } = await openCheckpoint(dir);
    await tensors.close();
    return { ...facts, hasTokenizer: await exists(path.join(dir, tokenizerFiles[0])) };
  }
  const { manifest, weightFile } = await openModelFolder(dir);
  const weightBytes = (await stat(weightFile)).size;
  if (!isChecked) return { ...manifest, weightBytes };
  const change = await firstChange(dir, manifest.files);
  if (change === undefined) return { ...manifest, weightBytes, isIntact: 'as they were made' };
  throw badCheckpoint(dir, change, 'Convert the checkpoint again');
}

function testWords({ seesSuffix, shift, note }: SelfTestRecord): string {
  const sight = seesSuffix === true ? 'sees the text to its right' : 'not tried';
  return `${sight}, shift ${shift}: ${note}`;
}

const filesWords = 'not compared; --verify does';

function exists(file: string): Promise<boolean> {
  return stat(file).then(
    () => true,
    () => false,
  );
}

const lengthWords: Readonly<Record<LengthPolicy, string>> = {
  blanks: 'chosen by the model: blanks fill what is not needed',
  expand: 'chosen by the model: its gaps grow and shrink',
  predicted: 'predicted from the text before, the best guesses tried',
  probed: 'probed',
};

function rowsOf(model: Description): (readonly [string, string])[] {
  const { dimensions, languageTokens, weights, weightBytes = 0 } = model;
  const shape = `${dimensions.layers} layers of ${dimensions.hiddenSize}, ${dimensions.heads} heads`;
  const millions = (model.parameters / 1e6).toFixed(1);
  const stored = weights
    ? `stored as ${weights} in ${(weightBytes / 1e6).toFixed(1)} MB`
    : 'as published, not converted yet';
  return [
    ['model', model.label ? `${model.name} (${model.label})` : model.name],
    ['type', `${model.family} (${model.architecture}), ${shape}`],
    ['parameters', `${millions} M, ${stored}`],
    ['canvas', `${dimensions.maxTokens} tokens of ${dimensions.vocabSize}`],
    ['mask', `id ${model.maskId}, shift ${model.shift ? 'on' : 'off'}`],
    ['length', lengthWords[model.lengthPolicy]],
    ['instructions', model.instructionPrefix === undefined ? 'as a comment' : 'trained with them'],
    ['chat', model.chat === undefined ? 'none: it fills gaps' : `by ${model.chat.kind}`],
    ['tokenizer', model.hasTokenizer ? 'yes' : 'none: token ids only'],
    ['source', `${model.source}, ${model.dtype}, licence ${model.licence ?? 'not stated there'}`],
    ...(model.selfTest === undefined ? [] : [['self-test', testWords(model.selfTest)] as const]),
    ...(model.files === undefined ? [] : [['files', model.isIntact ?? filesWords] as const]),
    ...(languageTokens === undefined
      ? []
      : [['languages', Object.keys(languageTokens).join(', ')] as const]),
  ];
}
