// A clock, a socket and a shelf that a test moves by hand, and rows and events to put into things.
import type { Draft, Event, Row } from '../../src/api/types';
import type { Clock, SocketLike } from '../../src/live/connection';
import type { Shelf } from '../../src/state/shelf';

export class FakeClock implements Clock {
  time = 1_000_000;
  chance = 0.5;
  #next = 1;
  #timers = new Map<number, { at: number; run: () => void }>();

  now(): number {
    return this.time;
  }
  random(): number {
    return this.chance;
  }
  after(ms: number, run: () => void): number {
    const id = this.#next++;
    this.#timers.set(id, { at: this.time + ms, run });
    return id;
  }
  cancel(handle: unknown): void {
    this.#timers.delete(handle as number);
  }

  /** Lets the time pass, running what falls due in order. */
  pass(ms: number): void {
    const until = this.time + ms;
    for (;;) {
      const due = [...this.#timers].filter(([, t]) => t.at <= until).sort((a, b) => a[1].at - b[1].at)[0];
      if (!due) break;
      this.#timers.delete(due[0]);
      this.time = Math.max(this.time, due[1].at);
      due[1].run();
    }
    this.time = until;
  }
}

export class FakeSocket implements SocketLike {
  onopen: (() => void) | null = null;
  onmessage: ((e: { data: unknown }) => void) | null = null;
  onclose: ((e: { code: number }) => void) | null = null;
  sent: Record<string, unknown>[] = [];
  closed = false;

  send(data: string): void {
    this.sent.push(JSON.parse(data) as Record<string, unknown>);
  }
  close(): void {
    this.closed = true;
  }
  say(frame: object): void {
    this.onmessage?.({ data: JSON.stringify(frame) });
  }
  welcome(): void {
    this.onopen?.();
    this.say({ type: 'welcome', agents_online: [] });
  }
  drop(code = 1006): void {
    this.onclose?.({ code });
  }
}

export function memoryShelf(map = new Map<string, string>()): Shelf & { map: Map<string, string> } {
  return {
    map,
    get: (k) => map.get(k) ?? null,
    set: (k, v) => void map.set(k, v),
    remove: (k) => void map.delete(k),
    keys: (start) => [...map.keys()].filter((k) => k.startsWith(start)),
  };
}

const at = (minute: number) => new Date(Date.UTC(2026, 0, 2, 3, minute)).toISOString();

export function row(id: string, more: Partial<Row> & { minute?: number } = {}): Row {
  const { minute = 0, ...rest } = more;
  return {
    id,
    shopper: { id: `s-${id}`, name: id, email: '' },
    state: 'open',
    charge: 'bot',
    assignee: null,
    team: null,
    waiting_since: null,
    urgency: 0,
    topic: '',
    feeling: '',
    tags: [],
    last_text: '',
    last_author: '',
    last_at: at(minute),
    updated_at: at(minute),
    last_seq: 1,
    unread: false,
    created_at: at(0),
    locale: 'en',
    ...rest,
  };
}

export const waitingSince = (minute: number) => ({ waiting_since: at(minute) });

export function event(seq: number, more: Partial<Event> = {}): Event {
  return { conversation_id: 'c', seq, kind: 'message', at: at(seq), author: { kind: 'shopper', name: 'Ada' }, text: `m${seq}`, citations: [], mentions: [], ...more };
}

export function draft(text: string, more: Partial<Draft> = {}): Draft {
  return { id: 'd1', for_seq: 1, state: 'ready', tone: 'standard', text, citations: [], unsupported: [], model: '', created_at: at(1), ...more };
}
