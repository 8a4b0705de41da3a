/**
 * Denoising on a canvas whose gaps change their length (DreamOn, arXiv 2602.01326): a committed expand
 * token becomes two masks, a committed delete token vanishes, and with it every mask still to its right,
 * since the model puts deletes behind the text. Runs the ordinary loop until one of them is committed,
 * lays the canvas anew and goes on. Knows no text and no commit rule.
 */
import type { Denoiser } from '../model/denoiser';
import { Canvas, type SlotRule, type Span } from './canvas';
import { denoise, type DenoiseOptions, type DenoiseStep } from './denoise';
import type { ModelTraits } from './traits';

/** Tokens that a gap may have. */
export interface Bounds {
  readonly least: number;
  readonly most: number;
}

export interface GrowingStep extends DenoiseStep {
  /** After the step; another one than before where a gap changed its length. */
  readonly canvas: Canvas;
  /** Positions of that canvas. */
  readonly committed: readonly number[];
}

/** Ids of the two tokens; a model has both or neither. */
export function growthTokens({ expandId, deleteId }: ModelTraits): number[] {
  return [expandId, deleteId].filter((id) => id !== undefined);
}

/**
 * Denoises `canvas`, or what it becomes.
 * @param bounds by span; spans without any keep their length.
 */
export async function* denoiseGrowing(
  canvas: Canvas,
  bounds: ReadonlyMap<number, Bounds>,
  denoiser: Denoiser,
  traits: ModelTraits,
  options: DenoiseOptions = {},
): AsyncGenerator<GrowingStep, void, void> {
  const { opening, ...later } = options;
  // As in the authors' sampler: no more expansions than the gap may have tokens.
  const budget = new Map([...bounds].map(([span, { most }]) => [span, most]));
  const grower = new Grower(bounds, budget, traits, denoiser.maxTokens);
  let current = grower.guard(canvas);
  let [step, forwards] = [0, 0];
  for (let round = 0; ; round++) {
    const seed = (options.seed ?? 0) + round; // another draw than before the change
    const run = denoise(current, denoiser, traits, {
      ...later,
      seed,
      ...(round === 0 && opening ? { opening } : {}),
    });
    let next: Relaid | undefined;
    let before = 0;
    for await (const done of run) {
      forwards += done.forwards - before;
      before = done.forwards;
      next = grower.relay(current);
      const now = next?.canvas ?? current;
      const committed = next
        ? done.committed
            .flatMap((position) => next!.moved.get(position) ?? [])
            .filter((position) => now.masked[position] === 0) // an expanded slot is open again
        : done.committed;
      const closed = [...done.closed, ...(next?.emptied ?? [])];
      yield { ...done, step: step++, forwards, committed, closed, canvas: now };
      if (next) break;
    }
    if (!next) return;
    current = next.canvas;
  }
}

interface Relaid {
  readonly canvas: Canvas;
  /** Old position -> new one, of what is still there. */
  readonly moved: ReadonlyMap<number, number>;
  /** Gaps that hold nothing now, with the probability of the delete that ended them. */
  readonly emptied: readonly { readonly span: number; readonly certainty: number }[];
}

class Grower {
  /** The rule that a slot had before it was told how far its gap may grow; that is made anew. */
  private readonly owned = new WeakMap<SlotRule, SlotRule | undefined>();

  constructor(
    private readonly bounds: ReadonlyMap<number, Bounds>,
    private readonly budget: Map<number, number>,
    private readonly traits: ModelTraits,
    private readonly maxTokens: number,
  ) {}

  /** The canvas with rules that allow each token only where the gap may still grow or shrink. */
  guard(canvas: Canvas): Canvas {
    const rules = new Map<number, SlotRule>();
    for (const [span, { start, end }] of canvas.spans.entries()) {
      const limits = this.bounds.get(span);
      const length = end - start;
      const mayGrow =
        limits !== undefined &&
        length < limits.most &&
        canvas.length < this.maxTokens &&
        (this.budget.get(span) ?? 0) > 0;
      const mayShrink = limits !== undefined && length > limits.least;
      for (let position = start; position < end; position++) {
        const own = this.ownRule(canvas, position);
        const narrow = own?.narrow ?? false;
        const rule: SlotRule = {
          narrow,
          allows: (id) =>
            id === this.traits.expandId
              ? mayGrow
              : id === this.traits.deleteId
                ? mayShrink && !narrow // what must be spelled there is not given up
                : (own?.allows(id) ?? true),
        };
        this.owned.set(rule, own);
        rules.set(position, rule);
      }
    }
    return copyOf(canvas, canvas.ids, canvas.spans, canvas.masked, canvas.confidence, rules);
  }

