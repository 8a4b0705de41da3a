/**
 * Why a request for ghost text showed nothing, in words for the user. Every path of the provider
 * that ends without a completion ends in one of these; "nothing appears and no reason is given" is
 * what users of such extensions report most. Knows no editor.
 */
import type { Unfit } from './ghostText/polish';
import { later, t } from './l10n';

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
  | 'dismissed'
  | 'notReady'
  | 'previewUp'
  | 'superseded'
  | 'lowConfidence'
  | 'failed';

const reasons: { readonly [K in Silence]: string } = {
  off: later('Lacuna is off for this language (setting "lacuna.inline.mode")'),
  manual: later(
    'automatic completion is off here (setting "lacuna.inline.mode"); run "Fill at Cursor"',
  ),
  snoozed: later('automatic completion is snoozed'),
  disabledFile: later('the file is on the list of files that Lacuna never reads'),
  ignoredFile: later('a .lacunaignore file of the workspace names the file'),
  unreadableIgnoreFile: later(
    'the .lacunaignore file of the folder cannot be read, so nothing in it is',
  ),
  onBattery: later('the computer runs on battery (setting "lacuna.inline.pauseOnBattery")'),
  severalCursors: later('there are several cursors, and inline completion fills one gap only'),
  suggestWidget: later('the suggestion selected in the list does not continue what was typed'),
  insideWord: later('the cursor stands inside a word'),
  dismissed: later(
    'a fill for this place was dismissed or undone; run "Fill at Cursor" to see one',
  ),
  notReady: later('the sampler is not ready'),
  previewUp: later('a proposal for this file is waiting to be accepted or rejected'),
  superseded: later('the text or the cursor changed before the answer came'),
  lowConfidence: later('the model was less sure of it than the threshold asks for'),
  failed: later('the request failed'),
  blank: later('the model filled the gap with nothing'),
  misshapen: later('the fill would leave brackets or blocks around it broken'),
  unboundNames: later(
    'the fill reads a name that nothing binds, or does not bind one that is read behind it',
  ),
  undecodable: later('the fill held bytes that make no character'),
  circle: later('the fill repeated itself'),
  repeatsFollowing: later('the fill repeated what follows the cursor'),
};

export function explainSilence(silence: Silence): string {
  return t(reasons[silence]);
}
