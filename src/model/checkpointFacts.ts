/**
 * The part of a manifest that is about tokens and not about tensors: mask, begin and end, the tokens of
 * DreamOn, the keys of our own training, and from all of these how a gap gets its length. Pure; reads no
 * file.
 */
import type { Family } from './families';
import { isCount } from './jsonFile';
import type { Fields } from './jsonFile';
import type { LengthPolicy, Manifest } from './manifest';
import { badCheckpoint } from './modelErrors';
import type { Specials } from './specialTokens';

/** The part of a manifest that the checkpoint decides. */
export type ModelFacts = Omit<
  Manifest,
  'manifestVersion' | 'weights' | 'weightFile' | 'hasTokenizer' | 'files' | 'selfTest'
>;

export function checkMask(dir: string, maskId: number | undefined, vocabSize: number): number {
  if (maskId !== undefined && isCount(maskId) && maskId < vocabSize) return maskId;
  const found = `its mask id ${maskId} is outside its vocabulary of ${vocabSize} tokens`;
  throw badCheckpoint(dir, found, 'Give the right id with --mask-id');
}

/**
 * Ids outside the vocabulary are left out, for no row stands behind them; so is a start or end that
 * is the mask itself, which the tiny configs of tests and some published ones say.
 */
export function specialFacts(
  specials: Specials,
  family: Family,
  maskId: number,
  vocabSize: number,
): Partial<ModelFacts> {
  const sound = (id: number | undefined) =>
    id !== undefined && id < vocabSize && id !== maskId ? id : undefined;
  const { sepId, tailIds } = specials;
  const bosId = specials.bosId ?? family.specials?.bosId;
  const padId = specials.padId ?? family.specials?.padId;
  const eosId = specials.eosId ?? family.specials?.eosId;
  const isGrowing = family.lengthPolicy === 'expand';
  const expandId = isGrowing ? sound(specials.expandId ?? family.expandId) : undefined;
  const tail = tailIds.filter((id) => sound(id) !== undefined);
  return withoutUndefined({
    bosId: sound(bosId),
    eosId: sound(eosId),
    padId: sound(padId),
    sepId: sound(sepId),
    expandId,
    // DreamOn's authors reuse the end of the text for slots that a gap does not need.
    deleteId: expandId === undefined ? undefined : sound(specials.deleteId ?? eosId),
    closesCanvas: family.closesCanvas,
    sampling: family.sampling,
    tailIds: tail.length > 0 ? tail : undefined,
  });
}

export function policyOf(
  family: Family,
  facts: Pick<Manifest, 'blankId' | 'lengthClasses' | 'expandId' | 'deleteId'>,
): LengthPolicy {
  if (facts.blankId !== undefined) return 'blanks';
  const { lengthPolicy } = family;
  const canGrow = facts.expandId !== undefined && facts.deleteId !== undefined;
  if (lengthPolicy === 'predicted' && facts.lengthClasses === undefined) return 'probed';
  return lengthPolicy === 'expand' && !canGrow ? 'probed' : lengthPolicy;
}

/** The keys that our own training adds to config.json. */
export function ownFacts(config: Fields, vocabSize: number): Partial<ModelFacts> {
  const blankId = config.integer('blank_token_id');
  const languageTokens = config.object('language_tokens');
  const ids = [blankId ?? 0, ...Object.values(languageTokens ?? {})];
  const stray = ids.find((id) => !isCount(id) || id >= vocabSize);
  if (stray !== undefined) {
    throw badCheckpoint(config.path, `token ${JSON.stringify(stray)} is outside the vocabulary`);
  }
  return withoutUndefined({
    blankId,
    blankLossWeight: config.number('blank_loss_weight'),
    languageTokens: languageTokens as Readonly<Record<string, number>> | undefined,
    lengthBias: config.numbers('length_bias', 5) as ModelFacts['lengthBias'],
    trainedOnCharacterCuts: config.boolean('trained_on_character_cuts'),
    trainedFromLeft: config.boolean('trained_from_left'),
    instructionPrefix: config.string('instruction_prefix'),
    label: config.string('lacuna_label'),
    inlineThreshold: config.number('inline_threshold'),
  });
}

type Defined<T> = { [K in keyof T]?: Exclude<T[K], undefined> };

function withoutUndefined<T extends object>(value: T): Defined<T> {
  const entries = Object.entries(value).filter(([, field]) => field !== undefined);
  return Object.fromEntries(entries) as Defined<T>;
}
