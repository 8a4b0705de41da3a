/**
 * What each number format costs a checkpoint: converts it to all of them, one after the other, into a
 * folder that is gone afterwards, and compares the logits of masked rows with those of 32-bit floats.
 * Measures on the CPU; prints nothing.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import type { WeightFormat } from '../protocol/messages';
import { LacunaError } from '../protocol/errors';
import { openCheckpoint } from './checkpoint';
import { convertCheckpoint } from './convert';
import type { ConvertOptions } from './convert';
import type { Denoiser, ForwardRequest } from './denoiser';
import { divergence } from './divergence';
import type { Divergence } from './divergence';
import type { Manifest } from './manifest';
import { openModelFolder } from './modelFolder';
import { openDenoiser } from './openDenoiser';
import { reportCanvases, timedCanvas } from './reportCanvases';
import { defaultThreads } from './threads';

export interface FormatFigures {
  readonly weights: WeightFormat;
  /** Of the model folder. */
  readonly bytes: number;
  /** Median time of a forward of `tokens` tokens. */
  readonly forwardMs: number;
  readonly tokens: number;
  /** From 32-bit floats; `text` is missing where there is no tokenizer. */
  readonly text?: Divergence;
  readonly random: Divergence;
}

export interface ReportOptions extends Omit<ConvertOptions, 'outDir' | 'weights' | 'ifThere'> {
  /** The first is what the others are compared with. */
  readonly formats?: readonly WeightFormat[];
}

const allFormats: readonly WeightFormat[] = ['f32', 'f16', 'q8', 'q4'];
/** A graph of 32-bit floats keeps a packed copy of nearly all of them. */
const referenceBytes = 8;
const mostShare = 0.8;
const timedForwards = 7;

/** @throws LacunaError as conversions do, and for a model whose 32-bit floats do not fit the memory. */
export async function reportFormats(
  published: string,
  { formats = allFormats, onProgress, snippet, ...options }: ReportOptions,
): Promise<FormatFigures[]> {
  await checkMemory(published, options);
  const folder = await mkdtemp(path.join(os.tmpdir(), 'lacuna-report-'));
  const figures: FormatFigures[] = [];
  let ids: Int32Array | undefined;
  let reference: Logits | undefined;
  try {
    for (const [index, weights] of formats.entries()) {
      const outDir = path.join(folder, weights);
      const manifest = await convertCheckpoint(published, {
        ...options,
        ...{ outDir, weights },
        ...(snippet && { snippet: (files) => (ids = snippet(files)) }),
        onProgress: (fraction) => onProgress?.((index + 0.8 * fraction) / formats.length),
      });
      const denoiser = await openDenoiser(
        await openModelFolder(outDir),
        ...(['cpu', 'fused', defaultThreads()] as const),
      );
      try {
        const logits = await logitsOf(denoiser, manifest, ids, options.signal);
        reference ??= logits;
        figures.push({
          weights,
          bytes: Object.values(manifest.files).reduce((sum, { bytes }) => sum + bytes, 0),
          ...(await timed(denoiser, manifest, options.signal)),
          ...compare(reference, logits, denoiser.vocabSize),
        });
      } finally {
        await denoiser.dispose();
      }
      await rm(outDir, { recursive: true });
      onProgress?.((index + 1) / formats.length);
    }
    return figures;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

interface Logits {
  readonly text?: Float32Array;
  readonly random: Float32Array;
}

async function logitsOf(
  denoiser: Denoiser,
  manifest: Manifest,
  ids: Int32Array | undefined,
  signal: AbortSignal | undefined,
): Promise<Logits> {
  const { text, random } = reportCanvases(manifest, ids);
  const ofAll = async (requests: readonly ForwardRequest[]) => {
    const parts: Float32Array[] = [];
    for (const request of requests) {
      signal?.throwIfAborted();
      parts.push((await denoiser.forward({ ...request, wantLogits: true })).logits!);
    }
    const all = new Float32Array(parts.reduce((sum, { length }) => sum + length, 0));
    let at = 0;
    for (const part of parts) {
      all.set(part, at);
      at += part.length;
    }
    return all;
  };
  return { ...(text && { text: await ofAll(text) }), random: await ofAll(random) };
}

function compare(
  reference: Logits,
  found: Logits,
  vocabSize: number,
): Pick<FormatFigures, 'text' | 'random'> {
  const random = divergence(reference.random, found.random, vocabSize);
  if (!reference.text || !found.text) return { random };
  return { text: divergence(reference.text, found.text, vocabSize), random };
}

async function timed(
  denoiser: Denoiser,
  manifest: Manifest,
  signal: AbortSignal | undefined,
): Promise<Pick<FormatFigures, 'forwardMs' | 'tokens'>> {
  const request = timedCanvas(manifest);
  const times: number[] = [];
  await denoiser.forward(request);
  for (let i = 0; i < timedForwards; i++) {
    signal?.throwIfAborted();
    const started = performance.now();
    await denoiser.forward(request);
    times.push(performance.now() - started);
  }
  times.sort((a, b) => a - b);
  return { forwardMs: times[Math.floor(timedForwards / 2)]!, tokens: request.ids.length };
}

async function checkMemory(
  published: string,
  options: Omit<ReportOptions, 'formats'>,
): Promise<void> {
  const { facts, tensors } = await openCheckpoint(published, options);
  await tensors.close();
  const needed = facts.parameters * referenceBytes;
  if (needed <= mostShare * os.totalmem()) return;
  const gigabytes = (bytes: number) => (bytes / 1e9).toFixed(1);
  throw new LacunaError('badUsage', {
    doing: `Cannot compare the formats of "${published}"`,
    found: `its 32-bit floats take about ${gigabytes(needed)} GB, this machine has ${gigabytes(os.totalmem())}`,
    advice: 'Run the report on a machine with more memory, or look at a smaller model of its kind',
  });
}
