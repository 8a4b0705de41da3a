/**
 * A tiny random checkpoint that calls itself tuned to converse: ChatML's template and tokens, as a folder
 * that the sampler process loads. What it answers means nothing.
 */
import { chatId, chatMl, chatTokenizerJson, chatVocabSize } from './chatModel';
import { writeTinyCheckpoint } from './tinyCheckpoint';

export async function writeTunedModel(dir: string): Promise<void> {
  await writeTinyCheckpoint(dir, {
    vocabSize: chatVocabSize,
    maxTokens: 512,
    config: {
      mask_token_id: chatId('<|mask|>'),
      bos_token_id: chatId('<|endoftext|>'),
      eos_token_id: chatId('<|endoftext|>'),
    },
    files: {
      'tokenizer.json': chatTokenizerJson,
      'tokenizer_config.json': { chat_template: chatMl },
    },
  });
}
