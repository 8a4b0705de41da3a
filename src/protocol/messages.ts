/**
 * What the two processes say to each other: plain JSON, one doc comment a message. The extension
 * host (client) asks, the sampler process (server) answers. Knows nothing of how bytes travel
 * (vscode-jsonrpc does) nor of how a fill is made.
 */
import { NotificationType, ProgressType, RequestType } from 'vscode-jsonrpc';

/** Raised with every change that an older peer would misread. */
export const protocolVersion = 1;

/** Where the graph runs; `auto` lets the sampler process try what is there, CPU last. */
export type DeviceWish = 'auto' | 'cpu' | 'cuda' | 'webgpu' | 'dml' | 'coreml';
export type Device = Exclude<DeviceWish, 'auto'>;

/** How weights are stored in a model folder. */
export type WeightFormat = 'f32' | 'f16' | 'q8' | 'q4';

/** The rule by which masked tokens are committed; src/sampler/rules/ holds one file for each. */
export type SamplerName = 'even' | 'factor' | 'topk-mask' | 'random-keep' | 'cosine-remask';

export interface HelloParams {
  readonly protocolVersion: number;
  readonly clientName: string;
}
export interface HelloResult {
  readonly protocolVersion: number;
  readonly serverVersion: string;
  readonly pid: number;
}
/** First message on every connection; a version mismatch is answered by a `versionMismatch` error. */
export const helloRequest = new RequestType<HelloParams, HelloResult, ErrorData>('lacuna/hello');

export interface LoadParams {
  /** A model folder made by `lacuna convert`, or a checkpoint folder, which is converted once. */
  readonly modelDir: string;
  readonly device: DeviceWish;
  /** Where converted checkpoints are kept; absent: the user's cache folder. */
  readonly cacheDir?: string;
  /** Token under which `loadProgress` reports. */
  readonly progressToken?: string;
}
export interface LoadProgress {
  readonly stage: 'reading' | 'converting' | 'building' | 'warming';
  /** 0..1 within the whole load. */
  readonly fraction: number;
}
export interface ModelInfo {
  readonly name: string;
  readonly dir: string;
  readonly architecture: string;
  readonly parameters: number;
  readonly vocabSize: number;
  /** Longest canvas, tokens. */
  readonly maxTokens: number;
  readonly shift: boolean;
  readonly maskId: number;
  /** The model says itself how much of a gap it needs (a blank token); else lengths are probed. */
  readonly choosesLength: boolean;
  readonly hasTokenizer: boolean;
  /** `demo` models show inline only what is above their threshold. */
  readonly label?: string;
  /** Mean confidence under which automatic inline completion stays silent, 0..1. */
  readonly inlineThreshold: number;
  readonly weights: WeightFormat;
  readonly device: Device;
  readonly loadMs: number;
}
/** Loads a model, replacing the one before; a failed load keeps the old one. */
export const loadRequest = new RequestType<LoadParams, ModelInfo, ErrorData>('lacuna/load');
export const loadProgress = new ProgressType<LoadProgress>();

/** A piece of the canvas, in document order: given text, or a gap to fill. */
export type Part = TextPart | GapPart;
export interface TextPart {
  readonly text: string;
}
export interface GapPart {
  readonly gap: GapWish;
}
export interface GapWish {
  /** Tokens of the gap; `auto` lets the model or the length probe choose. */
  readonly length: number | 'auto';
  /** Fewest tokens that `auto` may choose; 0 lets the model say that nothing is missing. */
  readonly minLength?: number;
  /** Most tokens that `auto` may open. Absent: the text around the gap decides. */
  readonly maxLength?: number;
  /** The fill must not contain a line break. Absent: the text around the gap decides. */
  readonly singleLine?: boolean;
}

export interface SamplingOptions {
  readonly sampler?: SamplerName;
  /** Denoise steps, for the rules that have a schedule. */
  readonly steps?: number;
  /** The factor rule's f: smaller commits fewer tokens a step. */
  readonly factor?: number;
  /** 0 takes the likeliest token. */
  readonly temperature?: number;
  readonly topP?: number;
  readonly seed?: number;
  /**
   * Denoise steps between two full forwards; in between only the gap's rows run against the cached
   * keys and values of the context. 1 recomputes everything at each step (exact).
   */
  readonly refreshEvery?: number;
}

export interface FillParams {
  readonly parts: readonly Part[];
  /** VS Code's language id; the model may know a token for it. */
  readonly languageId?: string;
  readonly sampling?: SamplingOptions;
  /** `explicit` goes before `inline`, `inline` before `speculative`. */
  readonly priority?: 'explicit' | 'inline' | 'speculative';
  /** Token under which `fillProgress` reports each denoise step. */
  readonly progressToken?: string;
}
export interface FilledToken {
  readonly text: string;
  /** Probability at the commit, 0..1. */
  readonly confidence: number;
}
export interface Fill {
  readonly text: string;
  readonly tokens: readonly FilledToken[];
  /** Geometric mean of the tokens' confidences, 0..1; of an empty fill the model's certainty in that. */
  readonly confidence: number;
}
export interface FillResult {
  /** One for each gap, in document order. */
  readonly fills: readonly Fill[];
  readonly steps: number;
  readonly forwards: number;
  /** Whole request inside the sampler process, the wait in its queue left out. */
  readonly elapsedMs: number;
  /** Of elapsedMs, inside the network; the rest is text to tokens and back, and the commit rule. */
  readonly forwardMs: number;
  readonly queueMs: number;
}
/** One denoise step, for the eyes: every gap as it stands. */
export interface FillStep {
  readonly step: number;
  readonly forwards: number;
  readonly maskedTokens: number;
  readonly gaps: readonly (readonly StepToken[])[];
}
export interface StepToken {
  /** Absent while the token is masked. */
  readonly text?: string;
  readonly confidence?: number;
  /** Committed in this very step. */
  readonly fresh?: boolean;
}
/** Fills the gaps; cancelled between two denoise steps by JSON-RPC's own cancel message. */
export const fillRequest = new RequestType<FillParams, FillResult, ErrorData>('lacuna/fill');
export const fillProgress = new ProgressType<FillStep>();

/** Ends the sampler process after its answer. */
export const shutdownRequest = new RequestType<void, void, ErrorData>('lacuna/shutdown');

export interface LogMessage {
  readonly level: 'debug' | 'info' | 'warn' | 'error';
  /** Never holds the user's code above `debug`. */
  readonly text: string;
}
export const logNotification = new NotificationType<LogMessage>('lacuna/log');

/** JSON-RPC error code of a request that its sender cancelled: the number that LSP uses. */
export const cancelledCode = -32800;
/** JSON-RPC error code of every other failure; `ErrorData` says which. */
export const failedCode = 1;

/** Travels in a JSON-RPC error's `data`, so that the client can rebuild the LacunaError. */
export interface ErrorData {
  readonly code: string;
  readonly parts?: { readonly doing: string; readonly found: string; readonly advice: string };
}
