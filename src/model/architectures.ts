/**
 * Decides from config.json what a checkpoint is: a family that Lacuna runs, or why it cannot infill.
 * A pure decision; knows no tensors and no tokenizer files. What is neither listed here nor known is
 * refused all the same, only with fewer words.
 */
import { LacunaError } from '../protocol/errors';
import { families } from './families';
import type { Family } from './families';
import type { Fields } from './jsonFile';
import { unsupportedModel } from './modelErrors';

const advice =
  'Use a checkpoint of a kind that docs/models.md lists, or the model Lacuna ships with';

/** Each block of the text sees itself and its left only: a gap there cannot know its suffix. */
const blockDiffusion =
  /llada-?_?2|sdar|trado|fast[-_]?dllm|nemotron.*(diffusion|ld)|diffusion_?gemma|bd3lm|block_?diffusion/;
const encoders = /^(roberta|bert|modernbert|distilbert|albert|electra|deberta|esm|camembert)/;
const encoderDecoders = /^(t5|mt5|bart|mbart|pegasus|ul2)/;

export interface Hints {
  /** A mask token is known, from the checkpoint's files or the caller. */
  readonly hasMask: boolean;
  /** The caller says that the model is one of masks, by giving the mask's id. */
  readonly maskStated: boolean;
  /** Its vocabulary has a token that grows a gap. */
  readonly hasExpand: boolean;
  /** Its tensors are those of seed 2: a wrapper around XLM-R, or a length predictor. */
  readonly isWrappedXlmr: boolean;
  /** What the folder, or config.json, calls the model. */
  readonly names: readonly string[];
}

/** @throws LacunaError `unsupportedModel` with the reason. */
export function recognize(dir: string, config: Fields, hints: Hints): Family {
  const modelType = (config.string('model_type') ?? '').toLowerCase();
  const classes = classNames(config);
  const refuse = (found: string, what = advice) => unsupportedModel(dir, found, what);
  const named = modelType || classes[0] || 'unknown';

  const saysBlock = [modelType, ...classes, ...hints.names].some((name) =>
    blockDiffusion.test(name.toLowerCase()),
  );
  if (saysBlock) {
    const reason = 'a gap would not see the text to its right';
    throw refuse(
      `it is a block-diffusion model (${named}), made to write left to right; ${reason}`,
    );
  }
  if (config.object('quantization_config')) {
    const found = 'its weights are already quantised in a foreign format';
    throw refuse(found, 'Use the original checkpoint in F32, F16 or BF16');
  }
  const family = familyOf(modelType, config, hints);
  if (family) {
    if (hints.hasMask || family.maskId !== undefined) return family;
    throw noMask(dir, named, family === families.a2d || classes.includes('DiscreteDiffusionModel'));
  }
  if (encoders.test(modelType) || modelType.startsWith('xlm-roberta')) {
    throw refuse(
      `it is an encoder (${named}) that was trained to restore single words, or of a kind that no graph is known for`,
      'Use an XLM-R that was adapted to diffusion; if this is one, give its mask token with --mask-id',
    );
  }
  if (encoderDecoders.test(modelType)) {
    throw refuse(`it is an encoder-decoder model (${named}), which does not fill masks in place`);
  }
  if (classes.some((name) => /CausalLM|LMHead/.test(name))) {
    const reason = 'it predicts from the left only, so it cannot use the text after a gap';
    throw refuse(`it is an autoregressive model (${named}): ${reason}`);
  }
  throw refuse(`its architecture "${named}" is unknown to this release`);
}

function familyOf(modelType: string, config: Fields, hints: Hints): Family | undefined {
  switch (modelType) {
    case 'gpt2':
      return families.diffugpt;
    case 'llama':
      return config.integer('blank_token_id') === undefined ? families.diffullama : families.lacuna;
    case 'dream':
      return hints.hasExpand || hints.names.some((name) => /dreamon/i.test(name))
        ? families.dreamon
        : families.dream;
    case 'llada':
      return families.llada;
    case 'a2d-llama':
    case 'a2d-qwen2':
    case 'a2d-qwen3':
      return families.a2d;
    case 'qwen2':
    case 'qwen3':
      // Open-dCoder calls itself a stock Qwen; only its mask token tells.
      return families['open-dcoder'];
    case 'xlm-roberta':
    case 'xlm-roberta-xl':
      return hints.isWrappedXlmr || hints.maskStated ? families['xlm-r'] : undefined;
    default:
      return undefined;
  }
}

/** A diffusion checkpoint whose mask got lost, or a plain autoregressive one: both lack a mask. */
function noMask(dir: string, named: string, isDiffusion: boolean): LacunaError {
  const files = 'config.json, special_tokens_map.json and tokenizer_config.json name no mask token';
  const giveId = 'give its mask token with --mask-id';
  if (isDiffusion) {
    const how = 'Give its mask token with --mask-id (DiffuGPT-S: 10541, DiffuGPT-M: 50257)';
    return unsupportedModel(dir, files, how);
  }
  const what = `it is a plain autoregressive ${named} model as far as its files tell`;
  const why = `${files}, and a model trained without masks cannot fill a gap`;
  return unsupportedModel(dir, `${what}: ${why}`, `If it is a diffusion model, ${giveId}`);
}

function classNames(config: Fields): string[] {
  const classes = config.json.architectures;
  return Array.isArray(classes) ? classes.filter((name) => typeof name === 'string') : [];
}
