/**
 * The buttons, the slider and the speed: what the user can do, and which of it makes sense now. Changes
 * nothing by itself; liveView.ts is told what was wanted. Buttons are those of @vscode-elements/elements,
 * which has no slider; that and the speed are the browser's own.
 */
import '@vscode-elements/elements/dist/vscode-button/index.js';
import type { FromView } from '../../protocol/liveView';
import { element, setAttribute } from '../shared/dom';
import { words } from './words';
import { isRunning, lastOf, speeds, type Playback } from './playback';

export interface Wishes {
  goTo(at: number): void;
  togglePlay(): void;
  setSpeed(speed: number): void;
  ask(message: FromView): void;
}

export class Controls {
  readonly root: HTMLElement;
  readonly #slider = element('input', {
    type: 'range',
    min: '0',
    step: '1',
    'aria-label': words.step,
  });
  readonly #speed = element('select', { 'aria-label': words.speed });
  readonly #seed = element('input', { type: 'number', min: '0', step: '1', id: 'seed' });
  readonly #play: HTMLElement;
  readonly #moves: readonly { readonly button: HTMLElement; readonly isBack: boolean }[];
  readonly #actions: Readonly<Record<'resume' | 'stop' | 'copy' | 'offer' | 'export', HTMLElement>>;
  #now!: Playback;
  #seedOf: number | undefined;

  constructor(wishes: Wishes) {
    const move = (text: string, name: string, isBack: boolean, to: () => number) => ({
      button: button(text, name, () => wishes.goTo(to())),
      isBack,
    });
    this.#moves = [
      move('⇤', words.firstStep, true, () => 0),
      move('←', words.previousStep, true, () => this.#now.at - 1),
      move('→', words.nextStep, false, () => this.#now.at + 1),
      move('⇥', words.lastStep, false, () => lastOf(this.#now)),
    ];
    this.#play = button(words.play, undefined, () => wishes.togglePlay());
    this.#slider.addEventListener('input', () => wishes.goTo(Number(this.#slider.value)));
    for (const speed of speeds) {
      this.#speed.append(element('option', { value: String(speed) }, `${speed}×`));
    }
    this.#speed.addEventListener('change', () => wishes.setSpeed(Number(this.#speed.value)));
    const about = (type: 'stop' | 'copy' | 'offer' | 'export') => () => {
      const id = this.#now.run?.head.id;
      if (id !== undefined) wishes.ask({ type, id });
    };
    this.#actions = {
      resume: button(words.resume, undefined, () => this.#resume(wishes)),
      stop: button(words.stop, undefined, about('stop')),
      copy: button(words.copy, undefined, about('copy')),
      offer: button(words.offer, undefined, about('offer')),
      export: button(words.export, undefined, about('export')),
    };
    this.root = this.#layOut();
  }

  show(now: Playback, said: string): void {
    this.#now = now;
    const last = lastOf(now);
    const { head } = now.run ?? {};
    setAttribute(this.#slider, 'max', String(last));
    this.#slider.value = String(now.at);
    setAttribute(this.#slider, 'aria-valuetext', said);
    this.#slider.disabled = last === 0;
    this.#speed.value = String(now.speed);
    this.#play.textContent = now.isPlaying ? words.pause : words.play;
    disable(this.#play, last === 0);
    for (const { button: own, isBack } of this.#moves) {
      disable(own, isBack ? now.at === 0 : now.at >= last);
    }
    const { resume, stop, copy, offer, export: exporting } = this.#actions;
    const isOver = now.run !== undefined && !isRunning(now.run);
    disable(resume, head?.canExport !== true || now.at >= last);
    disable(copy, !isOver || head?.state !== 'done');
    disable(exporting, head?.canExport !== true);
    stop.hidden = head?.canStop !== true;
    offer.hidden = head?.canOffer !== true;
    if (head && head.id !== this.#seedOf) {
      this.#seedOf = head.id;
      this.#seed.value = String(head.seed + 1);
    }
  }

  #resume(wishes: Wishes): void {
    const { run, at } = this.#now;
    const step = run?.steps[at];
    const seed = Number(this.#seed.value);
    const isSeed = this.#seed.value !== '' && Number.isSafeInteger(seed) && seed >= 0;
    setAttribute(this.#seed, 'aria-invalid', !isSeed && 'true');
    if (!isSeed) return this.#seed.focus();
    if (step) wishes.ask({ type: 'resume', id: run!.head.id, fromStep: step.step, seed });
  }

  #layOut(): HTMLElement {
    const [first, back, next, last] = this.#moves.map((move) => move.button);
    const { resume, stop, copy, offer, export: exporting } = this.#actions;
    const speed = element('label', {}, `${words.speed} `, this.#speed);
    const seed = element('label', {}, `${words.seed} `, this.#seed);
    return element(
      'div',
      { class: 'controls' },
      element(
        'div',
        { class: 'row', role: 'group', 'aria-label': words.playback },
        ...[first!, back!, this.#play, next!, last!, speed],
      ),
      element('div', { class: 'row' }, this.#slider),
      element(
        'div',
        { class: 'row', role: 'group', 'aria-label': words.thisRun },
        ...[resume, seed, stop, copy, offer, exporting],
      ),
    );
  }
}

function button(text: string, name: string | undefined, act: () => void): HTMLElement {
  const made = document.createElement('vscode-button');
  setAttribute(made, 'secondary', true);
  setAttribute(made, 'aria-label', name);
  setAttribute(made, 'title', name);
  made.textContent = text;
  made.addEventListener('click', () => {
    if (!made.hasAttribute('disabled')) act();
  });
  return made;
}

function disable(made: HTMLElement, isDisabled: boolean): void {
  setAttribute(made, 'disabled', isDisabled);
  setAttribute(made, 'aria-disabled', isDisabled && 'true');
}
