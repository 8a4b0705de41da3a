/**
 * What other editors' clients know: OpenAI's `/v1/completions` with `suffix`, and `/v1/models`. Their
 * forms are completionParams.ts and completionAnswer.ts; here is only the order of things.
 */
import { randomUUID } from 'node:crypto';
import type { ModelInfo } from '../../protocol/messages';
import { mostCharacters } from '../../sampler/layout';
import { choicesOf, SettledPieces, settledText, usageOf, type Choice } from './completionAnswer';
import { completionOf, type Completion } from './completionParams';
import { EventStream } from './eventStream';
import { HttpError, toHttpAnswer } from './httpError';
import type { LentEngine } from './lentEngine';
import { sendJson, type Call, type Route } from './route';

const doing = 'Cannot complete';
/** Of a model that is not there: this one is always what is served. */
const anyModel = new Set(['default', 'lacuna']);

export function openAiRoutes(lent: LentEngine): Route[] {
  const startedAt = Math.floor(Date.now() / 1000);
  return [
    {
      method: 'POST',
      path: '/v1/completions',
      doing,
      run: async (call) => complete(call, lent, completionOf(await call.json())),
    },
    {
      method: 'GET',
      path: '/v1/models',
      doing: 'Cannot list models',
      run: ({ response }) => {
        const data = [modelEntry(lent.engine.served(), startedAt)];
        sendJson(response, 200, { object: 'list', data });
      },
    },
  ];
}

function modelEntry(info: ModelInfo, created: number): object {
  const { name, architecture, parameters, maxTokens, weights, device } = info;
  const facts = { architecture, parameters, max_tokens: maxTokens, weights, device };
  return { id: name, object: 'model', created, owned_by: 'lacuna', lacuna: facts };
}

async function complete(call: Call, lent: LentEngine, completion: Completion): Promise<void> {
  const { engine } = lent;
  const { name, maxTokens } = engine.served();
  const { model: wanted = name, fill } = completion;
  if (wanted !== name && !anyModel.has(wanted)) throw otherModel(name);
  const envelope = (choices: readonly object[], rest: object = {}) => ({
    ...{ id, object: 'text_completion', created, model: name, choices },
    ...rest,
  });
  const id = `cmpl-${randomUUID()}`;
  const created = Math.floor(Date.now() / 1000);
  /** Of what can be read: to count megabytes beyond that would keep everybody waiting. */
  const usage = (result: Parameters<typeof usageOf>[1]) => {
    const reach = mostCharacters({ maxTokens });
    const near = fill.parts.map((part, index) => {
      const text = 'text' in part ? part.text : '';
      return index === 0 ? text.slice(-reach) : text.slice(0, reach);
    });
    const count = near.reduce((sum, text) => sum + engine.countTokens(text), 0);
    return usageOf(Math.min(count, maxTokens), result);
  };
  if (!completion.stream) {
    const result = await lent.fill(fill, call.signal);
    const choices = choicesOf(result, completion);
    return sendJson(call.response, 200, envelope(choices, { usage: usage(result) }));
  }

  let events: EventStream | undefined;
  const opened = () => (events ??= new EventStream(call.response));
  const send = (choice: Choice) => opened().send(envelope([choice]));
  const pieces = new SettledPieces(completion.stop);
  const piece = (text: string): Choice => ({ text, index: 0, logprobs: null, finish_reason: null });
  try {
    const result = await lent.fill(fill, call.signal, (step) => {
      const text = completion.logprobs ? '' : pieces.next(settledText(step));
      if (text === '') opened();
      else send(piece(text));
    });
    const [first, ...others] = choicesOf(result, completion) as [Choice, ...Choice[]];
    const rest = pieces.rest(first.text);
    if (rest === undefined) throw takenBack();
    for (const choice of [{ ...first, text: rest }, ...others]) send(choice);
    if (completion.wantsUsage) {
      opened().send(envelope([], { usage: usage(result) }));
    }
    opened().end('[DONE]');
  } catch (thrown) {
    if (events === undefined) throw thrown;
    events.send(toHttpAnswer(thrown, doing).body);
    events.end();
  }
}

function otherModel(served: string): HttpError {
  return new HttpError(404, {
    code: 'model_not_found',
    found: 'the model named is not the one that is served',
    advice: `Ask for "${served}", or leave model out`,
    param: 'model',
  });
}

/** A rule that takes commits back does not go with a stream. */
function takenBack(): HttpError {
  return new HttpError(500, {
    code: 'stream_taken_back',
    found: 'the model changed text that was sent already',
    advice: 'Ask again without stream',
  });
}
