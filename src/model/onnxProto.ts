/**
 * Writes the few messages of ONNX's protobuf schema that a graph needs. Field numbers are those of
 * onnx.proto3 (onnx/onnx, IR version 10). Knows the wire only: which nodes make a model is
 * graphBuilder.ts's affair.
 */
import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';

/** TensorProto.DataType */
export const onnxType = {
  float: 1,
  uint8: 2,
  int8: 3,
  int64: 7,
  float16: 10,
} as const;
export type OnnxType = (typeof onnxType)[keyof typeof onnxType];

/** A fixed size, or the name of one that is known only when the graph runs. */
export type Dimension = number | string;

export interface NodeProto {
  readonly name: string;
  readonly op: string;
  /** '' is ONNX's own operator set. */
  readonly domain: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: Readonly<Record<string, Attribute>>;
}
/** Integers are the rule; a real number says so, for 1 could be either. */
export type Attribute = number | readonly number[] | { readonly float: number };

export interface TensorProto {
  readonly name: string;
  readonly type: OnnxType;
  readonly shape: readonly number[];
  /** The values themselves, or where they stand: a range of a file beside the model. */
  readonly data: Uint8Array | ExternalData;
}
export interface ExternalData {
  readonly location: string;
  readonly offset: number;
  readonly length: number;
}

export interface ValueInfoProto {
  readonly name: string;
  readonly type: OnnxType;
  readonly shape: readonly Dimension[];
}

export interface ModelProto {
  readonly irVersion: number;
  /** Version of each operator set by its domain. */
  readonly opsets: Readonly<Record<string, number>>;
  readonly graphName: string;
  readonly nodes: readonly NodeProto[];
  readonly initializers: readonly TensorProto[];
  readonly inputs: readonly ValueInfoProto[];
  readonly outputs: readonly ValueInfoProto[];
}

export function encodeModel(model: ModelProto): Uint8Array {
  const writer = new BinaryWriter();
  integer(writer, 1, model.irVersion);
  text(writer, 2, 'lacuna');
  message(writer, 7, () => writeGraph(writer, model));
  for (const [domain, version] of Object.entries(model.opsets)) {
    message(writer, 8, () => {
      text(writer, 1, domain);
      integer(writer, 2, version);
    });
  }
  return writer.finish();
}

function writeGraph(writer: BinaryWriter, model: ModelProto): void {
  for (const node of model.nodes) message(writer, 1, () => writeNode(writer, node));
  text(writer, 2, model.graphName);
  for (const tensor of model.initializers) message(writer, 5, () => writeTensor(writer, tensor));
  for (const input of model.inputs) message(writer, 11, () => writeValueInfo(writer, input));
  for (const output of model.outputs) message(writer, 12, () => writeValueInfo(writer, output));
}

function writeNode(writer: BinaryWriter, node: NodeProto): void {
  for (const input of node.inputs) text(writer, 1, input);
  for (const output of node.outputs) text(writer, 2, output);
  text(writer, 3, node.name);
  text(writer, 4, node.op);
  for (const [name, value] of Object.entries(node.attributes)) {
    message(writer, 5, () => writeAttribute(writer, name, value));
  }
  text(writer, 7, node.domain);
}

function writeAttribute(writer: BinaryWriter, name: string, value: Attribute): void {
  text(writer, 1, name);
  if (typeof value === 'number') {
    integer(writer, 3, value);
    integer(writer, 20, 2); // INT
  } else if ('float' in value) {
    writer.tag(2, WireType.Bit32).float(value.float);
    integer(writer, 20, 1); // FLOAT
  } else {
    for (const item of value) integer(writer, 8, item);
    integer(writer, 20, 7); // INTS
  }
}

function writeTensor(writer: BinaryWriter, tensor: TensorProto): void {
  for (const size of tensor.shape) integer(writer, 1, size);
  integer(writer, 2, tensor.type);
  text(writer, 8, tensor.name);
  const { data } = tensor;
  if (data instanceof Uint8Array) {
    writer.tag(9, WireType.LengthDelimited).bytes(data);
    return;
  }
  for (const key of ['location', 'offset', 'length'] as const) {
    message(writer, 13, () => {
      text(writer, 1, key);
      text(writer, 2, String(data[key]));
    });
  }
  integer(writer, 14, 1); // EXTERNAL
}

function writeValueInfo(writer: BinaryWriter, value: ValueInfoProto): void {
  text(writer, 1, value.name);
  message(writer, 2, () =>
    message(writer, 1, () => {
      integer(writer, 1, value.type);
      message(writer, 2, () => {
        for (const size of value.shape) {
          message(writer, 1, () =>
            typeof size === 'number' ? integer(writer, 1, size) : text(writer, 2, size),
          );
        }
      });
    }),
  );
}

function message(writer: BinaryWriter, field: number, body: () => void): void {
  writer.tag(field, WireType.LengthDelimited).fork();
  body();
  writer.join();
}

function text(writer: BinaryWriter, field: number, value: string): void {
  writer.tag(field, WireType.LengthDelimited).string(value);
}

function integer(writer: BinaryWriter, field: number, value: number): void {
  writer.tag(field, WireType.Varint).int64(value);
}
