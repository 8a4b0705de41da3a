/**
 * What there is to see of a session: its hunks, the text that would take a target's place, one line of it
 * for the decorations, the whole document as it would be for the diff. Reads targets and proposals;
 * changes nothing but which denoise step it shows.
 */
import type * as vscode from 'vscode';
import type { Fill } from '../../protocol/messages';
import { placeOf } from './documents';
import type { Hunk } from './hunks';
import { drawFill, drawStep, drawText, stepText, type DrawnFill } from './pieces';
import type { Steps } from './proposalRequest';
import type { Proposals } from './proposals';
import { replacementOf } from './replacement';
import type { Review } from './review';
import type { Target } from './target';
import type { TargetList } from './targetList';
import { withHunks, type TextHunk } from './textHunks';

export class ProposalView {
  readonly #targets: TargetList;
  readonly #proposals: Proposals;
  readonly #review: Review;
  /** While it is denoised; undefined once there is an answer. */
  steps: Steps | undefined;

  constructor(targets: TargetList, proposals: Proposals, review: Review) {
    this.#targets = targets;
    this.#proposals = proposals;
    this.#review = review;
  }

  get maskedTokens(): number {
    const all = [...(this.steps?.values() ?? [])].flat();
    return all.filter(({ text }) => text === undefined).length;
  }

  /** Of the open targets, in the order of the canvas. */
  get hunks(): Hunk[] {
    return this.#targets.open.flatMap((target) => this.hunksOf(target));
  }

  /** One at least: a draft that is denoised, or comes back unchanged, is a hunk as a whole. */
  hunksOf(target: Target): Hunk[] {
    const { id, uri, range } = target;
    const text = this.steps ? undefined : this.replacement(target);
    const fill = this.fill(target);
    const whole = { key: `${id}`, target, uri, range, ...(text !== undefined && { text }) };
    if (text === undefined || !fill || target.kind === 'gap') return [whole];
    const parts = this.#openHunks(fill, target) ?? [];
    if (parts.length === 0) return [whole];
    return parts.map((part): Hunk => {
      const at = { start: range.start + part.start, end: range.start + part.end };
      return { key: `${id}:${part.start}`, target, uri, range: at, text: part.text, part };
    });
  }

  /** The one that is shown. */
  fill({ id }: Target): Fill | undefined {
    return this.#proposals.current?.get(id);
  }

  /** What would take the target's place; undefined: no fill is known, or it is of no use. */
  replacement(target: Target, variant?: number): string | undefined {
    const { batch, current } = this.#proposals;
    const proposal = variant === undefined ? current : batch?.variants[variant];
    const fill = proposal?.get(target.id);
    if (!fill) return undefined;
    if (target.kind === 'gap') return this.#written(fill, target);
    const hunks = this.#openHunks(fill, target);
    return hunks && withHunks(target.original, hunks);
  }

  /** The beginning of what would come, as far as it fits on a line. */
  drawn({ target, text, part }: Hunk): DrawnFill | undefined {
    if (this.steps) return drawStep(this.steps.get(target.id) ?? [{}]);
    if (text === undefined) return undefined;
    if (part) return drawText(text);
    return text === target.original ? drawText('') : drawFill(this.fill(target)!, text);
  }

  /** The document as it would be. */
  previewText(document: vscode.TextDocument): string {
    let text = document.getText();
    for (const target of this.#targets.openIn(document).toReversed()) {
      const { start, end } = target.range;
      const step = this.steps?.get(target.id);
      const shown = step ? stepText(step) : this.replacement(target);
      text = text.slice(0, start) + (shown ?? target.original) + text.slice(end);
    }
    return text;
  }

  #openHunks(fill: Fill, target: Target): readonly TextHunk[] | undefined {
    const proposed = this.#written(fill, target);
    return proposed === undefined ? undefined : this.#review.openHunks(fill, target, proposed);
  }

  #written(fill: Fill, target: Target): string | undefined {
    return replacementOf(fill, target, placeOf(this.#targets.documentOf(target), target.range));
  }
}
