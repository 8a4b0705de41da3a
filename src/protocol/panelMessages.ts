/**
 * What the instruction panel's page and the extension host say to each other: plain JSON, one doc comment
 * a message. The host holds the conversation, the page shows it and keeps what is being typed. Neither
 * believes the other: panelGuards.ts is asked on both sides. Knows no DOM and no editor.
 */
import type { StepToken } from './messages';
import type { PreviewPiece } from './chatMessages';
import type { PanelWords } from './panelWords';

/** What can go along with a question. */
export const chipKinds = ['selection', 'file', 'symbol', 'problems'] as const;
export type ChipKind = (typeof chipKinds)[number];

export interface Chip {
  readonly kind: ChipKind;
  /** What it is now: a file's name, lines; empty where there is nothing. */
  readonly label: string;
  /** Absent while nobody has counted. */
  readonly tokens?: number;
  /** Why it cannot be taken along; absent: it can. */
  readonly missing?: string;
}

export interface PanelModelView {
  /** Empty: none is loaded. */
  readonly name: string;
  readonly device: string;
  /** `code` models answer with code for a place, `conversation` ones in turns. */
  readonly mode: 'none' | 'code' | 'conversation';
  /** What to expect of it, or why there is none; a sentence. */
  readonly note: string;
}

/** What an answer has come to; figures are those of the last run. */
export interface AnswerView {
  readonly state: 'denoising' | 'done' | 'stopped' | 'failed';
  readonly kind: 'code' | 'prose';
  /** VS Code's id, of code. */
  readonly languageId: string;
  /** Masks that were never filled are `▒`. */
  readonly text: string;
  /** Some masks were never filled: it is of no use in a file. */
  readonly hasHoles: boolean;
  /** Why it stopped or failed, or that it ran into its limit. */
  readonly reason: string;
  readonly figures?: Figures;
}
export interface Figures {
  readonly steps: number;
  readonly seconds: number;
  readonly tokens: number;
  readonly device: string;
  /** 0..1 */
  readonly confidence: number;
}
export interface TurnView {
  readonly id: string;
  readonly question: string;
  /** What went along, and how many tokens that was. */
  readonly context: readonly {
    readonly kind: ChipKind;
    readonly label: string;
    readonly tokens: number;
  }[];
  /** Where a code model filled, for people; empty in conversations. */
  readonly place: string;
  readonly answer: AnswerView;
}

export interface PanelState {
  readonly model: PanelModelView;
  readonly title: string;
  readonly turns: readonly TurnView[];
  /** Percent that the strength slider begins at. */
  readonly strength: number;
}

/** From the extension host to the page. */
export type ToPanel =
  /** All there is to show; also the answer to `ready`. */
  | { readonly type: 'state'; readonly state: PanelState; readonly words: PanelWords }
  /** What could go along with the next question, and where code would go. */
  | { readonly type: 'context'; readonly chips: readonly Chip[]; readonly place: string }
  /** One turn as it is now. */
  | { readonly type: 'turn'; readonly turn: TurnView }
  /** The answer as it stands after a denoise step. */
  | {
      readonly type: 'step';
      readonly turn: string;
      readonly step: number;
      readonly maskedTokens: number;
      readonly tokens: readonly StepToken[];
    }
  /** What exactly the model would read. */
  | {
      readonly type: 'preview';
      readonly pieces: readonly PreviewPiece[];
      readonly tokens: number;
      readonly maxTokens: number;
      /** What was left out, or why nothing can be shown; empty: all is there. */
      readonly note: string;
    }
  /** A question was taken: what was typed may go. */
  | { readonly type: 'taken' }
  /** A question was not taken, and why; what was typed stays. */
  | { readonly type: 'refused'; readonly reason: string }
  /** For the screen reader. */
  | { readonly type: 'say'; readonly text: string }
  /** Puts the cursor into the question; with a text, puts that there. */
  | { readonly type: 'focus'; readonly text?: string };

export const codeActions = ['copy', 'insert', 'replace', 'newFile', 'placeAsGap'] as const;
export type CodeAction = (typeof codeActions)[number];

/** From the page to the extension host. */
export type FromPanel =
  /** The page listens. */
  | { readonly type: 'ready' }
  | { readonly type: 'send'; readonly text: string; readonly chips: readonly ChipKind[] }
  | { readonly type: 'preview'; readonly text: string; readonly chips: readonly ChipKind[] }
  /** Between two denoise steps; what is there stays. */
  | { readonly type: 'stop' }
  /** @property strength percent; 100 begins anew. */
  | { readonly type: 'regenerate'; readonly turn: string; readonly strength: number }
  /** Asks a question in other words; what was said after it goes. */
  | {
      readonly type: 'edit';
      readonly turn: string;
      readonly text: string;
      readonly chips: readonly ChipKind[];
    }
  /** Does something with a piece of code of an answer. */
  | {
      readonly type: 'code';
      readonly action: CodeAction;
      readonly turn: string;
      readonly text: string;
      readonly languageId: string;
    }
  /** A link of an answer was followed; https and http alone. */
  | { readonly type: 'openLink'; readonly url: string }
  /** One of the panel's commands, from a button. */
  | { readonly type: 'command'; readonly command: PanelCommand };

export const panelCommands = ['restart', 'showLog', 'chooseModel'] as const;
export type PanelCommand = (typeof panelCommands)[number];
