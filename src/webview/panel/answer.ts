/**
 * An answer as elements: while it is denoised a field of tokens and masks, then Markdown or code, with what
 * can be done with each piece of code. Everything is drawn node by node; no text becomes markup.
 */
import type { StepToken } from '../../protocol/messages';
import type { AnswerView, CodeAction } from '../../protocol/panelMessages';
import type { PanelWords } from '../../protocol/panelWords';
import { element, onClick } from '../shared/dom';
import { filled } from '../shared/filled';
import { icon } from '../shared/icons';
import { highlight } from './highlight';
import { isFollowed, parseMarkdown, type MarkdownNode } from './markdown';

export interface AnswerTools {
  readonly words: PanelWords;
  readonly onCode: (action: CodeAction, text: string, languageId: string) => void;
  readonly onLink: (url: string) => void;
  /** For what the focus is found again by. */
  readonly key: string;
}

export function drawAnswer(answer: AnswerView, tools: AnswerTools): HTMLElement {
  const { kind, text, languageId, hasHoles } = answer;
  if (text === '') return element('div', { class: 'answer' });
  if (kind === 'code') {
    return element('div', { class: 'answer' }, drawCode(text, languageId, hasHoles, tools, 0));
  }
  let block = 0;
  const draw = (node: MarkdownNode): Node => {
    if (node.kind === 'text') return document.createTextNode(node.text);
    if (node.kind === 'code') {
      return drawCode(node.text, node.languageId, hasHoles, tools, block++);
    }
    const { tag, href, start } = node;
    const isLink = href !== undefined && isFollowed(href);
    const attributes = {
      ...(isLink && { href, title: href, rel: 'noopener noreferrer' }),
      ...(start !== undefined && start !== 1 && { start }),
    };
    const made = element(tag, attributes, ...node.children.map(draw));
    if (isLink) {
      made.addEventListener('click', (event) => {
        event.preventDefault();
        tools.onLink(href);
      });
    }
    return made;
  };
  return element('div', { class: 'answer prose' }, ...parseMarkdown(text).map(draw));
}

const actions = ['copy', 'insert', 'replace', 'newFile', 'placeAsGap'] as const;

function drawCode(
  text: string,
  languageId: string,
  hasHoles: boolean,
  { words, onCode, key }: AnswerTools,
  block: number,
): HTMLElement {
  const name = languageId === '' ? 'text' : languageId;
  const pieces = highlight(text, languageId).map(({ text: piece, className }) =>
    className === '' ? piece : element('span', { class: className }, piece),
  );
  const code = element('code', {}, ...pieces);
  const label = filled(words.code, name);
  const pre = element('pre', { tabindex: 0, role: 'region', 'aria-label': label }, code);
  const usable = hasHoles ? (['copy'] as const) : actions;
  const buttons = usable.map((action) => {
    const title =
      action === 'placeAsGap' ? `${words[action]}: ${words.placeAsGapHint}` : words[action];
    const attributes = { label: words[action], title, 'data-key': `${key} ${block} ${action}` };
    const button = element('vscode-toolbar-button', attributes, icon(action));
    return onClick(button, () => onCode(action, selectedIn(code) ?? text, languageId));
  });
  const bar = element('div', { class: 'bar', role: 'group', 'aria-label': label }, ...buttons);
  const head = element('div', { class: 'head' }, element('span', { class: 'language' }, name), bar);
  return element('div', { class: 'code' }, head, pre);
}

/** A part of the code that the user has selected stands for all of it. */
function selectedIn(code: HTMLElement): string | undefined {
  const selection = document.getSelection();
  const isInside =
    selection?.anchorNode &&
    code.contains(selection.anchorNode) &&
    code.contains(selection.focusNode);
  const text = isInside ? selection.toString() : '';
  return text.trim() === '' ? undefined : text;
}

/** The answer while it is denoised: masks in any place, tokens as they come. */
export function drawStep(tokens: readonly StepToken[], kind: AnswerView['kind']): HTMLElement {
  const spans = tokens.map(({ text, fresh }) =>
    text === undefined
      ? element('span', { class: 'mask' }, '▒▒')
      : element('span', { class: fresh ? 'fresh' : 'token' }, text),
  );
  // What changes ten times a second is told in words elsewhere.
  return element('div', { class: `denoise ${kind}`, 'aria-hidden': 'true' }, ...spans);
}
