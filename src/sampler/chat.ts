/**
 * An answer to messages: the prompt's ids, then masks, denoised a block at a time from left to right
 * and within a block in any order (semi-autoregressive, arXiv 2502.09992 section 2.4), until a token that
 * ends the answer stands behind written ones. The masks behind a block stay on the canvas, as they did in
 * training. Knows neither templates nor families of models.
 */
import { LacunaError } from '../protocol/errors';
import type { ChatMessage, ChatResult, ChatStep } from '../protocol/chatMessages';
import type { FilledToken, SamplingOptions } from '../protocol/messages';
import { concatenate } from '../tokenizer/tokenizer';
import { bannedIds } from './bannedIds';
import { Canvas } from './canvas';
import { makePrompt, type ChatPrompt, type PromptModel } from './chatPrompt';
import { defaultSampling, denoise } from './denoise';
import { meanConfidence } from './fillText';
import { textSampling } from './fillOnce';
import { fillSketch, type InfillModel } from './infill';
import { unitsOf } from './units';

export type ChatModel = InfillModel & PromptModel;

export interface ChatOptions {
  readonly maxTokens?: number | undefined;
  readonly blockTokens?: number | undefined;
  readonly draft?: { readonly text: string; readonly strength: number } | undefined;
  readonly sampling?: SamplingOptions | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Called with the masked block first, then after every denoise step. */
  readonly onStep?: ((step: ChatStep) => void) | undefined;
}
export type ChatOutcome = Omit<ChatResult, 'elapsedMs' | 'forwardMs' | 'queueMs'>;

const defaultAnswerTokens = 256;
export const defaultBlockTokens = 32;
/** An answer is worth asking for from here on; older messages make room for it. */
const leastAnswerTokens = 16;

/**
 * Answers the last message.
 * @throws LacunaError `contextTooLong`; DOMException `AbortError` between two denoise steps.
 */
export async function chat(
  messages: readonly ChatMessage[],
  model: ChatModel,
  options: ChatOptions = {},
): Promise<ChatOutcome> {
  const prompt = makePrompt(messages, model, answerRoom(model, options));
  const common = { promptTokens: prompt.ids.length, leftOutMessages: prompt.leftOutMessages };
  const answer =
    options.draft && options.draft.text !== ''
      ? await denoiseAgain(prompt, options.draft, model, options)
      : await answerInBlocks(prompt, model, options);
  return { ...answer, ...common };
}

/** The prompt as it would be read, for whoever wants to see it first. */
export function chatPrompt(
  messages: readonly ChatMessage[],
  model: PromptModel & Pick<InfillModel, 'tokenizer'>,
  options: Pick<ChatOptions, 'maxTokens' | 'draft'> = {},
): ChatPrompt {
  return makePrompt(messages, model, answerRoom(model, options));
}

function answerRoom(
  { tokenizer, traits }: PromptModel,
  { draft, maxTokens = defaultAnswerTokens }: Pick<ChatOptions, 'maxTokens' | 'draft'>,
): number {
  if (draft && draft.text !== '') return tokenizer.encode(draft.text, 'middle').length + 1;
  return Math.min(maxTokens, Math.max(leastAnswerTokens, Math.floor(traits.maxTokens / 4)));
}

type Answer = Omit<ChatOutcome, 'promptTokens' | 'leftOutMessages'>;

