/**
 * Lays a canvas anew after tokens were committed that change a gap's length: an expand token becomes two
 * masks, a delete token goes with every mask to its right. Also the rules that allow either only where
 * the gap's bounds and budget do. Runs no network.
 */
import { Canvas, type SlotRule, type Span } from './canvas';
import type { ModelTraits } from './traits';

/** Tokens that a gap may have. */
export interface Bounds {
  readonly least: number;
  readonly most: number;
}

/** Ids of the two tokens; a model has both or neither. */
export function growthTokens({ expandId, deleteId }: ModelTraits): number[] {
  return [expandId, deleteId].filter((id) => id !== undefined);
}

export interface Relaid {
  readonly canvas: Canvas;
  /** Old position -> new one, of what is still there. */
  readonly moved: ReadonlyMap<number, number>;
  /** Gaps that hold nothing now, with the probability of the delete that ended them. */
  readonly emptied: readonly { readonly span: number; readonly certainty: number }[];
}

export class Grower {
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
