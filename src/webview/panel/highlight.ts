/**
 * Code in pieces of one colour each. The library writes HTML of spans and five entities; that is read back
 * here into text and class names, and nothing else is believed. Pure; knows no colours.
 */
import hljs from 'highlight.js/lib/core';
import bash from 'highlight.js/lib/languages/bash';
import c from 'highlight.js/lib/languages/c';
import cpp from 'highlight.js/lib/languages/cpp';
import csharp from 'highlight.js/lib/languages/csharp';
import css from 'highlight.js/lib/languages/css';
import diff from 'highlight.js/lib/languages/diff';
import go from 'highlight.js/lib/languages/go';
import java from 'highlight.js/lib/languages/java';
import javascript from 'highlight.js/lib/languages/javascript';
import json from 'highlight.js/lib/languages/json';
import kotlin from 'highlight.js/lib/languages/kotlin';
import php from 'highlight.js/lib/languages/php';
import python from 'highlight.js/lib/languages/python';
import ruby from 'highlight.js/lib/languages/ruby';
import rust from 'highlight.js/lib/languages/rust';
import sql from 'highlight.js/lib/languages/sql';
import swift from 'highlight.js/lib/languages/swift';
import typescript from 'highlight.js/lib/languages/typescript';
import xml from 'highlight.js/lib/languages/xml';
import yaml from 'highlight.js/lib/languages/yaml';

const languages = {
  ...{ bash, c, cpp, csharp, css, diff, go, java, javascript, json, kotlin, php, python, ruby },
  ...{ rust, sql, swift, typescript, xml, yaml },
};
for (const [name, language] of Object.entries(languages)) hljs.registerLanguage(name, language);

/** VS Code's language ids that the library has other names for. */
const aliases: Readonly<Record<string, string>> = {
  ...{ javascriptreact: 'javascript', typescriptreact: 'typescript', jsonc: 'json' },
  ...{ shellscript: 'bash', html: 'xml', vue: 'xml', svelte: 'xml', scss: 'css', less: 'css' },
  ...{ dockercompose: 'yaml', 'objective-c': 'c', 'cuda-cpp': 'cpp' },
};

export interface CodePiece {
  readonly text: string;
  /** Class names of the library; empty: plain. */
  readonly className: string;
}

/** Longer code is shown plain: colouring it would hold the page up. */
const mostCharacters = 50_000;

export function highlight(text: string, languageId: string): CodePiece[] {
  const language = Object.hasOwn(aliases, languageId) ? aliases[languageId]! : languageId;
  const plain = [{ text, className: '' }];
  if (text.length > mostCharacters || !hljs.getLanguage(language)) return plain;
  const pieces = readSpans(hljs.highlight(text, { language, ignoreIllegals: true }).value);
  return pieces.map((piece) => piece.text).join('') === text ? pieces : plain;
}

const entities: Readonly<Record<string, string>> = {
  ...{ '&amp;': '&', '&lt;': '<', '&gt;': '>', '&quot;': '"', '&#x27;': "'" },
};

export function readSpans(html: string): CodePiece[] {
  const pieces: CodePiece[] = [];
  const open: string[] = [];
  const parts = html.split(/(<span class="[\w -]+">|<\/span>)/);
  for (const part of parts) {
    const name = /^<span class="([\w -]+)">$/.exec(part)?.[1];
    if (name !== undefined) open.push(name);
    else if (part === '</span>') open.pop();
    else if (part !== '') {
      const text = part.replace(/&(?:amp|lt|gt|quot|#x27);/g, (entity) => entities[entity]!);
      pieces.push({ text, className: open.at(-1) ?? '' });
    }
  }
  return pieces;
}
