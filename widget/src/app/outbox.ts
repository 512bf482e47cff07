/**
 * What was sent and is not acknowledged yet. Every item is kept in storage until its event comes
 * back, and goes out again with the same client_id after each reconnect.
 */
import type { Clock } from './connection';
import type { Shelf } from './storage';
import { newClientId, type ErrorFrame, type KeptFrame } from './wire';

export interface Item {
  frame: KeptFrame;
  at: number; // ms since 1970, by this device
  state: 'sending' | 'queued' | 'failed';
  /** The server's sentence, where it refused. */
  reason?: string;
  code?: string;
  /** False where sending the same again cannot help. */
  again: boolean;
}

export interface Carrier {
  clock: Clock;
  shelf: Shelf;
  send(frame: KeptFrame): boolean;
  /** An acknowledgement is overdue: the connection is not to be trusted. */
  overdue(): void;
  changed(item: Item): void;
}

const ACK_WITHIN = 10_000;
const KEY = 'out:';
const REFUSED_FOR_GOOD = new Set(['too_long', 'empty_text', 'bad_email', 'bad_rating', 'no_handoff', 'frame_too_large']);

export class Outbox {
  readonly items = new Map<string, Item>();
  readonly #timers = new Map<string, unknown>();
  readonly #on: Carrier;

  constructor(on: Carrier) {
    this.#on = on;
    const kept: Item[] = [];
    for (const key of on.shelf.keys(KEY)) {
      const item = read(on.shelf.get(key));
      if (item) kept.push(item);
      else on.shelf.remove(key);
    }
    kept.sort((a, b) => a.at - b.at).forEach((i) => this.items.set(i.frame.client_id, i));
  }

  add(frame: KeptFrame): Item {
    const item: Item = { frame, at: this.#on.clock.now(), state: 'queued', again: true };
    this.items.set(frame.client_id, item);
    this.#store(item);
    this.#deliver(item);
    return item;
  }

  /** Sends everything that can be sent: called when the connection is ready. */
  flush(): void {
    for (const i of this.items.values()) if (i.again && i.state !== 'sending') this.#deliver(i);
  }

  /** The connection is gone: nothing that is on its way can be counted on. */
  down(): void {
    for (const i of this.items.values()) {
      if (i.state !== 'sending') continue;
      this.#stopTimer(i.frame.client_id);
      i.state = 'queued';
      this.#on.changed(i);
    }
  }

  /** The event for this client_id came: it is stored. */
  ack(clientId: string): Item | undefined {
    const item = this.items.get(clientId);
    this.drop(clientId);
    return item;
  }

  drop(clientId: string): void {
    this.#stopTimer(clientId);
    this.items.delete(clientId);
    this.#on.shelf.remove(KEY + clientId);
  }

  refuse(e: ErrorFrame): void {
    const item = e.client_id ? this.items.get(e.client_id) : undefined;
    if (!item) return;
    const id = item.frame.client_id;
    this.#stopTimer(id);
    item.state = 'failed';
    item.reason = e.message;
    item.code = e.code;
    item.again = !REFUSED_FOR_GOOD.has(e.code);
    this.#store(item);
    if (item.again) {
      const wait = e.retry_after_ms || 5000;
      this.#timers.set(id, this.#on.clock.after(wait, () => this.#deliver(item)));
    }
    this.#on.changed(item);
  }

  /** The server broke off over what was sent: it must not break off every later try, too. */
  blame(): void {
    for (const i of this.items.values()) {
      if (i.state !== 'sending') continue;
      this.#stopTimer(i.frame.client_id);
      i.state = 'failed';
      i.again = false;
      this.#store(i);
      this.#on.changed(i);
    }
  }

  /** A person asks for another try. */
  retry(clientId: string): void {
    const item = this.items.get(clientId);
    if (!item) return;
    if (item.code === 'bad_client_id') {
      this.drop(clientId);
      this.add({ ...item.frame, client_id: newClientId() });
      return;
    }
    this.#stopTimer(clientId);
    this.#deliver(item);
  }

  #deliver(item: Item): void {
    const id = item.frame.client_id;
    this.#stopTimer(id);
    item.reason = item.code = undefined;
    item.state = this.#on.send(item.frame) ? 'sending' : 'queued';
    if (item.state === 'sending') {
      this.#timers.set(
        id,
        this.#on.clock.after(ACK_WITHIN, () => {
          item.state = 'queued';
          this.#on.changed(item);
          this.#on.overdue();
        }),
      );
    }
    this.#on.changed(item);
  }

  #store({ frame, at, again }: Item): void {
    this.#on.shelf.set(KEY + frame.client_id, JSON.stringify({ frame, at, again }));
  }

  #stopTimer(id: string): void {
    this.#on.clock.cancel(this.#timers.get(id));
    this.#timers.delete(id);
  }
}

function read(raw: string | null): Item | undefined {
  try {
    const o = JSON.parse(raw ?? '') as Item;
    const t = o.frame.type;
    if (typeof o.frame.client_id !== 'string' || !['message', 'handoff', 'summary', 'rate'].includes(t)) return;
    if ((t === 'message' || t === 'summary') && typeof o.frame.text !== 'string') return;
    const again = o.again !== false;
    return { frame: o.frame, at: Number(o.at) || 0, state: again ? 'queued' : 'failed', again };
  } catch {
    return;
  }
}
