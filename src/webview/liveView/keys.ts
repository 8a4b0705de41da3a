/**
 * The keys of the view: arrows, Home and End go through the steps, space plays and pauses. Fields and
 * buttons keep the keys that they need themselves.
 */
import { goTo, lastOf, togglePlay, type Playback } from './playback';

type Pressed = Pick<
  KeyboardEvent,
  'key' | 'target' | 'ctrlKey' | 'altKey' | 'metaKey' | 'shiftKey'
>;

/** What is shown after a key; undefined where the key means nothing here. */
export function keyed(now: Playback, event: Pressed): Playback | undefined {
  const { key, ctrlKey, altKey, metaKey, shiftKey } = event;
  if (!now.run || ctrlKey || altKey || metaKey || shiftKey) return undefined;
  if (keepsKey(event.target, key)) return undefined;
  switch (key) {
    case 'ArrowLeft':
      return goTo(now, now.at - 1);
    case 'ArrowRight':
      return goTo(now, now.at + 1);
    case 'Home':
      return goTo(now, 0);
    case 'End':
      return goTo(now, lastOf(now));
    case ' ':
      return togglePlay(now);
    default:
      return undefined;
  }
}

function keepsKey(target: EventTarget | null, key: string): boolean {
  if (!(target instanceof Element)) return false;
  if (target.matches('select, input:not([type=range])')) return true;
  return key === ' ' && target.matches('vscode-button, button, summary');
}
