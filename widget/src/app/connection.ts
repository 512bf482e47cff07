/**
 * The socket's life: connect, say hello, stay, come back. It knows nothing of the page, and takes
 * its clock and its sockets from outside, so that every path can be tested.
 */
import { CLOSE, parseFrame, type ClientFrame, type Hello, type ServerFrame } from './wire';

export interface Clock {
  now(): number;
  after(ms: number, run: () => void): unknown;
  cancel(handle: unknown): void;
  random(): number;
}

export interface SocketLike {
  onopen: (() => void) | null;
  onmessage: ((e: { data: unknown }) => void) | null;
  onclose: ((e: { code: number }) => void) | null;
  send(data: string): void;
  close(code?: number): void;
}

export type Phase =
  | { name: 'connecting' }
  | { name: 'ready' }
  | { name: 'waiting'; until: number; why: 'network' | 'too_many' | 'restart' }
  | { name: 'stopped'; why: 'site' | 'token' | 'client' };

export interface Wiring {
  clock: Clock;
  socket(): SocketLike;
  hello(): Hello;
  /** The token was refused: forget it, and the conversation with it. */
  dropToken(): void;
  /** The shop's word on who this is was refused; false where none was given. */
  dropIdentity(): boolean;
  frame(f: ServerFrame): void;
  phase(p: Phase): void;
}

export const DEAD_AFTER = 75_000; // silence after which a connection may be taken as dead
const ANSWER_WITHIN = 15_000; // from opening the socket to `welcome`
const FIRST_WAIT = 500;
const LONGEST_WAIT = 30_000;
const TOO_MANY_WAIT = 60_000;
const STABLE_AFTER = 10_000; // a connection that lasted this long starts the back-off anew
const TICK = 15_000;

export class Connection {
  phase: Phase = { name: 'connecting' };
  /** When the connection was last ready, or when trying began. */
  downSince: number;

  #socket: SocketLike | undefined;
  #timer: unknown;
  #ticker: unknown;
  #lastTick = 0;
  #heard = 0;
  #readyAt = 0;
  #attempt = 0;
  #tokenDropped = false;
  #lastError = '';
  #retryAfter = 0;
  #online = true;
  readonly #on: Wiring;

  constructor(on: Wiring) {
    this.#on = on;
    this.downSince = on.clock.now();
  }

