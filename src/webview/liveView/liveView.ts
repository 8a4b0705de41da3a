/**
 * Entry of the live view's page: builds it, lets messages, keys and the clock change what is shown, and
 * shows it. Knows no fill; all that it draws was sent to it.
 */
import { readToView, type FromView, type ToView } from '../../protocol/liveView';
import { element, wordsOfPage } from '../shared/dom';
import { filled } from '../shared/filled';
import { connect } from '../shared/host';
import { wantsLessMotion } from '../shared/motion';
import { Announcer } from './announcer';
import { CanvasView } from './canvas';
import { Controls } from './controls';
import { keyed } from './keys';
import { legend } from './legend';
import './liveView.css';
import * as playback from './playback';
import { StepsTable } from './stepsTable';
import { sayState, sayStep, useWords, words } from './words';

useWords(wordsOfPage());

const title = element('h1');
const facts = element('p', { class: 'facts' });
const figures = element('p', { class: 'figures' });
const canvas = new CanvasView();
const announcer = new Announcer();
const table = new StepsTable((at) => update(playback.goTo(now, at)));
const controls = new Controls({
  goTo: (at) => update(playback.goTo(now, at)),
  togglePlay: () => update(playback.togglePlay(now)),
  setSpeed: (speed) => update({ ...now, speed }),
  ask: (message) => host.post(message),
});
const shown = element('div', {}, ...[figures, controls.root, legend(), table.root]);
document.body.append(element('main', {}, title, facts, canvas.root, announcer.root, shown));

let now = playback.nothingShown;
let laidOut: number | undefined;
let timer: number | undefined;
let isFirst = true;

const host = connect<ToView, FromView>(readToView, (message) => {
  if (message.type === 'said') return announcer.say(message.text);
  const next = playback.received(now, message, wantsLessMotion());
  const isBack = isFirst && message.type === 'run';
  if (isBack) isFirst = false;
  update(isBack ? playback.restored(next, host.kept) : next);
});
document.addEventListener('keydown', (event) => {
  const next = keyed(now, event);
  if (!next) return;
  event.preventDefault();
  update(next);
});
draw();
host.post({ type: 'ready' });

function update(next: playback.Playback): void {
  now = next;
  draw();
  window.clearTimeout(timer);
  if (now.isPlaying) {
    timer = window.setTimeout(() => update(playback.ticked(now)), playback.stepMs / now.speed);
  }
  const kept = playback.keptOf(now);
  if (kept) host.keep(kept);
}

function draw(): void {
  const { run, at } = now;
  canvas.root.hidden = shown.hidden = run === undefined;
  title.textContent = run
    ? [run.head.title, run.head.file].filter((part) => part !== '').join(' · ')
    : words.title;
  facts.textContent = run?.head.facts ?? '';
  if (!run) return announcer.say(words.empty);
  if (run.head.id !== laidOut) canvas.layOut(run.pieces);
  laidOut = run.head.id;
  const step = run.steps[at];
  const said = sayStep(run, at);
  canvas.draw(step, said);
  const figured = step && filled(words.figures, step.forwards, step.ms);
  figures.textContent = figured === undefined ? '' : `${figured} · ${sayState(run)}`;
  controls.show(now, said);
  table.show(run, at);
  announcer.say(said, now.isPlaying || (now.isFollowing && playback.isRunning(run)));
}
