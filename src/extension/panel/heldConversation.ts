/**
 * The conversation of this window, and how it is kept: joined with what another window of the same
 * workspace made of it. Knows neither models nor pages.
 */
import { emptyConversation, withTurn, type Conversation, type Turn } from './conversation';
import { ConversationStore } from './conversationStore';

export interface HoldingTools {
  readonly store: ConversationStore;
  readonly now: () => number;
  /** For the log; never what was asked or answered. */
  readonly warn: (text: string) => void;
}

export class HeldConversation {
  readonly #tools: HoldingTools;
  /** Another window added to it. */
  readonly #onJoined: () => void;
  #present: Conversation;

  constructor(tools: HoldingTools, onJoined: () => void) {
    this.#tools = tools;
    this.#onJoined = onJoined;
    this.#present = this.#fresh();
  }

  get present(): Conversation {
    return this.#present;
  }

  /** Another one takes its place; absent: an empty one. Nothing of the old one is removed. */
  change(conversation: Conversation = this.#fresh()): void {
    this.#present = conversation;
  }

  put(turn: Turn): void {
    this.#present = withTurn(this.#present, turn);
  }

  async save(): Promise<void> {
    try {
      const mine = this.#present;
      const joined = await this.#tools.store.save(mine);
      // Only what another window added; what happened here meanwhile is newer.
      if (joined.turns.length === mine.turns.length || this.#present !== mine) return;
      this.#present = joined;
      this.#onJoined();
    } catch (thrown) {
      this.#tools.warn(`Cannot keep the conversation: ${String(thrown)}`);
    }
  }

  /** For a turn whose conversation was left while it was being answered. */
  async keepAside(id: string, turn: Turn): Promise<void> {
    const left = await this.#tools.store.read(id);
    if (left) await this.#tools.store.save(withTurn(left, turn));
  }

  #fresh(): Conversation {
    return emptyConversation(ConversationStore.newId(), this.#tools.now());
  }
}
