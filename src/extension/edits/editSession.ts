/**
 * One proposal over one or several targets, from the first denoise step until it is accepted, rejected
 * or cancelled: its state, its wish and what came of it. Asking is proposalAsker.ts, writing decisions.ts.
 * Draws nothing and listens to nothing: editSessions.ts feeds it with what happens.
 */
import * as vscode from 'vscode';
import { Decisions } from './decisions';
import type { Hunk } from './hunks';
import { ProposalAsker } from './proposalAsker';
import type { RequestTools } from './proposalRequest';
import { Proposals, type Proposal } from './proposals';
import { ProposalView } from './proposalView';
import { Review } from './review';
import type { SessionEnd, SessionSpec, SessionState } from './sessionSpec';
import { TargetList } from './targetList';
import type { TextChange } from './trackedRanges';
import { changedWish, type Wish, type WishChange } from './wish';
import { messageOf } from '../l10n';

/** Asked for once the user wants another than the first. */
const severalVariants = 3;

export class EditSession {
  readonly spec: SessionSpec;
  readonly targets: TargetList;
  readonly view: ProposalView;
  readonly #tools: RequestTools;
  readonly #asker: ProposalAsker;
  readonly #decisions: Decisions;
  readonly #proposals = new Proposals();
  readonly #changed = new vscode.EventEmitter<void>();
  readonly onChange = this.#changed.event;
  #wish: Wish;
  #state: SessionState = 'denoising';
  #detail = '';

  constructor(spec: SessionSpec, tools: RequestTools) {
    this.spec = spec;
    this.targets = new TargetList(spec.documents);
    const review = new Review();
    const { targets } = this;
    this.view = new ProposalView(targets, this.#proposals, review);
    this.#tools = tools;
    this.#asker = new ProposalAsker({ spec, targets, proposals: this.#proposals }, tools);
    this.#decisions = new Decisions(
      { targets, view: this.view, review },
      {
        isUp: () => this.isUp,
        say: (text) => this.#say(text),
        changed: () => this.#changed.fire(),
        end: (state, detail) => this.end(state, detail),
      },
    );
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
    if (this.#state === 'denoising') this.#asker.abort();
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
    if (this.#state === 'ready') await this.#decisions.accept(hunks);
  }

  /** What these hunks would replace stays as it is. */
  reject(hunks: readonly Hunk[] = this.view.hunks): void {
    if (this.isUp) this.#decisions.reject(hunks);
  }

  /** Somebody, or we, changed one of the documents. */
  documentChanged(document: vscode.TextDocument, changes: readonly TextChange[]): void {
    if (changes.length > 0 && this.isUp) this.#decisions.documentChanged(document, changes);
  }

  end(state: SessionEnd, detail = ''): void {
    if (!this.isUp) return;
    this.#asker.abort();
    this.#state = state;
    this.#detail = detail;
    this.#changed.fire();
    this.#changed.dispose();
  }

  async #ask(wish: Wish, variants: number): Promise<void> {
    this.#asker.abort();
    this.#state = 'denoising';
    this.view.steps = new Map();
    this.#changed.fire();
    try {
      const came = await this.#asker.ask(wish, variants, {
        onSteps: (steps) => {
          this.view.steps = steps;
          this.#changed.fire();
        },
        offer: (another) => this.#offer(wish, another),
      });
      if (came === 'aborted') return;
      this.#becomeReady();
      this.#wish = wish; // though it brought nothing new, the next key goes on from it
      if (came === 'nothing new') this.#say(noOther());
    } catch (thrown) {
      this.#fail(thrown);
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

  #say(text: string): void {
    this.#detail = text;
    this.#tools.say(text);
  }
}

function noOther(): string {
  return vscode.l10n.t('The model has no other fill to offer');
}
