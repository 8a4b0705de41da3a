/**
 * One request through the queue and the engine, its figures put right, cancelled by a signal. Without an
 * owner nobody's newer inline fill takes its place: behind a proxy many people share a connection. Knows
 * no HTTP.
 */
import type { ChatParams, ChatResult, ChatStep } from '../../protocol/chatMessages';
import type {
  FillParams,
  FillResult,
  FillStep,
  ScoreParams,
  ScoreResult,
} from '../../protocol/messages';
import { checkChatParams } from '../chatParams';
import { checkFillParams } from '../fillParams';
import type { Priority, Ticket } from '../queue';
import { checkScoreParams } from '../scoreParams';
import type { ServedEngine } from './servedEngine';
import type { ServedQueue } from './servedQueue';

export class LentEngine {
  constructor(
    readonly engine: ServedEngine,
    readonly queue: ServedQueue,
  ) {}

  /**
   * @param owner whose newer inline fill takes the place of an older one
   * @throws LacunaError before anything waits, where the params are wrong.
   */
  fill(
    params: unknown,
    signal: AbortSignal,
    onStep?: (step: FillStep) => void,
    owner: object = {},
  ): Promise<FillResult> {
    const { reuseContext: _, ...checked }: FillParams = checkFillParams(params);
    // The context of the request before may be another person's: nothing is kept from one to the next.
    const work = (ticket: Ticket) =>
      this.engine.fill(checked, { signal: ticket.signal, turn: ticket.turn, ...withStep(onStep) });
    return this.#run(checked.priority ?? 'explicit', signal, work, owner);
  }

  chat(
    params: unknown,
    signal: AbortSignal,
    onStep?: (step: ChatStep) => void,
  ): Promise<ChatResult> {
    const checked: ChatParams = checkChatParams(params);
    return this.#run('explicit', signal, (ticket) =>
      this.engine.chat(checked, { signal: ticket.signal, turn: ticket.turn, ...withStep(onStep) }),
    );
  }

  score(
    params: unknown,
    signal: AbortSignal,
    onProgress?: (fraction: number) => void,
  ): Promise<ScoreResult> {
    const checked: ScoreParams = checkScoreParams(params);
    return this.#run('speculative', signal, (ticket) =>
      this.engine.score(checked, {
        signal: ticket.signal,
        turn: ticket.turn,
        ...(onProgress && { onProgress }),
      }),
    );
  }

  async #run<T extends { readonly elapsedMs: number }>(
    priority: Priority,
    signal: AbortSignal,
    work: (ticket: Ticket) => Promise<T>,
    owner: object = {},
  ): Promise<T & { readonly queueMs: number }> {
    return this.queue.run({ priority, owner, signal }, async (ticket) => {
      const waitedBeforeMs = ticket.waitedMs();
      const result = await work(ticket);
      const queueMs = ticket.waitedMs();
      return { ...result, elapsedMs: result.elapsedMs - (queueMs - waitedBeforeMs), queueMs };
    });
  }
}

function withStep<S>(onStep: ((step: S) => void) | undefined): { onStep?: (step: S) => void } {
  return onStep ? { onStep } : {};
}
