/**
 * `lacuna fill --request FILE.json`: a gap given in token ids, for checks against other
 * implementations. Needs no tokenizer.
 */
import type { IdFill, IdRequest } from '../../sampler/fillIds';
import { printJson, type Console } from './console';
import { checkIdRequest } from './idRequest';
import { samplingOf, type ModelFlags, type SamplingFlags } from './samplingFlags';
import { readJson } from './textFile';
import { withEngine } from './withEngine';

export async function fillRequestFile(
  file: string,
  flags: ModelFlags & SamplingFlags,
  console: Console,
): Promise<void> {
  const request = checkIdRequest(await readJson(file));
  await withEngine(flags, console, async (engine) => {
    const { signal } = console;
    const fill = await engine.fillIds(request, samplingOf(flags), { signal });
    printJson(console, answerTo(request, fill));
  });
}

function answerTo(request: IdRequest, { ids, spans, order, forwards }: IdFill): object {
  if ('canvas' in request) return { filled: [...ids], forwards };
  const { start, end } = spans[0]!;
  return {
    middle: [...ids.subarray(start, end)],
    order: order.map((position) => position - start),
    forwards,
  };
}
