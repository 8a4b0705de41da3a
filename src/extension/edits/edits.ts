/**
 * The second face: proposals for one or several places at once. A table of contents: builds the
 * session's owner, what shows it and the commands; nothing is decided here.
 */
import type { LacunaContext } from '../context';
import { activateCodeAction } from './codeAction';
import { EditSessions } from './editSessions';
import { activateFillGaps } from './fillGaps';
import { FillSource } from './fillSource';
import { activateFillWithText } from './fillWithText';
import { GapLens } from './gapLens';
import { activateLockCommands } from './lockCommands';
import { LockStore } from './lockStore';
import { Preview } from './preview';
import { PreviewDiff } from './previewDiff';
import { activateRegenerate } from './regenerate';
import { activateSessionCommands } from './sessionCommands';
import { StatusHint } from './statusHint';

export interface Edits {
  readonly sessions: EditSessions;
  readonly source: FillSource;
}

export function activateEdits(context: LacunaContext): Edits {
  const source = new FillSource(context);
  const sessions = new EditSessions(context, source, context.own(new LockStore()));
  context.own(new Preview(sessions));
  context.own(new GapLens(sessions));
  context.own(new StatusHint(sessions));
  const diff = context.own(new PreviewDiff(sessions));
  activateSessionCommands(context, sessions, diff);
  activateRegenerate(context, sessions);
  activateFillGaps(context, sessions);
  activateFillWithText(context, sessions);
  activateLockCommands(context, sessions);
  activateCodeAction(context);
  return { sessions, source };
}
