/**
 * One question to the sampler: from open targets and a wish to the parts of a canvas, and from the
 * answer back to fills by target. Checks first that it can fit, so that a huge selection is refused before
 * anything is sent. Changes no state of anybody's.
 */
import path from 'node:path';
import * as vscode from 'vscode';
import { LacunaError } from '../../protocol/errors';
import type { FillParams, FillResult, ModelInfo, StepToken } from '../../protocol/messages';
import { documentSource } from '../documentSource';
import { readEditSettings, readInlineSettings } from '../settings';
import { canvasParts, draftLocks, innerCharacters, type CanvasDocument } from './canvasParts';
import type { SessionSpec } from './sessionSpec';
import type { FillSource } from './fillSource';
import { checkRoom, mostTokensOf, seamReachOf } from './limits';
import { isAllLocked } from './locks';
import type { LockStore } from './lockStore';
import type { Proposal } from './proposals';
import { withLineFeeds } from '../ghostText/lineEnds';
import type { Target } from './target';
import { samplingOf, type Wish } from './wish';
import { t } from '../l10n';

export interface RequestTools {
  readonly source: Pick<FillSource, 'fill' | 'model'>;
  readonly locks: Pick<LockStore, 'of'>;
  /** Quietly, in the status bar. */
  say(text: string): void;
  /** As a notification: somebody asked and waits. */
  complain(text: string): void;
}

/** Every open target as it stands, by its id. */
export type Steps = ReadonlyMap<number, readonly StepToken[]>;

export class ProposalRequest {
  readonly #tools: RequestTools;
  readonly #spec: SessionSpec;
  readonly #targets: readonly Target[];
  readonly #wish: Wish;
  readonly #variants: number;

  constructor(
    tools: RequestTools,
    spec: SessionSpec,
    targets: readonly Target[],
    wish: Wish,
    variants: number,
  ) {
    this.#tools = tools;
    this.#spec = spec;
    this.#targets = targets;
    this.#wish = wish;
    this.#variants = variants;
  }

  model(signal: AbortSignal): Promise<ModelInfo> {
    return this.#tools.source.model(this.#spec.doing, signal);
  }

  /**
   * @param offer takes a later answer to the same question, which the live view has asked for again.
   * @throws LacunaError `contextTooLong`, `badInput`, or what the sampler process answers.
   */
  async send(
    { maxTokens }: ModelInfo,
    signal: AbortSignal,
    onSteps: (steps: Steps) => void,
    offer: (another: Proposal) => boolean,
  ): Promise<Proposal[]> {
    const ids = this.#targets.map(({ id }) => id);
    const result = await this.#tools.source.fill(this.#params(maxTokens), {
      signal,
      origin: {
        title: vscode.l10n.t('Proposal'),
        file: path.basename(this.#spec.documents[0]!.document.fileName),
        offer: ({ fills }) => offer(this.#byTarget(fills)),
      },
      onStep: ({ gaps }) => onSteps(new Map(ids.map((id, index) => [id, gaps[index] ?? []]))),
    });
    return [result.fills, ...(result.alternatives ?? [])].map((fills) => this.#byTarget(fills));
  }

  #params(maxTokens: number): FillParams {
    const { doing, instruction } = this.#spec;
    const documents = this.#documents();
    const seamReach = seamReachOf(maxTokens, documents.length);
    const gaps = this.#targets.filter(({ kind }) => kind === 'gap').length;
    const maxLength = mostTokensOf(maxTokens, gaps);
    const lines = documents.reduce((sum, document) => sum + lineCount(document), 0);
    checkRoom(innerCharacters(documents, seamReach), lines, { doing, maxTokens });
    this.#checkLocks(documents);
    const first = this.#spec.documents[0]!.document;
    return {
      parts: canvasParts(documents, this.#wish, { seamReach, maxLength }),
      languageId: first.languageId,
      sampling: {
        ...samplingOf(this.#wish, readInlineSettings(first).sampling),
        // Of a second document what binds its names may be left out.
        ...(documents.length > 1 && { constrain: false }),
      },
      priority: 'explicit',
      ...(instruction !== undefined && { instruction }),
      // The text behind the gaps says which alternative is worth seeing first.
      ...(this.#variants > 1 && { variants: this.#variants, rank: 'fit' as const }),
    };
  }

  /** Documents with open targets only, as they read now. */
  #documents(): CanvasDocument[] {
    return this.#spec.documents.flatMap(({ document }): CanvasDocument[] => {
      const uri = document.uri.toString();
      const targets = this.#targets.filter((target) => target.uri === uri);
      if (targets.length === 0) return [];
      return [
        {
          source: documentSource(document),
          languageId: document.languageId,
          targets,
          locks: this.#tools.locks.of(document),
          defaultLocks: readEditSettings(document).defaultLocks,
        },
      ];
    });
  }

  #checkLocks(documents: readonly CanvasDocument[]): void {
    const isFree = documents.some((document) =>
      document.targets.some(
        (target) =>
          target.kind === 'gap' ||
          !isAllLocked(withLineFeeds(target.original), draftLocks(target, document)),
      ),
    );
    if (isFree) return;
    throw new LacunaError('badInput', {
      doing: this.#spec.doing,
      found: t('all of the selection is locked'),
      advice: t('Run "Lacuna: Unlock All" or select more'),
    });
  }

  #byTarget(fills: FillResult['fills']): Proposal {
    if (fills.length !== this.#targets.length) {
      throw new LacunaError('internal', {
        doing: this.#spec.doing,
        found: t('the sampler process filled {0} of {1} gaps', fills.length, this.#targets.length),
        advice: t('Look into the Lacuna log and report what it says'),
      });
    }
    return new Map(this.#targets.map(({ id }, index) => [id, fills[index]!]));
  }
}

/** From the first target of a document to its last. */
function lineCount({ source, targets }: CanvasDocument): number {
  return source.slice(targets[0]!.range.start, targets.at(-1)!.range.end).split('\n').length;
}
