/**
 * Asks the sampler for proposals, one request at a time, and files the answers under the wish that they
 * were asked with. Knows no state of a session: whoever asks is told what came of it.
 */
import { ProposalRequest, type RequestTools, type Steps } from './proposalRequest';
import type { Proposal, Proposals } from './proposals';
import type { SessionSpec } from './sessionSpec';
import type { TargetList } from './targetList';
import type { Wish } from './wish';

export interface AskedThings {
  readonly spec: SessionSpec;
  readonly targets: TargetList;
  readonly proposals: Proposals;
}
export interface AskOptions {
  /** Of every target that is still open, after each denoise step. */
  readonly onSteps: (steps: Steps) => void;
  /** Takes an answer that came about elsewhere; false: it is not wanted any more. */
  readonly offer: (another: Proposal) => boolean;
}

export class ProposalAsker {
  readonly #things: AskedThings;
  readonly #tools: RequestTools;
  #request: AbortController | undefined;

  constructor(things: AskedThings, tools: RequestTools) {
    this.#things = things;
    this.#tools = tools;
  }

  abort(): void {
    this.#request?.abort();
  }

  /** Ends the request before it. Resolves to what came, and throws what went wrong; aborted is neither. */
  async ask(
    wish: Wish,
    variants: number,
    { onSteps, offer }: AskOptions,
  ): Promise<'new' | 'nothing new' | 'aborted'> {
    const { spec, targets, proposals } = this.#things;
    this.abort();
    const { signal } = (this.#request = new AbortController());
    const request = new ProposalRequest(this.#tools, spec, targets.open, wish, variants);
    try {
      const model = await request.model(signal);
      const tell = (steps: Steps) => {
        if (!signal.aborted) onSteps(steps);
      };
      const answers = await request.send(model, signal, tell, offer);
      if (signal.aborted) return 'aborted';
      const isMore = proposals.batch?.wish === wish;
      if (isMore) proposals.extend(answers);
      const isNew = isMore || proposals.add(wish, answers, variants > 1);
      return isNew ? 'new' : 'nothing new';
    } catch (thrown) {
      if (signal.aborted) return 'aborted';
      throw thrown;
    }
  }
}
