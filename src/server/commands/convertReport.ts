/**
 * `lacuna convert --report`: what each number format does to a checkpoint's predictions, and what it
 * takes, as a table.
 */
import { reportFormats, type FormatFigures, type ReportOptions } from '../../model/formatReport';
import { painterOf, printJson, type Console } from './console';
import { progressBar } from './progressBar';
import { table } from './table';

export async function convertReport(
  checkpointDir: string,
  options: Omit<ReportOptions, 'onProgress' | 'signal'>,
  isJson: boolean,
  console: Console,
): Promise<void> {
  const bar = progressBar(console, 'Comparing');
  try {
    const formats = await reportFormats(checkpointDir, {
      ...options,
      onProgress: (fraction) => bar.update(fraction, ''),
      signal: console.signal,
    });
    bar.stop();
    if (isJson) return printJson(console, { checkpoint: checkpointDir, formats });
    const [head, ...rows] = reportTable(formats);
    const paint = painterOf(console, console.out);
    console.out.write(`${paint(head!, 'bold')}\n${rows.join('\n')}\n`);
    console.out.write(`${paint(explanation(formats), 'dim')}\n`);
  } finally {
    bar.stop();
  }
}

export function reportTable(formats: readonly FormatFigures[]): string[] {
  const hasText = formats.some(({ text }) => text !== undefined);
  const percent = (share: number) => `${(100 * share).toFixed(1)} %`;
  const rows = formats.map(({ weights, bytes, forwardMs, text, random }) => [
    weights,
    `${(bytes / 1e6).toFixed(1)} MB`,
    `${forwardMs.toFixed(forwardMs < 100 ? 1 : 0)} ms`,
    ...(hasText ? [text!.kl.toFixed(4), percent(text!.topAgreement)] : []),
    ...[random.kl.toFixed(4), percent(random.topAgreement)],
    percent(Math.max(text?.relativeMax ?? 0, random.relativeMax)),
  ]);
  const columns = [
    ...['weights', 'size', 'forward'],
    ...(hasText ? ['KL text', 'top-1'] : []),
    ...['KL random', 'top-1', 'largest error'],
  ];
  return table([columns, ...rows]);
}

function explanation(formats: readonly FormatFigures[]): string {
  const { text, random, tokens } = formats[0]!;
  const of = text ? `${text.rows} masked tokens of a known text and ${random.rows}` : random.rows;
  return `KL in nats from ${formats[0]!.weights}, over ${of} of random canvases; a forward has ${tokens} tokens, on the CPU`;
}
