/**
 * `lacuna forward`: the logits of one forward, of tokens or of a length, to be compared with another implementation's.
 */
import { Command, InvalidArgumentError, Option } from 'commander';
import { printJson, type Console } from './console';
import { addModelFlags, type ModelFlags } from './samplingFlags';
import { writeResult } from './textFile';
import { withEngine } from './withEngine';

interface ForwardFlags extends ModelFlags {
  readonly ids: Int32Array;
  readonly out: string;
  readonly head: 'tokens' | 'length';
}

export function forwardCommand(console: Console): Command {
  const command = new Command('forward')
    .description('write the logits of all rows, before any shift, as little-endian float32')
    .requiredOption('--ids <ids>', 'token ids, separated by commas', parseIds)
    .requiredOption('--out <file>', 'file for the logits')
    .addOption(
      new Option('--head <head>', 'tokens, or the classes of a length predictor')
        .choices(['tokens', 'length'])
        .default('tokens'),
    );
  return addModelFlags(command).action((flags: ForwardFlags) =>
    withEngine(flags, console, async (engine, info) => {
      const isLength = flags.head === 'length';
      const logits = await (isLength ? engine.lengthLogits(flags.ids) : engine.forward(flags.ids));
      await writeResult(flags.out, littleEndian(logits));
      const shape = isLength ? [logits.length] : [flags.ids.length, info.vocabSize];
      printJson(console, { shape });
    }),
  );
}

function parseIds(text: string): Int32Array {
  const pieces = text.split(',').map((piece) => piece.trim());
  if (!pieces.every((piece) => /^\d{1,9}$/.test(piece))) {
    throw new InvalidArgumentError('Write token ids as 5,7,9.');
  }
  return Int32Array.from(pieces, Number);
}

function littleEndian(values: Float32Array): Uint8Array {
  const view = new DataView(new ArrayBuffer(values.length * 4));
  values.forEach((value, index) => view.setFloat32(index * 4, value, true));
  return new Uint8Array(view.buffer);
}
