/**
 * Small drawings for buttons, in the colour of their text: paths in a box of 16 by 16, drawn for Lacuna. Each
 * is hidden from screen readers; its button has a name of its own.
 */
const paths = {
  copy: 'M5.5 2.5h7v8h-7zM3.5 5v8.5h7',
  insert: 'M8 2v7M5 6.5 8 9.5l3-3M3 13.5h10',
  replace: 'M3 5.5h8.5M9 3l2.5 2.5L9 8M13 10.5H4.500M7 8l-2.500 2.500L7 13',
  newFile: 'M4 2.500h5l3 3v8H4zM9 2.500v3h3M8 7.500v4M6 9.500h4',
  placeAsGap: 'M2.500 3.500h11M2.500 12.500h11M2.500 8h2M11.500 8h2M6 6.500h4v3H6z',
  regenerate: 'M13 8a5 5 0 1 1-1.600-3.700M13 2v3h-3',
  edit: 'M3 13l.7-3L11 2.700l2.300 2.300L6 12.300zM9.500 4.200l2.300 2.300',
} as const;

export type IconName = keyof typeof paths;
const space = 'http://www.w3.org/2000/svg';

export function icon(name: IconName): SVGElement {
  const drawing = document.createElementNS(space, 'svg');
  const attributes = { viewBox: '0 0 16 16', width: '16', height: '16', 'aria-hidden': 'true' };
  for (const [key, value] of Object.entries(attributes)) drawing.setAttribute(key, value);
  drawing.classList.add('icon');
  const path = document.createElementNS(space, 'path');
  path.setAttribute('d', paths[name]);
  drawing.append(path);
  return drawing;
}
