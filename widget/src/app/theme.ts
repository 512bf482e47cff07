/** Colours from the shop's accent: every pair that carries text keeps a contrast of 4.5 to 1. */

export type RGB = readonly [number, number, number];

export const DEFAULT_ACCENT: RGB = [15, 98, 92];
// As in app.css: what messages lie on, and what they lie in.
const SURFACE: Record<Theme, RGB> = { light: [255, 255, 255], dark: [38, 35, 32] };
const PAGE: Record<Theme, RGB> = { light: [251, 249, 246], dark: [28, 26, 24] };
export type Theme = 'light' | 'dark';

function channel(v: number): number {
  const c = v / 255;
  return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
}

export function luminance([r, g, b]: RGB): number {
  return 0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b);
}

export function contrast(a: RGB, b: RGB): number {
  const [x, y] = [luminance(a), luminance(b)];
  return (Math.max(x, y) + 0.05) / (Math.min(x, y) + 0.05);
}

/** `part` of b in a, 0 to 1. */
export function mix(a: RGB, b: RGB, part: number): RGB {
  const m = (i: 0 | 1 | 2) => Math.round(a[i] + (b[i] - a[i]) * part);
  return [m(0), m(1), m(2)];
}

const WHITE: RGB = [255, 255, 255];
const INK: RGB = [24, 21, 18];

/** Moves `c` towards white or ink until text in it can be read on `on`. */
export function readable(c: RGB, on: RGB, least = 4.5): RGB {
  const towards = contrast(WHITE, on) > contrast(INK, on) ? WHITE : INK;
  for (let part = 0; part < 1; part += 0.05) {
    const tried = mix(c, towards, part);
    if (contrast(tried, on) >= least) return tried;
  }
  return towards;
}

/** The custom properties that depend on the accent. */
export function palette(accent: RGB, theme: Theme): Record<string, string> {
  const surface = SURFACE[theme];
  const css = (c: RGB) => `rgb(${c[0]} ${c[1]} ${c[2]})`;
  // The shop's own colour, unless a button in it would vanish in what it lies on.
  const fill = contrast(accent, surface) >= 1.4 ? accent : readable(accent, surface, 1.4);
  const onFill = contrast(WHITE, fill) >= 4.5 ? WHITE : contrast(INK, fill) >= 4.5 ? INK : WHITE;
  const safeFill = contrast(onFill, fill) >= 4.5 ? fill : readable(fill, onFill);
  const soft = mix(surface, accent, theme === 'light' ? 0.1 : 0.22);
  return {
    '--accent': css(safeFill),
    '--on-accent': css(onFill),
    '--accent-soft': css(soft),
    '--accent-text': css([surface, PAGE[theme], soft].reduce((c, on) => readable(c, on), accent)),
  };
}

/** Reads any CSS colour by painting it. Undefined where it is none. */
export function parseColor(css: string): RGB | undefined {
  if (!css || !CSS.supports('color', css)) return;
  const canvas = document.createElement('canvas');
  canvas.width = canvas.height = 1;
  const ctx = canvas.getContext('2d');
  if (!ctx) return;
  ctx.fillStyle = css;
  ctx.fillRect(0, 0, 1, 1);
  const [r, g, b, a] = ctx.getImageData(0, 0, 1, 1).data;
  return a ? [r!, g!, b!] : undefined;
}
