/**
 * The guard for `lacuna fill --request`: a JSON value becomes a request in token ids, or an error
 * that names what is wrong. Whether ids and holes suit the model is src/sampler's business.
 */
import { LacunaError } from '../../protocol/errors';
import type { IdRequest } from '../../sampler/fillIds';

export function checkIdRequest(value: unknown): IdRequest {
  const fields = (value ?? {}) as { readonly [name: string]: unknown };
  if ('canvas' in fields) {
    const { holes } = fields;
    if (!Array.isArray(holes) || !holes.every((hole) => isIds(hole) && hole.length === 2)) {
      throw wrong('"holes" is not a list of [first, past-the-last] pairs');
    }
    if (!isIds(fields.canvas)) throw wrong('"canvas" is not a list of token ids');
    return { canvas: fields.canvas, holes: holes as [number, number][] };
  }
  const { prefix, length, suffix } = fields;
  if (!isIds(prefix)) throw wrong('"prefix" is not a list of token ids');
  if (!isIds(suffix)) throw wrong('"suffix" is not a list of token ids');
  if (length !== 'auto' && (!Number.isInteger(length) || (length as number) < 1)) {
    throw wrong('"length" is not an integer from 1, nor "auto"');
  }
  return { prefix, length: length as number | 'auto', suffix };
}

function isIds(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((id) => Number.isInteger(id) && id >= 0);
}

function wrong(found: string): LacunaError {
  return new LacunaError('badInput', {
    doing: 'Cannot read the request',
    found,
    advice: 'Write {"prefix":[…],"length":n,"suffix":[…]} or {"canvas":[…],"holes":[[first,past]]}',
  });
}
