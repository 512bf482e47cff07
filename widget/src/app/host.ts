/** Talks to the loader on the shop's page: explicit target origin, checked sender. */
import type { Theme } from './theme';
import type { Page } from './wire';

export interface HostState {
  page: Page;
  theme: Theme;
  open: boolean;
  full_screen: boolean;
  /** A person opened it just now: the focus may come inside. */
  focus: boolean;
  accent: string;
  radius: string;
  /** What the shop signed of who this is; null: they signed out. */
  identity: string | null;
  /** What the page keeps for a frame that may not store: for good, and for this tab. */
  lasting: Record<string, string>;
  passing: Record<string, string>;
}

export class Host {
  readonly #origin: string;
  /** True where the app stands in a loader's frame, not in a tab of its own. */
  readonly framed: boolean;

  constructor(origin: string, on: (s: HostState) => void) {
    this.framed = window.parent !== window && /^https?:\/\//.test(origin);
    this.#origin = origin;
    if (!this.framed) return;
    addEventListener('message', (e) => {
      if (e.origin !== this.#origin || e.source !== window.parent) return;
      const d: unknown = e.data;
      if (typeof d !== 'object' || d === null || (d as { type?: unknown }).type !== 'careloop:host') return;
      on(read(d as Record<string, unknown>));
    });
  }

  ready(): void {
    this.#tell({ type: 'careloop:ready' });
  }
  close(): void {
    this.#tell({ type: 'careloop:close' });
  }
  unread(count: number): void {
    this.#tell({ type: 'careloop:unread', count });
  }

  /** Asks the page to keep a value, or with null to drop it. */
  keep(passing: boolean, key: string, value: string | null): void {
    this.#tell({ type: 'careloop:keep', passing, key, value });
  }

  #tell(message: object): void {
    if (this.framed) window.parent.postMessage(message, this.#origin);
  }
}

function strings(v: unknown): Record<string, string> {
  const all = typeof v === 'object' && v !== null ? Object.entries(v) : [];
  return Object.fromEntries(all.filter((e): e is [string, string] => typeof e[1] === 'string'));
}

function read(d: Record<string, unknown>): HostState {
  const page = (typeof d.page === 'object' && d.page !== null ? d.page : {}) as Record<string, unknown>;
  const text = (v: unknown, most: number) => (typeof v === 'string' ? v.slice(0, most) : '');
  return {
    page: { url: text(page.url, 2000), title: text(page.title, 300) },
    theme: d.theme === 'dark' ? 'dark' : 'light',
    open: d.open === true,
    full_screen: d.full_screen === true,
    focus: d.focus === true,
    accent: text(d.accent, 100),
    radius: text(d.radius, 20),
    identity: d.identity === null ? null : text(d.identity, 8000),
    lasting: strings(d.lasting),
    passing: strings(d.passing),
  };
}
