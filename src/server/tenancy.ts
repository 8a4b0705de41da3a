/**
 * A loaded model with all that belongs to it, and the requests that still use it: it goes when it has
 * been replaced and the last of them is done. What a model lacks for a request is said here. Knows no
 * message and no queue.
 */
import type { ChatFormat } from '../model/chatFormat';
import type { LoadedModel } from '../model/load';
import { LacunaError } from '../protocol/errors';
import { ContextStore } from '../sampler/keptContext';
import { traitsOf, type ModelTraits } from '../sampler/traits';
import { createTokenizer, type Tokenizer } from '../tokenizer/tokenizer';

export class Tenancy {
  readonly traits: ModelTraits;
  /** Contexts that inline completion uses again from key to key. */
  readonly contexts = new ContextStore();
  readonly #tokenizer: Tokenizer | undefined;
  #users = 0;
  #isRetired = false;

  constructor(readonly model: LoadedModel) {
    this.traits = traitsOf(model.manifest);
    this.#tokenizer = tokenizerOf(model);
  }

  get tokenizer(): Tokenizer {
    if (this.#tokenizer !== undefined) return this.#tokenizer;
    throw new LacunaError('unsupportedModel', {
      doing: 'Cannot fill text',
      found: `model "${this.model.manifest.name}" has no tokenizer`,
      advice: 'Put tokenizer.json beside the checkpoint and convert it again, or send token ids',
    });
  }

  get chatFormat(): ChatFormat {
    const { chat, name } = this.model.manifest;
    if (chat !== undefined) return chat;
    throw new LacunaError('unsupportedModel', {
      doing: 'Cannot answer',
      found: `model "${name}" was not tuned to converse: its folder names no chat format`,
      advice: 'Ask it to fill a gap, or load an instruction-tuned checkpoint',
    });
  }

  async use<T>(work: () => Promise<T>): Promise<T> {
    this.#users++;
    try {
      return await work();
    } finally {
      this.#users--;
      await this.#disposeUnused();
    }
  }

  /** Another model has taken its place. */
  async retire(): Promise<void> {
    this.#isRetired = true;
    await this.#disposeUnused();
  }

  async #disposeUnused(): Promise<void> {
    if (!this.#isRetired || this.#users > 0) return;
    this.contexts.clear();
    await this.model.denoiser.dispose();
  }
}

/** Engines that share a model share its tokenizer, which may hold as much memory as small weights. */
const tokenizers = new WeakMap<object, Tokenizer>();

function tokenizerOf({ tokenizerFiles }: LoadedModel): Tokenizer | undefined {
  if (tokenizerFiles === undefined) return undefined;
  let tokenizer = tokenizers.get(tokenizerFiles);
  if (tokenizer === undefined) {
    tokenizer = createTokenizer(tokenizerFiles.tokenizer, tokenizerFiles.config);
    tokenizers.set(tokenizerFiles, tokenizer);
  }
  return tokenizer;
}
