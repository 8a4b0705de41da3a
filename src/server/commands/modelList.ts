/**
 * `lacuna model list`: what is there, what could be had, and how each would fit this machine. Reads
 * the disk and the machine; no network.
 */
import { Command, Option } from 'commander';
import type { CatalogueModel, InstalledModel, ModelList } from '../../protocol/modelMessages';
import { bytesText, forwardText, parametersText, verdictText } from '../../protocol/modelText';
import { weightFormats } from '../loadParams';
import { listModels } from '../models/modelDesk';
import { painterOf, printJson, type Console } from './console';
import { addShelfFlags, shelfOf, type ShelfFlags } from './modelFlags';
import { table } from './table';
import { integerFrom } from './samplingFlags';

export function modelListCommand(console: Console): Command {
  const command = new Command('list')
    .description('show which models are there, which are known, and how they fit this machine')
    .addOption(
      new Option('--weights <format>', 'format to judge known models by')
        .choices(weightFormats)
        .default('q8'),
    )
    .option(
      '--window <tokens>',
      'canvas to judge by (default: the model’s, 2048 at most)',
      integerFrom(16),
    )
    .option('--json', 'print one JSON object');
  return addShelfFlags(command).action(async (flags: ShelfFlags & { readonly json?: boolean }) => {
    const wish = shelfOf(flags, console);
    const list = await listModels(wish);
    if (flags.json === true) return printJson(console, list);
    for (const line of linesOf(list, wish.modelsDir, console)) console.out.write(`${line}\n`);
  });
}

function linesOf(list: ModelList, modelsDir: string, console: Console): string[] {
  const paint = painterOf(console, console.out);
  const { machine, speed, installed, unfinished, catalogue } = list;
  const lines = [
    `${machine.cpu}, ${machine.cores} cores, ${bytesText(machine.availableBytes)} of ${bytesText(machine.totalBytes)} free`,
    ...(machine.gpu
      ? [
          `${machine.gpu.name}, ${bytesText(machine.gpu.freeBytes)} of ${bytesText(machine.gpu.totalBytes)} free`,
        ]
      : []),
    speed
      ? `${(speed.macsPerSecond / 1e9).toFixed(0)} G multiply-adds a second on ${speed.device}`
      : 'Times of a forward come after: lacuna model bench',
    '',
    paint(`Installed in ${modelsDir}`, 'bold'),
    ...(installed.length === 0 ? ['none'] : tableOf(installed, installedRow)),
  ];
  for (const { name, bytes } of unfinished) {
    lines.push(`unfinished: ${name} (${bytesText(bytes)}); go on with: lacuna model add ${name}`);
  }
  return [...lines, '', paint('Known', 'bold'), ...tableOf(catalogue, catalogueRow)];
}

function tableOf<T>(models: readonly T[], row: (model: T) => string[]): string[] {
  const head = ['model', 'parameters', 'context', 'size', 'memory', 'verdict', 'forward', ''];
  return table([head, ...models.map(row)]);
}

function installedRow(model: InstalledModel): string[] {
  const { name, parameters = 0, maxTokens, bytes, fit, licence, problem, weights } = model;
  return [
    name,
    parameters === 0 ? '-' : parametersText(parameters),
    String(maxTokens ?? '-'),
    bytesText(bytes),
    fit ? bytesText(fit.needBytes) : '-',
    fit ? verdictText(fit) : '-',
    fit ? forwardText(fit) : '-',
    problem ?? [weights, licence].filter(Boolean).join(', '),
  ];
}

function catalogueRow(model: CatalogueModel): string[] {
  const { id, parameters, context, downloadBytes, fit, licence, tuning, quality, refusal } = model;
  return [
    id,
    parametersText(parameters),
    String(context),
    bytesText(downloadBytes),
    bytesText(fit.needBytes),
    refusal === undefined ? verdictText(fit) : 'not supported',
    refusal === undefined ? forwardText(fit) : '-',
    refusal ?? `${tuning}; ${quality}; licence: ${licence}`,
  ];
}
