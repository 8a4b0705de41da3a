/**
 * What the two processes say to each other: plain JSON, one doc comment a message. The extension
 * host (client) asks, the sampler process (server) answers. Knows nothing of how bytes travel
 * (vscode-jsonrpc does) nor of how a fill is made.
 */
import { NotificationType, ProgressType, RequestType } from 'vscode-jsonrpc';
import type { ChatKind } from './chatMessages';

/** Raised with every change that an older peer would misread. */
export const protocolVersion = 3;

/**
 * Where the graph runs; `auto` lets the sampler process try what is there, CPU last. `oip` is a model
 * server that speaks the Open Inference Protocol, never tried by itself.
 */
export type DeviceWish = 'auto' | 'cpu' | 'cuda' | 'webgpu' | 'dml' | 'coreml' | 'oip';
export type Device = Exclude<DeviceWish, 'auto'>;

/** How weights are stored in a model folder. */
export type WeightFormat = 'f32' | 'f16' | 'q8' | 'q4';

/** The rule by which masked tokens are committed; src/sampler/rules/ holds one file for each. */
export type SamplerName =
  'even' | 'factor' | 'threshold' | 'hierarchical' | 'topk-mask' | 'random-keep' | 'cosine-remask';

/**
 * How gaps of automatic length get theirs: by what the model was trained to do (`model`; where it was trained
 * for nothing, as `lr-dllm`), or, whatever it was trained for, by a score of the fully masked gap at several
 * lengths: LR-DLLM's or CAL's.
 */
export type LengthPolicyName = 'model' | 'lr-dllm' | 'cal';

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

/** `modelDir` of a load that takes what a server has; a server takes no other. */
export const servedModel = '';

export interface LoadParams {
  /** A model folder made by `lacuna convert`, or a checkpoint folder, which is converted once. */
  readonly modelDir: string;
  readonly device: DeviceWish;
  /** Address of the model server, with device `oip` only. */
  readonly deviceUrl?: string;
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
  /** The model says itself how much of a gap it needs, in one of several ways; else lengths are probed. */
  readonly choosesLength: boolean;
  readonly hasTokenizer: boolean;
  /** Was trained with instructions; other models get them as a comment and may not heed them. */
  readonly followsInstructions: boolean;
  /** Was tuned to converse; absent: it fills gaps and answers no chat request. */
  readonly chat?: ChatKind;
  /** `demo` models show inline only what is above their threshold. */
  readonly label?: string;
  /** Mean confidence under which automatic inline completion stays silent, 0..1. */
  readonly inlineThreshold: number;
  readonly weights: WeightFormat;
  readonly device: Device;
  /** Of the CPU. */
  readonly threads?: number;
  readonly loadMs: number;
}
/** Loads a model, replacing the one before; a failed load keeps the old one. */
export const loadRequest = new RequestType<LoadParams, ModelInfo, ErrorData>('lacuna/load');
export const loadProgress = new ProgressType<LoadProgress>();

/** A piece of the canvas, in document order: given text, a gap to fill, or text to denoise again. */
export type Part = TextPart | GapPart | DraftPart;
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
  /** Text that must stand in the gap; what comes before and after it there is found around it. */
  readonly contains?: string;
}

/**
 * Text that is there already: a share of its tokens becomes masks, the rest stays as it is. A text
 * without a line break comes back without one.
 */
export interface DraftPart {
  readonly draft: DraftWish;
}
export interface DraftWish {
  readonly text: string;
  /** Share of the tokens outside locks that is masked, 0..1. */
  readonly strength: number;
  /** Which tokens are masked first: those the model doubts most (default), or any, by the seed. */
  readonly order?: 'least-confident' | 'random';
  /** Ranges of `text` that stay as they are, ascending and disjoint; they may move as a whole. */
  readonly locks?: readonly TextRange[];
  /** Slots for each masked token, 0.25..4; 1 (default) keeps the length. */
  readonly growth?: number;
}
/**
 * UTF-16 code units of a part's text as the caller gave it, `end` exclusive. Texts are read with line
 * feeds only, fills come back so: there a `\r\n` is one character, and a range that cuts it takes all
 * of it.
 */
export interface TextRange {
  readonly start: number;
  readonly end: number;
}

export interface SamplingOptions {
  readonly sampler?: SamplerName;
  /** Denoise steps, for the rules that have a schedule. */
  readonly steps?: number;
  /** The factor rule's f: smaller commits fewer tokens a step. */
  readonly factor?: number;
  /** Confidence from which the rules `threshold` and `hierarchical` commit a token, 0..1. */
  readonly threshold?: number;
  /** 0 takes the likeliest token. */
  readonly temperature?: number;
  readonly topP?: number;
  readonly seed?: number;
  /**
   * Tokens that may change from one full forward to the next; in between only the gap's rows run against
   * the cached keys and values of the context. 1 recomputes everything at each step (exact).
   */
  readonly refreshEvery?: number;
  /** Of gaps of automatic length; `model` by default. */
  readonly lengthPolicy?: LengthPolicyName;
  /**
   * Whether the code around a gap constrains its decoding: brackets, blocks, names. True by default; heard by
   * models that fill from the left, in languages that are known, where a request is one to twelve gaps.
   */
  readonly constrain?: boolean;
  /** Where the run leaves its seed for another one, by ascending steps; not with variants. */
  readonly resumes?: readonly Resume[];
}
/**
 * Goes on from the canvas as it stood after a step, with other random numbers. That canvas need not
 * travel: the same request with the same seed comes to it again, its cache and schedule included.
 */
