/**
 * What a proposal is asked for with, and the states that it goes through. Types only; editSession.ts
 * holds one.
 */
import type { TargetsIn } from './targetList';
import type { Wish } from './wish';

export type SessionState =
  | 'denoising'
  | 'ready'
  | 'accepted' // some or all of it
  | 'rejected'
  | 'cancelled' // by an edit, or because its document was closed
  | 'failed';

export type SessionEnd = Exclude<SessionState, 'denoising' | 'ready'>;

export interface SessionSpec {
  /** For messages: `Cannot regenerate`. */
  readonly doing: string;
  /** In the order of the canvas. */
  readonly documents: readonly TargetsIn[];
  readonly wish: Wish;
  readonly instruction?: string;
}
