/**
 * How sure the model is of text that stands there: the heat map and the surprise scan. A table of
 * contents: builds what they share and lets each hook itself in. Nothing is scored before somebody asks
 * for it or switches it on.
 */
import type { LacunaContext } from '../context';
import type { Edits } from '../edits/edits';
import { FilledText } from './filledText';
import { HeatMap } from './heatMap';
import { activateScan } from './scan';
import { Scorer } from './scorer';
import { ScoreSource } from './scoreSource';
import { activateShowConfidence } from './showConfidence';
import { activateTokenHover } from './tokenHover';

/** What the tests look at. */
export interface Confidence {
  readonly source: ScoreSource;
  readonly map: HeatMap;
  readonly mapScorer: Scorer;
  readonly scanScorer: Scorer;
  readonly filled: FilledText;
}

export function activateConfidence(context: LacunaContext, edits: Edits): Confidence {
  const source = new ScoreSource(context, edits.source);
  const map = context.own(new HeatMap());
  const mapScorer = new Scorer(context, source);
  const scanScorer = new Scorer(context, source);
  const filled = new FilledText(context, edits.sessions);
  activateShowConfidence(context, map, filled, mapScorer);
  activateTokenHover(context, map, mapScorer);
  activateScan(context, scanScorer);
  return { source, map, mapScorer, scanScorer, filled };
}
