/**
 * Known checkpoints that fill gaps, with what their pages and papers say. A help for choosing and no
 * more: whether one runs is decided by its config.json, its licence is read from its page before a
 * download, and a model that is not listed here is added in the same way.
 */
import type { CatalogueModel } from '../protocol/modelMessages';
import type { ModelShape } from './fit';

export interface CatalogueEntry extends Omit<CatalogueModel, 'fit' | 'refusal' | 'parameters'> {
  /** What its config.json says of its kind; decides whether this release runs it. */
  readonly config: Readonly<Record<string, unknown>>;
  readonly shape: ModelShape;
}

const gpt2Small: ModelShape = {
  parameters: 124_439_808,
  vocabSize: 50_257,
  hiddenSize: 768,
  layers: 12,
  heads: 12,
  keyValueHeads: 12,
  feedForwardSize: 3072,
  maxTokens: 512,
  tiedHead: true,
};
const gpt2Medium: ModelShape = {
  ...gpt2Small,
  parameters: 354_824_192,
  vocabSize: 50_258,
  hiddenSize: 1024,
  layers: 24,
  heads: 16,
  keyValueHeads: 16,
  feedForwardSize: 4096,
  maxTokens: 1024,
};
const llama7b: ModelShape = {
  parameters: 6_738_415_616,
  vocabSize: 32_000,
  hiddenSize: 4096,
  layers: 32,
  heads: 32,
  keyValueHeads: 32,
  feedForwardSize: 11_008,
  maxTokens: 2048,
  tiedHead: false,
};
/** Qwen2.5-7B, from which all of the Dream kind were adapted. */
const dream7b: ModelShape = {
  ...llama7b,
  parameters: 7_615_616_512,
  vocabSize: 152_064,
  hiddenSize: 3584,
  layers: 28,
  heads: 28,
  keyValueHeads: 4,
  feedForwardSize: 18_944,
};
const openDcoder: ModelShape = {
  ...dream7b,
  parameters: 494_032_768,
  vocabSize: 151_936,
  hiddenSize: 896,
  layers: 24,
  heads: 14,
  keyValueHeads: 2,
  feedForwardSize: 4864,
  tiedHead: true,
};
const llada8b: ModelShape = {
  ...llama7b,
  parameters: 8_015_581_184,
  vocabSize: 126_464,
  feedForwardSize: 12_288,
  maxTokens: 4096,
};

const gpt2Config = { model_type: 'gpt2', architectures: ['DiscreteDiffusionModel'] };
const dreamConfig = { model_type: 'Dream', architectures: ['DreamModel'] };
const seePage = 'see its page';

export const catalogue: readonly CatalogueEntry[] = [
  {
    id: 'diffusionfamily/diffugpt-s',
    family: 'DiffuGPT',
    context: 512,
    licence: 'apache-2.0',
    tuning: 'base',
    downloadBytes: 252e6,
    quality: 'weak at code: 0.3 % of single lines, length given (arXiv 2410.17891)',
    config: gpt2Config,
    shape: gpt2Small,
  },
  {
    id: 'diffusionfamily/diffugpt-m',
    family: 'DiffuGPT',
    context: 1024,
    licence: 'apache-2.0',
    tuning: 'base',
    downloadBytes: 713e6,
    quality: 'weak at code: 2.9 % of single lines, length given (arXiv 2410.17891)',
    config: gpt2Config,
    shape: gpt2Medium,
  },
  {
    id: 'diffusionfamily/diffullama',
    family: 'DiffuLLaMA',
    context: 2048,
    licence: 'apache-2.0; made from Llama 2, whose own licence goes with it',
    tuning: 'base',
    downloadBytes: 13.48e9,
    quality: '15.5 % of single lines, length given (arXiv 2410.17891)',
    config: { model_type: 'llama', architectures: ['LlamaForCausalLM'] },
    shape: llama7b,
  },
  {
    id: 'fredzzp/open-dcoder-0.5B',
    family: 'Open-dCoder',
    context: 2048,
    licence: seePage,
    tuning: 'base',
    downloadBytes: 0.99e9,
    quality: '32.5 % of single lines at a fixed length, 77.4 % with the length given (its README)',
    config: { model_type: 'qwen2', architectures: ['Qwen2ForCausalLM'] },
    shape: openDcoder,
  },
  {
    id: 'Dream-org/DreamOn-v0-7B',
    family: 'Dream',
    context: 2048,
    licence: seePage,
    tuning: 'instruct',
    downloadBytes: 15.24e9,
    quality: 'finds the length itself: 92 % of single lines (arXiv 2602.01326)',
    config: dreamConfig,
    shape: dream7b,
  },
  {
    id: 'Dream-org/Dream-Coder-v0-Base-7B',
    family: 'Dream',
    context: 2048,
    licence: seePage,
    tuning: 'base',
    downloadBytes: 15.24e9,
    quality: '55.3 % of single lines at a fixed length, 70 to 82 % with a length search',
    config: dreamConfig,
    shape: dream7b,
  },
  {
    id: 'Dream-org/Dream-Coder-v0-Instruct-7B',
    family: 'Dream',
    context: 2048,
    licence: seePage,
    tuning: 'instruct',
    downloadBytes: 15.24e9,
    quality: '80.7 to 82.1 % of single lines with a length search; follows instructions',
    config: dreamConfig,
    shape: dream7b,
  },
  {
    id: 'apple/DiffuCoder-7B-Base',
    family: 'Dream',
    context: 2048,
    licence: "Apple's own; see its page",
    tuning: 'base',
    downloadBytes: 15.24e9,
    quality: '54.8 % of single lines at a fixed length, 68 to 81 % with a length search',
    config: dreamConfig,
    shape: dream7b,
  },
  {
    id: 'GSAI-ML/LLaDA-8B-Base',
    family: 'LLaDA',
    context: 4096,
    licence: seePage,
    tuning: 'base',
    downloadBytes: 16.03e9,
    quality: '48.3 % of single lines at a fixed length, 74 to 78 % with a length search',
    config: { model_type: 'llada', architectures: ['LLaDAModelLM'] },
    shape: llada8b,
  },
];
