/**
 * One proposal over one or several targets, from the first denoise step until it is accepted, rejected
 * or cancelled. Owns the request and what came of it, and writes into a document in one place only,
 * `accept`. Draws nothing and listens to nothing: editSessions.ts feeds it with what happens.
 */
import * as vscode from 'vscode';
import { applyReplacements } from './applyEdit';
import { partsOf, rangesOf, type Hunk } from './hunks';
import { ProposalRequest, type RequestTools, type Steps } from './proposalRequest';
import { Proposals, type Proposal } from './proposals';
import { ProposalView } from './proposalView';
import { Review } from './review';
import type { Target } from './target';
import { TargetList, type Replacing, type TargetsIn } from './targetList';
import type { TextChange } from './trackedRanges';
import { changedWish, type Wish, type WishChange } from './wish';
import { messageOf } from '../l10n';

export type SessionState =
  | 'denoising'
  | 'ready'
  | 'accepted' // some or all of it
  | 'rejected'
  | 'cancelled' // by an edit, or because its document was closed
  | 'failed';

export interface SessionSpec {
  /** For messages: `Cannot regenerate`. */
  readonly doing: string;
  /** In the order of the canvas. */
  readonly documents: readonly TargetsIn[];
  readonly wish: Wish;
  readonly instruction?: string;
}

/** Asked for once the user wants another than the first. */
const severalVariants = 3;

export class EditSession {
  readonly spec: SessionSpec;
  readonly targets: TargetList;
  readonly view: ProposalView;
  readonly #tools: RequestTools;
  readonly #proposals = new Proposals();
  readonly #review = new Review();
  readonly #changed = new vscode.EventEmitter<void>();
  readonly onChange = this.#changed.event;
  #wish: Wish;
  #state: SessionState = 'denoising';
  #detail = '';
  #request: AbortController | undefined;
  /** What an edit of ours is replacing right now. */
  #replacing: Replacing | undefined;