async function answerInBlocks(
  prompt: ChatPrompt,
  { denoiser, tokenizer, traits }: ChatModel,
  {
    maxTokens = defaultAnswerTokens,
    blockTokens = defaultBlockTokens,
    sampling,
    ...rest
  }: ChatOptions,
): Promise<Answer> {
  const { signal, onStep } = rest;
  const banned = bannedIds(tokenizer, denoiser.vocabSize).filter((id) => !prompt.stopIds.has(id));
  const most = Math.min(maxTokens, traits.maxTokens - prompt.ids.length);
  const written: { readonly id: number; readonly confidence: number }[] = [];
  const tokenOf = ({ id, confidence }: (typeof written)[number]): FilledToken => {
    return { text: textOf([tokenizer.bytesOf(id)]), confidence };
  };
  const seed = sampling?.seed ?? defaultSampling.seed;
  let steps = 0;
  let forwards = 0;
  let ended = false;
  for (let block = 0; !ended && written.length < most; block++) {
    const start = prompt.ids.length + written.length;
    const end = Math.min(start + blockTokens, prompt.ids.length + most);
    const masks = new Array<number>(most - written.length).fill(traits.maskId);
    const ids = Int32Array.from([...prompt.ids, ...written.map(({ id }) => id), ...masks]);
    const canvas = new Canvas(ids, [{ start, end }], traits.maskId);
    const before = forwards;
    const show = (fresh: readonly number[]) => {
      const past = endOf(canvas, start, end, prompt.stopIds) ?? end;
      const now = new Set(fresh);
      const tokens = Array.from({ length: past - start }, (_, offset) => {
        const position = start + offset;
        if (canvas.masked[position]) return {};
        const token = tokenOf({
          id: canvas.ids[position]!,
          confidence: canvas.confidence[position]!,
        });
        return now.has(position) ? { ...token, fresh: true } : token;
      });
      const maskedTokens = tokens.filter(
        ({ text }: { text?: string }) => text === undefined,
      ).length;
      onStep?.({
        step: steps,
        forwards,
        maskedTokens,
        tokens: [...written.map(tokenOf), ...tokens],
      });
    };
    show([]);
    const run = denoise(canvas, denoiser, traits, {
      ...textSampling,
      ...traits.sampling,
      ...sampling,
      seed: seed + block, // equal draws in every block would favour equal blocks
      banned,
      ...(signal && { signal }),
    });
    for await (const step of run) {
      steps++;
      forwards = before + step.forwards;
      show(step.committed);
      ended =
        endOf(canvas, start, end, prompt.stopIds) !== undefined && isWritten(canvas, start, prompt);
      if (ended) break;
    }
    const past = endOf(canvas, start, end, prompt.stopIds) ?? end;
    for (let position = start; position < past; position++) {
      written.push({ id: canvas.ids[position]!, confidence: canvas.confidence[position]! });
    }
  }
  const tokens = written.map(tokenOf);
  const text = textOf(written.map(({ id }) => tokenizer.bytesOf(id))).trim();
  return { text, tokens, confidence: meanConfidence(tokens) ?? 1, ended, steps, forwards };
}

/** The first position of the block whose token ends the answer, written or not before it. */
function endOf(
  canvas: Canvas,
  start: number,
  end: number,
  stopIds: ReadonlySet<number>,
): number | undefined {
  for (let position = start; position < end; position++) {
    if (!canvas.masked[position] && stopIds.has(canvas.ids[position]!)) return position;
  }
  return undefined;
}

/** No mask is left before the end. */
function isWritten(canvas: Canvas, start: number, { stopIds }: ChatPrompt): boolean {
  for (let position = start; position < canvas.length; position++) {
    if (canvas.masked[position]) return false;
    if (stopIds.has(canvas.ids[position]!)) return true;
  }
  return true;
}

/** An answer that is there, with a share of its tokens masked: its length stays, its end is given. */
async function denoiseAgain(
  prompt: ChatPrompt,
  { text, strength }: { readonly text: string; readonly strength: number },
  model: ChatModel,
  { sampling, signal, onStep }: ChatOptions,
): Promise<Answer> {
  const { tokenizer, traits } = model;
  const units = unitsOf(text, tokenizer, traits.maskId).map((unit) => ({ ...unit, locked: false }));
  const [stop] = prompt.stopIds;
  const wish = { text, strength, order: 'random' } as const;
  const sketch = {
    start: prompt.ids,
    prefix: [],
    pieces: [{ kind: 'draft', field: 0, wish, units } as const],
    suffix: [],
    end: stop === undefined ? [] : [stop],
    fields: 1,
  };
  const { fills, steps, forwards } = await fillSketch(sketch, model, {
    ...(sampling && { sampling }),
    ...(signal && { signal }),
    ...(onStep && {
      onStep: ({ gaps, ...step }) => onStep({ ...step, tokens: gaps[0] ?? [] }),
    }),
  });
  const [fill] = fills;
  if (!fill) {
    throw new LacunaError('internal', {
      doing: 'Cannot denoise the answer again',
      found: 'no answer came back',
      advice: 'Look into the Lacuna log and report what it says',
    });
  }
  return { ...fill, ended: true, steps, forwards };
}

function textOf(bytes: readonly Uint8Array[]): string {
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(concatenate(bytes));
}
