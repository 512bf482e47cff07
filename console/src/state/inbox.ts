/** The list of conversations: one view with its filters, in order, loaded page by page, kept current by rows. */
import { signal } from '@preact/signals';
import type { ListQuery } from '../api/client';
import type { ApiError } from '../api/call';
import type { Counts, Row, View } from '../api/types';
import { rowOf } from '../live/wire';
import { NO_FILTERS, type Filters } from './router';

export interface Listing {
  view: View;
  filters: Filters;
  rows: Row[];
  /** Where the next page begins; empty: everything is here. */
  next: string;
  state: 'loading' | 'ready' | 'failed';
  error: string;
}

/** Whether a row stands before another in this view. */
export function before(view: View, a: Row, b: Row): boolean {
  if (view === 'waiting') {
    if (a.urgency !== b.urgency) return a.urgency > b.urgency;
    const x = Date.parse(a.waiting_since ?? '') || 0;
    const y = Date.parse(b.waiting_since ?? '') || 0;
    if (x !== y) return x < y;
    return a.id < b.id;
  }
  const x = Date.parse(a.updated_at) || 0;
  const y = Date.parse(b.updated_at) || 0;
  return x !== y ? x > y : a.id > b.id;
}

/** Whether a row belongs to a view and its filters, as far as a page can tell. */
export function belongs(view: View, f: Filters, row: Row, meId: string): boolean {
  if (f.tag && !row.tags.includes(f.tag)) return false;
  if (f.team && row.team?.id !== f.team) return false;
  switch (view) {
    case 'mine':
      return row.state === 'open' && row.assignee?.id === meId;
    case 'waiting':
      return row.state === 'open' && row.waiting_since !== null && (row.assignee === null || row.assignee.id === meId);
    case 'resolved':
      return row.state === 'closed';
    case 'all':
      return true;
  }
}

/** Puts a row that changed where it belongs; returns the same list where nothing is to be done. */
export function place(l: Listing, row: Row, meId: string): Listing {
  const at = l.rows.findIndex((r) => r.id === row.id);
  const held = at >= 0 ? l.rows[at] : undefined;
  // A late row must not undo a newer one.
  if (held && row.last_seq < held.last_seq) return l;
  // Only the server knows what words and persons find.
  const searching = l.filters.q !== '' || l.filters.person !== '';
  const stays = belongs(l.view, l.filters, row, meId) && (!searching || held !== undefined);
  if (!stays) return held ? { ...l, rows: l.rows.filter((r) => r.id !== row.id) } : l;
  const rows = held ? l.rows.filter((r) => r.id !== row.id) : l.rows.slice();
  let lo = 0;
  let hi = rows.length;
  while (lo < hi) {
    const mid = (lo + hi) >> 1;
    if (before(l.view, rows[mid]!, row)) lo = mid + 1;
    else hi = mid;
  }
  // Behind the last one loaded: it comes with its page.
  if (lo === rows.length && l.next && !held) return l;
  rows.splice(lo, 0, row);
  return { ...l, rows };
}

/** Adds a page behind what is loaded; a row that moved meanwhile is not shown twice. */
export function append(l: Listing, items: Row[], next: string): Listing {
  const have = new Set(l.rows.map((r) => r.id));
  return { ...l, rows: [...l.rows, ...items.filter((r) => !have.has(r.id))], next, state: 'ready', error: '' };
}

const PAGE = 50;

export class Inbox {
  readonly list = signal<Listing>({ view: 'waiting', filters: NO_FILTERS, rows: [], next: '', state: 'loading', error: '' });
  readonly counts = signal<Counts | null>(null);
  #ask: (q: ListQuery) => Promise<{ items: unknown[]; next: string; counts: Counts }>;
  #meId: () => string;
  #round = 0;
  #paging = false;

  constructor(ask: Inbox['ask'], meId: () => string) {
    this.#ask = ask;
    this.#meId = meId;
  }

  get ask() {
    return this.#ask;
  }

  /** Shows a view from its beginning. */
  async show(view: View, filters: Filters): Promise<void> {
    this.list.value = { view, filters, rows: [], next: '', state: 'loading', error: '' };
    await this.#load(false);
  }

  /** Asks again for what is shown, without taking it away meanwhile. */
  async refresh(): Promise<void> {
    await this.#load(true);
  }

  async more(): Promise<void> {
    const l = this.list.value;
    if (this.#paging || l.state !== 'ready' || !l.next) return;
    this.#paging = true;
    const round = this.#round;
    try {
      const got = await this.#ask({ view: l.view, ...l.filters, cursor: l.next, limit: PAGE });
      if (round === this.#round) this.#take(append(this.list.value, rowsOf(got.items), got.next ?? ''), got.counts);
    } catch (err) {
      if (round === this.#round) this.list.value = { ...this.list.value, error: (err as ApiError).message };
    } finally {
      this.#paging = false;
    }
  }

  row(row: Row, counts?: Counts): void {
    if (counts) this.counts.value = counts;
    if (this.list.value.state === 'ready') this.list.value = place(this.list.value, row, this.#meId());
  }

  /** What this page did itself is seen at once, before the server's row comes. */
  patch(id: string, change: Partial<Row>): void {
    const held = this.list.value.rows.find((r) => r.id === id);
    if (held) this.row({ ...held, ...change });
  }

  async #load(keep: boolean): Promise<void> {
    const round = ++this.#round;
    this.#paging = false;
    const { view, filters } = this.list.value;
    try {
      const got = await this.#ask({ view, ...filters, limit: PAGE });
      if (round !== this.#round) return;
      this.#take({ view, filters, rows: rowsOf(got.items), next: got.next ?? '', state: 'ready', error: '' }, got.counts);
    } catch (err) {
      if (round !== this.#round) return;
      const error = (err as ApiError).message;
      this.list.value = { ...this.list.value, error, state: keep && this.list.value.state === 'ready' ? 'ready' : 'failed' };
    }
  }

  #take(l: Listing, counts: Counts | undefined): void {
    this.list.value = l;
    if (counts) this.counts.value = counts;
  }
}

function rowsOf(items: unknown[]): Row[] {
  return (items ?? []).map(rowOf).filter((r): r is Row => r !== undefined);
}
