/**
 * `lacuna info`: what a model folder, or a checkpoint that was not converted yet, says about itself.
 * Loads no weights.
 */
import { stat } from 'node:fs/promises';
import path from 'node:path';
import { Command } from 'commander';
import { openCheckpoint, type ModelFacts } from '../../model/checkpoint';
import { manifestFile, tokenizerFiles } from '../../model/convert';
import type { WeightFormat } from '../../protocol/messages';
import { openModelFolder } from '../../model/modelFolder';
import { painterOf, printJson, type Console } from './console';
import { defaultModelDir } from './withEngine';

export function infoCommand(console: Console): Command {
  return new Command('info')
    .description('show what a model folder says about itself')
    .argument('[dir]', 'model folder (default: the shipped model)')
    .option('--json', 'print one JSON object')
    .option('--verbose', 'show stack traces')
    .action(async (named: string | undefined, flags: { readonly json?: boolean }) => {
      const dir = named ?? defaultModelDir(console.env);
      const description = await describe(dir);
      if (flags.json === true) return printJson(console, { ...description, dir });
      const paint = painterOf(console, console.out);
      const rows = [...rowsOf(description), ['folder', dir] as const];
      for (const [label, value] of rows) {
        console.out.write(`${paint(label.padEnd(12), 'dim')} ${value}\n`);
      }
    });
}

interface Description extends ModelFacts {
  /** Absent: a checkpoint as it was published. */
  readonly weights?: WeightFormat;
  readonly weightBytes?: number;
  readonly hasTokenizer: boolean;
}

async function describe(dir: string): Promise<Description> {
  if (
    !(await exists(path.join(dir, manifestFile))) &&
    (await exists(path.join(dir, 'config.json')))
  ) {
    const { facts, tensors } = await openCheckpoint(dir);
    await tensors.close();
    return { ...facts, hasTokenizer: await exists(path.join(dir, tokenizerFiles[0])) };
  }
  const { manifest, weightFile } = await openModelFolder(dir);
  return { ...manifest, weightBytes: (await stat(weightFile)).size };
}

function exists(file: string): Promise<boolean> {
  return stat(file).then(
    () => true,
    () => false,
  );
}

function rowsOf(model: Description): (readonly [string, string])[] {
  const { dimensions, languageTokens, weights, weightBytes = 0 } = model;
  const shape = `${dimensions.layers} layers of ${dimensions.hiddenSize}, ${dimensions.heads} heads`;
  const millions = (model.parameters / 1e6).toFixed(1);
  const stored = weights
    ? `stored as ${weights} in ${(weightBytes / 1e6).toFixed(1)} MB`
    : 'as published, not converted yet';
  return [
    ['model', model.label ? `${model.name} (${model.label})` : model.name],
    ['type', `${model.architecture}, ${shape}`],
    ['parameters', `${millions} M, ${stored}`],
    ['canvas', `${dimensions.maxTokens} tokens of ${dimensions.vocabSize}`],
    ['mask', `id ${model.maskId}, shift ${model.shift ? 'on' : 'off'}`],
    ['length', model.blankId === undefined ? 'probed' : `chosen by the model`],
    ['instructions', model.instructionPrefix === undefined ? 'as a comment' : 'trained with them'],
    ['chat', model.chat === undefined ? 'none: it fills gaps' : `by ${model.chat.kind}`],
    ['tokenizer', model.hasTokenizer ? 'yes' : 'none: token ids only'],
    ...(languageTokens === undefined
      ? []
      : [['languages', Object.keys(languageTokens).join(', ')] as const]),
  ];
}
