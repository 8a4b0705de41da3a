/**
 * What the sampler process and its client say around their errors, so that it can be translated: the
 * beginning that names what was being done, and the advice. The part between is theirs and stays English.
 * Nothing imports this list: the bundles are made from the calls.
 */
import { later } from './l10n';

export const samplerErrorTexts = [
  later('Cannot start the sampler process'),
  later('Cannot load the model'),
  later('Cannot fill'),
  later('Cannot score'),
  later('Cannot answer'),
  later('Cannot count tokens'),
  later('Cannot show what would be sent'),
  later('Cannot resume'),
  later('Cannot run the model'),
  later('Cannot lay out the canvas'),
  later('Cannot denoise the answer again'),
  later('no model is loaded'),
  later('Load one'),
  later('Load a model first'),
  later('Look into the Lacuna log, then run "Lacuna: Restart Sampler"'),
  later('Look into the Lacuna log and report what it says'),
  later('Reload the window so that both come from one version of Lacuna'),
  later('Ask it to fill a gap, or load an instruction-tuned checkpoint'),
  later('Score a part of it'),
  later('Free some space and try again'),
  later('Choose less at once: fewer gaps, shorter ones, a smaller draft'),
  later('Shorten the question, or take some of the context away from it'),
];
