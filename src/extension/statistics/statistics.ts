/**
 * Local statistics: what is counted and when. Nothing of it leaves the machine, and no text is kept.
 * What is done with the counts is statisticsCommands.ts's business.
 */
import * as vscode from 'vscode';
import type { FilledText } from '../confidence/filledText';
import type { LacunaContext } from '../context';
import type { EditSession } from '../edits/editSession';
import type { EditSessions } from '../edits/editSessions';
import type { CountName } from './counts';
import { activateStatisticsCommands } from './statisticsCommands';
import { StatisticsStore } from './store';
import { Survival } from './survival';

export function activateStatistics(
  context: LacunaContext,
  sessions: EditSessions,
  filled: FilledText,
): StatisticsStore {
  const store = context.own(new StatisticsStore(context.extension.globalState));
  const survival = context.own(
    new Survival((languageId, age, kept) => {
      store.add({ languageId, name: `${kept ? 'kept' : 'lost'}After${age}` });
    }),
  );
  context.own(
    filled.onAccept(() => {
      const { document } = filled;
      if (document) survival.follow(document, filled.in(document));
    }),
  );
  countCompletions(context, store);
  countProposals(context, sessions, store);
  activateStatisticsCommands(context, store);
  return store;
}

function countCompletions(context: LacunaContext, store: StatisticsStore): void {
  const { requests } = context;
  context.own(
    requests.onRecord(({ languageId, outcome, fromCache, automatic, forwards, parts }) => {
      // The same ghost text is asked for again with each key that is typed along it.
      const isNew = !fromCache || !automatic;
      if (outcome === 'shown' && isNew) store.add({ languageId, name: 'shown' });
      if (forwards !== undefined) store.add({ languageId, latencyMs: parts.totalMs });
    }),
  );
  context.own(
    requests.onAccept(() => {
      const languageId = vscode.window.activeTextEditor?.document.languageId;
      if (languageId !== undefined) store.add({ languageId, name: 'accepted' });
    }),
  );
}

/** Each proposal once: when its first fill is there, and when some of it was accepted. */
function countProposals(
  context: LacunaContext,
  sessions: EditSessions,
  store: StatisticsStore,
): void {
  const proposed = new WeakSet<EditSession>();
  const accepted = new WeakSet<EditSession>();
  const once = (seen: WeakSet<EditSession>, session: EditSession, name: CountName) => {
    if (seen.has(session)) return;
    seen.add(session);
    store.add({ languageId: session.spec.documents[0]!.document.languageId, name });
  };
  context.own(
    sessions.onChange(() => {
      const { last } = sessions;
      if (last?.state === 'ready') once(proposed, last, 'proposed');
      const isTaken = last?.targets.all.some(({ status }) => status === 'accepted');
      if (last && isTaken) once(accepted, last, 'proposalsAccepted');
    }),
  );
}
