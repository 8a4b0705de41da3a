/**
 * Where a question is made: its text, what goes along with it, what exactly would be sent, and the button
 * that sends or stops. Keeps what is typed until the host has taken it. Knows no answers.
 */
import {
  chipKinds,
  type Chip,
  type ChipKind,
  type PanelModelView,
  type ToPanel,
} from '../../protocol/panelMessages';
import type { PanelWords } from '../../protocol/panelWords';
import { amountText } from '../shared/amount';
import { element, focusOn, onClick } from '../shared/dom';
import { filled } from '../shared/filled';
import { drawTextarea, type Textarea } from './textarea';

export interface ComposerState {
  readonly text: string;
  /** What the user has chosen; the rest is as it suits the model. */
  readonly chips: Partial<Record<ChipKind, boolean>>;
  readonly isPreviewOpen: boolean;
}
export interface ComposerTools {
  readonly onSend: (text: string, chips: readonly ChipKind[]) => void;
  readonly onStop: () => void;
  readonly onPreview: (text: string, chips: readonly ChipKind[]) => void;
  readonly onState: (state: ComposerState) => void;
}

type Preview = Extract<ToPanel, { readonly type: 'preview' }>;

/** A preview costs the sampler some work, and nobody reads it while typing. */
const previewMs = 300;

export class Composer {
  readonly element = element('form', { class: 'composer' });
  readonly #tools: ComposerTools;
  #words: PanelWords;
  #mode: PanelModelView['mode'] = 'none';
  #isBusy = false;
  #state: ComposerState;
  #chips: readonly Chip[] = [];
  #timer: number | undefined;
  readonly #field: Textarea;
  readonly #row = element('div', { class: 'chips', role: 'group' });
  readonly #place = element('p', { class: 'place' });
  readonly #refusal = element('p', { class: 'reason failed', role: 'alert' });
  readonly #preview: HTMLDetailsElement;
  readonly #size = element('span', { class: 'size' });
  readonly #canvas = element('div', { class: 'canvas', tabindex: 0, role: 'region' });
  readonly #button = element('vscode-button', { 'data-key': 'send' });

