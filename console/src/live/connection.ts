/**
 * The socket's life: connect, say hello, stay, come back. It takes its clock and its sockets from
 * outside, so that every path can be tested.
 */
import { CLOSE, parseFrame, type ClientFrame, type Hello, type ServerFrame } from './wire';

export interface Clock {
  now(): number;
  after(ms: number, run: () => void): unknown;
  cancel(handle: unknown): void;
  random(): number;
}

export const realClock: Clock = {
  now: () => Date.now(),
  after: (ms, run) => setTimeout(run, ms),
  cancel: (h) => clearTimeout(h as number | undefined),
  random: () => Math.random(),
};

export interface SocketLike {
  onopen: (() => void) | null;
  onmessage: ((e: { data: unknown }) => void) | null;
  onclose: ((e: { code: number }) => void) | null;
  send(data: string): void;
  close(code?: number): void;
}

export type Phase =
  | { name: 'off' }
  | { name: 'connecting' }
  | { name: 'ready' }
  | { name: 'waiting'; until: number; why: 'network' | 'too_many' | 'restart' }
  | { name: 'stopped'; why: 'signed_out' | 'site' | 'client' };

export interface Wiring {
  clock: Clock;
  socket(): SocketLike;
  hello(): Hello;
  frame(f: ServerFrame): void;
  phase(p: Phase): void;
}

export const DEAD_AFTER = 75_000; // silence after which a connection may be taken as dead
const ANSWER_WITHIN = 15_000; // from opening the socket to `welcome`
const FIRST_WAIT = 500;
const LONGEST_WAIT = 30_000;
const TOO_MANY_WAIT = 60_000;
const STABLE_AFTER = 10_000; // a connection that lasted this long starts the back-off anew

export class Connection {
  phase: Phase = { name: 'off' };

  #socket: SocketLike | undefined;
  #timer: unknown;
  #heard = 0;
  #readyAt = 0;
  #attempt = 0;
  #lastError = '';
  readonly #on: Wiring;

  constructor(on: Wiring) {
    this.#on = on;
  }

  /** Connects now, whatever was being waited for. */
  connect(): void {
    this.#on.clock.cancel(this.#timer);
    this.#detach();
    this.#lastError = '';
    this.#set({ name: 'connecting' });
    let s: SocketLike;
    try {
      s = this.#on.socket();
    } catch {
      this.#lost(0);
      return;
    }
    this.#socket = s;
    this.#heard = this.#on.clock.now();
    // A proxy that accepts and then says nothing must not hold the page for ever.
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

  /** Ends the connection for good. */
  close(): void {
    this.#on.clock.cancel(this.#timer);
    this.#detach();
    this.#set({ name: 'off' });
  }

  /** Sends a frame. False where there is no ready connection: the frame has not left. */
  send(f: ClientFrame): boolean {
    return this.phase.name === 'ready' && this.#write(f);
  }

  /** The page was shown, the network is back, or a person asks. Not where the server said to wait. */
  wake(): void {
    const p = this.phase;
    if (p.name === 'ready' && this.#on.clock.now() - this.#heard >= DEAD_AFTER) this.connect();
    else if (p.name === 'waiting' && p.why !== 'too_many') {
      this.#attempt = 0;
      this.connect();
    }
  }

  #receive(data: unknown): void {
    this.#heard = this.#on.clock.now();
    const f = parseFrame(data);
    if (!f) return;
    if (f.type === 'error') this.#lastError = f.code;
    if (f.type === 'welcome') {
      this.#on.clock.cancel(this.#timer);
      this.#readyAt = this.#heard;
      this.#set({ name: 'ready' });
    }
    this.#on.frame(f);
  }

  #lost(code: number): void {
    this.#on.clock.cancel(this.#timer);
    if (this.phase.name === 'ready' && this.#on.clock.now() - this.#readyAt >= STABLE_AFTER) this.#attempt = 0;
    switch (code) {
      case CLOSE.badFrame:
        return this.#set({ name: 'stopped', why: 'client' });
      case CLOSE.site:
        return this.#set({ name: 'stopped', why: 'site' });
      case CLOSE.signedOut:
        // A hello that came too late says nothing about the session: try again.
        if (this.#lastError === 'hello_expected') break;
        return this.#set({ name: 'stopped', why: 'signed_out' });
      case CLOSE.tooMany:
        return this.#wait(TOO_MANY_WAIT + this.#on.clock.random() * 5000, 'too_many');
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
