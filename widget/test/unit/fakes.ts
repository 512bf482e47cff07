// A clock and a socket that a test moves by hand.
import type { Clock, SocketLike } from '../../src/app/connection';
import type { Shelf } from '../../src/app/storage';

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

  /** The device sleeps: the time moves, timers do not run. */
  sleep(ms: number): void {
    this.time += ms;
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

  open(): void {
    this.onopen?.();
  }
  say(frame: object): void {
    this.onmessage?.({ data: JSON.stringify(frame) });
  }
  welcome(more: object = {}): void {
    this.open();
    this.say({ type: 'welcome', conversation_id: '', last_seq: 0, greeting: 'Hi', suggestions: [], agents_online: 0, limits: { max_text: 4000 }, ...more });
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
