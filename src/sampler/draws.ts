/**
 * What the tokens of a step are drawn with: temperature, top-p and the random numbers, which change
 * where a run is resumed with another seed. Knows no canvas; the commit rule keeps the numbers of the
 * first seed, so an order that a rule drew at its start stays.
 */
import { LacunaError } from '../protocol/errors';
import type { Resume } from '../protocol/messages';
import type { DraftOptions } from './draft';
import { seededRandom } from './random';

export interface DrawSettings extends Pick<DraftOptions, 'temperature' | 'topP'> {
  readonly seed: number;
  /** Ascending by their steps. */
  readonly resumes: readonly Resume[];
}

export class Draws {
  #draw: DraftOptions;
  #seed: number;
  #pending: readonly Resume[];

  constructor({ seed, temperature, topP, resumes }: DrawSettings) {
    this.#seed = seed;
    this.#draw = { temperature, topP, random: seededRandom(seed) };
    this.#pending = resumes;
  }

  /** @param step from 0, ascending: so many steps have been made. */
  at(step: number): DraftOptions {
    for (let [next] = this.#pending; next && next.fromStep <= step; [next] = this.#pending) {
      const { seed, temperature = this.#draw.temperature } = next;
      // The seed that the run has goes on with its numbers: from there on it is the same run.
      const random = seed === this.#seed ? this.#draw.random : seededRandom(seed);
      this.#draw = { ...this.#draw, temperature, random };
      this.#seed = seed;
      this.#pending = this.#pending.slice(1);
    }
    return this.#draw;
  }

  /** @throws LacunaError `badUsage` where `steps` steps made the whole run and a resume is left. */
  end(steps: number): void {
    const [missed] = this.#pending;
    if (missed === undefined) return;
    throw new LacunaError('badUsage', {
      doing: `Cannot resume from step ${missed.fromStep}`,
      found: `the run was complete after step ${steps}`,
      advice: steps === 0 ? 'There is nothing to resume' : `Give a step from 0 to ${steps - 1}`,
    });
  }
}
