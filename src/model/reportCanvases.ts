/**
 * The canvases that formats are compared on: the known text with one token in eight masked, each in
 * its turn, and with every other one masked; random tokens with a quarter masked. The same at every
 * call. Knows no network.
 */
import type { ForwardRequest } from './denoiser';
import type { Manifest } from './manifest';

/** Rows wanted of each kind, about: enough that one row more or less is a percent or less. */
const rowsWanted = 128;
const randomTokens = 64;
const timedTokens = 128;
const everyText = 8;

type Model = Pick<Manifest, 'dimensions' | 'maskId' | 'shift' | 'bosId' | 'eosId'>;

/** @param snippet ids of a known text, of models with a tokenizer. */
export function reportCanvases(
  model: Model,
  snippet?: Int32Array,
): { text?: ForwardRequest[]; random: ForwardRequest[] } {
  const text = snippet && textCanvases(model, snippet);
  return { ...(text && text.length > 0 ? { text } : {}), random: randomCanvases(model) };
}

/** One forward of usual size. */
export function timedCanvas(model: Model): ForwardRequest {
  const length = Math.min(timedTokens, model.dimensions.maxTokens);
  return masked(model, randomIds(model, length, 99), (i) => i % 4 === 3);
}

function textCanvases(model: Model, snippet: Int32Array): ForwardRequest[] {
  const start = model.bosId ?? model.eosId;
  const room = model.dimensions.maxTokens - 1;
  const ids = [...(start === undefined ? [] : [start]), ...snippet.subarray(0, room)];
  if (ids.length < everyText + 2) return [];
  const apart = Array.from({ length: everyText }, (_, turn) =>
    masked(model, ids, (i) => i % everyText === turn),
  );
  const dense = [0, 1].map((turn) => masked(model, ids, (i) => i % 2 === turn));
  return [...apart, ...dense];
}

function randomCanvases(model: Model): ForwardRequest[] {
  const length = Math.min(randomTokens, model.dimensions.maxTokens);
  const perCanvas = Math.max(1, Math.floor(length / 4));
  return Array.from({ length: Math.ceil(rowsWanted / perCanvas) }, (_, canvas) =>
    masked(model, randomIds(model, length, canvas + 1), (i) => i % 4 === 3),
  );
}

function masked(
  { maskId, shift }: Model,
  tokens: readonly number[],
  isMasked: (i: number) => boolean,
): ForwardRequest {
  const places = [...tokens.keys()].filter((i) => i > 0 && isMasked(i));
  const hidden = new Set(places);
  return {
    ids: Int32Array.from(tokens, (id, i) => (hidden.has(i) ? maskId : id)),
    positions: Int32Array.from(tokens.keys()),
    rows: Int32Array.from(places, (i) => (shift ? i - 1 : i)),
    banned: [maskId],
  };
}

/** Spread over the vocabulary; any will do as long as every format gets the same. */
function randomIds({ dimensions, maskId }: Model, length: number, seed: number): number[] {
  let state = seed * 2_654_435_761;
  return Array.from({ length }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    const id = Math.floor((state / 2 ** 32) * dimensions.vocabSize);
    return id === maskId ? (id + 1) % dimensions.vocabSize : id;
  });
}
