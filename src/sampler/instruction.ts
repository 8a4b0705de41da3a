/**
 * Where an instruction stands in what the model reads. A model that was trained with instructions
 * says how its canvas began then; any other gets an ordinary comment above the line that it is to
 * fill, which is where programmers say what comes. Pure text: knows no tokens and no canvas.
 */

/** Languages whose line comments begin with two slashes; everything else gets a `#`. */
const slashed = new Set([
  ...['javascript', 'javascriptreact', 'typescript', 'typescriptreact', 'vue', 'svelte'],
  ...['c', 'cpp', 'csharp', 'cuda-cpp', 'objective-c', 'objective-cpp', 'java', 'kotlin', 'scala'],
  ...['groovy', 'go', 'rust', 'swift', 'dart', 'php', 'jsonc', 'less', 'scss', 'fsharp', 'zig'],
  ...['glsl', 'hlsl', 'proto3', 'solidity', 'verilog', 'systemverilog', 'd'],
]);

export interface PlacedInstruction {
  /** Opens the canvas and stays on it, line feed included; empty where there is nothing to pin. */
  readonly line: string;
  /** The text before the first gap or draft, with the comment in it where the model needs one. */
  readonly head: string;
}

export interface InstructionPlace {
  /** Text before the first gap or draft. */
  readonly head: string;
  /** What follows it in the file; says the indentation where the head ends at a line's beginning. */
  readonly following: string;
  readonly languageId: string | undefined;
  /** What the model's canvases began with in training; absent: it never saw an instruction. */
  readonly prefix: string | undefined;
}

export function placeInstruction(
  instruction: string | undefined,
  { head, following, languageId, prefix }: InstructionPlace,
): PlacedInstruction {
  const words = onOneLine(instruction ?? '');
  if (words === '') return { line: '', head };
  const sign = slashed.has(languageId ?? '') ? '//' : '#';
  if (prefix !== undefined) {
    const line = [sign, prefix, words].filter((piece) => piece !== '').join(' ');
    return { line: `${line}\n`, head };
  }
  const lineStart = head.lastIndexOf('\n') + 1;
  const line = head.slice(lineStart);
  const indentation = /^[ \t]*/.exec(line.trim() === '' ? line + following : line)![0];
  return { line: '', head: `${head.slice(0, lineStart)}${indentation}${sign} ${words}\n${line}` };
}

/** A comment ends with its line, so an instruction of several lines becomes one. */
function onOneLine(text: string): string {
  // One pattern for breaks with the blanks around them would take hours on a megabyte of blanks.
  const lines = text.split(/[\r\n\u0085\u2028\u2029]+/).map((line) => line.trim());
  return lines.filter((line) => line !== '').join(' ');
}
