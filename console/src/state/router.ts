/** Addresses below /console/, and where the page is now. */
import { computed, signal } from '@preact/signals';
import { VIEWS, type View } from '../api/types';

export type Route =
  | { page: 'home' }
  | { page: 'sign-in' }
  | { page: 'invitation'; token: string }
  | { page: 'inbox'; site: string; view: View; id: string; filters: Filters; at: number }
  | { page: 'settings'; site: string; tab: string }
  | { page: 'knowledge'; site: string; tab: string; id: string; query: URLSearchParams }
  | { page: 'account'; tab: string }
  | { page: 'unknown' };

export interface Filters {
  q: string;
  person: string;
  tag: string;
  team: string;
}
export const NO_FILTERS: Filters = { q: '', person: '', tag: '', team: '' };

const BASE = '/console';

export function parse(path: string, search: string): Route {
  const parts = path
    .replace(/^\/console\/?/, '')
    .split('/')
    .filter(Boolean)
    .map(decode);
  const [a, b = '', c, d = '', e = ''] = parts;
  if (!a) return { page: 'home' };
  if (a === 'sign-in') return { page: 'sign-in' };
  if (a === 'invitation' && b) return { page: 'invitation', token: b };
  if (a === 'account') return { page: 'account', tab: b || 'profile' };
  if (a === 'shops' && b && c === 'inbox') {
    const view = VIEWS.find((v) => v === d) ?? 'waiting';
    const q = new URLSearchParams(search);
    const filters = { q: q.get('q') ?? '', person: q.get('person') ?? '', tag: q.get('tag') ?? '', team: q.get('team') ?? '' };
    return { page: 'inbox', site: b, view, id: e, filters, at: seqOf(q.get('at')) };
  }
  if (a === 'shops' && b && c === 'settings') return { page: 'settings', site: b, tab: d || 'people' };
  if (a === 'shops' && b && c === 'knowledge') return { page: 'knowledge', site: b, tab: d || 'articles', id: e, query: new URLSearchParams(search) };
  return { page: 'unknown' };
}

/** An event's number in an address; 0 is none. */
function seqOf(s: string | null): number {
  const n = Number(s);
  return Number.isSafeInteger(n) && n > 0 ? n : 0;
}

function decode(s: string): string {
  try {
    return decodeURIComponent(s);
  } catch {
    return s;
  }
}

const e = encodeURIComponent;

export const to = {
  home: () => `${BASE}/`,
  signIn: () => `${BASE}/sign-in`,
  /** The inbox, a conversation in it, and the event in that which is to be in sight. */
  inbox(site: string, view: View, id = '', f: Filters = NO_FILTERS, at = 0) {
    const q = new URLSearchParams();
    for (const [k, v] of Object.entries(f)) if (v) q.set(k, v as string);
    if (at > 0) q.set('at', String(at));
    const s = q.toString();
    return `${BASE}/shops/${e(site)}/inbox/${view}${id ? `/${e(id)}` : ''}${s ? `?${s}` : ''}`;
  },
  settings: (site: string, tab: string) => `${BASE}/shops/${e(site)}/settings/${tab}`,
  /** A page of Knowledge: a tab, something in it, and how it is filtered. */
  knowledge(site: string, tab: string, id = '', query: Record<string, string> = {}) {
    const q = new URLSearchParams();
    for (const [k, v] of Object.entries(query)) if (v) q.set(k, v);
    const s = q.toString();
    return `${BASE}/shops/${e(site)}/knowledge/${tab}${id ? `/${e(id)}` : ''}${s ? `?${s}` : ''}`;
  },
  account: (tab: string) => `${BASE}/account/${tab}`,
};

const here = () => (typeof location === 'undefined' ? { path: '/console/', search: '' } : { path: location.pathname, search: location.search });
const place = signal(here());
export const route = computed(() => parse(place.value.path, place.value.search));

export function go(href: string, replace = false): void {
  if (href === location.pathname + location.search) return;
  history[replace ? 'replaceState' : 'pushState'](null, '', href);
  place.value = here();
}

export function listenToHistory(): void {
  addEventListener('popstate', () => (place.value = here()));
}

/** For onClick of links: moves within the page unless the browser is asked for something else. */
export function follow(ev: MouseEvent): void {
  const a = ev.currentTarget as HTMLAnchorElement;
  if (ev.button !== 0 || ev.metaKey || ev.ctrlKey || ev.shiftKey || ev.altKey) return;
  ev.preventDefault();
  go(a.pathname + a.search);
}
