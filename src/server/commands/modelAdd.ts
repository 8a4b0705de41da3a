/**
 * `lacuna model add`: shows what a model is and under which licence, asks, then fetches, converts,
 * tries and shelves it. Asks nothing where `--yes` was given, and does nothing where nobody can be
 * asked.
 */
import { createInterface } from 'node:readline/promises';
import { Command, Option } from 'commander';
import { LacunaError } from '../../protocol/errors';
import type { ModelOffer, ModelSource } from '../../protocol/modelMessages';
import {
  bytesText,
  fitText,
  overallShare,
  parametersText,
  progressText,
} from '../../protocol/modelText';
import { weightFormats } from '../loadParams';
import { Engine } from '../engine';
import { addModel, inspectModel } from '../models/modelDesk';
import { painterOf, printJson, type Console } from './console';
import { progressBar } from './progressBar';
import { addShelfFlags, networkOf, shelfOf, type ShelfFlags } from './modelFlags';
import { integerFrom } from './samplingFlags';

interface AddFlags extends ShelfFlags {
  readonly yes?: boolean;
  readonly revision?: string;
  readonly endpoint?: string;
  readonly proxy?: string;
  readonly maskId?: number;
  readonly shift?: 'on' | 'off';
  readonly try: boolean;
  readonly json?: boolean;
}

export function modelAddCommand(console: Console): Command {
  const command = new Command('add')
    .description('fetch a model, convert it, check it and keep it')
    .argument('<source>', 'organisation/name, an address that ends so, or a folder')
    .option('--yes', 'accept the licence without being asked')
    .option('--revision <name>', 'branch, tag or commit (default: the newest)')
    .option('--endpoint <url>', 'hub or mirror (default: HF_ENDPOINT, else huggingface.co)')
    .option('--proxy <url>', 'proxy (default: HTTPS_PROXY, HTTP_PROXY, NO_PROXY)')
    .addOption(
      new Option('--weights <format>', 'how weights are stored')
        .choices(weightFormats)
        .default('q8'),
    )
    .option('--window <tokens>', 'canvas that it should fit for', integerFrom(16))
    .option('--mask-id <n>', 'id of the mask, where the checkpoint does not say', integerFrom(0))
    .addOption(new Option('--shift <on|off>', 'row m-1 predicts token m').choices(['on', 'off']))
    .option('--no-try', 'do not load it once before it is kept')
    .option('--json', 'print one JSON object');
  return addShelfFlags(command).action((source: string, flags: AddFlags) =>
    add(source, flags, console),
  );
}

async function add(source: string, flags: AddFlags, console: Console): Promise<void> {
  const { maskId, shift, revision } = flags;
  const wish: ModelSource = {
    ...shelfOf(flags, console),
    source,
    network: networkOf(flags),
    ...(revision !== undefined && { revision }),
    ...(maskId !== undefined && { maskId }),
    ...(shift !== undefined && { shift: shift === 'on' }),
  };
  const offer = await inspectModel(wish, { signal: console.signal });
  console.err.write(`${describe(offer, console)}\n`);
  if (!(await isAccepted(offer, flags, console))) {
    throw new LacunaError('badUsage', {
      doing: `Cannot add "${offer.name}"`,
      found: `its licence (${offer.licence}) was not accepted`,
      advice: 'Nothing was fetched; run it again with --yes to accept',
    });
  }
  // The commit that was shown, though the branch may move meanwhile.
  const pinned = offer.revision === undefined ? wish : { ...wish, revision: offer.revision };
  const bar = progressBar(console, 'Adding');
  try {
    const model = await addModel(
      { ...pinned, acceptedLicence: offer.licence },
      {
        signal: console.signal,
        onProgress: (progress) => bar.update(overallShare(progress), progressText(progress)),
        ...(flags.try && { tryOut: (dir: string) => tryOut(dir, console.signal) }),
      },
    );
    bar.stop();
    if (flags.json === true) return printJson(console, model);
    console.out.write(`${painterOf(console, console.out)(model.name, 'bold')} -> ${model.dir}\n`);
    console.out.write(`Use it with: lacuna fill --model ${model.name} …\n`);
  } finally {
    bar.stop();
  }
}

/** Loads it and denoises three tokens: what this cannot do, the editor could not either. */
async function tryOut(modelDir: string, signal: AbortSignal): Promise<void> {
  const engine = new Engine();
  try {
    await engine.load({ modelDir, device: 'cpu' }, { signal });
    await engine.fill({ parts: [{ text: 'x = ' }, { gap: { length: 3 } }, { text: '\n' }] });
  } finally {
    await engine.dispose();
  }
}

function describe(offer: ModelOffer, console: Console): string {
  const paint = painterOf(console, console.err);
  const { name, origin, revision, licence, licenceUrl, mustAccept, fit } = offer;
  const left = offer.presentBytes > 0 ? `, ${bytesText(offer.presentBytes)} are there already` : '';
  const rows: [string, string][] = [
    ['model', paint(name, 'bold')],
    ['from', revision === undefined ? origin : `${origin} (${revision.slice(0, 12)})`],
    ['parameters', parametersText(offer.parameters)],
    ...(mustAccept
      ? ([
          ['download', `${bytesText(offer.downloadBytes)}${left}`],
          ['licence', `${licence} (${licenceUrl ?? ''})`],
        ] as [string, string][])
      : []),
    ['disk', `${bytesText(offer.neededDiskBytes)} of ${bytesText(offer.freeDiskBytes)} free`],
    ['memory', fitText(fit)],
  ];
  return rows.map(([label, value]) => `${paint(label.padEnd(11), 'dim')} ${value}`).join('\n');
}

async function isAccepted(
  { mustAccept, licence }: ModelOffer,
  { yes }: AddFlags,
  { err, signal }: Console,
): Promise<boolean> {
  if (!mustAccept || yes === true) return true;
  if (process.stdin.isTTY !== true) return false;
  const prompt = createInterface({ input: process.stdin, output: err });
  try {
    const answer = await prompt.question(`Accept the licence "${licence}" and download? [y/N] `, {
      signal,
    });
    return /^y(es)?$/i.test(answer.trim());
  } finally {
    prompt.close();
  }
}
