/**
 * The one script tag on the shop's page. Puts up a launcher; makes the chat's frame when it is
 * first opened, and asks the network for nothing before that.
 */
import { style } from './style';
import { pageTheme, watchTheme } from './theme';
import { wordsFor } from './words';

declare global {
  interface Window {
    Careloop?: { open(): void; close(): void; identify(jwt: string | null): void };
  }
}

const FULL = '(max-width:640px),(max-height:480px)';
const KEY = 'careloop:open';
const READY_WITHIN = 12000;
const tag = document.currentScript as HTMLScriptElement | null;

/**
 * What the frame may not store itself, since some browsers refuse storage to frames of another
 * site, the page keeps for it.
 */
function keep(passing: boolean, key: string, value: unknown): void {
  try {
    const area = passing ? sessionStorage : localStorage;
    if (typeof value === 'string') area.setItem(key, value);
    else area.removeItem(key);
  } catch {
    // Then it lasts as long as the frame.
  }
}

function kept(passing: boolean, prefix: string): Record<string, string> {
  const found: Record<string, string> = {};
  try {
    for (const [k, v] of Object.entries(passing ? sessionStorage : localStorage)) {
      if (k.startsWith(prefix)) found[k.slice(prefix.length)] = v as string;
    }
  } catch {
    // Nothing is kept.
  }
  return found;
}

function make<T extends keyof HTMLElementTagNameMap>(name: T, cls = '', text = ''): HTMLElementTagNameMap[T] {
  const el = document.createElement(name);
  if (cls) el.className = cls;
  el.textContent = text;
  return el;
}

function icon(cls: string, d: string): SVGElement {
  const ns = 'http://www.w3.org/2000/svg';
  const svg = document.createElementNS(ns, 'svg');
  const path = document.createElementNS(ns, 'path');
  svg.setAttribute('class', cls);
  svg.setAttribute('viewBox', '0 0 24 24');
  svg.setAttribute('aria-hidden', 'true');
  path.setAttribute('d', d);
  svg.append(path);
  return svg;
}

