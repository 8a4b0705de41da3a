/**
 * A loaded model in the words of the protocol: what its manifest says, and how it was opened.
 */
import type { LoadedModel } from '../model/load';
import type { ModelInfo } from '../protocol/messages';

export function describeModel(model: LoadedModel): ModelInfo {
  const { manifest, dir, device, threads, loadMs, tokenizerFiles } = model;
  return {
    name: manifest.name,
    dir,
    architecture: manifest.architecture,
    parameters: manifest.parameters,
    vocabSize: manifest.dimensions.vocabSize,
    maxTokens: manifest.dimensions.maxTokens,
    shift: manifest.shift,
    maskId: manifest.maskId,
    choosesLength: manifest.lengthPolicy !== 'probed',
    hasTokenizer: tokenizerFiles !== undefined,
    followsInstructions: manifest.instructionPrefix !== undefined,
    ...(manifest.chat && tokenizerFiles && { chat: manifest.chat.kind }),
    ...(manifest.label === undefined ? {} : { label: manifest.label }),
    inlineThreshold: manifest.inlineThreshold ?? 0,
    weights: manifest.weights,
    device,
    ...(threads === undefined ? {} : { threads }),
    loadMs,
  };
}
