/**
 * The page that a web view of ours starts from: an empty body, one script, one style sheet, and a
 * policy that lets nothing else in. Knows no single view; each builds its own body by its script.
 */
import { randomBytes } from 'node:crypto';

export interface Shell {
  readonly title: string;
  readonly scriptUri: string;
  readonly styleUri: string;
  /** Where the web view's own files come from: `webview.cspSource`. */
  readonly cspSource: string;
  readonly nonce: string;
  /** Of the page's words, BCP 47. */
  readonly language: string;
  /** What the page reads before it draws anything. */
  readonly words?: Readonly<Record<string, string>>;
}

export function newNonce(): string {
  return randomBytes(24).toString('base64url');
}

export function htmlShell(shell: Shell): string {
  const { title, scriptUri, styleUri, cspSource, nonce, language, words = {} } = shell;
  const policy = [
    `default-src 'none'`,
    `script-src 'nonce-${nonce}'`,
    `style-src ${cspSource}`,
    `form-action 'none'`,
    `base-uri 'none'`,
  ].join('; ');
  return [
    '<!DOCTYPE html>',
    `<html lang="${escaped(language)}">`,
    '<head>',
    '<meta charset="utf-8">',
    `<meta http-equiv="Content-Security-Policy" content="${escaped(policy)}">`,
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    `<link rel="stylesheet" href="${escaped(styleUri)}">`,
    `<title>${escaped(title)}</title>`,
    '</head>',
    `<body data-words="${escaped(JSON.stringify(words))}">`,
    `<script nonce="${escaped(nonce)}" src="${escaped(scriptUri)}"></script>`,
    '</body>',
    '</html>',
    '',
  ].join('\n');
}

function escaped(text: string): string {
  const names: Readonly<Record<string, string>> = {
    '&': '&amp;',
    '<': '&lt;',
    '>': '&gt;',
    '"': '&quot;',
  };
  return text.replace(/[&<>"]/g, (character) => names[character]!);
}