  /** Connects now, whatever was being waited for. */
  connect(): void {
    this.#on.clock.cancel(this.#timer);
    this.#detach();
    this.#lastError = '';
    this.#retryAfter = 0;
    this.#set({ name: 'connecting' });
    if (!this.#ticker) this.#tick();
    let s: SocketLike;
    try {
      s = this.#on.socket();
    } catch {
      this.#lost(0);
      return;
    }
    this.#socket = s;
    this.#heard = this.#on.clock.now();
    // A proxy that accepts and then says nothing must not hold the shopper for ever.
    this.#timer = this.#on.clock.after(ANSWER_WITHIN, () => {
      this.#detach();
      this.#lost(0);
    });
    s.onopen = () => this.#write(this.#on.hello());
    s.onmessage = (e) => this.#receive(e.data);
    s.onclose = (e) => {
      this.#socket = undefined;
      this.#lost(e.code);
    };
  }

  /** Sends a frame. False where there is no ready connection: the frame has not left. */
  send(f: ClientFrame): boolean {
    return this.phase.name === 'ready' && this.#write(f);
  }

  /** A person asks for another try: counts as a fresh start. Not where the server said to wait. */
  retryNow(): void {
    if (this.phase.name === 'waiting' && this.phase.why === 'too_many') return;
    if (this.phase.name === 'ready' || (this.phase.name === 'connecting' && this.#socket)) return;
    this.#attempt = 0;
    this.#tokenDropped = false;
    this.connect();
  }

  /** What is held has a gap, or an acknowledgement is overdue: come back with `after_seq`. */
  resync(): void {
    if (this.phase.name !== 'ready') return;
    const young = this.#on.clock.now() - this.#readyAt < STABLE_AFTER;
    this.#detach();
    if (young) this.#lost(0); // not in a tight circle
    else {
      this.downSince = this.#on.clock.now();
      this.connect();
    }
  }

  /** The page was shown, or the device woke. */
  wake(): void {
    this.#lastTick = this.#on.clock.now();
    if (this.phase.name === 'ready') {
      if (this.#on.clock.now() - this.#heard >= DEAD_AFTER) {
        this.downSince = this.#on.clock.now();
        this.connect();
      }
    } else this.#hurry();
  }

  setOnline(online: boolean): void {
    this.#online = online;
    if (online) {
      this.#hurry();
      return;
    }
    if (this.phase.name === 'ready' || this.phase.name === 'connecting') {
      this.#detach();
      this.#lost(0);
    }
  }

  #hurry(): void {
    const p = this.phase;
    if (p.name === 'waiting' && p.why !== 'too_many') this.connect();
  }

  #receive(data: unknown): void {
    this.#heard = this.#on.clock.now();
    const f = parseFrame(data);
    if (!f) return;
    if (f.type === 'error') {
      this.#lastError = f.code;
      this.#retryAfter = Math.max(this.#retryAfter, f.client_id ? 0 : f.retry_after_ms);
    }
    if (f.type === 'welcome') {
      this.#on.clock.cancel(this.#timer);
      this.#readyAt = this.#heard;
      this.#tokenDropped = false;
      this.#on.frame(f); // the conversation knows where it stands before anything is sent
      this.#set({ name: 'ready' });
      return;
    }
    this.#on.frame(f);
  }

  #lost(code: number): void {
    this.#on.clock.cancel(this.#timer);
    const now = this.#on.clock.now();
    if (this.phase.name === 'ready') {
      this.downSince = now;
      if (now - this.#readyAt >= STABLE_AFTER) this.#attempt = 0;
    }
    switch (code) {
      case CLOSE.badFrame:
        return this.#set({ name: 'stopped', why: 'client' });
      case CLOSE.site:
        return this.#set({ name: 'stopped', why: 'site' });
      case CLOSE.token:
        // A hello that came too late says nothing about the token: keep it and try again.
        if (this.#lastError === 'hello_expected') break;
        // It was the shop's word that was not taken: the token is as good as before.
        if (this.#lastError === 'bad_identity' && this.#on.dropIdentity()) return this.connect();
        if (this.#tokenDropped) return this.#set({ name: 'stopped', why: 'token' });
        this.#tokenDropped = true;
        this.#on.dropToken();
        return this.connect();
      case CLOSE.tooMany:
        return this.#wait(Math.max(TOO_MANY_WAIT, this.#retryAfter) + this.#on.clock.random() * 5000, 'too_many');
      case CLOSE.restart:
        this.#attempt++;
        return this.#wait(300 + this.#on.clock.random() * 3000, 'restart');
      case CLOSE.slow:
        if (this.#attempt === 0) {
          this.#attempt++;
          return this.connect();
        }
    }
    const most = Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** Math.min(this.#attempt++, 10));
    this.#wait(most / 2 + (this.#on.clock.random() * most) / 2, 'network');
  }

  #wait(ms: number, why: 'network' | 'too_many' | 'restart'): void {
    this.#timer = this.#on.clock.after(ms, () => this.connect());
    this.#set({ name: 'waiting', until: this.#on.clock.now() + ms, why });
  }

  /** Timers stand still while a device sleeps: a late tick tells that it did. */
  #tick(): void {
    const now = this.#on.clock.now();
    if (this.#lastTick && now - this.#lastTick >= DEAD_AFTER && this.#online) {
      this.#lastTick = now;
      this.wake();
    }
    this.#lastTick = now;
    this.#ticker = this.#on.clock.after(TICK, () => this.#tick());
  }

  #write(f: ClientFrame): boolean {
    try {
      this.#socket?.send(JSON.stringify(f));
      return this.#socket !== undefined;
    } catch {
      return false;
    }
  }

  #detach(): void {
    const s = this.#socket;
    this.#socket = undefined;
    if (!s) return;
    s.onopen = s.onmessage = s.onclose = null;
    try {
      s.close(1000);
    } catch {
      // It is gone already.
    }
  }

  #set(p: Phase): void {
    this.phase = p;
    this.#on.phase(p);
  }
}
