/**
 * Making elements without any HTML text: names, attributes, children. Text is always text. Attributes that
 * run code (`on…`) or style are refused, so no caller can let one through. Knows no page.
 */
export type Child = Node | string | undefined | false;

export interface Attributes {
  readonly [name: string]: string | number | boolean | undefined;
}

export function element<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  attributes?: Attributes,
  ...children: readonly Child[]
): HTMLElementTagNameMap[Tag];
export function element(
  tag: string,
  attributes?: Attributes,
  ...children: readonly Child[]
): HTMLElement;
export function element(
  tag: string,
  attributes: Attributes = {},
  ...children: readonly Child[]
): HTMLElement {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) setAttribute(made, name, value);
  made.append(...children.filter((child): child is Node | string => Boolean(child)));
  return made;
}

/** `false` and `undefined` leave an attribute out, `true` sets it to nothing. */
export function setAttribute(on: Element, name: string, value: Attributes[string]): void {
  if (/^(on|style$|srcdoc$)/i.test(name)) throw new TypeError(`attribute ${name} is not allowed`);
  if (value === undefined || value === false) on.removeAttribute(name);
  else on.setAttribute(name, value === true ? '' : String(value));
}

/** Calls `act` when it is clicked, or pressed by key as buttons are. */
export function onClick<E extends HTMLElement>(target: E, act: () => void): E {
  target.addEventListener('click', act);
  return target;
}

/** The words that the host put into the page, by key; whatever else is there counts as nothing. */
export function wordsOfPage(): Readonly<Record<string, string>> {
  const told: unknown = JSON.parse(document.body.dataset.words ?? '{}');
  const entries = Object.entries(told ?? {}).filter(([, word]) => typeof word === 'string');
  return Object.fromEntries(entries) as Record<string, string>;
}

/** Draws anew, and puts the focus back to what has the same `data-key`. */
export function keepingFocus(draw: () => void): void {
  const key = document.activeElement?.closest<HTMLElement>('[data-key]')?.dataset.key;
  draw();
  if (key === undefined || document.activeElement?.closest('[data-key]')) return;
  const all = document.querySelectorAll<HTMLElement>('[data-key]');
  const found = [...all].find((one) => one.dataset.key === key);
  if (found) focusOn(found);
}

/** Custom elements can take the focus only once they have drawn themselves. */
export function focusOn(target: HTMLElement): void {
  const { updateComplete } = target as { readonly updateComplete?: Promise<unknown> };
  const focus = () => {
    target.focus();
    // Some do not hand it on to the button within.
    if (document.activeElement !== target) target.shadowRoot?.querySelector('button')?.focus();
  };
  if (updateComplete) void updateComplete.then(focus);
  else focus();
}
