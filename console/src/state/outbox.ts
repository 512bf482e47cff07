/**
 * Replies and notes on their way. Each is kept in the browser until the server has it, and goes out
 * again with the same client_id after a cut, a failure or a new sign-in.
 */
import { signal } from '@preact/signals';
import { ApiError } from '../api/call';
import type { Citation, Named } from '../api/types';
import type { Clock } from '../live/connection';
import type { Shelf } from './shelf';

export interface Item {
  client_id: string;
  site: string;
  conversation: string;
  kind: 'reply' | 'note';
  text: string;
  draftId: string;
  citations: Citation[];
  mentions: Named[];
  resolve: boolean;
  confirm: boolean;
  at: number;
  /** `held`: the agent is signed out, and it goes as soon as they are back. */
  state: 'sending' | 'waiting' | 'held';
}

export interface Carrier {
  clock: Clock;
  shelf: Shelf;
  owner(): string;
  post(item: Item): Promise<void>;
  stored(item: Item): void;
  /** The server will not take it as it is: the text goes back to the agent. */
  refused(item: Item, why: ApiError): void;
}

const FIRST_WAIT = 1000;
const LONGEST_WAIT = 30_000;

export class Outbox {
  readonly items = signal<readonly Item[]>([]);
  readonly #tries = new Map<string, number>();
  readonly #timers = new Map<string, unknown>();
  readonly #on: Carrier;

  constructor(on: Carrier) {
    this.#on = on;
  }

  /** Takes up what an earlier page of this agent left behind. */
  load(): void {
    const start = this.#key('');
    const kept = this.#on.shelf
      .keys(start)
      .map((k) => read(this.#on.shelf.get(k)))
      .filter((i): i is Item => i !== undefined && !this.items.value.some((h) => h.client_id === i.client_id));
    kept.sort((a, b) => a.at - b.at);
    this.items.value = [...this.items.value, ...kept];
    for (const i of kept) void this.#deliver(i);
  }

  add(item: Omit<Item, 'state' | 'at'>): void {
    const whole: Item = { ...item, at: this.#on.clock.now(), state: 'sending' };
    this.items.value = [...this.items.value, whole];
    this.#on.shelf.set(this.#key(whole.client_id), JSON.stringify(whole));
    void this.#deliver(whole);
  }

  /** Sends again whatever waits: the network or the agent is back. */
  flush(): void {
    for (const i of this.items.value) if (i.state !== 'sending') void this.#deliver(i);
  }

  /** The event with this client_id was seen: it is stored. */
  seen(clientId: string | undefined): void {
    const item = this.items.value.find((i) => i.client_id === clientId);
    if (item) {
      this.#drop(item);
      this.#on.stored(item);
    }
  }

  async #deliver(item: Item): Promise<void> {
    this.#on.clock.cancel(this.#timers.get(item.client_id));
    this.#state(item, 'sending');
    try {
      await this.#on.post(item);
      if (!this.#has(item)) return; // its event came over the socket first
      this.#drop(item);
      this.#on.stored(item);
    } catch (err) {
      if (!this.#has(item)) return;
      if (!(err instanceof ApiError)) throw err;
      if (err.status === 401) this.#state(item, 'held');
      else if (err.passing) this.#later(item, err);
      else {
        this.#drop(item);
        this.#on.refused(item, err);
      }
    }
  }

  #later(item: Item, err: ApiError): void {
    const n = this.#tries.get(item.client_id) ?? 0;
    this.#tries.set(item.client_id, n + 1);
    const most = Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** Math.min(n, 10));
    const wait = Math.max((err.more.retryAfter ?? 0) * 1000, most / 2 + (this.#on.clock.random() * most) / 2);
    this.#state(item, 'waiting');
    this.#timers.set(item.client_id, this.#on.clock.after(wait, () => void this.#deliver(item)));
  }

  #has(item: Item): boolean {
    return this.items.value.some((i) => i.client_id === item.client_id);
  }

  #state(item: Item, state: Item['state']): void {
    this.items.value = this.items.value.map((i) => (i.client_id === item.client_id ? { ...i, state } : i));
  }

  #drop(item: Item): void {
    this.#on.clock.cancel(this.#timers.get(item.client_id));
    this.#timers.delete(item.client_id);
    this.#tries.delete(item.client_id);
    this.items.value = this.items.value.filter((i) => i.client_id !== item.client_id);
    this.#on.shelf.remove(this.#key(item.client_id));
  }

  #key(clientId: string): string {
    return `out:${this.#on.owner()}:${clientId}`;
  }
}

function read(raw: string | null): Item | undefined {
  try {
    const o = JSON.parse(raw ?? '') as Item;
    if (typeof o.client_id !== 'string' || typeof o.text !== 'string' || typeof o.conversation !== 'string') return;
    return { ...o, state: 'waiting' };
  } catch {
    return;
  }
}
