/**
 * What the code around several gaps demands of each of them, and they of each other: one that is written is read as
 * it is, one that is not as the least that may stand there. Knows no tokens and fills nothing.
 */
import { Demand } from './demand';

export interface DemandingGap {
  readonly singleLine: boolean;
}

export class Demands {
  /** By gap: the least that may stand there. */
  #standIns: readonly string[] | undefined;
  readonly #last = new Map<number, { readonly key: string; readonly demand: Demand | undefined }>();

  /** @param texts what stands before, between and behind the gaps: one more than they are. */
  constructor(
    private readonly texts: readonly string[],
    private readonly gaps: readonly DemandingGap[],
    private readonly languageId: string | undefined,
  ) {}

  get count(): number {
    return this.gaps.length;
  }

  /** The gap before stands on the same line: how this one ends depends on how that one does. */
  goesOnLine(gap: number): boolean {
    return gap > 0 && !this.texts[gap]!.includes('\n');
  }

  /**
   * Of one gap; undefined where nothing is known of the place.
   * @param fills of all gaps, this one's not heeded; undefined where one is not written yet.
   */
  at(gap: number, fills: readonly (string | undefined)[]): Demand | undefined {
    const others = fills.map((fill, index) => (index === gap ? undefined : fill));
    const key = JSON.stringify(others);
    const last = this.#last.get(gap);
    if (last?.key === key) return last.demand;
    const demand = this.#make(gap, others);
    this.#last.set(gap, { key, demand });
    return demand;
  }

  #make(gap: number, fills: readonly (string | undefined)[]): Demand | undefined {
    const { texts, languageId } = this;
    const textOf = (other: number) => fills[other] ?? this.#expected()[other]!;
    let before = texts[0]!;
    for (let other = 0; other < gap; other++) before += textOf(other) + texts[other + 1]!;
    let behind = texts[gap + 1]!;
    let bindsUpTo: number | undefined;
    for (let other = gap + 1; other < this.gaps.length; other++) {
      // What is read behind a gap that is not written may be bound in that one.
      if (fills[other] === undefined) bindsUpTo ??= behind.length;
      behind += textOf(other) + texts[other + 1]!;
    }
    return Demand.of(before, behind, {
      languageId,
      singleLine: this.gaps[gap]!.singleLine,
      hasNames: !fills.slice(0, gap).includes(undefined),
      bindsUpTo,
    });
  }

  #expected(): readonly string[] {
    if (this.#standIns) return this.#standIns;
    const standIns = this.gaps.map(() => Demand.anything);
    const unwritten = this.gaps.map(() => undefined);
    this.#standIns = standIns;
    for (const gap of this.gaps.keys()) standIns[gap] = this.#make(gap, unwritten)?.least() ?? '';
    return standIns;
  }
}
