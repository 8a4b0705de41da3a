/**
 * The instruction panel's page: hears the host, shows the conversation, posts what the user does. The host
 * holds the truth; what is typed, chosen and scrolled is kept here, for a page is thrown away when its view is
 * hidden. A table of contents of the page.
 */
import '@vscode-elements/elements/dist/vscode-button';
import '@vscode-elements/elements/dist/vscode-textarea';
import '@vscode-elements/elements/dist/vscode-toolbar-button';
import { readToPanel } from '../../protocol/panelGuards';
import type { FromPanel, PanelState, ToPanel, TurnView } from '../../protocol/panelMessages';
import { panelWords, type PanelWords } from '../../protocol/panelWords';
import { amountText } from '../shared/amount';
import { element, focusOn, keepingFocus, onClick } from '../shared/dom';
import { filled } from '../shared/filled';
import { connect } from '../shared/host';
import { drawStep } from './answer';
import { Composer, type ComposerState } from './composer';
import './panel.css';
import { drawTurn, type TurnTools } from './turns';

interface Kept {
  readonly composer: Partial<ComposerState>;
  readonly strengths: Readonly<Record<string, number>>;
  readonly edit: { readonly turn: string; readonly text: string } | undefined;
}

const host = connect<ToPanel, FromPanel, Kept>(readToPanel, take);
let kept: Kept = {
  composer: host.kept.composer ?? {},
  strengths: host.kept.strengths ?? {},
  edit: host.kept.edit,
};
let words: PanelWords = panelWords;
let state: PanelState | undefined;

const model = element('div', { class: 'model' });
const list = element('ol', { class: 'turns' });
const empty = element('div', { class: 'empty' });
const scroller = element('div', { class: 'conversation' }, model, empty, list);
const status = element('div', { class: 'hidden', role: 'status', 'aria-live': 'polite' });
/** Made when its words have come. */
let composer: Composer | undefined;
const heading = element('h1', { class: 'hidden' }, 'Lacuna');
const main = element('main', {}, heading, scroller, status);
document.body.append(main);
host.post({ type: 'ready' });

function take(message: ToPanel): void {
  switch (message.type) {
    case 'state':
      words = message.words;
      state = message.state;
      return keepingFocus(drawAll);
    case 'turn':
      return takeTurn(message.turn);
    case 'step':
      return takeStep(message);
    case 'context':
      return composer?.showContext(message.chips, message.place);
    case 'preview':
      return composer?.showPreview(message);
    case 'taken':
      keep({ edit: undefined });
      return composer?.taken();
    case 'refused':
      say(message.reason);
      return composer?.refused(message.reason);
    case 'say':
      return say(message.text);
    case 'focus':
      return composer?.focus(message.text);
  }
}

function drawAll(): void {
  if (!state) return;
  const { turns } = state;
  const isAtEnd = scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight < 40;
  drawModel();
  empty.hidden = turns.length > 0;
  const isCode = state.model.mode !== 'conversation';
  empty.replaceChildren(
    element('h2', {}, words.emptyTitle),
    element('p', {}, isCode ? words.emptyCode : words.emptyConversation),
  );
  list.hidden = turns.length === 0;
  list.setAttribute('aria-label', words.conversation);
  list.replaceChildren(...turns.map((turn) => drawTurn(turn, tools())));
  composer ??= newComposer();
  composer.update(words, state.model.mode, isBusy());
  if (isAtEnd || isBusy()) scrollToEnd();
}

function newComposer(): Composer {
  const made = new Composer(words, kept.composer, {
    onSend: (text, chips) => host.post({ type: 'send', text, chips }),
    onStop: () => host.post({ type: 'stop' }),
    onPreview: (text, chips) => host.post({ type: 'preview', text, chips }),
    onState: (composed) => keep({ composer: composed }),
  });
  scroller.after(made.element);
  return made;
}

function drawModel(): void {
  const { name, device, mode, note } = state!.model;
  const head = element('strong', {}, name);
  const chosen = [
    onClick(
      element('vscode-button', { secondary: true, 'data-key': 'choose' }, words.chooseModel),
      () => host.post({ type: 'command', command: 'chooseModel' }),
    ),
    onClick(
      element('vscode-button', { secondary: true, 'data-key': 'restart' }, words.restart),
      () => host.post({ type: 'command', command: 'restart' }),
    ),
  ];
  model.replaceChildren(
    ...(name === '' ? [] : [element('p', {}, head, device === '' ? '' : ` · ${device}`)]),
    element('p', { class: 'note' }, note),
    ...(mode === 'none' ? [element('div', { class: 'row' }, ...chosen)] : []),
  );
}

function takeTurn(turn: TurnView): void {
  if (!state) return;
  const turns = state.turns.map((other) => (other.id === turn.id ? turn : other));
  state = { ...state, turns };
  keepingFocus(drawAll);
  const { state: outcome, reason, figures } = turn.answer;
  if (outcome !== 'done') return say(reason);
  const told = figures
    ? `: ${filled(words.steps, figures.steps)}, ${filled(words.seconds, amountText(figures.seconds, 1))}`
    : '';
  say(`${words.ready}${told}${reason === '' ? '' : `. ${reason}`}`);
}

function takeStep({ turn, step, maskedTokens, tokens }: Extract<ToPanel, { type: 'step' }>): void {
  const shown = state?.turns.find(({ id }) => id === turn);
  const place = [...list.children].find((li) => (li as HTMLElement).dataset.turn === turn);
  const old = place?.querySelector('.denoise');
  if (!shown || !old) return;
  const isAtEnd = scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight < 80;
  old.replaceWith(drawStep(tokens, shown.answer.kind));
  if (isAtEnd) scrollToEnd();
  // Every step would be a flood to listen to.
  if (step === 0) say(`${words.denoising}: ${filled(words.masked, maskedTokens)}`);
}

function tools(): TurnTools {
  return {
    words,
    isBusy: isBusy(),
    strengthOf: (turn) => kept.strengths[turn] ?? roundedStrength(),
    onStrength: (turn, percent) => keep({ strengths: { ...kept.strengths, [turn]: percent } }),
    onRegenerate: (turn, strength) => host.post({ type: 'regenerate', turn, strength }),
    editOf: (turn) => (kept.edit?.turn === turn ? kept.edit.text : undefined),
    onEdit: (turn, text) => {
      keep({ edit: text === undefined ? undefined : { turn, text } });
      drawAll();
      const key = text === undefined ? `${turn} edit` : `${turn} editing`;
      const found = document.querySelector<HTMLElement>(`[data-key="${CSS.escape(key)}"]`);
      if (found) focusOn(found);
    },
    onEditing: (turn, text) => keep({ edit: { turn, text } }),
    onResend: (turn, text, chips) => {
      if (text.trim() !== '') host.post({ type: 'edit', turn, text, chips });
    },
    onCode: (turn, action, text, languageId) =>
      host.post({ type: 'code', action, turn, text, languageId }),
    onLink: (url) => host.post({ type: 'openLink', url }),
    onShowLog: () => host.post({ type: 'command', command: 'showLog' }),
  };
}

/** The slider has steps of ten. */
function roundedStrength(): number {
  return Math.min(100, Math.max(10, Math.round((state?.strength ?? 60) / 10) * 10));
}

function isBusy(): boolean {
  return state?.turns.some(({ answer }) => answer.state === 'denoising') === true;
}

function keep(change: Partial<Kept>): void {
  kept = { ...kept, ...change };
  host.keep(kept);
}

function say(text: string): void {
  status.textContent = text;
}

function scrollToEnd(): void {
  scroller.scrollTop = scroller.scrollHeight;
}
