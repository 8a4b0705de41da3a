/**
 * What the model would read, as text again: the very canvas of a request, laid out and cut to the
 * model's size by the code that does it for the request itself. Runs no forward, so a draft is shown whole
 * and a gap whose length is not known yet with the slots that it opens with.
 */
import type { Part } from '../protocol/messages';
import type { ChatMessage, PreviewPiece, PreviewResult } from '../protocol/chatMessages';
import type { Tokenizer } from '../tokenizer/tokenizer';
import { chatPrompt } from './chat';
import type { PromptModel } from './chatPrompt';
import { layOut, type LayoutOptions } from './layout';
import { provisionalSlots } from './lengthProbe';
import { isGap, makeCanvas } from './makeCanvas';
import { wholeDrafts } from './strength';
import type { ModelTraits } from './traits';

export interface PreviewModel {
  readonly tokenizer: Tokenizer;
  readonly traits: ModelTraits;
}

/** @throws LacunaError `contextTooLong` as the fill itself would. */
export function previewFill(
  parts: readonly Part[],
  { tokenizer, traits }: PreviewModel,
  options: LayoutOptions,
): PreviewResult {
  const sketch = layOut(parts, tokenizer, traits, options);
  const layout = wholeDrafts(sketch);
  const lengths = layout.pieces.filter(isGap).map(({ wish: { length, maxLength } }) => {
    if (length !== 'auto') return length;
    return traits.blankId === undefined ? Math.min(provisionalSlots, maxLength) : maxLength;
  });
  const { canvas, at } = makeCanvas(layout, lengths, tokenizer, traits);
  const pieces: PreviewPiece[] = [];
  const add = (kind: PreviewPiece['kind'], from: number, past: number) => {
    if (past <= from) return;
    const ids = [...canvas.ids.subarray(from, past)];
    const text = kind === 'masks' ? '' : spelled(ids, tokenizer);
    pieces.push({ kind, text, tokens: ids.length });
  };
  const startIds = layout.start.length;
  const isTag = startIds > 0 && tokenizer.bytesOf(layout.start[0]!).length === 0;
  add('special', 0, isTag ? 1 : 0);
  const first = at[0] ?? canvas.length;
  add('text', isTag ? 1 : 0, first);
  let position = first;
  let gap = 0;
  for (const piece of layout.pieces) {
    const length = isGap(piece) ? lengths[gap++]! : piece.ids.length;
    const kind = isGap(piece) ? 'masks' : piece.own ? 'draft' : 'text';
    add(kind, position, position + length);
    position += length;
  }
  const end = canvas.length - layout.end.length;
  add('text', position, end);
  add('special', end, canvas.length);
  const kept = { before: first - startIds, after: end - position };
  return {
    pieces,
    tokens: canvas.length,
    maxTokens: traits.maxTokens,
    leftOut: {
      before: layout.prefix.length - kept.before,
      after: layout.suffix.length - kept.after,
    },
    leftOutMessages: 0,
  };
}

/** @throws LacunaError `contextTooLong` as the answer itself would. */
export function previewChat(
  messages: readonly ChatMessage[],
  model: PromptModel,
  options: Parameters<typeof chatPrompt>[2],
): PreviewResult {
  const { pieces, ids, leftOutMessages } = chatPrompt(messages, model, options);
  return {
    pieces: pieces.map(({ kind, text, ids: own }) => ({ kind, text, tokens: own.length })),
    tokens: ids.length,
    maxTokens: model.traits.maxTokens,
    leftOut: { before: 0, after: 0 },
    leftOutMessages,
  };
}

/** Special tokens by their names: their bytes are none. */
function spelled(ids: readonly number[], tokenizer: Tokenizer): string {
  const names = new Map([...tokenizer.specialTokens].map(([name, id]) => [id, name]));
  let text = '';
  let run: number[] = [];
  const flush = () => {
    text += tokenizer.decode(run);
    run = [];
  };
  for (const id of ids) {
    if (!names.has(id)) {
      run.push(id);
      continue;
    }
    flush();
    text += names.get(id)!;
  }
  flush();
  return text;
}
