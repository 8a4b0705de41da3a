/**
 * The canvas: the L token ids being worked on, in document order. Some positions are given (pinned),
 * the others belong to spans and start masked. Masked is a flag of its own, never told by comparing
 * ids with the mask id, because given text may hold that very id. Knows neither text nor model.
 */

/** Positions start..end-1. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** Of a token that suits in every way. */
export const bestSuited = 2;

/** What may stand at one position; absent: everything that is not banned. */
export interface SlotRule {
  allows(id: number): boolean;
  /** How well an id suits what stands before it and around, up to `bestSuited`: the best suited are taken. */
  suits?(id: number): number;
  /** Few ids pass: the top candidates may hold none, so the whole row of logits is needed. */
  readonly narrow: boolean;
}

/** How a gap with more slots than it needs finds its end; src/sampler/ending.ts reads it. */
export interface Ending {
  /** Tokens that the gap holds at least. */
  readonly minLength: number;
  /** What stands there: the blank, or what a chat model puts behind its answers. */
  readonly endIds: readonly number[];
  /** Weight that blanks had in training; predictions of them are too low by it. */
  readonly blankLossWeight: number;
  /** Tokens that end a gap which has to stay on its line. */
  breaksLine?(id: number): boolean;
  /** Tokens that only say again what stands behind such a gap, all before `past` being written. */
  repeats?(past: number, id: number): boolean;
  /** Whether the place lets the gap end before a position, all before it being written. */
  mayEnd?(past: number): boolean;
}

interface CanvasOptions {
  readonly rules?: ReadonlyMap<number, SlotRule>;
  /** By span; a span without one keeps its length. */
  readonly endings?: ReadonlyMap<number, Ending>;
  /** Spans of given length, too, are committed from the left; those with an ending always are. */
  readonly fromLeft?: boolean;
  readonly pinned?: ReadonlySet<number>;
}

export class Canvas {
  /** (L) token ids, the mask id where masked. */
  readonly ids: Int32Array;
  /** (L) 1 where masked. */
  readonly masked: Uint8Array;
  /** (L) probability of the token at its commit, among what suits its place; 1 for given tokens. */
  readonly confidence: Float64Array;
  readonly rules: ReadonlyMap<number, SlotRule>;
  readonly endings: ReadonlyMap<number, Ending>;
  readonly fromLeft: boolean;
  readonly maskId: number;
  readonly #spans: Span[];

  /**
   * Masks every position of `spans` that `pinned` does not hold.
   * @param ids (L) given tokens; what they hold inside a span is kept only where pinned.
   */
  constructor(
    ids: Int32Array,
    spans: readonly Span[],
    maskId: number,
    options: CanvasOptions = {},
  ) {
    this.ids = ids.slice();
    this.masked = new Uint8Array(ids.length);
    this.confidence = new Float64Array(ids.length).fill(1);
    this.#spans = [...spans];
    this.rules = options.rules ?? new Map();
    this.endings = options.endings ?? new Map();
    this.fromLeft = options.fromLeft ?? false;
    this.maskId = maskId;
    for (const position of this.openPositions()) {
      if (!options.pinned?.has(position)) this.remask(position);
    }
  }

  get spans(): readonly Span[] {
    return this.#spans;
  }

  get length(): number {
    return this.ids.length;
  }

  /** Positions of all spans, ascending. */
  openPositions(): number[] {
    return this.spans.flatMap(({ start, end }) =>
      Array.from({ length: end - start }, (_, offset) => start + offset),
    );
  }

  maskedCount(): number {
    return this.masked.reduce((sum, flag) => sum + flag, 0);
  }

  /** Writes a drafted token. */
  commit(position: number, id: number, confidence: number): void {
    this.ids[position] = id;
    this.masked[position] = 0;
    this.confidence[position] = confidence;
  }

  /** Takes a token back. */
  remask(position: number): void {
    this.ids[position] = this.maskId;
    this.masked[position] = 1;
    this.confidence[position] = 0;
  }

  /**
   * Ends a span at `past`. The slots behind stay on the canvas as masks, as they did in training, and
   * belong to no span any more.
   */
  close(span: number, past: number): void {
    const { start, end } = this.#spans[span]!;
    this.masked.fill(0, past, end);
    this.#spans[span] = { start, end: past };
  }

  /** One character a position for masks, for failing tests and logs: `12 7 · · 9`. */
  show(): string {
    return [...this.ids].map((id, position) => (this.masked[position] ? '·' : id)).join(' ');
  }
}
