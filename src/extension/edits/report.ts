/**
 * The state of the latest proposal as plain values: what the tests look at, and whoever else uses the
 * extension's API. Holds no objects of the session's.
 */
import type { TextRange } from '../../protocol/messages';
import type { EditSession } from './editSession';
import type { SessionState } from './sessionSpec';
import type { EditSessions } from './editSessions';
import type { Hunk } from './hunks';
import type { Target } from './target';

export interface EditReport {
  readonly state: SessionState | 'none' | 'refused';
  /** Why it ended or was refused, or what was last said of it. */
  readonly detail: string;
  /** Percent. */
  readonly strength: number;
  readonly growth: number;
  readonly alternatives: { readonly count: number; readonly chosen: number };
  readonly gaps: readonly GapReport[];
}
export interface GapReport extends Pick<Target, 'id' | 'uri' | 'range' | 'original' | 'status'> {
  /** What would take the place of which range of the document, by itself; none once it is settled. */
  readonly hunks: readonly { readonly range: TextRange; readonly text?: string }[];
  /** What would take its place; absent while it is denoised, or if it is of no use. */
  readonly proposed?: string;
}

export function reportEdits({ current, last, refusal }: EditSessions): EditReport {
  if (!current && refusal !== '') return { ...nothing, state: 'refused', detail: refusal };
  return last ? reportSession(last) : nothing;
}

const nothing: EditReport = {
  state: 'none',
  detail: '',
  strength: 0,
  growth: 1,
  alternatives: { count: 0, chosen: 0 },
  gaps: [],
};

function reportSession(session: EditSession): EditReport {
  const { state, detail, wish, alternatives, targets, view } = session;
  const { strength, growth } = wish;
  const gaps = targets.all.map((target): GapReport => {
    const { id, uri, range, original, status } = target;
    const proposed = state === 'ready' ? view.replacement(target) : undefined;
    const hunks = status === 'open' && session.isUp ? view.hunksOf(target).map(reportHunk) : [];
    return { id, uri, range, original, status, hunks, ...(proposed !== undefined && { proposed }) };
  });
  return { state, detail, strength, growth, alternatives, gaps };
}

function reportHunk({ range, text }: Hunk) {
  return { range, ...(text !== undefined && { text }) };
}
