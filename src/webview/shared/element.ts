/**
 * Making elements without any HTML text: names, attributes, children. Text is always text. Attributes that
 * run code (`on…`) or style are refused, so no caller can let one through. Knows no page.
 */
export type Child = Node | string | undefined | false;

export interface Attributes {
  readonly [name: string]: string | number | boolean | undefined;
}

/** @param attributes `true` sets an empty one, `false` and `undefined` none. */
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
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === false) continue;
    if (/^(on|style$|srcdoc$)/i.test(name)) throw new TypeError(`attribute ${name} is not allowed`);
    made.setAttribute(name, value === true ? '' : String(value));
  }
  made.append(...children.filter((child): child is Node | string => Boolean(child)));
  return made;
}

/** Calls `act` when it is clicked, or pressed by key as buttons are. */
export function onClick<E extends HTMLElement>(target: E, act: () => void): E {
  target.addEventListener('click', act);
  return target;
}

/** `{0}`, `{1}` … by values. */
export function filled(words: string, ...values: readonly (string | number)[]): string {
  return words.replace(/\{(\d)\}/g, (_, index: string) => String(values[Number(index)] ?? ''));
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
