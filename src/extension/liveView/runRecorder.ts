/**
 * Keeps the last runs of the sampler in memory: what was asked, by whom, every step, what came of it.
 * It stands between the faces and the sampler client and changes nothing on the way. Writes nothing
 * anywhere; knows no editor, so that it can be tested without one.
 */
import { isAbort } from '../../protocol/errors';
import { isRepeatable } from '../../protocol/fillRecord';
import type { FillParams, FillResult, FillStep, ModelInfo } from '../../protocol/messages';
import { messageOf, t } from '../l10n';

/** Who asked, in words; and where another answer to the same question can be put. */
export interface RunOrigin {
  readonly title: string;
  /** Base name of the file that is filled; empty where the text came from no file. */
  readonly file: string;
  /** Puts another answer beside the one that was given; false where it has no place any more. */
  readonly offer?: (result: FillResult) => boolean;
}

export interface Asked {
  readonly origin: RunOrigin;
  readonly params: FillParams;
  readonly model: ModelInfo | undefined;
}

export interface RecordedStep {
  readonly step: FillStep;
  /** Since the run began. */
  readonly ms: number;
}

export interface Run extends Asked {
  readonly id: number;
  /** From the masked canvas on; none where nobody asked for them, or where they are too many. */
  readonly steps: readonly RecordedStep[];
  /** `repeating`: it is done, and made once more for its steps. */
  readonly state: 'running' | 'repeating' | 'done' | 'cancelled' | 'failed';
  readonly result?: FillResult;
  /** Why it failed, or why there are no steps. */
  readonly detail: string;
}
type Writable<T> = { -readonly [K in keyof T]: T[K] };

export interface FillCall {
  readonly signal: AbortSignal;
  readonly onStep?: (step: FillStep) => void;
}

/** Step tokens that are kept of one run, some 10 MB; a screenful has 3,000. */
export const mostStepTokens = 100_000;

export class RunRecorder {
  /** While the live view looks on, steps are asked for also where the face draws none. */
  wantsSteps = false;
  readonly #now: () => number;
  readonly #listeners = new Set<(run: Run, step: RecordedStep | undefined) => void>();
  #latest: Run | undefined;
  #lastDone: Run | undefined;
  #ids = 0;

  /** @param now milliseconds of a clock that never goes back. */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /** The run that is being made, else the last one that came to an end of its own. */
  get shown(): Run | undefined {
    return this.#latest?.state === 'running' ? this.#latest : (this.#lastDone ?? this.#latest);
  }

  byId(id: number): Run | undefined {
    return [this.#latest, this.#lastDone].find((run) => run?.id === id);
  }

  /** Calls `listener` when a run began, changed its state, or (then with that step) went on. */
  onChange(listener: (run: Run, step: RecordedStep | undefined) => void): { dispose(): void } {
    this.#listeners.add(listener);
    return { dispose: () => this.#listeners.delete(listener) };
  }

  /** Runs `send` as it would run without a recorder, and keeps what it does. */
  async follow(
    asked: Asked,
    { signal, onStep }: FillCall,
    send: (call: FillCall) => Promise<FillResult>,
  ): Promise<FillResult> {
    const run: Writable<Run> = {
      ...asked,
      id: ++this.#ids,
      steps: [],
      state: 'running',
      detail: '',
    };
    this.#latest = run;
    this.#tell(run);
    const keep = this.#keeperOf(run);
    const record = (step: FillStep) => {
      keep(step);
      onStep?.(step);
    };
    // What cannot be made once more is kept at once.
    const isKept = onStep !== undefined || this.wantsSteps || !isRepeatable(asked.params);
    try {
      const result = await send({ signal, ...(isKept && { onStep: record }) });
      run.result = result;
      run.state = 'done';
      this.#lastDone = run;
      this.#tell(run);
      return result;
    } catch (thrown) {
      run.state = isAbort(thrown) ? 'cancelled' : 'failed';
      run.detail = isAbort(thrown) ? '' : messageOf(thrown);
      this.#tell(run);
      throw thrown;
    }
  }

  /**
   * Makes a run that is done once more, for its steps: the same request and seed come to the same
   * canvas. Never throws; where another answer came out, the steps are not those of the run.
   */
  async repeat(
    { id }: Run,
    signal: AbortSignal,
    send: (call: FillCall) => Promise<FillResult>,
  ): Promise<void> {
    const run = this.byId(id) as Writable<Run> | undefined;
    if (run?.state !== 'done') return;
    run.state = 'repeating';
    run.steps = [];
    this.#tell(run);
    try {
      const again = await send({ signal, onStep: this.#keeperOf(run) });
      if (!isSame(again, run.result!)) {
        run.steps = [];
        run.detail = t('Its steps were not recorded, and repeating it gave another answer.');
      }
    } catch (thrown) {
      run.steps = [];
      run.detail = isAbort(thrown) ? '' : messageOf(thrown);
    }
    run.state = 'done';
    this.#tell(run);
  }

  dispose(): void {
    this.#listeners.clear();
  }

  #keeperOf(run: Writable<Run>): (step: FillStep) => void {
    const startMs = this.#now();
    const steps: RecordedStep[] = [];
    let tokens = 0;
    run.steps = steps;
    return (step) => {
      if (run.state !== 'running' && run.state !== 'repeating') return;
      tokens += step.gaps.reduce((sum, gap) => sum + gap.length, 0);
      if (tokens > mostStepTokens) {
        if (run.steps === steps) this.#forget(run);
        return;
      }
      const recorded = { step, ms: this.#now() - startMs };
      steps.push(recorded);
      this.#tell(run, recorded);
    };
  }

  #forget(run: Writable<Run>): void {
    run.steps = [];
    run.detail = t(
      'It has more than {0} tokens over all steps, too many to be kept.',
      mostStepTokens,
    );
    this.#tell(run);
  }

  #tell(run: Run, step?: RecordedStep): void {
    for (const listener of this.#listeners) listener(run, step);
  }
}

function isSame(a: FillResult, b: FillResult): boolean {
  const texts = ({ fills }: FillResult) => JSON.stringify(fills.map(({ text }) => text));
  return texts(a) === texts(b) && a.steps === b.steps;
}