  /** The canvas after growth and deletion; undefined where the last step asked for neither. */
  relay(canvas: Canvas): Relaid | undefined {
    const special = new Set(growthTokens(this.traits));
    const open = canvas.openPositions();
    if (!open.some((p) => canvas.masked[p] === 0 && special.has(canvas.ids[p]!))) return undefined;
    const cells: Cell[] = [];
    const spans: Span[] = [];
    const emptied: { span: number; certainty: number }[] = [];
    const given = (from: number, to: number) => {
      for (let p = from; p < to; p++) cells.push(cellAt(canvas, p));
    };
    let done = 0;
    let grown = 0;
    for (const [span, { start, end }] of canvas.spans.entries()) {
      given(done, start);
      const first = cells.length;
      const kept = this.cellsOf(canvas, span, this.maxTokens - canvas.length - grown);
      grown += kept.length - (end - start);
      cells.push(...kept);
      spans.push({ start: first, end: cells.length });
      if (kept.length === 0 && end > start) {
        emptied.push({ span, certainty: canvas.confidence[start]! });
      }
      done = end;
    }
    given(done, canvas.length);
    const rules = new Map<number, SlotRule>();
    const moved = new Map<number, number>();
    for (const [index, { from }] of cells.entries()) {
      if (from === undefined) continue;
      moved.set(from, index);
      const rule = this.ownRule(canvas, from);
      if (rule) rules.set(index, rule);
    }
    const relaid = copyOf(
      canvas,
      Int32Array.from(cells, ({ id }) => id),
      spans,
      Uint8Array.from(cells, ({ masked }) => masked),
      Float64Array.from(cells, ({ confidence }) => confidence),
      rules,
    );
    return { canvas: this.guard(relaid), moved, emptied };
  }

  private ownRule(canvas: Canvas, position: number): SlotRule | undefined {
    const rule = canvas.rules.get(position);
    return rule && this.owned.has(rule) ? this.owned.get(rule) : rule;
  }

  /** @param room tokens that the whole canvas may still grow by. */
  private cellsOf(canvas: Canvas, span: number, room: number): Cell[] {
    const { expandId, deleteId, maskId } = this.traits;
    const { start, end } = canvas.spans[span]!;
    const { least, most } = this.bounds.get(span) ?? { least: end - start, most: end - start };
    const mask = (from?: number): Cell => ({
      id: maskId,
      masked: 1,
      confidence: 0,
      ...(from === undefined ? {} : { from }),
    });
    const isDeleted = (p: number) => canvas.masked[p] === 0 && canvas.ids[p] === deleteId;
    let firstDelete = start;
    while (firstDelete < end && !isDeleted(firstDelete)) firstDelete++;
    const cells: Cell[] = [];
    const dropped: number[] = [];
    for (let p = start; p < end; p++) {
      if (isDeleted(p) || (canvas.masked[p] === 1 && p > firstDelete)) dropped.push(p);
      else if (canvas.masked[p] === 0 && canvas.ids[p] === expandId) {
        cells.push(mask(p));
        const left = this.budget.get(span) ?? 0;
        const fits = end - start - dropped.length < most && cells.length < most && room > 0;
        if (left > 0 && fits) {
          cells.push(mask());
          room--;
        }
        this.budget.set(span, left - 1);
      } else cells.push(cellAt(canvas, p));
    }
    // A gap that must hold so much keeps masks at its end, whatever the model says.
    while (cells.length < least && dropped.length > 0) cells.push(mask(dropped.shift()));
    return cells.slice(0, Math.max(most, least));
  }
}

interface Cell {
  readonly id: number;
  readonly masked: 0 | 1;
  readonly confidence: number;
  /** Where it stood before; absent: new. */
  readonly from?: number;
}

function cellAt(canvas: Canvas, position: number): Cell {
  return {
    id: canvas.ids[position]!,
    masked: canvas.masked[position] === 1 ? 1 : 0,
    confidence: canvas.confidence[position]!,
    from: position,
  };
}

function copyOf(
  { maskId, fromLeft, endings }: Canvas,
  ids: Int32Array,
  spans: readonly Span[],
  masked: Uint8Array,
  confidence: Float64Array,
  rules: ReadonlyMap<number, SlotRule>,
): Canvas {
  const pinned = new Set<number>();
  masked.forEach((flag, position) => flag === 0 && pinned.add(position));
  const copy = new Canvas(ids, spans, maskId, { rules, endings, fromLeft, pinned });
  copy.confidence.set(confidence);
  return copy;
}
