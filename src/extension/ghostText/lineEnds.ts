/**
 * Line ends of a fill. Inside these rules a line ends in "\n" only; the document's own line end
 * comes back at the very last. Knows no editor.
 */

export function withLineFeeds(text: string): string {
  return text.replace(/\r\n?/g, '\n');
}

/** `text` must have passed withLineFeeds: VS Code counts a lone "\r" as a line of its own. */
export function withDocumentLineEnds(text: string, lineEnd: '\n' | '\r\n'): string {
  return lineEnd === '\n' ? text : text.replaceAll('\n', lineEnd);
}
