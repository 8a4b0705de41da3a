/**
 * What the hover over a scored token says, as markdown: its probability, what the model would rather
 * have there, and links. Text of documents and models is escaped, so that none of it becomes a link, an
 * image or a heading. Pure; what a link does, and the words, come in.
 */
import { percent } from './buckets';
import type { PlacedToken } from './scoredText';

export interface HoverWords {
  /** `{0}` is the token, `{1}` its probability. */
  readonly likely: string;
  readonly alternatives: string;
  readonly none: string;
}
export interface Link {
  readonly title: string;
  /** A `command:` address. */
  readonly target: string;
}
export interface HoverLinks {
  /** Puts the alternative in the token's place. */
  take(alternative: number): string;
  readonly others: readonly Link[];
}

export function hoverText(token: PlacedToken, words: HoverWords, links: HoverLinks): string {
  const likely = filledIn(escaped(words.likely), [
    `**${visible(token.text)}**`,
    `**${percent(token.probability)}**`,
  ]);
  const list = token.alternatives.map(
    ({ text, probability }, index) =>
      `- [${visible(text)}](${links.take(index)}) ${percent(probability)}`,
  );
  const others = links.others.map(({ title, target }) => `[${escaped(title)}](${target})`);
  return [
    likely,
    list.length === 0 ? escaped(words.none) : [escaped(words.alternatives), '', ...list].join('\n'),
    ...(others.length === 0 ? [] : [others.join(' · ')]),
  ].join('\n\n');
}

/** Address of a command with JSON arguments. */
export function commandLink(command: string, args: readonly unknown[]): string {
  // Markdown ends an address at a closing bracket, which encodeURIComponent lets through.
  const encoded = encodeURIComponent(JSON.stringify(args)).replace(
    /[()]/g,
    (sign) => `%${sign.charCodeAt(0).toString(16)}`,
  );
  return `command:${command}?${encoded}`;
}

/** Text as it is seen, on one line: blanks, line ends and what has no sign of its own get one. */
export function visible(text: string): string {
  return escaped(shown(text));
}

/** The same without markdown's escapes, for messages. */
export function shown(text: string): string {
  return text
    .replaceAll('\r\n', '\n')
    .replaceAll(' ', '·')
    .replaceAll('\t', '→')
    .replaceAll('\n', '↵')
    .replace(/[\p{C}\p{Z}]/gu, (sign) => {
      return `U+${sign.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0')}`;
    });
}

/** Every sign that markdown knows may be escaped, and then means itself. */
function escaped(text: string): string {
  return text.replace(/[!-/:-@[-`{-~]/g, '\\$&');
}

/** The place holders of a text that has been escaped already. */
function filledIn(text: string, values: readonly string[]): string {
  return text.replace(/\\\{(\d)\\\}/g, (_, index: string) => values[Number(index)] ?? '');
}
