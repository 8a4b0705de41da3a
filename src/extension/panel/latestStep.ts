/**
 * Lets through no more than one denoise step in a while, and always the latest: they come faster than
 * anybody sees them, and each crosses to another process. Knows no step.
 */
export const stepMs = 40;

export class LatestStep<Step> {
  #waiting: Step | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(private readonly show: (step: Step) => void) {}

  take(step: Step): void {
    if (this.#timer) {
      this.#waiting = step;
      return;
    }
    this.show(step);
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      const waiting = this.#waiting;
      this.#waiting = undefined;
      if (waiting) this.take(waiting);
    }, stepMs);
  }

  dispose(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#waiting = undefined;
  }
}
