/**
 * `lacuna info`: what a model folder says about itself. Loads no weights.
 */
import { stat } from 'node:fs/promises';
import { Command } from 'commander';
import type { Manifest } from '../../model/manifest';
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
      const { dir, manifest, weightFile } = await openModelFolder(
        named ?? defaultModelDir(console.env),
      );
      const weightBytes = (await stat(weightFile)).size;
      if (flags.json === true) return printJson(console, { ...manifest, dir, weightBytes });
      const paint = painterOf(console, console.out);
      const rows = [...factsOf(manifest, weightBytes), ['folder', dir] as const];
      for (const [label, value] of rows) {
        console.out.write(`${paint(label.padEnd(12), 'dim')} ${value}\n`);
      }
    });
}

function factsOf(manifest: Manifest, weightBytes: number): (readonly [string, string])[] {
  const { dimensions, languageTokens } = manifest;
  const shape = `${dimensions.layers} layers of ${dimensions.hiddenSize}, ${dimensions.heads} heads`;
  const millions = (manifest.parameters / 1e6).toFixed(1);
  const megabytes = (weightBytes / 1e6).toFixed(1);
  return [
    ['model', manifest.label ? `${manifest.name} (${manifest.label})` : manifest.name],
    ['type', `${manifest.architecture}, ${shape}`],
    ['parameters', `${millions} M, stored as ${manifest.weights} in ${megabytes} MB`],
    ['canvas', `${dimensions.maxTokens} tokens of ${dimensions.vocabSize}`],
    ['mask', `id ${manifest.maskId}, shift ${manifest.shift ? 'on' : 'off'}`],
    ['length', manifest.blankId === undefined ? 'probed' : `chosen by the model`],
    ['tokenizer', manifest.hasTokenizer ? 'yes' : 'none: token ids only'],
    ...(languageTokens === undefined
      ? []
      : [['languages', Object.keys(languageTokens).join(', ')] as const]),
  ];
}
