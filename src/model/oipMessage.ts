/**
 * Inference requests and answers of the Open Inference Protocol v2 over REST (KServe, Triton): JSON, with
 * tensors behind it as raw bytes where the server has the binary extension, else as lists. Pure; opens no
 * connection.
 */
export interface OipTensor {
  readonly name: string;
  readonly shape: readonly number[];
  readonly data: BigInt64Array | Float32Array;
}

export interface OipBody {
  readonly body: Uint8Array<ArrayBuffer>;
  readonly headers: Readonly<Record<string, string>>;
}

/** Says where the JSON ends; without it all of the body is JSON. */
export const lengthHeader = 'Inference-Header-Content-Length';

interface TensorJson {
  readonly name?: unknown;
  readonly shape?: unknown;
  readonly datatype?: unknown;
  readonly data?: unknown;
  readonly parameters?: { readonly binary_data_size?: unknown };
}

/** @param id the protocol lets it be left out; KServe's own server then answers with an error. */
export function encodeRequest(
  id: string,
  inputs: readonly OipTensor[],
  outputs: readonly string[],
  isBinary: boolean,
): OipBody {
  const datatype = ({ data }: OipTensor) => (data instanceof Float32Array ? 'FP32' : 'INT64');
  const json = {
    id,
    inputs: inputs.map((tensor) => ({
      ...{ name: tensor.name, shape: tensor.shape, datatype: datatype(tensor) },
      ...(isBinary
        ? { parameters: { binary_data_size: tensor.data.byteLength } }
        : { data: Array.from(tensor.data, Number) }),
    })),
    outputs: outputs.map((name) => ({ name, parameters: { binary_data: isBinary } })),
  };
  const head = new TextEncoder().encode(JSON.stringify(json));
  if (!isBinary) return { body: head, headers: { 'Content-Type': 'application/json' } };
  const raw = inputs.map(
    ({ data }) => new Uint8Array(data.buffer, data.byteOffset, data.byteLength),
  );
  return {
    body: Buffer.concat([head, ...raw]), // both this machine and the protocol are little-endian
    headers: { 'Content-Type': 'application/octet-stream', [lengthHeader]: `${head.length}` },
  };
}

/**
 * @param headerLength value of the length header; absent: all is JSON
 * @returns tensors by name. @throws Error in words where the answer is not what the protocol says.
 */
export function decodeAnswer(
  body: Uint8Array,
  headerLength: string | null,
): ReadonlyMap<string, OipTensor> {
  const end = headerLength === null ? body.length : Number(headerLength);
  if (!Number.isInteger(end) || end < 0 || end > body.length) {
    throw new Error(`its ${lengthHeader} is ${headerLength} of ${body.length} bytes`);
  }
  const { outputs } = parsed(body.subarray(0, end));
  if (!Array.isArray(outputs)) throw new Error('its answer names no outputs');
  let at = end;
  const tensors = (outputs as TensorJson[]).map((output) => {
    const { name, shape, datatype, count } = described(output);
    const size = output.parameters?.binary_data_size;
    if (size === undefined)
      return { name, shape, data: listed(output.data, datatype, count, name) };
    const bytes = datatype === 'INT64' ? 8 : 4;
    if (size !== count * bytes || at + size > body.length) {
      throw new Error(`output "${name}" has ${String(size)} bytes for ${count} values`);
    }
    const copy = body.slice(at, at + size).buffer; // aligned, which the answer need not be
    at += size;
    const data = datatype === 'INT64' ? new BigInt64Array(copy) : new Float32Array(copy);
    return { name, shape, data };
  });
  if (at !== body.length)
    throw new Error(`${body.length - at} bytes of its answer belong to nothing`);
  return new Map(tensors.map((tensor) => [tensor.name, tensor]));
}

function parsed(bytes: Uint8Array): { readonly outputs?: unknown } {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)) as object;
  } catch {
    throw new Error('its answer is no JSON');
  }
}

function described({ name, shape, datatype }: TensorJson) {
  const isSize = (size: unknown) => Number.isSafeInteger(size) && (size as number) >= 0;
  if (typeof name !== 'string' || !Array.isArray(shape) || !shape.every(isSize)) {
    throw new Error('an output of its answer has no name or no shape');
  }
  if (datatype !== 'INT64' && datatype !== 'FP32') {
    throw new Error(`output "${name}" is of type ${String(datatype)}`);
  }
  const sizes = shape as number[];
  return {
    name,
    datatype,
    shape: sizes,
    count: sizes.reduce((all, size) => all * size, 1),
  } as const;
}

function listed(data: unknown, datatype: 'INT64' | 'FP32', count: number, name: string) {
  // The protocol lets a list be nested as the shape is.
  const flat = Array.isArray(data) ? (data.flat(Infinity) as unknown[]) : [];
  if (flat.length !== count || !flat.every((value) => typeof value === 'number')) {
    throw new Error(`output "${name}" has not the ${count} numbers of its shape`);
  }
  const numbers = flat as number[];
  return datatype === 'INT64' ? BigInt64Array.from(numbers, BigInt) : Float32Array.from(numbers);
}
