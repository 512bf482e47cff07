/** The app's start: reads what the loader asked for, and wires the browser to the session. */
import type { Clock, SocketLike } from './connection';
import { Host, type HostState } from './host';
import { choose, fetchWords, words, type Words } from './i18n';
import type { Tabs } from './session';
import { shelf } from './storage';
import { DEFAULT_ACCENT, palette, parseColor, type Theme } from './theme';
import { App } from './view/app';
import { SUBPROTOCOL, type Page } from './wire';

const ask = new URLSearchParams(location.search);
const siteKey = ask.get('site') ?? '';
const root = document.documentElement;
let page: Page = { url: '', title: '' };
let identity = '';
let out = false; // signed out, and known to be

const clock: Clock = {
  now: () => Date.now(),
  after: (ms, run) => setTimeout(run, ms),
  cancel: (handle) => clearTimeout(handle as number | undefined),
  random: () => Math.random(),
};

function paint(theme: Theme, accent: string, radius: string): void {
  root.dataset.theme = theme;
  for (const [k, v] of Object.entries(palette(parseColor(accent) ?? DEFAULT_ACCENT, theme))) root.style.setProperty(k, v);
  if (/^\d{1,3}(\.\d+)?(px|rem|em)$/.test(radius)) root.style.setProperty('--radius', radius);
}

function socket(): SocketLike {
  const url = new URL('/v1/chat', location.href);
  url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
  return new WebSocket(url, SUBPROTOCOL) as unknown as SocketLike;
}

/** Tells the other tabs of this browser that a conversation began. */
function tabs(): Tabs {
  const t: Tabs = { tell: () => {}, heard: () => {} };
  try {
    const channel = new BroadcastChannel(`careloop:${siteKey}`);
    channel.onmessage = (e) => {
      if (typeof e.data === 'string') t.heard(e.data);
    };
    t.tell = (id) => channel.postMessage(id);
  } catch {
    // Each tab then stands for itself, and the server still tells both.
  }
  return t;
}

const system = matchMedia('(prefers-color-scheme: dark)');
const first = ask.get('theme');
paint(first === 'dark' || (first !== 'light' && system.matches) ? 'dark' : 'light', '', '');

let app: App | undefined;
const prefix = `careloop:${siteKey}:`;
const host = new Host(ask.get('host') ?? '', (s) => {
  page = s.page;
  paint(s.theme, s.accent, s.radius);
  const other = (s.identity ?? '') !== identity;
  identity = s.identity ?? '';
  if (!app) app = begin(s);
  else if (other || (s.identity === null && !out)) app.session.identify(s.identity === null);
  out = s.identity === null;
  app.stand(s.open, s.full_screen, s.focus);
});

/** Starts once the shop's page has said where the shopper is and what it keeps for them. */
function begin(s?: HostState): App {
  const keeper = (passing: boolean) =>
    s && { held: passing ? s.passing : s.lasting, put: (k: string, v: string | null) => host.keep(passing, k, v) };
  const made = new App(
    w,
    { framed: host.framed, close: () => host.close(), unread: (n) => host.unread(n) },
    {
      siteKey,
      locale: w.locale,
      clock,
      lasting: shelf(() => localStorage, prefix, keeper(false)),
      passing: shelf(() => sessionStorage, prefix, keeper(true)),
      tabs: tabs(),
      page: () => page,
      identity: () => identity,
      socket,
    },
  );
  if (s?.identity === null) made.session.forget();
  made.start();
  return made;
}

addEventListener('online', () => app?.setOnline(true));
addEventListener('offline', () => app?.setOnline(false));
addEventListener('pageshow', (e) => {
  if (e.persisted) app?.wake();
});
document.addEventListener('visibilitychange', () => {
  if (document.visibilityState === 'visible') app?.wake();
});
addEventListener('storage', (e) => {
  if (e.key === `${prefix}token`) app?.session.adoptToken();
});

let w: Words;
const locale = choose([ask.get('locale') ?? '', ...navigator.languages]);
void fetchWords(locale).then((catalogue) => {
  w = words(locale, ask.get('dir') ?? '', catalogue);
  root.lang = w.language;
  root.dir = w.dir;
  document.title = w.t('title');
  if (host.framed) host.ready();
  else app = begin();
});
