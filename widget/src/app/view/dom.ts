/** Builds nodes. Text goes in as text nodes only: nothing here reads HTML. */

type Props = Record<string, string | number | boolean | ((e: never) => void) | undefined>;
export type Child = Node | string | null | undefined | false;

/** An element with attributes; a function under `onclick` and the like is a listener. */
export function h<T extends keyof HTMLElementTagNameMap>(
  tag: T,
  props: Props = {},
  ...kids: Child[]
): HTMLElementTagNameMap[T] {
  const el = document.createElement(tag);
  for (const [k, v] of Object.entries(props)) {
    if (v === undefined || v === false) continue;
    if (typeof v === 'function') el.addEventListener(k.slice(2), v as EventListener);
    else el.setAttribute(k, v === true ? '' : String(v));
  }
  el.append(...kids.filter((c): c is Node | string => c !== null && c !== undefined && c !== false));
  return el;
}

const NS = 'http://www.w3.org/2000/svg';

const PATHS = {
  mark: 'M4.5 19.5 5.6 16A7.8 7.8 0 1 1 8.5 18.7ZM8.6 11.6h.01M12 11.6h.01M15.4 11.6h.01',
  close: 'm6 6 12 12M18 6 6 18',
  send: 'M12 19V5M5.5 11.5 12 5l6.5 6.5',
  person: 'M12 12.2a4 4 0 1 0 0-8 4 4 0 0 0 0 8ZM4.6 20a7.5 7.5 0 0 1 14.8 0',
  up: 'M7 10.5v9H4.2v-9ZM7 10.5l4-7c1.6 0 2.6 1.2 2.3 2.8L12.8 9h5.4c1.3 0 2.2 1.2 1.9 2.4l-1.5 6.3c-.2 1-1.1 1.8-2.2 1.8H7',
  down: 'M17 13.5v-9h2.8v9ZM17 13.5l-4 7c-1.6 0-2.6-1.2-2.3-2.8l.5-2.7H5.8c-1.3 0-2.2-1.2-1.9-2.4l1.5-6.3c.2-1 1.1-1.8 2.2-1.8H17',
  arrow: 'M12 5v14M5.5 12.5 12 19l6.5-6.5',
  out: 'M9 5H5v14h14v-4M13 4h7v7M20 4 10.5 13.5',
  alert: 'M12 8v4.5M12 16h.01M12 3.5a8.5 8.5 0 1 0 0 17 8.5 8.5 0 0 0 0-17Z',
  check: 'm5 12.5 4.5 4.5L19 7.5',
  page: 'M7 3.5h7l4.5 4.5v12.5H7ZM13.5 3.5V8.5h5M10 12.5h5.5M10 16h5.5',
} as const;

/** A decorative icon in the current colour. */
export function icon(name: keyof typeof PATHS): SVGElement {
  const svg = document.createElementNS(NS, 'svg');
  const path = document.createElementNS(NS, 'path');
  svg.setAttribute('viewBox', '0 0 24 24');
  svg.setAttribute('aria-hidden', 'true');
  svg.setAttribute('class', 'icon');
  path.setAttribute('d', PATHS[name]);
  svg.append(path);
  return svg;
}

export function button(cls: string, onclick: () => void, ...kids: Child[]): HTMLButtonElement {
  return h('button', { type: 'button', class: cls, onclick }, ...kids);
}

let ids = 0;
export const newId = (): string => `c${++ids}`;

/** Code points, as the wire counts them. */
export function points(text: string): number {
  let n = text.length;
  for (let i = 0; i < text.length - 1; i++) {
    const c = text.charCodeAt(i);
    if (c < 0xd800 || c > 0xdbff) continue;
    const d = text.charCodeAt(i + 1);
    if (d >= 0xdc00 && d <= 0xdfff) n--;
  }
  return n;
}
