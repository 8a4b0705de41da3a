/**
 * Whether a converted model does what its manifest says: that a row sees the text to its right, and
 * that the declared shift is the one it was trained with. Asks the network itself; of text it is only
 * given ids. What cannot be told (random weights know no text) is said to be undecided, never passed.
 */
import { unsupportedModel } from './modelErrors';
import type { Denoiser, ForwardResult } from './denoiser';
import type { Manifest, SelfTestRecord } from './manifest';

/** Tokens of the snippet that are masked, each in a forward of its own. */
const probes = 12;
/** Nats a token: the better reading must beat chance by the first and the other one by the second. */
const aboveChance = 2;
const apart = 0.5;

/**
 * @param snippet ids of a known text without a start token; undefined where there is no tokenizer.
 * @throws LacunaError `unsupportedModel` for a model that is not what it claims to be.
 */
export async function selfTest(
  denoiser: Denoiser,
  manifest: Omit<Manifest, 'selfTest'>,
  dir: string,
  snippet?: Int32Array,
): Promise<SelfTestRecord> {
  if (!(await seesSuffix(denoiser, manifest))) {
    const found = 'a later token changes nothing before it: the model reads from the left only';
    throw unsupportedModel(
      dir,
      found,
      'Use a masked diffusion model of the kinds in docs/models.md',
    );
  }
  if (snippet === undefined || snippet.length < probes + 8) {
    const note = 'no tokenizer, so no text to tell the shift by';
    return { seesSuffix: true, shift: 'not run', note };
  }
  const { declared, other, chance } = await compareShifts(denoiser, manifest, snippet);
  const figures = `mean log-probability of ${probes} masked tokens ${declared.toFixed(2)} as declared (shift ${onOff(manifest.shift)}), ${other.toFixed(2)} the other way, ${chance.toFixed(2)} by chance`;
  const better = Math.max(declared, other);
  if (better < chance + aboveChance || Math.abs(declared - other) < apart) {
    return { seesSuffix: true, shift: 'not decided', note: `${figures}: too little to tell` };
  }
  if (declared > other) return { seesSuffix: true, shift: 'confirmed', note: figures };
  const advice = `Convert it with --shift ${onOff(!manifest.shift)} if you trust the checkpoint`;
  throw unsupportedModel(dir, `its shift is not the one declared: ${figures}`, advice);
}

function onOff(shift: boolean): string {
  return shift ? 'on' : 'off';
}

/** Two canvases that differ in their last token only: a row before it must differ as well. */
async function seesSuffix(
  denoiser: Denoiser,
  { maskId }: Pick<Manifest, 'maskId'>,
): Promise<boolean> {
  const { vocabSize, maxTokens } = denoiser;
  const length = Math.min(8, maxTokens);
  if (length < 3) return true; // nothing stands between
  const others = Array.from({ length: vocabSize }, (_, id) => id).filter((id) => id !== maskId);
  const canvas = (last: number) =>
    Int32Array.from({ length }, (_, i) =>
      i === length - 1
        ? others[last % others.length]!
        : i === 1
          ? maskId
          : others[(7 * i) % others.length]!,
    );
  const rowOne = async (last: number) => {
    const ids = canvas(last);
    const positions = Int32Array.from(ids.keys());
    const rows = Int32Array.of(1);
    const { logits } = await denoiser.forward({
      ids,
      positions,
      rows,
      banned: [],
      wantLogits: true,
    });
    return logits!;
  };
  // All at once: a model that is loaded piece by piece then is loaded once.
  const [first, ...changed] = await Promise.all([3, 11, 29, 53].map(rowOne));
  return changed.some((second) => first!.some((value, i) => value !== second[i]));
}

/** Mean log-probabilities of masked tokens of the snippet under both readings, nats. */
async function compareShifts(
  denoiser: Denoiser,
  manifest: Pick<Manifest, 'maskId' | 'shift' | 'bosId' | 'eosId'>,
  snippet: Int32Array,
): Promise<{ declared: number; other: number; chance: number }> {
  const start = manifest.bosId ?? manifest.eosId;
  const room = denoiser.maxTokens - (start === undefined ? 0 : 1);
  const text = [...(start === undefined ? [] : [start]), ...snippet.subarray(0, room)];
  const positions = Int32Array.from(text.keys());
  const every = (text.length - 4) / probes;
  let shifted = 0;
  let straight = 0;
  const probeAt = async (_: unknown, probe: number) => {
    const at = 2 + Math.floor(probe * every);
    const ids = Int32Array.from(text, (id, i) => (i === at ? manifest.maskId : id));
    const rows = Int32Array.of(at - 1, at);
    const banned = [manifest.maskId];
    const result = await denoiser.forward({ ids, positions, rows, banned, wantLogits: true });
    shifted += logProbability(result, 0, text[at]!, denoiser.vocabSize);
    straight += logProbability(result, 1, text[at]!, denoiser.vocabSize);
  };
  await Promise.all(Array.from({ length: probes }, probeAt));
  const [declared, other] = manifest.shift ? [shifted, straight] : [straight, shifted];
  return {
    declared: declared / probes,
    other: other / probes,
    chance: -Math.log(denoiser.vocabSize),
  };
}

function logProbability(
  { logits, stats }: ForwardResult,
  row: number,
  id: number,
  vocabSize: number,
): number {
  return logits![row * vocabSize + id]! - stats.logSumExp[row]!;
}