function start(script: HTMLScriptElement): void {
  let { identity = '' as string | null } = script.dataset as { identity?: string | null };
  const { siteKey = '', locale, theme, position, accent, label } = script.dataset;
  const origin = new URL(script.src).origin;
  const prefix = `careloop:${siteKey}:`;
  const root = document.documentElement;
  const lang = locale || root.lang || navigator.language || 'en';
  const [chat, close, news, failed, again] = wordsFor(lang) as [string, string, string, string, string];
  const side = position === 'left' ? 'left' : 'right';
  const full = matchMedia(FULL);

  const box = document.createElement('careloop-chat');
  const shadow = box.attachShadow({ mode: 'open' });
  // Neither way asks the page's policy for inline styles, where constructable sheets exist.
  try {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(style);
    shadow.adoptedStyleSheets = [sheet];
  } catch {
    shadow.append(make('style', '', style));
  }
  const launcher = make('button', 'l');
  launcher.type = 'button';
  const title = make('span');
  const badge = make('span', 'b');
  launcher.append(
    icon('c', 'M4.5 19.5 5.6 16A7.8 7.8 0 1 1 8.5 18.7ZM8.6 11.6h.01M12 11.6h.01M15.4 11.6h.01'),
    icon('x', 'm6 9.5 6 6 6-6'),
    title,
    badge,
  );
  const panel = make('div', 'p');
  shadow.append(launcher, panel);

  let frame: HTMLIFrameElement | undefined;
  let fallback: HTMLElement | undefined;
  let timer = 0;
  let open = false;
  let ready = false;
  let takeFocus = false;
  let unread = 0;
  let shade = '';
  let locked: string[] | undefined;

  const name = label || chat;

  function css(property: string): string {
    return getComputedStyle(box).getPropertyValue(property).trim();
  }

  function tell(): void {
    if (!ready || !frame) return;
    frame.contentWindow?.postMessage(
      {
        type: 'careloop:host',
        page: { url: location.href, title: document.title },
        theme: shade,
        open,
        full_screen: full.matches,
        focus: takeFocus,
        accent: css('--careloop-accent') || accent || '',
        radius: css('--careloop-radius'),
        identity,
        lasting: kept(false, prefix),
        passing: kept(true, prefix),
      },
      origin,
    );
    takeFocus = false;
  }

  function paint(): void {
    shade = theme === 'dark' || theme === 'light' ? theme : pageTheme();
    const set = (k: string, v: string) => box.style.setProperty(k, v);
    set('--a', accent && CSS.supports('color', accent) ? accent : '#0f625c');
    set('--g', shade === 'dark' ? '#1c1a18' : '#fbf9f6');
    set('--k', shade === 'dark' ? '#f3eee7' : '#26221d');
    const m = /\(([\d.]+), ([\d.]+), ([\d.]+)/.exec(getComputedStyle(launcher).backgroundColor);
    set('--o', m && +m[1]! * 0.299 + +m[2]! * 0.587 + +m[3]! * 0.114 > 150 ? '#181512' : '#fff');
    tell();
  }

  /** Shows what is: classes, names, the page's scroll lock. */
  function show(): void {
    const covers = open && full.matches;
    for (const el of [launcher, panel]) {
      el.className = `${el.className[0]} ${side}${open ? ' on' : ''}${full.matches ? ' full' : ''}${ready ? ' ready' : ''}`;
    }
    launcher.setAttribute('aria-expanded', String(open));
    // Words for the ear only, where there is no room for them.
    title.className = open || !label ? 'v' : '';
    title.textContent = open ? close : name;
    badge.textContent = '';
    if (unread && !open) badge.append(make('span', 'v', ` ${news}: `), unread > 9 ? '9+' : String(unread));
    for (const [k, v] of [['role', 'dialog'], ['aria-modal', 'true'], ['aria-label', name]] as const) {
      if (covers) panel.setAttribute(k, v);
      else panel.removeAttribute(k);
    }
    const styles = [root.style, document.body.style];
    if (covers && !locked) {
      locked = styles.map((s) => s.overflow);
      for (const s of styles) s.overflow = 'hidden';
    } else if (!covers && locked) {
      styles.forEach((s, i) => (s.overflow = locked![i]!));
      locked = undefined;
    }
    fit();
    tell();
  }

  /** Full screen is what the keyboard of a phone leaves free. */
  function fit(): void {
    const v = visualViewport;
    if (!v || v.scale > 1.01) return;
    panel.style.setProperty('--h', v.height + 'px');
    panel.style.setProperty('--t', v.offsetTop + 'px');
  }

  function load(): void {
    fallback?.remove();
    frame?.remove();
    const url = new URL('/widget/frame', origin);
    const dir = getComputedStyle(root).direction;
    for (const [k, v] of [
      ['site', siteKey],
      ['locale', lang],
      // A page that sets no direction leaves it to the language.
      ['dir', dir === 'rtl' || root.dir ? dir : ''],
      ['theme', shade],
      ['host', location.origin],
    ] as const) {
      url.searchParams.set(k, v);
    }
    frame = make('iframe');
    frame.title = name;
    frame.allow = 'clipboard-write';
    frame.src = url.href;
    panel.append(frame);
    timer = setTimeout(unreachable, READY_WITHIN);
  }

  function unreachable(): void {
    fallback = make('div', 'f');
    fallback.setAttribute('role', 'status');
    const b = make('button', '', again);
    b.type = 'button';
    b.onclick = load;
    fallback.append(make('span', '', failed), b);
    panel.append(fallback);
  }

  function toggle(to: boolean, byPerson: boolean): void {
    const inside = document.activeElement === box;
    open = to;
    keep(true, KEY, to ? '1' : null);
    if (to) {
      paint();
      takeFocus = byPerson;
      unread = 0;
      if (!frame) load();
    }
    show();
    if (to && byPerson && ready) frame?.focus();
    if (!to && inside) launcher.focus();
  }

  addEventListener('message', (e) => {
    if (!frame || e.origin !== origin || e.source !== frame.contentWindow) return;
    const type = e.data?.type;
    if (type === 'careloop:ready') {
      clearTimeout(timer);
      fallback?.remove();
      ready = true;
      // Someone who moved on while the frame was loading keeps the focus where it is.
      if (takeFocus && [box, document.body].includes(document.activeElement as HTMLElement)) frame.focus();
      else takeFocus = false;
      show();
    } else if (type === 'careloop:close') toggle(false, true);
    else if (type === 'careloop:keep') keep(!!e.data.passing, prefix + e.data.key, e.data.value);
    else if (type === 'careloop:unread') {
      unread = open ? 0 : Math.max(0, Math.min(99, e.data.count | 0));
      show();
    }
  });
  launcher.onclick = () => toggle(!open, true);
  shadow.addEventListener('keydown', (e) => {
    if ((e as KeyboardEvent).key === 'Escape' && open) toggle(false, true);
  });
  // While it covers the page, the focus does not wander behind it.
  document.addEventListener('focusin', (e) => {
    if (open && ready && full.matches && e.target !== box) frame?.focus();
  });
  full.addEventListener('change', show);
  for (const kind of ['resize', 'scroll']) visualViewport?.addEventListener(kind, fit);
  document.body.append(box);
  paint();
  watchTheme(paint);
  show();
  window.Careloop = {
    open: () => toggle(true, true),
    close: () => toggle(false, true),
    identify(jwt) {
      identity = jwt;
      tell();
    },
  };
  // Under the key itself nothing is left of the name.
  if (kept(true, KEY)['']) toggle(true, false);
}

const script = tag?.src ? tag : document.querySelector<HTMLScriptElement>('script[data-site-key][src]');
if (script && !window.Careloop) {
  // Taken at once, so that a second tag finds it taken while the page is still loading.
  let wanted = false;
  let who: string | null | undefined;
  window.Careloop = { open: () => (wanted = true), close: () => (wanted = false), identify: (jwt) => (who = jwt) };
  const go = () => {
    start(script);
    if (who !== undefined) window.Careloop!.identify(who);
    if (wanted) window.Careloop!.open();
  };
  if (document.body && document.readyState !== 'loading') go();
  else addEventListener('DOMContentLoaded', go);
}
