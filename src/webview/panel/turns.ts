/**
 * Questions and answers as a list: what was asked and taken along, the answer, its figures, and what can be
 * done with it as a whole. Holds what only the page knows of a turn: its strength, and an edit going on.
 */
import type { ChipKind, CodeAction, TurnView } from '../../protocol/panelMessages';
import type { PanelWords } from '../../protocol/panelWords';
import { amountText } from '../shared/amount';
import { element, onClick } from '../shared/dom';
import { filled } from '../shared/filled';
import { icon } from '../shared/icons';
import { drawAnswer, drawStep } from './answer';
import { drawTextarea } from './textarea';

export interface TurnTools {
  readonly words: PanelWords;
  readonly isBusy: boolean;
  /** Percent. */
  readonly strengthOf: (turn: string) => number;
  readonly onStrength: (turn: string, percent: number) => void;
  readonly onRegenerate: (turn: string, percent: number) => void;
  /** The text of an edit that is going on; undefined: none is. */
  readonly editOf: (turn: string) => string | undefined;
  readonly onEdit: (turn: string, text: string | undefined) => void;
  /** What it is at by now. */
  readonly onEditing: (turn: string, text: string) => void;
  readonly onResend: (turn: string, text: string, chips: readonly ChipKind[]) => void;
  readonly onCode: (turn: string, action: CodeAction, text: string, languageId: string) => void;
  readonly onLink: (url: string) => void;
  readonly onShowLog: () => void;
}

export function drawTurn(turn: TurnView, tools: TurnTools): HTMLElement {
  const { words } = tools;
  const edit = tools.editOf(turn.id);
  return element(
    'li',
    { class: 'turn', 'data-turn': turn.id },
    element(
      'section',
      { class: 'question' },
      element('h2', {}, words.you),
      edit === undefined ? drawQuestion(turn, tools) : drawEdit(turn, edit, tools),
    ),
    element(
      'section',
      { class: 'reply', 'aria-busy': turn.answer.state === 'denoising' ? 'true' : 'false' },
      element('h2', {}, words.answer),
      ...drawReply(turn, tools),
    ),
  );
}

function drawQuestion({ id, question, context, place }: TurnView, tools: TurnTools): HTMLElement {
  const { words, isBusy, onEdit } = tools;
  const along = context.map(({ kind, label, tokens }) =>
    element(
      'li',
      {},
      `@${kind}`,
      element('span', {}, ` ${label}, ${filled(words.tokens, tokens)}`),
    ),
  );
  const edit = element(
    'vscode-toolbar-button',
    { label: words.edit, title: `${words.edit}: ${words.editHint}`, 'data-key': `${id} edit` },
    icon('edit'),
  );
  return element(
    'div',
    {},
    element(
      'div',
      { class: 'asked' },
      element('p', {}, question),
      !isBusy && onClick(edit, () => onEdit(id, question)),
    ),
    along.length > 0 && element('ul', { class: 'along', 'aria-label': words.takeAlong }, ...along),
    place !== '' && element('p', { class: 'place' }, place),
  );
}

function drawEdit({ id, context }: TurnView, text: string, tools: TurnTools): HTMLElement {
  const { words, onEdit, onEditing, onResend } = tools;
  const chips = context.map(({ kind }) => kind);
  let typed = text;
  const resend = () => onResend(id, typed, chips);
  const field = drawTextarea({
    label: words.edit,
    value: text,
    key: `${id} editing`,
    onInput: (value) => {
      typed = value;
      onEditing(id, value);
    },
    onEnter: resend,
    onEscape: () => onEdit(id, undefined),
  });
  const send = element('vscode-button', { 'data-key': `${id} resend` }, words.resend);
  const cancel = element(
    'vscode-button',
    { secondary: true, 'data-key': `${id} cancel` },
    words.cancel,
  );
  return element(
    'div',
    { class: 'editing' },
    field,
    element('p', { class: 'hint' }, words.editHint),
    element(
      'div',
      { class: 'row' },
      onClick(send, resend),
      onClick(cancel, () => onEdit(id, undefined)),
    ),
  );
}

function drawReply(turn: TurnView, tools: TurnTools): (HTMLElement | undefined)[] {
  const { id, answer } = turn;
  const { words, onCode, onLink } = tools;
  if (answer.state === 'denoising') return [drawStep([], answer.kind)];
  const isEmpty = answer.text === '' && answer.state === 'done';
  return [
    drawAnswer(answer, {
      words,
      onLink,
      key: id,
      onCode: (action, text, languageId) => onCode(id, action, text, languageId),
    }),
    isEmpty ? element('p', { class: 'hint' }, words.emptyAnswer) : undefined,
    answer.reason === ''
      ? undefined
      : element('p', { class: `reason ${answer.state}` }, answer.reason),
    drawFigures(turn, words),
    drawAgain(turn, tools),
  ];
}

function drawFigures({ answer }: TurnView, words: PanelWords): HTMLElement | undefined {
  const { figures } = answer;
  if (!figures) return undefined;
  const { steps, seconds, tokens, device, confidence } = figures;
  const perStep = steps > 0 ? amountText(tokens / steps, 1) : '0';
  const all = [
    filled(words.steps, steps),
    filled(words.seconds, amountText(seconds, seconds < 10 ? 1 : 0)),
    filled(words.tokensPerStep, perStep),
    device,
    filled(words.confidence, Math.round(confidence * 100)),
  ];
  return element('p', { class: 'figures' }, all.filter((figure) => figure !== '').join(' · '));
}

function drawAgain({ id, answer }: TurnView, tools: TurnTools): HTMLElement | undefined {
  const { words, isBusy, strengthOf, onStrength, onRegenerate, onShowLog } = tools;
  if (isBusy) return undefined;
  const isWhole = answer.text !== '' && !answer.hasHoles;
  const percent = isWhole ? strengthOf(id) : 100;
  const button = element(
    'vscode-button',
    { secondary: true, 'data-key': `${id} again` },
    icon('regenerate'),
    answer.state === 'done' ? words.regenerate : words.resend,
  );
  button.querySelector('svg')?.setAttribute('slot', 'content-before');
  const shown = element('output', {}, `${percent} %`);
  const slider = element('input', {
    ...{ type: 'range', min: 10, max: 100, step: 10, value: percent },
    ...{ 'aria-label': words.strength, title: words.strengthHint, 'data-key': `${id} strength` },
    'aria-valuetext': `${percent} %`,
  });
  slider.addEventListener('input', () => {
    shown.textContent = `${slider.value} %`;
    slider.setAttribute('aria-valuetext', `${slider.value} %`);
    onStrength(id, Number(slider.value));
  });
  const log = element('vscode-button', { secondary: true, 'data-key': `${id} log` }, words.showLog);
  return element(
    'div',
    { class: 'row again' },
    onClick(button, () => onRegenerate(id, isWhole ? Number(slider.value) : 100)),
    isWhole && element('label', { class: 'strength' }, words.strength, slider, shown),
    answer.state === 'failed' && onClick(log, onShowLog),
  );
}
