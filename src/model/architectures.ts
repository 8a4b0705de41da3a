/**
 * Decides from config.json what a checkpoint is: an architecture this release runs, or why it cannot
 * infill. A pure decision; knows no tensors and no tokenizer files. The list of relatives to refuse
 * is docs-worthy knowledge, not a table of names the sampler depends on: what is not listed here
 * and not known is refused all the same, only with fewer words.
 */
import { LacunaError } from '../protocol/errors';
import type { Fields } from './jsonFile';
import type { Architecture } from './manifest';
import { unsupportedModel } from './modelErrors';

const advice = 'Use a DiffuGPT or DiffuLLaMA type checkpoint, or the model Lacuna ships with';

/** Each block of the text sees itself and its left only: a gap there cannot know its suffix. */
const blockDiffusion =
  /llada-?_?2|sdar|trado|fast[-_]?dllm|nemotron.*(diffusion|ld)|diffusion_?gemma|bd3lm|block_?diffusion/;
/** Masked diffusion models of the right kind that this release has no graph for yet. */
const laterRelease = /^(dream|llada|a2d-qwen|coda|qwen2$)/;
const encoders = /^(xlm-roberta|roberta|bert|modernbert|distilbert|albert|electra|deberta|esm)/;
const encoderDecoders = /^(t5|mt5|bart|mbart|pegasus|ul2)/;

/**
 * @param hasMask whether a mask token is known, from the checkpoint's files or the caller.
 * @throws LacunaError `unsupportedModel` with the reason.
 */
export function recognize(dir: string, config: Fields, hasMask: boolean): Architecture {
  const modelType = (config.string('model_type') ?? '').toLowerCase();
  const classes = classNames(config);
  const refuse = (found: string, what = advice) => unsupportedModel(dir, found, what);
  const named = modelType || classes[0] || 'unknown';

  if ([modelType, ...classes].some((name) => blockDiffusion.test(name.toLowerCase()))) {
    const reason = 'a gap would not see the text to its right';
    throw refuse(
      `it is a block-diffusion model (${named}), made to write left to right; ${reason}`,
    );
  }
  if (config.object('quantization_config')) {
    const found = 'its weights are already quantised in a foreign format';
    throw refuse(found, 'Use the original checkpoint in F32, F16 or BF16');
  }
  if (modelType === 'gpt2' || modelType === 'llama') {
    if (hasMask) return modelType;
    throw noMask(dir, named, classes.includes('DiscreteDiffusionModel'));
  }
  if (laterRelease.test(modelType)) {
    throw refuse(`this release has no graph for the architecture "${named}"`);
  }
  if (encoders.test(modelType)) {
    const reason = 'trained to restore single words, or of a kind this release has no graph for';
    throw refuse(`it is an encoder (${named}), ${reason}`);
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