  constructor(spec: SessionSpec, tools: RequestTools) {
    this.spec = spec;
    this.targets = new TargetList(spec.documents);
    this.view = new ProposalView(this.targets, this.#proposals, this.#review);
    this.#tools = tools;
    this.#wish = spec.wish;
  }

  get state(): SessionState {
    return this.#state;
  }
  get isUp(): boolean {
    return this.#state === 'denoising' || this.#state === 'ready';
  }
  /** Why it ended, or what was last said of it; for people. */
  get detail(): string {
    return this.#detail;
  }
  get wish(): Wish {
    return this.#wish;
  }
  /** Of the present wish; none before the first answer. */
  get alternatives(): { readonly count: number; readonly chosen: number } {
    const { variants = [], chosen = 0 } = this.#proposals.batch ?? {};
    return { count: variants.length, chosen };
  }

  /** The first request; resolves when it is answered, whatever became of it. */
  start(): Promise<void> {
    return this.#ask(this.#wish, 1);
  }

  /** Asks anew with the wish changed; what was proposed before stays for `undo`. */
  async change(change: WishChange): Promise<void> {
    if (!this.isUp) return;
    const sized = this.targets.open.map(({ id, kind }) => {
      const tokens = this.#proposals.current?.get(id)?.tokens.length ?? 0;
      return { id, kind, tokens };
    });
    const wish = changedWish(this.#wish, change, sized);
    if (wish) await this.#ask(wish, change === 'again' ? severalVariants : 1);
    else this.#say(vscode.l10n.t('Nothing changes by that'));
  }

  /** Ends a request for another proposal; else back to what was proposed before the last one. */
  undo(): void {
    if (!this.isUp || !this.#proposals.batch) return;
    if (this.#state === 'denoising') this.#request?.abort();
    else if (this.#proposals.canUndo) this.#proposals.undo();
    else return this.#say(vscode.l10n.t('Nothing was proposed before this'));
    this.#becomeReady();
  }

  /** Shows another variant of the same wish. */
  async cycle(step: 1 | -1): Promise<void> {
    if (!(await this.fetchAlternatives())) return;
    this.#proposals.cycle(step);
    this.#changed.fire();
  }

  choose(variant: number): void {
    this.#proposals.choose(variant);
    this.#changed.fire();
  }

  /** Asks for variants where only one is known. False: there is no other, or it came to nothing. */
  async fetchAlternatives(): Promise<boolean> {
    const batch = this.#proposals.batch;
    if (this.#state !== 'ready' || !batch) return false;
    if (!batch.isComplete) await this.#ask(batch.wish, severalVariants);
    if (this.state !== 'ready' || this.#proposals.batch?.wish !== batch.wish) return false;
    if (this.alternatives.count > 1) return true;
    this.#say(noOther());
    return false;
  }

  /** Writes these hunks, all that a document gets as one undo step; the others stay to be decided. */
  async accept(hunks: readonly Hunk[] = this.view.hunks): Promise<void> {
    if (this.#state !== 'ready' || this.#replacing) return;
    const filled = hunks.filter(({ text }) => text !== undefined);
    if (filled.length === 0) return this.#say(vscode.l10n.t('There is no fill to accept'));
    if (!this.#checkOriginals(filled.map(({ target }) => target))) return;
    const replacements = filled.map(({ target, range, text }) => ({
      document: this.targets.documentOf(target),
      range,
      text: text!,
    }));
    this.#replacing = rangesOf(filled);
    const isDone = await applyReplacements(replacements).then(
      (done) => done,
      () => false,
    );
    this.#replacing = undefined;
    if (!this.isUp) return;
    if (isDone) this.#settle(filled, 'accepted');
    else this.#refused();
    // A fill that is of no use is not offered any longer than the others.
    const useless = hunks.filter(({ text }) => text === undefined);
    if (isDone && useless.length > 0) this.#settle(useless, 'rejected');
    this.#checkOriginals(this.targets.open);
  }

  /** What these hunks would replace stays as it is. */
  reject(hunks: readonly Hunk[] = this.view.hunks): void {
    if (this.isUp && !this.#replacing) this.#settle(hunks, 'rejected');
  }

  /** Somebody, or we, changed one of the documents. */
  documentChanged(document: vscode.TextDocument, changes: readonly TextChange[]): void {
    if (changes.length === 0 || !this.isUp) return;
    const isWhole = this.targets.follow(document, changes, this.#replacing);
    if (isWhole && this.#replacing) return; // told once all that it changes is known
    if (isWhole) this.#changed.fire();
    else this.end('cancelled', vscode.l10n.t('the text that it was to replace was edited'));
  }

  end(state: Exclude<SessionState, 'denoising' | 'ready'>, detail = ''): void {
    if (!this.isUp) return;
    this.#request?.abort();
    this.#state = state;
    this.#detail = detail;
    this.#changed.fire();
    this.#changed.dispose();
  }

  async #ask(wish: Wish, variants: number): Promise<void> {
    this.#request?.abort();
    const abort = new AbortController();
    this.#request = abort;
    this.#state = 'denoising';
    this.view.steps = new Map();
    this.#changed.fire();
    const request = new ProposalRequest(this.#tools, this.spec, this.targets.open, wish, variants);
    try {
      const model = await request.model(abort.signal);
      const onSteps = (steps: Steps) => {
        if (abort.signal.aborted) return;
        this.view.steps = steps;
        this.#changed.fire();
      };
      const offer = (another: Proposal) => this.#offer(wish, another);
      const answers = await request.send(model, abort.signal, onSteps, offer);
      if (abort.signal.aborted) return;
      const isMore = this.#proposals.batch?.wish === wish;
      if (isMore) this.#proposals.extend(answers);
      const isNew = isMore || this.#proposals.add(wish, answers, variants > 1);
      this.#becomeReady();
      this.#wish = wish; // though it brought nothing new, the next key goes on from it
      if (!isNew) this.#say(noOther());
    } catch (thrown) {
      if (!abort.signal.aborted) this.#fail(thrown);
    }
  }

  /** Proposes an answer that came about elsewhere; `undo` goes back to what was proposed before. */
  #offer(wish: Wish, proposal: Proposal): boolean {
    if (this.#state !== 'ready') return false;
    const isNew = this.#proposals.add({ ...wish }, [proposal], false);
    if (isNew) this.#becomeReady();
    return isNew;
  }

  #fail(thrown: unknown): void {
    const message = messageOf(thrown);
    if (!this.#proposals.batch) return this.end('failed', message);
    this.#detail = message;
    this.#becomeReady();
    this.#tools.complain(message);
  }

  #becomeReady(): void {
    this.#state = 'ready';
    this.#wish = this.#proposals.batch!.wish;
    this.view.steps = undefined;
    this.#changed.fire();
  }

  #settle(hunks: readonly Hunk[], status: 'accepted' | 'rejected'): void {
    for (const [target, parts] of partsOf(hunks)) {
      const fill = this.view.fill(target);
      const isWhole = parts.length === 0 || !fill;
      if (!isWhole && status === 'accepted') {
        this.targets.revise(target.id, this.#review.accept(fill, target, parts));
      } else if (!isWhole) {
        this.#review.reject(fill, target, parts);
      }
      if (!isWhole && this.#review.hasOpen(fill, this.targets.of(target))) continue;
      // Of a draft with hunks, one that was accepted is enough to have changed the document.
      const isAccepted = status === 'accepted' || target.accepted !== undefined;
      this.targets.settle([target], isAccepted ? 'accepted' : 'rejected');
    }
    if (this.targets.open.length > 0) return this.#changed.fire();
    const isAccepted = this.targets.all.some((target) => target.status === 'accepted');
    this.end(isAccepted ? 'accepted' : 'rejected');
  }

  #checkOriginals(targets: readonly Target[]): boolean {
    const hold = this.targets.holdOriginals(targets);
    if (!hold) this.end('cancelled', vscode.l10n.t('the text that it was to replace has changed'));
    return hold;
  }

  #refused(): void {
    this.#say(vscode.l10n.t('VS Code refused the edit; the document may be read-only'));
    this.#changed.fire();
  }

  #say(text: string): void {
    this.#detail = text;
    this.#tools.say(text);
  }
}

function noOther(): string {
  return vscode.l10n.t('The model has no other fill to offer');
}
