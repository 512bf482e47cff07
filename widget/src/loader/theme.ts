/** Light or dark, as the shop's page is: by its marks, its colours, and then the system. */

const root = document.documentElement;
const system = matchMedia('(prefers-color-scheme:dark)');

export type Theme = 'light' | 'dark';

function brightness(el: Element): number | undefined {
  const m = /^rgba?\(([\d.]+), ([\d.]+), ([\d.]+)(?:, ([\d.]+))?/.exec(getComputedStyle(el).backgroundColor);
  if (!m || m[4] === '0') return;
  return +m[1]! * 0.299 + +m[2]! * 0.587 + +m[3]! * 0.114;
}

export function pageTheme(): Theme {
  for (const el of [root, document.body]) {
    const marks = `${el.dataset.theme ?? ''} ${el.getAttribute('data-bs-theme') ?? ''} ${el.getAttribute('class') ?? ''}`;
    const m = /(?:^|[\s_-])(dark|light)(?:$|[\s_-])/i.exec(marks);
    if (m) return m[1]!.toLowerCase() as Theme;
  }
  const scheme = getComputedStyle(root).colorScheme.replace('only', '').trim();
  if (scheme === 'dark' || scheme === 'light') return scheme;
  const lit = brightness(document.body) ?? brightness(root);
  if (lit !== undefined) return lit < 110 ? 'dark' : 'light';
  return system.matches ? 'dark' : 'light';
}

/** Calls `changed` whenever the page's marks or the system's wish may have changed. */
export function watchTheme(changed: () => void): void {
  system.addEventListener('change', changed);
  const watcher = new MutationObserver(changed);
  for (const el of [root, document.body]) {
    watcher.observe(el, { attributes: true, attributeFilter: ['class', 'style', 'data-theme', 'data-bs-theme'] });
  }
}
