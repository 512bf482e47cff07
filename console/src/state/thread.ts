/** One conversation as this page holds it: its events, and what happens in it right now. */
import { signal } from '@preact/signals';
import type { Detail, Event, Row } from '../api/types';
import type { ServerFrame } from '../live/wire';

/** An answer of the bot that is being written. */
export interface Turn {
  id: string;
  text: string;
  state: string;
  /** A delta went missing: what follows cannot be placed until the event comes. */
  lost: boolean;
}

export interface Typist {
  key: string;
  name: string;
  by: string;
  until: number;
}

const TYPING_HOLDS = 6000;
const GONE_KEPT = 50;

export class Thread {
  readonly detail = signal<Detail | null>(null);
  readonly events = signal<Event[]>([]);
  /** There are older events that are not loaded. */
  readonly more = signal(false);
  readonly state = signal<'loading' | 'ready' | 'failed' | 'unknown'>('loading');
  readonly error = signal('');
  readonly turns = signal<readonly Turn[]>([]);
  readonly typists = signal<readonly Typist[]>([]);
  readonly looking = signal<readonly { agent_id: string; name: string }[]>([]);
  readonly shopperRead = signal(0);
  #gone: string[] = []; // turns that ended: a late delta must not bring them back

  constructor(
    readonly id: string,
    readonly now: () => number = Date.now,
  ) {}

  get lastSeq(): number {
    return this.events.value.at(-1)?.seq ?? 0;
  }

  get firstSeq(): number {
    return this.events.value[0]?.seq ?? 0;
  }

  /** The newest events, as they are first loaded. */
  begin(detail: Detail, events: Event[], more: boolean): void {
    this.detail.value = detail;
    this.looking.value = detail.looking;
    this.shopperRead.value = detail.conversation.shopper_read_seq ?? 0;
    this.events.value = merge(this.events.value, events);
    this.more.value = more;
    this.state.value = 'ready';
    this.error.value = '';
  }

  /** A page of older events. */
  older(events: Event[], more: boolean): void {
    this.events.value = merge(this.events.value, events);
    this.more.value = more;
  }

  /** Takes an event in; false where one before it is missing and is to be asked for. */
  add(e: Event): boolean {
    const last = this.lastSeq;
    if (e.seq <= last) {
      if (e.turn_id) this.#end(e.turn_id);
      return true;
    }
    if (this.state.value === 'ready' && e.seq > last + 1 && last > 0) return false;
    this.events.value = [...this.events.value, e];
    if (e.turn_id) this.#end(e.turn_id);
    const key = typistKey(e.author.kind, e.agent_id ?? '');
    this.typists.value = this.typists.value.filter((x) => x.key !== key);
    return true;
  }

  /** Takes a frame about this conversation in; false where an event is missing. */
  apply(f: ServerFrame): boolean {
    switch (f.type) {
      case 'event':
        return this.add(f);
      case 'delta':
        this.#turn(f.turn_id, (t) => {
          if (t.lost) return t;
          if (f.offset > t.text.length) return { ...t, lost: true };
          if (f.offset + f.text.length <= t.text.length) return t;
          return { ...t, text: t.text.slice(0, f.offset) + f.text };
        });
        break;
      case 'retract':
        if (f.from_offset === 0 && !f.text) this.turns.value = this.turns.value.filter((t) => t.id !== f.turn_id);
        else this.#turn(f.turn_id, (t) => (f.from_offset > t.text.length ? { ...t, lost: true } : { ...t, text: t.text.slice(0, f.from_offset) + f.text }));
        break;
      case 'status':
        if (f.turn_id) this.#turn(f.turn_id, (t) => ({ ...t, state: f.state }));
        break;
      case 'typing': {
        const key = typistKey(f.by, f.agent_id);
        const others = this.typists.value.filter((x) => x.key !== key);
        this.typists.value = [...others, { key, name: f.name, by: f.by, until: this.now() + TYPING_HOLDS }];
        break;
      }
      case 'read':
        if (f.by === 'shopper') this.shopperRead.value = Math.max(this.shopperRead.value, f.seq);
        break;
      case 'looking': {
        const others = this.looking.value.filter((l) => l.agent_id !== f.agent_id);
        this.looking.value = f.gone ? others : [...others, { agent_id: f.agent_id, name: f.name }];
        break;
      }
      case 'row':
        this.row(f.row);
    }
    return true;
  }

  row(row: Row): void {
    const d = this.detail.value;
    if (d && row.last_seq >= d.conversation.last_seq) this.detail.value = { ...d, conversation: row };
  }

  /** What was streaming when the socket was cut is shown again from its beginning. */
  cut(): void {
    this.turns.value = [];
    this.typists.value = [];
  }

  /** Takes away what has not been renewed; called now and then. */
  expire(): void {
    const now = this.now();
    if (this.typists.value.some((x) => x.until <= now)) this.typists.value = this.typists.value.filter((x) => x.until > now);
  }

  #turn(id: string, change: (t: Turn) => Turn): void {
    if (!id || this.#gone.includes(id) || this.events.value.some((e) => e.turn_id === id && e.outcome)) return;
    const held = this.turns.value.find((t) => t.id === id);
    const next = change(held ?? { id, text: '', state: 'writing', lost: false });
    this.turns.value = held ? this.turns.value.map((t) => (t.id === id ? next : t)) : [...this.turns.value, next];
  }

  #end(id: string): void {
    this.#gone = [...this.#gone.slice(1 - GONE_KEPT), id];
    if (this.turns.value.some((t) => t.id === id)) this.turns.value = this.turns.value.filter((t) => t.id !== id);
  }
}

const typistKey = (by: string, agentId: string) => `${by}:${agentId}`;

/** Two runs of events as one, in order, each once. */
function merge(a: Event[], b: Event[]): Event[] {
  if (!a.length) return b;
  const have = new Set(a.map((e) => e.seq));
  return [...a, ...b.filter((e) => !have.has(e.seq))].sort((x, y) => x.seq - y.seq);
}
