/**
 * The conversations of a workspace, one file each. Files and not VS Code's memento, which a second window
 * of the same workspace would write over as a whole: here a save reads what another window wrote
 * and joins the two. Knows no editor; what a conversation is, conversation.ts says.
 */
import { randomBytes } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { merged, type Conversation } from './conversation';

/** The oldest ones go. */
export const mostConversations = 100;

const ending = '.json';
const soundId = /^[\w-]{1,64}$/;

export class ConversationStore {
  readonly #folder: string;
  /** Saves of this window, one after the other. */
  #saving: Promise<unknown> = Promise.resolve();

  constructor(folder: string) {
    this.#folder = folder;
  }

  static newId(): string {
    return randomBytes(9).toString('base64url');
  }

  /** Newest first; files that hold no conversation are passed over. */
  async all(): Promise<Conversation[]> {
    const names = await readdir(this.#folder).catch((): string[] => []);
    const ids = names.filter((n) => n.endsWith(ending)).map((n) => n.slice(0, -ending.length));
    const read = await Promise.all(ids.map((id) => this.read(id)));
    return read
      .filter((conversation) => conversation !== undefined)
      .sort((a, b) => b.changedMs - a.changedMs);
  }

  async read(id: string): Promise<Conversation | undefined> {
    if (!soundId.test(id)) return undefined;
    try {
      const value = JSON.parse(await readFile(this.fileOf(id), 'utf8')) as unknown;
      return isConversation(value, id) ? value : undefined;
    } catch {
      return undefined; // none, or one that another window is just replacing
    }
  }

  /** @returns the conversation joined with what another window made of it. */
  save(conversation: Conversation): Promise<Conversation> {
    const saved = this.#saving.then(() => this.#save(conversation));
    this.#saving = saved.catch(() => {});
    return saved;
  }

  async remove(id: string): Promise<void> {
    await this.#saving;
    if (soundId.test(id)) await rm(this.fileOf(id), { force: true });
  }

  async #save(conversation: Conversation): Promise<Conversation> {
    const other = await this.read(conversation.id);
    const joined = other ? merged(conversation, other) : conversation;
    await mkdir(this.#folder, { recursive: true });
    const temporary = this.fileOf(`${conversation.id}.${randomBytes(4).toString('hex')}.partial`);
    await writeFile(temporary, JSON.stringify(joined), { mode: 0o600 });
    await rename(temporary, this.fileOf(conversation.id));
    if (!other) await this.#sweep();
    return joined;
  }

  async #sweep(): Promise<void> {
    const old = (await this.all()).slice(mostConversations);
    await Promise.all(old.map(({ id }) => rm(this.fileOf(id), { force: true })));
  }

  /** Where a conversation of this id is kept, or would be. */
  fileOf(id: string): string {
    return path.join(this.#folder, id + ending);
  }
}

function isConversation(value: unknown, id: string): value is Conversation {
  const one = value as Partial<Conversation> | null;
  const isTurn = (turn: unknown) => {
    const {
      id: own,
      question,
      context,
      answer,
    } = (turn ?? {}) as Partial<Conversation['turns'][number]>;
    const isText = typeof own === 'string' && typeof question === 'string';
    return isText && Array.isArray(context) && typeof answer?.text === 'string';
  };
  return (
    one?.id === id &&
    Array.isArray(one.removed) &&
    typeof one.changedMs === 'number' &&
    Array.isArray(one.turns) &&
    one.turns.every(isTurn)
  );
}
