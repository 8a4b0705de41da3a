/**
 * The guards of the instruction panel, for both of its sides: what came as a message becomes a typed one,
 * or nothing. A page that shows what a model wrote is not believed, and neither is whoever else can post to
 * it. Knows the form of messages, not what they do.
 */
import {
  chipKinds,
  codeActions,
  panelCommands,
  type Chip,
  type FromPanel,
  type PanelState,
  type ToPanel,
  type TurnView,
} from './panelMessages';
import { panelWords } from './panelWords';

/** Longer texts are no question and no answer; a paste of that size is refused where it is typed. */
export const mostCharacters = 2_000_000;

type Check = (value: unknown) => boolean;
type Fields = Readonly<Record<string, Check>>;

const text: Check = (value) => typeof value === 'string' && value.length <= mostCharacters;
const short: Check = (value) => typeof value === 'string' && value.length <= 2000;
const flag: Check = (value) => typeof value === 'boolean';
const count: Check = (value) => Number.isSafeInteger(value) && (value as number) >= 0;
const amount: Check = (value) => Number.isFinite(value) && (value as number) >= 0;
const oneOf =
  (...allowed: readonly string[]): Check =>
  (value) =>
    allowed.includes(value as string);
const optional =
  (check: Check): Check =>
  (value) =>
    value === undefined || check(value);
const list =
  (check: Check, most = 10_000): Check =>
  (value) =>
    Array.isArray(value) && value.length <= most && value.every(check);
const object =
  (fields: Fields): Check =>
  (value) =>
    typeof value === 'object' &&
    value !== null &&
    Object.entries(fields).every(([name, check]) => check((value as Fields)[name]));

const link: Check = (value) => short(value) && /^https?:\/\/[^\s\\]+$/i.test(value as string);
const percent: Check = (value) => count(value) && (value as number) <= 100;
const chips = list(oneOf(...chipKinds), chipKinds.length);
const languageId: Check = (value) => typeof value === 'string' && /^[\w.+#-]{0,64}$/.test(value);

const fromPanel: { readonly [Type in FromPanel['type']]: Fields } = {
  ready: {},
  send: { text, chips },
  preview: { text, chips },
  stop: {},
  regenerate: { turn: short, strength: percent },
  edit: { turn: short, text, chips },
  code: { action: oneOf(...codeActions), turn: short, text, languageId },
  openLink: { url: link },
  command: { command: oneOf(...panelCommands) },
};

const stepToken = object({
  text: optional(text),
  confidence: optional(amount),
  fresh: optional(flag),
  given: optional(flag),
});
const figures = object({
  steps: count,
  seconds: amount,
  tokens: count,
  device: short,
  confidence: amount,
});
const contextItem = { kind: oneOf(...chipKinds), label: short };
const turn = object({
  id: short,
  question: text,
  context: list(object({ ...contextItem, tokens: count })),
  place: short,
  answer: object({
    state: oneOf('denoising', 'done', 'stopped', 'failed'),
    kind: oneOf('code', 'prose'),
    languageId,
    text,
    hasHoles: flag,
    reason: text,
    figures: optional(figures),
  }),
} satisfies { [Key in keyof TurnView]: Check });
const chip = object({
  ...contextItem,
  tokens: optional(count),
  missing: optional(short),
} satisfies { [Key in keyof Chip]-?: Check });
const model = object({
  name: short,
  device: short,
  mode: oneOf('none', 'code', 'conversation'),
  note: text,
});
const state = object({
  model,
  title: short,
  turns: list(turn),
  strength: percent,
} satisfies { [Key in keyof PanelState]: Check });
const words = object(Object.fromEntries(Object.keys(panelWords).map((key) => [key, short])));

const toPanel: { readonly [Type in ToPanel['type']]: Fields } = {
  state: { state, words },
  context: { chips: list(chip), place: short },
  turn: { turn },
  step: { turn: short, step: count, maskedTokens: count, tokens: list(stepToken) },
  preview: {
    pieces: list(object({ kind: oneOf('text', 'special', 'masks', 'draft'), text, tokens: count })),
    tokens: count,
    maxTokens: count,
    note: text,
  },
  taken: {},
  refused: { reason: text },
  say: { text },
  focus: { text: optional(text) },
};

/** Undefined: it is none of the page's messages. */
export function readFromPanel(value: unknown): FromPanel | undefined {
  return isOne(fromPanel, value) ? (value as FromPanel) : undefined;
}

/** Undefined: it is none of the host's messages. */
export function readToPanel(value: unknown): ToPanel | undefined {
  return isOne(toPanel, value) ? (value as ToPanel) : undefined;
}

function isOne(forms: Readonly<Record<string, Fields>>, value: unknown): boolean {
  if (!object({ type: short })(value)) return false;
  const { type } = value as { readonly type: string };
  return Object.hasOwn(forms, type) && object(forms[type]!)(value);
}
