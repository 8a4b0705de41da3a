/**
 * A denoiser for models that are larger than the memory they may take: it has some layers loaded at a
 * time. Loading is what takes long, so forwards that are asked for together go through together. For
 * the self-test of a conversion; knows no caches, no candidates and no device but the CPU.
 */
import type { Denoiser, ForwardRequest, ForwardResult } from './denoiser';
import { buildGraph } from './graph';
import { hiddenIn, hiddenOut } from './layerSpan';
import type { LayerSpan } from './layerSpan';
import type { ModelFolder } from './modelFolder';
import { badCheckpoint } from './modelErrors';
import { candidatesOf } from './rowStats';
import { float32Tensor, float32Values, int32Values, int64Tensor, Session } from './session';
import type { Tensor } from './session';

interface Waiting {
  readonly request: ForwardRequest;
  readonly resolve: (result: ForwardResult) => void;
  readonly reject: (error: unknown) => void;
  /** (S, D) of the layers run so far. */
  hidden?: Tensor;
}

export class LayeredDenoiser implements Denoiser {
  private waiting: Waiting[] = [];

  /** @param bytesAtOnce of the weight file that may be loaded at a time; it takes twice as much. */
  constructor(
    private readonly model: ModelFolder,
    private readonly bytesAtOnce: number,
    private readonly threads: number,
  ) {}

  get vocabSize(): number {
    return this.model.manifest.dimensions.vocabSize;
  }

  get maxTokens(): number {
    return this.model.manifest.dimensions.maxTokens;
  }

  /** Without past and keep. */
  forward(request: ForwardRequest): Promise<ForwardResult> {
    return new Promise((resolve, reject) => {
      this.waiting.push({ request, resolve, reject });
      if (this.waiting.length === 1) setImmediate(() => void this.runAll());
    });
  }

  async dispose(): Promise<void> {}

  private async runAll(): Promise<void> {
    const together = this.waiting;
    this.waiting = [];
    try {
      for (const span of this.spans()) await this.runSpan(span, together);
    } catch (error) {
      for (const { reject } of together) reject(error);
    }
  }

  private async runSpan(span: LayerSpan, together: readonly Waiting[]): Promise<void> {
    const { manifest, weightFile, weights } = this.model;
    const options = { attention: 'fused', target: 'cpu', span } as const;
    const graph = buildGraph(manifest, weightFile, weights, options);
    const session = await Session.create(graph, weightFile, {
      ...({ device: 'cpu' } as const),
      threads: this.threads,
    });
    try {
      const isLast = span.end === manifest.dimensions.layers;
      for (const one of together) {
        const feeds = this.feedsOf(one, span, isLast);
        const outputs = await session.run(feeds, isLast ? headOutputs : [hiddenOut]);
        const telling = float32Values((isLast ? outputs.log_sum_exp : outputs[hiddenOut])!);
        if (!telling.every(Number.isFinite)) {
          const found = `layers ${span.first} to ${span.end - 1} compute no finite numbers`;
          throw badCheckpoint(this.model.dir, `${found}: the weights are damaged`);
        }
        if (isLast) one.resolve(this.resultOf(outputs, one.request));
        else one.hidden = outputs[hiddenOut]!;
      }
    } finally {
      await session.release();
    }
  }

  private feedsOf(
    { request: { ids, positions, rows, banned }, hidden }: Waiting,
    { first, end }: LayerSpan,
    isLast: boolean,
  ): Record<string, Tensor> {
    const { keyValueHeads, headSize, vocabSize } = this.model.manifest.dimensions;
    const feeds: Record<string, Tensor> = {
      ids: int64Tensor(ids, [1, ids.length]),
      positions: int64Tensor(positions, [1, positions.length]),
      rows: int64Tensor(rows, [rows.length]),
      keep: int64Tensor(new Int32Array(), [0]),
      near_rows: int64Tensor(new Int32Array(), [0]),
    };
    if (hidden) feeds[hiddenIn] = hidden;
    if (isLast) {
      const all = Int32Array.from(rows.keys());
      feeds.logit_rows = int64Tensor(all, [all.length]);
      const penalties = new Float32Array(vocabSize);
      for (const id of banned) penalties[id] = -1e30;
      feeds.ban = float32Tensor(penalties, [vocabSize]);
    }
    const empty = float32Tensor(new Float32Array(), [1, keyValueHeads, 0, headSize]);
    for (let layer = first; layer < end; layer++) {
      for (const role of ['past', 'near']) {
        feeds[`${role}_key_${layer}`] = empty;
        feeds[`${role}_value_${layer}`] = empty;
      }
    }
    return feeds;
  }

  private resultOf(
    outputs: Readonly<Record<string, Tensor>>,
    { wantLogits }: ForwardRequest,
  ): ForwardResult {
    return {
      stats: {
        width: candidatesOf(this.vocabSize),
        ids: int32Values(outputs.top_ids!),
        logits: float32Values(outputs.top_logits!),
        logSumExp: float32Values(outputs.log_sum_exp!),
      },
      ...(wantLogits ? { logits: float32Values(outputs.logits!) } : {}),
    };
  }

  /** As many layers at a time as may be loaded, at least one. */
  private spans(): LayerSpan[] {
    const { manifest, weights } = this.model;
    const { layers } = manifest.dimensions;
    let ofLayers = 0;
    for (const [name, { sizeBytes }] of weights) {
      if (name.startsWith('layers.')) ofLayers += sizeBytes;
    }
    const count = Math.max(1, Math.floor(this.bytesAtOnce / (ofLayers / layers)));
    return Array.from({ length: Math.ceil(layers / count) }, (_, i) => ({
      first: i * count,
      end: Math.min(layers, (i + 1) * count),
    }));
  }
}

const headOutputs = ['top_ids', 'top_logits', 'log_sum_exp', 'logits'];
