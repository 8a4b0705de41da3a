/**
 * What `lacuna fill` prints: the whole text with its fills, one JSON object, and the line of
 * figures. Knows no engine.
 */
import type { Fill, FilledToken, FillResult, ModelInfo, Part } from '../../protocol/messages';
import { printable } from '../trace/terminal';
import { painterOf, type Console } from './console';

export type EngineResult = Omit<FillResult, 'queueMs'>;

/** The whole text with the fills in it; into a pipe byte for byte. Variants follow, each headed. */
export function printCode(parts: readonly Part[], result: EngineResult, console: Console): void {
  const { out } = console;
  const { fills, alternatives } = result;
  if (alternatives === undefined) {
    out.write(endedFor(console, codeOf(parts, fills, console)));
    return;
  }
  const answers = [fills, ...alternatives];
  const paint = painterOf(console, out);
  for (const [index, answer] of answers.entries()) {
    const confidences = answer.map(({ confidence }) => percent(confidence)).join(', ');
    const head = `=== answer ${index + 1} of ${answers.length}, confidence ${confidences}`;
    const code = codeOf(parts, answer, console);
    out.write(`${paint(head, 'dim')}\n${code.endsWith('\n') ? code : `${code}\n`}`);
  }
}

function codeOf(parts: readonly Part[], fills: readonly Fill[], console: Console): string {
  const { out } = console;
  const paint = painterOf(console, out);
  const lineEnd = lineEndOf(parts);
  const shown = (text: string) => (out.isTTY === true ? printable(text, '\r\n\t') : text);
  let field = 0;
  return parts
    .map((part) => {
      if ('text' in part) return shown(part.text);
      return runsOf(fills[field++]!)
        .map(({ text, isGiven }) => {
          const own = shown(text.replaceAll('\n', lineEnd));
          return isGiven ? own : paint(own, 'fill');
        })
        .join('');
    })
    .join('');
}

/** A fill in stretches of given and of written text; half characters are only whole together. */
function runsOf({ text, tokens }: Fill): { text: string; isGiven: boolean }[] {
  if (tokens.map((token) => token.text).join('') !== text) return [{ text, isGiven: false }];
  const runs: { text: string; isGiven: boolean }[] = [];
  for (const token of tokens) {
    const last = runs.at(-1);
    const isGiven = token.given === true;
    if (last?.isGiven === isGiven) last.text += token.text;
    else runs.push({ text: token.text, isGiven });
  }
  return runs;
}

/** Fills have line feeds; a document has its own line ends, told by its first. */
function lineEndOf(parts: readonly Part[]): string {
  for (const part of parts) {
    const text = 'text' in part ? part.text : 'draft' in part ? part.draft.text : '';
    const end = /\r\n|\r|\n/.exec(text);
    if (end !== null) return end[0];
  }
  return '\n';
}

/** So that a prompt does not follow on the last line of a terminal. */
function endedFor({ out }: Console, code: string): string {
  return out.isTTY === true && !code.endsWith('\n') ? `${code}\n` : code;
}

export function fillAsJson(result: EngineResult, info: ModelInfo): object {
  const { fills, alternatives, steps, forwards, elapsedMs } = result;
  const tokens = writtenTokens(result);
  return {
    fills: fills.map(summarised),
    ...(alternatives && { alternatives: alternatives.map((answer) => answer.map(summarised)) }),
    steps,
    forwards,
    ...(tokens > 0 && { forwardsPerToken: Math.round((100 * forwards) / tokens) / 100 }),
    elapsedMs: Math.round(elapsedMs),
    loadMs: Math.round(info.loadMs),
    device: info.device,
    model: info.name,
  };
}

/** Of all answers. */
function writtenTokens({ fills, alternatives = [] }: EngineResult): number {
  const tokens = [fills, ...alternatives].flat().flatMap((fill) => fill.tokens);
  return tokens.filter(({ given }) => given !== true).length;
}

function summarised({ text, tokens, confidence, misfit }: Fill): object {
  const given = tokens.filter((token: FilledToken) => token.given === true).length;
  return {
    text,
    tokens: tokens.length,
    ...(given > 0 && { given }),
    confidence: Math.min(1, Math.max(0, confidence)),
    ...(misfit && { misfit }),
  };
}

export function summaryOf(result: EngineResult, info: ModelInfo): string {
  const { fills, steps, forwards, elapsedMs } = result;
  const confidences = fills.map(({ confidence }) => percent(confidence)).join(', ');
  const tokens = writtenTokens(result);
  const misfits = new Set(fills.flatMap(({ misfit }) => misfit ?? []));
  const misfit = misfits.size === 0 ? '' : `, unsuited in ${[...misfits].join(' and ')}`;
  const each = tokens === 0 ? '' : ` (${(forwards / tokens).toFixed(2)} a token)`;
  return `${count(steps, 'step')}, ${count(forwards, 'forward')}${each}, ${Math.round(elapsedMs)} ms, confidence ${confidences}${misfit} (${info.name} on ${info.device})`;
}

export function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}

export function count(amount: number, noun: string): string {
  return `${amount} ${noun}${amount === 1 ? '' : 's'}`;
}
