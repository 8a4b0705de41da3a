/**
 * One proposal over one or several targets, from the first denoise step until it is accepted, rejected
 * or cancelled. Owns the request and what came of it, and writes into a document in one place only,
 * `accept`. Draws nothing and listens to nothing: editSessions.ts feeds it with what happens.
 */
import * as vscode from 'vscode';
import { applyReplacements } from './applyEdit';
import { ProposalRequest, type RequestTools } from './proposalRequest';
import { Proposals } from './proposals';
import { ProposalView } from './proposalView';
import type { Target } from './target';
import { TargetList, type TargetsIn } from './targetList';
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
  readonly #changed = new vscode.EventEmitter<void>();
  readonly onChange = this.#changed.event;
  #wish: Wish;
  #state: SessionState = 'denoising';
  #detail = '';
  #request: AbortController | undefined;
  /** Targets that an edit of ours is replacing right now. */
  #replacing: ReadonlySet<number> | undefined;

  constructor(spec: SessionSpec, tools: RequestTools) {
    this.spec = spec;
    this.targets = new TargetList(spec.documents);
    this.view = new ProposalView(this.targets, this.#proposals);
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

  /** Writes the fills of these targets, all that a document gets as one undo step. */
  async accept(targets: readonly Target[] = this.targets.open): Promise<void> {
    if (this.#state !== 'ready' || this.#replacing) return;
    const filled = targets.filter((target) => this.view.replacement(target) !== undefined);
    if (filled.length === 0) return this.#say(vscode.l10n.t('There is no fill to accept'));
    if (!this.#checkOriginals(filled)) return;
    const replacements = filled.map((target) => ({
      document: this.targets.documentOf(target),
      range: target.range,
      text: this.view.replacement(target)!,
    }));
    this.#replacing = new Set(filled.map(({ id }) => id));
    const isDone = await applyReplacements(replacements).then(
      (done) => done,
      () => false,
    );
    this.#replacing = undefined;
    if (!this.isUp) return;
    if (isDone) this.targets.settle(filled, 'accepted');
    else this.#say(vscode.l10n.t('VS Code refused the edit; the document may be read-only'));
    // A fill that is of no use is not offered any longer than the others.
    if (isDone) this.#settle(targets, 'rejected');
    this.#checkOriginals(this.targets.open);
  }

  reject(targets: readonly Target[] = this.targets.open): void {
    if (this.isUp && !this.#replacing) this.#settle(targets, 'rejected');
  }

  /** Somebody, or we, changed one of the documents. */
  documentChanged(document: vscode.TextDocument, changes: readonly TextChange[]): void {
    if (changes.length === 0 || !this.isUp) return;
    if (this.targets.follow(document, changes, this.#replacing)) this.#changed.fire();
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
      const answers = await request.send(model, abort.signal, (steps) => {
        if (abort.signal.aborted) return;
        this.view.steps = steps;
        this.#changed.fire();
      });
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

  #settle(targets: readonly Target[], status: 'accepted' | 'rejected'): void {
    this.targets.settle(targets, status);
    if (this.targets.open.length > 0) return this.#changed.fire();
    const isAccepted = this.targets.all.some((target) => target.status === 'accepted');
    this.end(isAccepted ? 'accepted' : 'rejected');
  }

  #checkOriginals(targets: readonly Target[]): boolean {
    const hold = this.targets.holdOriginals(targets);
    if (!hold) this.end('cancelled', vscode.l10n.t('the text that it was to replace has changed'));
    return hold;
  }

  #say(text: string): void {
    this.#detail = text;
    this.#tools.say(text);
  }
}

function noOther(): string {
  return vscode.l10n.t('The model has no other fill to offer');
}
