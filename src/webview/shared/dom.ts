/**
 * Elements in one call. Text goes in as text nodes only: nothing here reads markup, so what a model or
 * a file says can only ever be read. Knows no view.
 */

type Attributes = Readonly<Record<string, string | boolean | undefined>>;

/** `false` and `undefined` leave an attribute out, `true` sets it to nothing. */
export function element<Name extends keyof HTMLElementTagNameMap>(
  name: Name,
  attributes: Attributes = {},
  ...children: readonly (Node | string)[]
): HTMLElementTagNameMap[Name] {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) setAttribute(made, key, value);
  made.append(...children);
  return made;
}

export function setAttribute(on: Element, name: string, value: string | boolean | undefined): void {
  if (value === undefined || value === false) on.removeAttribute(name);
  else on.setAttribute(name, value === true ? '' : value);
}
