/**
 * The second part of what the two processes say to each other: conversations with a model that was
 * tuned for them, and what a person wants to know before anything runs: how many tokens a text has,
 * what exactly the model would read. Knows nothing of how prompts are written.
 */
import { ProgressType, RequestType } from 'vscode-jsonrpc';
import type { ErrorData, FilledToken, FillParams, SamplingOptions, StepToken } from './messages';

/** How a model's prompts are written: by a template of roles, or as prompt, separator, answer. */
export type ChatKind = 'template' | 'sep';

export interface ChatMessage {
  readonly role: 'system' | 'user' | 'assistant';
  readonly content: string;
}
export interface ChatParams {
  /** In the order they were said; the last is the user's. A `sep` model reads that one alone. */
  readonly messages: readonly ChatMessage[];
  /** Most tokens of the answer; absent: 256, or what the model has room for. */
  readonly maxTokens?: number;
  /** Tokens that are denoised together, 1 to 1024; 32 by default. */
  readonly blockTokens?: number;
  /** An answer that is there already: a share of its tokens becomes masks, its length stays. */
  readonly draft?: {
    readonly text: string;
    /** 0..1 */
    readonly strength: number;
  };
  /** `steps` are those of one block. */
  readonly sampling?: SamplingOptions;
  /** Token under which `chatProgress` reports each denoise step. */
  readonly progressToken?: string;
}
export interface ChatResult {
  readonly text: string;
  readonly tokens: readonly FilledToken[];
  /** Geometric mean of the tokens' confidences, 0..1. */
  readonly confidence: number;
  /** The model ended the answer itself; else it ran into the limit. */
  readonly ended: boolean;
  readonly promptTokens: number;
  /** Earlier messages that were not read, for lack of room or because the model reads one only. */
  readonly leftOutMessages: number;
  readonly steps: number;
  readonly forwards: number;
  /** Whole request inside the sampler process, the wait in its queue left out. */
  readonly elapsedMs: number;
  readonly forwardMs: number;
  readonly queueMs: number;
}
/** The answer as it stands after a denoise step: what is written, then the present block. */
export interface ChatStep {
  readonly step: number;
  readonly forwards: number;
  readonly maskedTokens: number;
  readonly tokens: readonly StepToken[];
}
/** Answers the last message; `unsupportedModel` from a model that was not tuned for it. */
export const chatRequest = new RequestType<ChatParams, ChatResult, ErrorData>('lacuna/chat');
export const chatProgress = new ProgressType<ChatStep>();

/** No more characters than this in one request: encoding blocks the sampler process. */
export const mostCountedCharacters = 2_000_000;

export interface CountTokensParams {
  readonly texts: readonly string[];
}
export interface CountTokensResult {
  /** One for each text, as it counts within another. */
  readonly counts: readonly number[];
  /** Longest canvas of the model that counted, tokens. */
  readonly maxTokens: number;
}
/** Counts tokens; runs no forward and waits for none. */
export const countTokensRequest = new RequestType<CountTokensParams, CountTokensResult, ErrorData>(
  'lacuna/countTokens',
);

/** What would be asked: one of the two. */
export type PreviewParams = { readonly fill: FillParams } | { readonly chat: ChatParams };
export interface PreviewResult {
  /** The canvas in document order. */
  readonly pieces: readonly PreviewPiece[];
  readonly tokens: number;
  readonly maxTokens: number;
  /** Tokens of the outer texts that do not fit. */
  readonly leftOut: { readonly before: number; readonly after: number };
  readonly leftOutMessages: number;
}
export interface PreviewPiece {
  /** `special`: tokens that no text of a user can spell; `masks`: what is to be filled. */
  readonly kind: 'text' | 'special' | 'masks' | 'draft';
  readonly text: string;
  readonly tokens: number;
}
/** Lays out what the model would read and reads it back; runs no forward. */
export const previewRequest = new RequestType<PreviewParams, PreviewResult, ErrorData>(
  'lacuna/preview',
);