export interface Resume {
  /** The last `FillStep.step` that stays as it was; 0 is the masked canvas. */
  readonly fromStep: number;
  /** The seed that the run has already goes on with its numbers and so changes nothing. */
  readonly seed: number;
  /** Absent: as before. At 0 a seed changes nothing. */
  readonly temperature?: number;
}

export type VariantRank = 'confidence' | 'fit';

export interface FillParams {
  readonly parts: readonly Part[];
  /** VS Code's language id; the model may know a token for it. */
  readonly languageId?: string;
  readonly sampling?: SamplingOptions;
  /**
   * The context's keys and values of the last such request may serve this one where only some text at
   * the gap was typed since (approximate, as they are within one fill). For completion while typing; a
   * server for many, which keeps nothing from one request to the next, does not heed it.
   */
  readonly reuseContext?: boolean;
  /**
   * Whether a fill that does not suit the code around it (`misfit`) is made again another way, which takes text
   * back; true by default.
   */
  readonly mend?: boolean;
  /** Time for the fill, ms, waiting for others included; what is masked then is committed in one step. */
  readonly budgetMs?: number;
  /** `explicit` goes before `inline`, `inline` before `speculative`. */
  readonly priority?: 'explicit' | 'inline' | 'speculative';
  /**
   * What the gaps should do, in words; put where the model was trained to find it, or as a comment
   * above the first gap where it was not.
   */
  readonly instruction?: string;
  /** Different answers wanted, 1 (default) to 8; those after the first are drawn with other seeds. */
  readonly variants?: number;
  /**
   * What orders several variants. `confidence` (default): the first drawn stays first, the others follow by their
   * confidence. `fit`: all by how likely they are as a whole and how well the text behind the gaps follows; at
   * temperature 0 they are not drawn with seeds, but part from the first where its choices were closest.
   */
  readonly rank?: VariantRank;
  /** Token under which `fillProgress` reports each denoise step of the first variant. */
  readonly progressToken?: string;
}
export interface FilledToken {
  readonly text: string;
  /** Probability at the commit, 0..1; 1 for given tokens. */
  readonly confidence: number;
  /** Was there before: locked, kept by the strength, or what the gap must contain. */
  readonly given?: true;
}
export interface Fill {
  readonly text: string;
  readonly tokens: readonly FilledToken[];
  /**
   * Geometric mean of the confidences of the tokens that were written, 0..1; where none was, the
   * model's certainty that nothing is missing, or 1 where nothing was asked.
   */
  readonly confidence: number;
  /**
   * What the code around the gap asks for and the fill is not: in shape (brackets, blocks), or in its names (one that
   * nothing binds is read, or one that is read behind is not bound). Absent: it suits, or nothing is known.
   */
  readonly misfit?: Misfit;
}
export type Misfit = 'shape' | 'names';
export interface FillResult {
  /** One for each gap or draft, in document order. */
  readonly fills: readonly Fill[];
  /** The variants after the first that differ from it and from each other, the surest first. */
  readonly alternatives?: readonly (readonly Fill[])[];
  /** Denoise steps of the first variant. */
  readonly steps: number;
  /** Of the whole request: all variants, probed lengths, scored drafts. */
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
  /** Was there before, as in `FilledToken`. */
  readonly given?: true;
}
/** Fills the gaps; cancelled between two denoise steps by JSON-RPC's own cancel message. */
export const fillRequest = new RequestType<FillParams, FillResult, ErrorData>('lacuna/fill');
export const fillProgress = new ProgressType<FillStep>();

/** How sure the model is of text that stands there: each token masked in turn, both sides given. */
export interface ScoreParams {
  /** In document order; `score` is text whose tokens are looked at, `text` is given around it. */
  readonly parts: readonly (TextPart | { readonly score: string })[];
  readonly languageId?: string;
  /** Other tokens wanted for each, likeliest first; 5 by default, 10 at most. */
  readonly alternatives?: number;
  /**
   * One forward for each token. Absent: every eighth token is masked at once, which takes eight
   * forwards for a screenful and is off by some hundredths; few tokens are exact anyway.
   */
  readonly exact?: boolean;
  /** Token under which `scoreProgress` reports. */
  readonly progressToken?: string;
}
export interface ScoredToken extends TextRange {
  /** Probability of the token that stands there, 0..1. */
  readonly probability: number;
  /**
   * The likeliest others, without the one that stands there; none for a character of several tokens,
   * whose probability is the product of theirs.
   */
  readonly alternatives: readonly {
    readonly text: string;
    readonly probability: number;
  }[];
}
export interface ScoreResult {
  /** One list for each scored part, in document order; ranges are of that part's text. */
  readonly tokens: readonly (readonly ScoredToken[])[];
  readonly forwards: number;
  readonly elapsedMs: number;
}
/** 0..1 of the tokens looked at. */
export interface ScoreProgress {
  readonly fraction: number;
}
/** Scores text; queued behind fills that a person waits for, cancelled between two forwards. */
export const scoreRequest = new RequestType<ScoreParams, ScoreResult, ErrorData>('lacuna/score');
export const scoreProgress = new ProgressType<ScoreProgress>();

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
