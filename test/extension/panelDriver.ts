/**
 * The instruction panel as its suites drive it: says what a page would say, hears what a page is told, and
 * stands in for a model that converses. Knows no single test.
 */
import { strict as assert } from 'node:assert';
import type * as vscode from 'vscode';
import type { Panel } from '../../src/extension/panel/panel';
import type { LacunaApi } from '../../src/extension/extension';
import type { ChatParams, ChatResult, ChatStep } from '../../src/protocol/chatMessages';
import type { ModelInfo } from '../../src/protocol/messages';
import type { ToPanel } from '../../src/protocol/panelMessages';
import type { Turn } from '../../src/extension/panel/conversation';
import { run } from './editorText';
import { until } from './workbench';

type Told<Type extends ToPanel['type']> = Extract<ToPanel, { readonly type: Type }>;

export class PanelDriver {
  readonly panel: Panel;
  readonly told: ToPanel[] = [];
  readonly #listener: vscode.Disposable;

  constructor(api: LacunaApi) {
    // Not in LacunaApi's type: it is there only while tests run.
    this.panel = (api as LacunaApi & { panel: Panel }).panel;
    this.#listener = this.panel.onPost((message) => this.told.push(message));
  }

  async dispose(): Promise<void> {
    this.panel.controller.stop();
    await until('the answer ends', () => !this.panel.controller.isAnswering);
    this.#listener.dispose();
    this.panel.source.use({});
    await run('clearConversation');
  }

  say(message: unknown): void {
    this.panel.receive(message);
  }

  last<Type extends ToPanel['type']>(type: Type): Told<Type> | undefined {
    return this.told.findLast((message) => message.type === type) as Told<Type> | undefined;
  }

  /** The next message of a kind that fits, from now on or since `from`. */
  async hears<Type extends ToPanel['type']>(
    type: Type,
    fits: (message: Told<Type>) => boolean = () => true,
    from = 0,
  ): Promise<Told<Type>> {
    const found = () =>
      this.told.slice(from).find((m) => m.type === type && fits(m as Told<Type>)) as Told<Type>;
    await until(`the page is told "${type}"`, () => found() !== undefined);
    return found();
  }

  /** Asks, and waits until the question is taken. */
  async ask(text: string, chips: readonly string[] = ['selection', 'file']): Promise<void> {
    const from = this.told.length;
    this.say({ type: 'send', text, chips });
    await until('the question is taken', () => {
      const refused = this.told.slice(from).find(({ type }) => type === 'refused');
      assert(!refused, JSON.stringify(refused));
      return this.told.slice(from).some(({ type }) => type === 'taken');
    });
  }

  /** Asks, and waits for the reason why it is not taken. */
  async refusal(text: string, chips: readonly string[] = ['selection', 'file']): Promise<string> {
    const from = this.told.length;
    this.say({ type: 'send', text, chips });
    return (await this.hears('refused', undefined, from)).reason;
  }

  get turns(): readonly Turn[] {
    return this.panel.controller.conversation.turns;
  }

  /** The last turn once its answer has come to an end. */
  async answered(): Promise<Turn> {
    await until('the answer ends', () => {
      return this.turns.length > 0 && !this.panel.controller.isAnswering;
    });
    return this.turns.at(-1)!;
  }
}

/** What a tuned model answers, without one. */
export class FakeChat {
  readonly requests: ChatParams[] = [];
  answer = (request: number) => `answer ${request}`;
  ended = true;
  /** No answer before this. */
  held: Promise<void> | undefined;
  /** Of the last request. */
  signal: AbortSignal | undefined;
  steps: readonly ChatStep[] = [{ step: 0, forwards: 0, maskedTokens: 1, tokens: [{}] }];

  constructor(driver: PanelDriver, model: ModelInfo) {
    driver.panel.source.use({
      model: { ...model, chat: 'template' },
      count: async (texts) => ({
        counts: texts.map((text) => text.split(/\s+/).length),
        maxTokens: model.maxTokens,
      }),
      preview: async () => ({
        ...{ pieces: [], tokens: 1, maxTokens: model.maxTokens },
        ...{ leftOut: { before: 0, after: 0 }, leftOutMessages: 2 },
      }),
      chat: async (params, { onStep, signal }): Promise<ChatResult> => {
        this.signal = signal;
        const request = this.requests.push(params) - 1;
        await this.held;
        const text = this.answer(request);
        for (const step of this.steps) onStep(step);
        return {
          ...{ text, tokens: [{ text, confidence: 0.8 }], confidence: 0.8, ended: this.ended },
          ...{ promptTokens: 3, leftOutMessages: 0, steps: 4, forwards: 4 },
          ...{ elapsedMs: 20, forwardMs: 10, queueMs: 0 },
        };
      },
    });
  }
}
