/**
 * A checkpoint's chat template (Jinja, as `transformers` reads it) turned into pieces of text and
 * special tokens. What people and models said never passes through the template: marks stand in for it
 * and are replaced afterwards, so no message can spell a special token or a role. Knows no ids.
 */
import { Template } from '@huggingface/jinja';
import { LacunaError } from '../protocol/errors';
import type { ChatMessage } from '../protocol/chatMessages';

/** A special token by its name, or running text. */
export type PromptPiece = { readonly special: string } | { readonly text: string };

export interface TemplateTokens {
  readonly bosToken?: string | undefined;
  readonly eosToken?: string | undefined;
}

const mark = (index: number) => `\uE000${index}\uE001`; // private use: no template holds them
const marks = /\uE000(\d+)\uE001/;

export class ChatTemplate {
  readonly #template: Template;
  readonly #tokens: TemplateTokens;
  /** Longest first, so that no token is found in the middle of another. */
  readonly #specials: readonly string[];

  /** @throws LacunaError `badCheckpoint` for a template that cannot be parsed. */
  constructor(source: string, specials: Iterable<string>, tokens: TemplateTokens = {}) {
    this.#tokens = tokens;
    this.#specials = [...specials].filter((s) => s !== '').sort((a, b) => b.length - a.length);
    try {
      this.#template = new Template(source);
    } catch (thrown) {
      throw unreadable(thrown);
    }
  }

  /** What the model reads before its answer, neighbouring texts joined. */
  render(messages: readonly ChatMessage[]): PromptPiece[] {
    const rendered = this.#fill(messages, true);
    if (!rendered.includes(mark(messages.length - 1))) {
      throw unreadable('it leaves out the last message');
    }
    return this.#pieces(rendered, messages);
  }

  /** The special token behind an assistant's message; undefined: the template writes none there. */
  endOfTurn(): string | undefined {
    const said: ChatMessage[] = [
      { role: 'user', content: '' },
      { role: 'assistant', content: '' },
    ];
    const behind = this.#fill(said, false).split(mark(1))[1] ?? '';
    const first = this.#pieces(behind, []).find(
      (piece) => 'special' in piece || piece.text.trim() !== '',
    );
    return first && 'special' in first ? first.special : undefined;
  }

  #fill(messages: readonly ChatMessage[], add_generation_prompt: boolean): string {
    try {
      return this.#template.render({
        messages: messages.map(({ role }, index) => ({ role, content: mark(index) })),
        add_generation_prompt,
        bos_token: this.#tokens.bosToken ?? '',
        eos_token: this.#tokens.eosToken ?? '',
      });
    } catch (thrown) {
      throw unreadable(thrown);
    }
  }

  #pieces(rendered: string, messages: readonly ChatMessage[]): PromptPiece[] {
    const pieces: PromptPiece[] = [];
    const addText = (text: string) => {
      const last = pieces.at(-1);
      if (text === '') return;
      if (last && 'text' in last) pieces[pieces.length - 1] = { text: last.text + text };
      else pieces.push({ text });
    };
    for (const [index, part] of rendered.split(marks).entries()) {
      if (index % 2 === 1) addText(messages[Number(part)]?.content ?? '');
      else
        for (const piece of this.#split(part))
          'text' in piece ? addText(piece.text) : pieces.push(piece);
    }
    return pieces;
  }

  /** The template's own words, with the special tokens that they name. */
  #split(text: string): PromptPiece[] {
    if (this.#specials.length === 0) return [{ text }];
    const named = new RegExp(`(${this.#specials.map(escaped).join('|')})`);
    return text
      .split(named)
      .map((part, index) => (index % 2 === 1 ? { special: part } : { text: part }));
  }
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}

function unreadable(thrown: unknown): LacunaError {
  const why = thrown instanceof Error ? thrown.message : String(thrown);
  return new LacunaError('badCheckpoint', {
    doing: "Cannot fill in the model's chat template",
    found: why.replace(/[.\s]+$/, ''),
    advice: 'Convert the checkpoint again with --chat none, or with a template that can be read',
  });
}
