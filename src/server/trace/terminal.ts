/**
 * What a terminal can show: whether to colour, which colours stand for what, and text made safe to
 * print (a model's output is not trusted with escape sequences). Pure, but for the stream it asks.
 */
export type Paint = 'dim' | 'bold' | 'fill' | 'sure' | 'likely' | 'unsure' | 'fresh';

const codes: Readonly<Record<Paint, string>> = {
  dim: '2',
  bold: '1',
  fill: '1;32', // bold green
  sure: '32', // green
  likely: '33', // yellow
  unsure: '31', // red
  fresh: '7', // inverse
};

export type Painter = (text: string, ...paints: readonly Paint[]) => string;

export const plain: Painter = (text) => text;

export const coloured: Painter = (text, ...paints) =>
  text === '' || paints.length === 0
    ? text
    : `\x1b[${paints.map((paint) => codes[paint]).join(';')}m${text}\x1b[0m`;

/** Colour on a terminal unless NO_COLOR is set (no-color.org); FORCE_COLOR overrules both. */
export function painterFor(
  stream: { readonly isTTY?: boolean },
  env: Readonly<Record<string, string | undefined>>,
): Painter {
  if (env.FORCE_COLOR !== undefined) return env.FORCE_COLOR === '0' ? plain : coloured;
  return stream.isTTY === true && !env.NO_COLOR ? coloured : plain;
}

/** How sure a token has to be to look it, 0..1. */
export const surenessLevels = { sure: 0.9, likely: 0.6 } as const;

export function surenessOf(confidence: number): 'sure' | 'likely' | 'unsure' {
  if (confidence >= surenessLevels.sure) return 'sure';
  return confidence >= surenessLevels.likely ? 'likely' : 'unsure';
}

/**
 * Control characters as their pictures (␛ for escape), so that nothing moves the cursor, nor shows code in another
 * order than it stands (U+202E and its like).
 */
export function printable(text: string, keep = ''): string {
  const controls = /[\u0000-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;
  return text.toWellFormed().replace(controls, (character) => {
    if (keep.includes(character)) return character;
    if (character === '\t') return '    ';
    const code = character.charCodeAt(0);
    return code < 0x20 ? String.fromCharCode(0x2400 + code) : code === 0x7f ? '␡' : '�';
  });
}
