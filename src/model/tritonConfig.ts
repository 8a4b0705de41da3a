/**
 * What a Triton server is told of an exported model: its name there, what it takes and gives, and that
 * canvases may run together. Text only; writes nothing.
 */
import type { Manifest } from './manifest';
import { candidatesOf } from './rowStats';

/** How long a canvas may wait for others of its length. */
const queueMicroseconds = 2000;

/** Letters, digits and dashes: it is part of addresses. */
export function tritonName({ name }: Pick<Manifest, 'name'>): string {
  return name.replaceAll(/[^\w.-]+/g, '-');
}

/** Triton's model configuration in protobuf's text form. Batch dimensions go without saying. */
export function tritonConfig(
  { dimensions: { vocabSize } }: Pick<Manifest, 'dimensions'>,
  name: string,
  maxBatch: number,
): string {
  const count = candidatesOf(vocabSize);
  const tensor = (tensorName: string, type: string, ...dims: number[]) =>
    `  { name: "${tensorName}" data_type: TYPE_${type} dims: [ ${dims.join(', ')} ] }`;
  const inputs = ['ids', 'positions', 'rows', 'ban'].map((input) => tensor(input, 'INT64', -1));
  const outputs = [
    tensor('top_ids', 'INT64', -1, count),
    tensor('top_logits', 'FP32', -1, count),
    tensor('log_sum_exp', 'FP32', -1),
    tensor('logits', 'FP32', -1, vocabSize),
  ];
  return `name: "${name}"
backend: "onnxruntime"
max_batch_size: ${maxBatch}
input [
${inputs.join(',\n')}
]
output [
${outputs.join(',\n')}
]
# Canvases of one length that come together run together.
dynamic_batching { max_queue_delay_microseconds: ${queueMicroseconds} }
`;
}
