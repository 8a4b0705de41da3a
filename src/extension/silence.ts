/**
 * Why a request for ghost text showed nothing, in words for the user. Every path of the provider
 * that ends without a completion ends in one of these; "nothing appears and no reason is given" is
 * what users of such extensions report most. Knows no editor.
 */
import type { Unfit } from './ghostText/polish';

export type Silence =
  | Unfit
  | 'off'
  | 'manual'
  | 'snoozed'
  | 'disabledFile'
  | 'ignoredFile'
  | 'unreadableIgnoreFile'
  | 'onBattery'
  | 'severalCursors'
  | 'suggestWidget'
  | 'insideWord'
  | 'notReady'
  | 'previewUp'
  | 'superseded'
  | 'lowConfidence'
  | 'failed';

const reasons: { readonly [K in Silence]: string } = {
  off: 'Lacuna is off for this language (setting "lacuna.inline.mode")',
  manual: 'automatic completion is off here (setting "lacuna.inline.mode"); run "Fill at Cursor"',
  snoozed: 'automatic completion is snoozed',
  disabledFile: 'the file is on the list of files that Lacuna never reads',
  ignoredFile: 'a .lacunaignore file of the workspace names the file',
  unreadableIgnoreFile: 'the .lacunaignore file of the folder cannot be read, so nothing in it is',
  onBattery: 'the computer runs on battery (setting "lacuna.inline.pauseOnBattery")',
  severalCursors: 'there are several cursors, and inline completion fills one gap only',
  suggestWidget: 'the suggestion selected in the list does not continue what was typed',
  insideWord: 'the cursor stands inside a word',
  notReady: 'the sampler is not ready',
  previewUp: 'a proposal for this file is waiting to be accepted or rejected',
  superseded: 'the text or the cursor changed before the answer came',
  lowConfidence: 'the model was less sure of it than the threshold asks for',
  failed: 'the request failed',
  blank: 'the model filled the gap with nothing',
  undecodable: 'the fill held bytes that make no character',
  circle: 'the fill repeated itself',
  repeatsFollowing: 'the fill repeated what follows the cursor',
};

export function explainSilence(silence: Silence): string {
  return reasons[silence];
}
