/**
 * What the code around a gap demands of its fill, as a sampler asks it: how well a beginning still suits, and
 * whether the fill may end here. Decoding is constrained by it, since a small model writes what is likely from
 * the left and overlooks what the lines behind say. Knows no tokens.
 */
import { NameDemand } from './nameDemand';
import { Shape } from './shape';
import { Surroundings } from './surroundings';

/** 2: in shape and names, 1: in shape, 0: not even that. */
export type Suits = 0 | 1 | 2;

interface Place {
  readonly languageId: string | undefined;
  readonly singleLine: boolean;
  readonly hasNames?: boolean;
  readonly bindsUpTo?: number | undefined;
}

export class Demand {
  /** A word that is neither a name nor the head of anything. */
  static readonly anything = '0';
  readonly #around: Surroundings;
  readonly #shape: Shape;
  readonly #names: NameDemand | undefined;

  private constructor(around: Surroundings, singleLine: boolean, hasNames: boolean) {
    this.#around = around;
    this.#shape = new Shape(around, singleLine);
    this.#names = singleLine && hasNames && around.knowsNames ? new NameDemand(around) : undefined;
  }

  /**
   * @param before all text before the gap. @param behind all text behind it. @param singleLine the gap is a line
   *   or the rest of one. @param hasNames names can be judged, nothing before
   *   the gap being left open. @param bindsUpTo characters of the text behind whose names the gap has to bind where nothing
   *   does; all of them by default. @returns undefined where nothing is known of the place.
   */
  static of(
    before: string,
    behind: string,
    { languageId, singleLine, hasNames = true, bindsUpTo }: Place,
  ): Demand | undefined {
    const around = Surroundings.of(before, behind, languageId, bindsUpTo);
    return around && new Demand(around, singleLine, hasNames);
  }

  /** How well a fill that begins so can still come out. */
  goesOn(start: string): Suits {
    const scan = this.#around.upTo(start);
    if (!this.#shape.goesOn(start, scan)) return 0;
    return (this.#names?.goesOn(start, scan) ?? true) ? 2 : 1;
  }

  /** How well a whole fill suits. */
  judge(fill: string): Suits {
    if (!this.#shape.fits(fill)) return 0;
    return (this.#names?.fits(fill) ?? true) ? 2 : 1;
  }

  /** Of what suits in shape, about the least. */
  least(): string {
    return this.#shape.least(Demand.anything);
  }

  /** Whether a fill may end so: where it suits, or names that it has got wrong will not come right. */
  mayEnd(fill: string): boolean {
    const suits = this.judge(fill);
    return suits === 2 || (suits === 1 && this.goesOn(fill) < 2);
  }
}
