/**
 * `lacuna model`: the commands about which models are there. Those of more than a few lines are files
 * of their own.
 */
import path from 'node:path';
import { Command, Option } from 'commander';
import { openModel } from '../../model/load';
import { LacunaError } from '../../protocol/errors';
import type { DeviceWish } from '../../protocol/messages';
import { bytesText } from '../../protocol/modelText';
import { deviceNames } from '../loadParams';
import { timeForward } from '../models/bench';
import { bench, removeModel, verifyModel } from '../models/modelDesk';
import { painterOf, printJson, type Console } from './console';
import { modelAddCommand } from './modelAdd';
import { addShelfFlags, modelsDirOf, type ShelfFlags } from './modelFlags';
import { modelListCommand } from './modelList';
import { integerFrom } from './samplingFlags';
import { modelDirOf } from './withEngine';

interface PlainFlags extends ShelfFlags {
  readonly json?: boolean;
}

interface BenchFlags extends PlainFlags {
  readonly device: DeviceWish;
  readonly seconds: number;
}

export function modelCommand(console: Console): Command {
  return new Command('model')
    .description('get, list, check and remove models')
    .addCommand(modelAddCommand(console))
    .addCommand(modelListCommand(console))
    .addCommand(removeCommand(console))
    .addCommand(verifyCommand(console))
    .addCommand(benchCommand(console));
}

interface RemoveFlags extends PlainFlags {
  readonly force?: boolean;
}

function removeCommand(console: Console): Command {
  const command = new Command('remove')
    .description('delete a model, or what is left of its download')
    .argument('<name>', 'as "lacuna model list" names it')
    .option('--force', 'also where files of the model have been changed since it was added');
  return addShelfFlags(command).action(async (name: string, flags: RemoveFlags) => {
    const params = { modelsDir: modelsDirOf(flags, console), name };
    const { freedBytes } = await removeModel({ ...params, evenChanged: flags.force === true });
    console.out.write(`${name} is removed, ${bytesText(freedBytes)} are free again\n`);
  });
}

function verifyCommand(console: Console): Command {
  const command = new Command('verify')
    .description('compare each file of a model with the sha256 that it had when it was added')
    .argument('<name>', 'as "lacuna model list" names it')
    .option('--json', 'print one JSON object');
  return addShelfFlags(command).action(async (name: string, flags: PlainFlags) => {
    const params = { modelsDir: modelsDirOf(flags, console), name };
    const files = await verifyModel(params, { signal: console.signal });
    if (flags.json === true) printJson(console, { name, files });
    const paint = painterOf(console, console.out);
    for (const file of flags.json === true ? [] : files) {
      const state = file.state === 'same' ? file.state : paint(file.state, 'bold');
      console.out.write(`${file.name.padEnd(24)} ${state}\n`);
    }
    const bad = files.filter(({ state }) => state !== 'same').map((file) => file.name);
    if (bad.length === 0) return;
    throw new LacunaError('badCheckpoint', {
      doing: `Cannot trust "${name}"`,
      found: `${bad.join(', ')} changed or went missing since it was added`,
      advice: 'Remove it and add it again',
    });
  });
}

/** Without a model: what the machine does, which "list" then reckons with. */
function benchCommand(console: Console): Command {
  const command = new Command('bench')
    .description('measure one forward: of a model, or matrix products for all known ones')
    .argument('[model]', 'name or folder of a model (default: none, random weights)')
    .addOption(new Option('--device <name>', 'where to run').choices(deviceNames).default('auto'))
    .option('--seconds <n>', 'how long it may take', integerFrom(2, 600), 10)
    .option('--json', 'print one JSON object');
  return addShelfFlags(command).action(async (named: string | undefined, flags: BenchFlags) => {
    const { device, seconds, json } = flags;
    const { signal } = console;
    const modelsDir = modelsDirOf(flags, console);
    if (named === undefined) {
      const speed = await bench({ modelsDir, device, seconds }, { signal });
      if (json === true) return printJson(console, speed);
      const rate = (speed.macsPerSecond / 1e9).toFixed(0);
      console.out.write(`${rate} G multiply-adds a second on ${speed.device} (${speed.cpu})\n`);
      return;
    }
    const dir = await modelDirOf(named, console.env, modelsDir);
    const model = await openModel(path.resolve(dir), { device, signal });
    try {
      const { maxTokens } = model.manifest.dimensions;
      const leftMs = 1000 * seconds;
      const now = () => performance.now();
      const ms = await timeForward(model.denoiser, maxTokens, { leftMs, now, signal });
      const memoryBytes = process.memoryUsage.rss();
      if (json === true) {
        const { name } = model.manifest;
        return printJson(console, {
          name,
          device: model.device,
          tokens: maxTokens,
          ms,
          memoryBytes,
        });
      }
      const facts = `${maxTokens} tokens on ${model.device}, ${bytesText(memoryBytes)} in memory`;
      console.out.write(`${model.manifest.name}: ${ms.toFixed(0)} ms a forward of ${facts}\n`);
    } finally {
      await model.denoiser.dispose();
    }
  });
}
