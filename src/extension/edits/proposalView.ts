/**
 * What there is to see of a session: the text that would take a target's place, one line of it for the
 * decorations, the whole document as it would be for the diff. Reads targets and proposals; changes
 * nothing but which denoise step it shows.
 */
import type * as vscode from 'vscode';
import { placeOf } from './documents';
import { drawFill, drawStep, stepText, type DrawnFill } from './pieces';
import type { Steps } from './proposalRequest';
import type { Proposals } from './proposals';
import { replacementOf } from './replacement';
import type { Target } from './target';
import type { TargetList } from './targetList';

export class ProposalView {
  readonly #targets: TargetList;
  readonly #proposals: Proposals;
  /** While it is denoised; undefined once there is an answer. */
  steps: Steps | undefined;

  constructor(targets: TargetList, proposals: Proposals) {
    this.#targets = targets;
    this.#proposals = proposals;
  }

  get maskedTokens(): number {
    const all = [...(this.steps?.values() ?? [])].flat();
    return all.filter(({ text }) => text === undefined).length;
  }

  /** What would take the target's place; undefined: no fill is known, or it is of no use. */
  replacement(target: Target, variant?: number): string | undefined {
    const { batch, current } = this.#proposals;
    const proposal = variant === undefined ? current : batch?.variants[variant];
    const fill = proposal?.get(target.id);
    const place = placeOf(this.#targets.documentOf(target), target.range);
    return fill && replacementOf(fill, target, place);
  }

  /** Its beginning, as far as it fits on a line. */
  drawn(target: Target): DrawnFill | undefined {
    if (this.steps) return drawStep(this.steps.get(target.id) ?? [{}]);
    const replacement = this.replacement(target);
    if (replacement === undefined) return undefined;
    return drawFill(this.#proposals.current!.get(target.id)!, replacement);
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
}