  constructor(words: PanelWords, kept: Partial<ComposerState>, tools: ComposerTools) {
    this.#tools = tools;
    this.#words = words;
    const isText = typeof kept.text === 'string';
    this.#state = {
      text: isText ? kept.text! : '',
      chips: typeof kept.chips === 'object' && kept.chips !== null ? kept.chips : {},
      isPreviewOpen: kept.isPreviewOpen === true,
    };
    this.#field = drawTextarea({
      label: words.question,
      placeholder: words.questionHint,
      value: this.#state.text,
      key: 'question',
      onInput: (text) => this.#change({ text }),
      onEnter: () => this.#send(),
    });
    const summary = element('summary', { 'data-key': 'preview' }, words.preview, this.#size);
    this.#preview = element('details', { class: 'preview' }, summary, this.#canvas);
    this.#preview.open = this.#state.isPreviewOpen;
    this.#preview.addEventListener('toggle', () => {
      this.#change({ isPreviewOpen: this.#preview.open });
    });
    this.#canvas.setAttribute('aria-label', words.preview);
    this.#row.setAttribute('aria-label', words.takeAlong);
    this.element.setAttribute('aria-label', words.question);
    this.element.addEventListener('submit', (event) => event.preventDefault());
    onClick(this.#button, () => (this.#isBusy ? this.#tools.onStop() : this.#send()));
    this.#refusal.hidden = true;
    this.element.append(
      this.#row,
      this.#field,
      this.#refusal,
      element('div', { class: 'row' }, this.#place, this.#button),
      this.#preview,
    );
    this.#drawButton();
  }

  update(words: PanelWords, mode: PanelModelView['mode'], isBusy: boolean): void {
    this.#words = words;
    const isOther = mode !== this.#mode;
    this.#mode = mode;
    this.#isBusy = isBusy;
    this.#drawButton();
    if (isOther) this.#drawChips();
  }

  showContext(chips: readonly Chip[], place: string): void {
    this.#chips = chips;
    this.#place.textContent =
      place === '' || this.#mode !== 'code' ? '' : filled(this.#words.place, place);
    this.#drawChips();
    this.#askPreview();
  }

  /** @param text put into the question. */
  focus(text?: string): void {
    if (text !== undefined) {
      this.#field.value = text;
      this.#change({ text });
    }
    focusOn(this.#field);
  }

  taken(): void {
    this.#field.value = '';
    this.#change({ text: '' });
    this.#refusal.hidden = true;
  }

  refused(reason: string): void {
    this.#refusal.textContent = reason;
    this.#refusal.hidden = false;
  }

  showPreview({ pieces, tokens, maxTokens, note }: Preview): void {
    this.#size.textContent =
      maxTokens === 0 ? '' : filled(this.#words.previewSize, tokens, maxTokens);
    const drawn = pieces.map(({ kind, text, tokens: count }) => {
      const shown = kind === 'masks' ? filled(this.#words.masks, count) : text;
      return element('span', { class: kind }, shown);
    });
    const words = note === '' ? undefined : element('p', { class: 'hint' }, note);
    this.#canvas.replaceChildren(...(words ? [words] : []), ...drawn);
  }

  /** What goes along with the next question. */
  get chosen(): ChipKind[] {
    return this.#chips
      .filter((c) => c.missing === undefined && this.#isOn(c.kind))
      .map(({ kind }) => kind);
  }

  #isOn(kind: ChipKind): boolean {
    const suits = kind === 'selection' || (kind === 'file' && this.#mode === 'code');
    return this.#state.chips[kind] ?? suits;
  }

  #send(): void {
    const { text } = this.#state;
    if (this.#isBusy || text.trim() === '') return;
    this.#tools.onSend(text, this.chosen);
  }

  #change(change: Partial<ComposerState>): void {
    this.#state = { ...this.#state, ...change };
    this.#tools.onState(this.#state);
    this.#drawButton();
    this.#askPreview();
  }

  #askPreview(): void {
    clearTimeout(this.#timer);
    if (!this.#state.isPreviewOpen) return;
    const ask = () => this.#tools.onPreview(this.#state.text, this.chosen);
    this.#timer = setTimeout(ask, previewMs);
  }

  #drawButton(): void {
    const { send, stop } = this.#words;
    this.#button.textContent = this.#isBusy ? stop : send;
    const isIdle = !this.#isBusy && (this.#state.text.trim() === '' || this.#mode === 'none');
    this.#button.toggleAttribute('disabled', isIdle);
    this.#button.toggleAttribute('secondary', this.#isBusy);
  }

  #drawChips(): void {
    const focused = (document.activeElement as HTMLElement | null)?.dataset?.key;
    const all =
      this.#chips.length > 0 ? this.#chips : chipKinds.map((kind) => ({ kind, label: '' }));
    const buttons = all.map((chip: Chip) => this.#drawChip(chip));
    this.#row.replaceChildren(...buttons);
    buttons.find((button) => button.dataset.key === focused)?.focus();
  }

  #drawChip({ kind, label, tokens, missing }: Chip): HTMLElement {
    const isMissing = missing !== undefined;
    const count = tokens === undefined ? '' : filled(this.#words.tokens, amountText(tokens));
    const chip = element(
      'button',
      {
        ...{ type: 'button', class: 'chip', 'data-key': `chip ${kind}` },
        'aria-pressed': String(!isMissing && this.#isOn(kind)),
        'aria-disabled': isMissing ? 'true' : undefined,
        title: isMissing ? missing : label,
      },
      `@${kind}`,
      count !== '' && element('span', { class: 'count' }, ` ${count}`),
      isMissing && element('span', { class: 'hidden' }, `, ${missing}`),
    );
    // A chip that is missing can still be reached and read, but does nothing.
    return onClick(chip, () => {
      if (isMissing) return;
      this.#change({ chips: { ...this.#state.chips, [kind]: !this.#isOn(kind) } });
      this.#drawChips();
    });
  }
}
