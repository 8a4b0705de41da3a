/**
 * A model server of the suite's own: checks every message against the schema of the Open Inference Protocol
 * v2 (kserve.github.io, "Predict Protocol - Version 2", and its binary extension), refuses what is not in
 * it, and runs the exported graph by ONNX Runtime. For machines that no Triton can be installed on.
 */
import assert from 'node:assert/strict';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { float32Values, int64Tensor, Session } from '../../src/model/session';

const lengthHeader = 'inference-header-content-length';
const inputNames = ['ids', 'positions', 'rows', 'ban'];

export interface OipServer {
  readonly url: string;
  close(): Promise<void>;
}

/** @param folder a model of a repository. @param isBinary whether it has the binary extension. */
export async function startOipServer(folder: string, isBinary: boolean): Promise<OipServer> {
  const name = path.basename(folder);
  const graph = readFileSync(path.join(folder, '1/model.onnx'));
  const weights = path.join(folder, '1/weights.safetensors');
  const session = await Session.create(graph, weights, { device: 'cpu', threads: 1 });

  const infer = async (request: IncomingMessage) => {
    const { headers } = request;
    const chunks: Buffer[] = [];
    for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
    const body = Buffer.concat(chunks);
    const declared = headers[lengthHeader];
    assert.ok(isBinary || declared === undefined, 'the binary extension is not announced');
    const end = declared === undefined ? body.length : Number(declared);
    const wanted = declared === undefined ? 'application/json' : 'application/octet-stream';
    assert.equal(headers['content-type'], wanted);
    const json = JSON.parse(body.toString('utf8', 0, end)) as Record<string, unknown[]>;
    onlyKeys(json, 'id', 'parameters', 'inputs', 'outputs');
    let at = end;
    const feeds: Record<string, ReturnType<typeof int64Tensor>> = {};
    for (const input of json['inputs'] as Record<string, unknown>[]) {
      onlyKeys(input, 'name', 'shape', 'datatype', 'parameters', 'data');
      assert.equal(input['datatype'], 'INT64');
      const shape = input['shape'] as number[];
      const count = shape.reduce((all, size) => all * size, 1);
      assert.ok(shape.length === 2 && count > 0, `shape of ${String(input['name'])}`);
      const size = (input['parameters'] as { binary_data_size?: number } | undefined)
        ?.binary_data_size;
      let values: number[];
      if (size === undefined) {
        values = input['data'] as number[];
      } else {
        assert.ok(declared !== undefined && input['data'] === undefined && size === count * 8);
        values = Array.from({ length: count }, (_, i) => Number(body.readBigInt64LE(at + 8 * i)));
        at += size;
      }
      assert.ok(values.length === count && values.every(Number.isSafeInteger));
      feeds[String(input['name'])] = int64Tensor(Int32Array.from(values), shape);
    }
    assert.equal(at, body.length, 'bytes that belong to no input');
    assert.deepEqual(Object.keys(feeds).sort(), inputNames.toSorted());
    const outputs = json['outputs'] as { name: string; parameters?: { binary_data?: boolean } }[];
    for (const output of outputs) onlyKeys(output, 'name', 'parameters');
    const results = await session.run(
      feeds,
      outputs.map((output) => output.name),
    );
    const tails: Buffer[] = [];
    const told = outputs.map((output) => {
      const tensor = results[output.name]!;
      const datatype = tensor.type === 'int64' ? 'INT64' : 'FP32';
      const head = { name: output.name, shape: tensor.dims, datatype };
      if (output.parameters?.binary_data !== true) {
        const data = datatype === 'INT64' ? (tensor.data as BigInt64Array) : float32Values(tensor);
        return { ...head, data: Array.from(data as Iterable<number | bigint>, Number) };
      }
      const { buffer, byteOffset, byteLength } = tensor.data as Float32Array;
      tails.push(Buffer.from(buffer, byteOffset, byteLength));
      return { ...head, parameters: { binary_data_size: byteLength } };
    });
    const head = Buffer.from(
      JSON.stringify({ model_name: name, model_version: '1', outputs: told }),
    );
    return { head, tail: Buffer.concat(tails) };
  };

  const server = createServer((request, response) => {
    const send = (status: number, value: unknown) =>
      response.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(value));
    const model = `/v2/models/${name}`;
    if (request.method === 'GET' && request.url === '/v2') {
      const extensions = isBinary ? ['binary_tensor_data'] : [];
      return send(200, { name: 'suite', version: '1', extensions });
    }
    if (request.method === 'GET' && request.url === model) {
      const inputs = inputNames.map((input) => ({
        ...{ name: input, datatype: 'INT64', shape: [-1, -1] },
      }));
      return send(200, { name, versions: ['1'], platform: 'onnx', inputs, outputs: [] });
    }
    if (request.method !== 'POST' || request.url !== `${model}/infer`) {
      return send(404, { error: `no ${request.url}` });
    }
    infer(request).then(
      ({ head, tail }) => {
        const headers = tail.length > 0 ? { [lengthHeader]: `${head.length}` } : {};
        response.writeHead(200, headers).end(Buffer.concat([head, tail]));
      },
      (error: unknown) => send(400, { error: String(error) }),
    );
    return undefined;
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await session.release();
    },
  };
}

function onlyKeys(value: object, ...allowed: string[]): void {
  const stray = Object.keys(value).filter((key) => !allowed.includes(key));
  assert.deepEqual(stray, [], 'fields that the protocol does not have');
}
