/**
 * The conversation as this page holds it. `apply` takes a frame in and says what changed, so that
 * the views touch only that.
 */
import type { ChatEvent, Delta, Retract, ServerFrame, StatusFrame, Welcome } from './wire';

/** An answer that is being written. */
export interface Turn {
  id: string;
  text: string;
  state: string;
  /** A delta went missing: what follows cannot be placed until the event comes. */
  lost: boolean;
  /** Held from before a reconnect: the next delta from 0 replaces it. */
  stale: boolean;
}

export type Change =
  | { type: 'reset' }
  | { type: 'welcome' }
  | { type: 'event'; event: ChatEvent; fresh: boolean }
  | { type: 'turn'; turn: Turn }
  | { type: 'turn_gone'; id: string }
  | { type: 'typing'; name: string }
  | { type: 'read' }
  | { type: 'gap' };

const GONE_KEPT = 50;

export class Conversation {
  id = '';
  lastSeq = 0;
  greeting = '';
  suggestions: string[] = [];
  agentsOnline = 0;
  /** Replies can reach the shopper by e-mail. */
  letters = false;
  maxText = 4000;
  welcomed = false;
  events: ChatEvent[] = [];
  turns = new Map<string, Turn>();
  ratings = new Map<number, number>();
  /** People have it, or had it: what is read and typed matters to somebody. */
  peopled = false;
  /** The name of who has it now. */
  agent = '';
  /** It was passed on, and nobody has it yet. */
  waiting = false;
  /** How far an agent has read. */
  readSeq = 0;

  #acked = new Set<string>();
  #gone: string[] = []; // turns that ended: a late delta must not bring them back
  #replayTo = 0; // events up to here are history, not news
  #gapAt = -1;
  #gapTries = 0;

  /** True once the event that acknowledges this client_id is held. */
  has(clientId: string): boolean {
    return this.#acked.has(clientId);
  }

  /** True where nothing was said yet. */
  get empty(): boolean {
    return this.events.length === 0;
  }

  forget(): void {
    this.id = '';
    this.lastSeq = 0;
    this.events = [];
    this.turns.clear();
    this.ratings.clear();
    this.peopled = false;
    this.agent = '';
    this.waiting = false;
    this.readSeq = 0;
    this.#acked.clear();
    this.#gone = [];
    this.#gapAt = -1;
    this.#gapTries = 0;
    this.welcomed = false;
  }

  apply(f: ServerFrame): Change[] {
    switch (f.type) {
      case 'welcome':
        return this.#welcome(f);
      case 'event':
        return this.#event(f);
      case 'delta':
        return this.#delta(f);
      case 'retract':
        return this.#retract(f);
      case 'status':
        return this.#status(f);
      case 'read':
        this.readSeq = Math.max(this.readSeq, f.seq);
        return [{ type: 'read' }];
      case 'error':
        return [];
    }
  }

  #welcome(f: Welcome): Change[] {
    const changes: Change[] = [];
    if (this.id && f.conversation_id !== this.id) {
      this.forget();
      changes.push({ type: 'reset' });
    }
    // What was missed during a cut is news; what was said before this page opened is not.
    if (!this.welcomed) this.#replayTo = f.last_seq;
    this.welcomed = true;
    this.id = f.conversation_id;
    this.greeting = f.greeting;
    this.suggestions = f.suggestions;
    this.agentsOnline = f.agents_online;
    this.letters = f.letters;
    this.readSeq = Math.max(this.readSeq, f.read_seq);
    this.maxText = f.limits.max_text;
    for (const t of this.turns.values()) {
      t.stale = true;
      t.lost = false;
    }
    changes.push({ type: 'welcome' });
    return changes;
  }

  #event(e: ChatEvent): Change[] {
    if (this.id && e.conversation_id !== this.id) {
      // The shopper's conversation is another one now; the server says which at the next hello.
      this.forget();
      return [{ type: 'reset' }, { type: 'gap' }];
    }
    this.id = e.conversation_id;
    if (e.client_id) this.#acked.add(e.client_id);
    if (e.seq <= this.lastSeq) return e.client_id ? [{ type: 'event', event: e, fresh: false }] : [];
    if (e.seq > this.lastSeq + 1 && this.#isGap()) return [{ type: 'gap' }];

    this.lastSeq = e.seq;
    this.events.push(e);
    const changes: Change[] = [];
    if (e.turn_id) {
      this.#end(e.turn_id);
    }
    this.#people(e);
    if (e.kind === 'rating' && e.rating) this.ratings.set(e.rating.event_seq, e.rating.score);
    changes.push({ type: 'event', event: e, fresh: e.seq > this.#replayTo });
    return changes;
  }

  #people(e: ChatEvent): void {
    if (e.author.kind === 'agent' || e.kind === 'assignment' || e.handoff?.state === 'passed') this.peopled = true;
    if (e.kind === 'assignment') this.agent = e.assignee ?? '';
    if (e.kind === 'status') this.agent = '';
    if (e.handoff?.state === 'passed') this.waiting = !this.agent;
    else if (e.author.kind === 'agent' || e.assignee || e.kind === 'status') this.waiting = false;
  }

  /** A gap that two fresh starts did not close will not be closed: go on without what is missing. */
  #isGap(): boolean {
    if (this.#gapAt !== this.lastSeq) {
      this.#gapAt = this.lastSeq;
      this.#gapTries = 0;
    }
    return ++this.#gapTries <= 2;
  }

  #turn(id: string): Turn | undefined {
    if (!id || this.#gone.includes(id)) return;
    let t = this.turns.get(id);
    if (!t) {
      t = { id, text: '', state: '', lost: false, stale: false };
      this.turns.set(id, t);
    }
    return t;
  }

  #end(id: string): void {
    this.turns.delete(id);
    this.#gone.push(id);
    if (this.#gone.length > GONE_KEPT) this.#gone.shift();
  }

  #delta(f: Delta): Change[] {
    const t = this.#turn(f.turn_id);
    if (!t || t.lost) return [];
    if (t.stale && f.offset === 0) t.text = '';
    t.stale = false;
    if (f.offset > t.text.length) {
      t.lost = true;
      return [{ type: 'turn', turn: t }];
    }
    t.text += f.text.slice(t.text.length - f.offset);
    t.state = 'writing';
    return [{ type: 'turn', turn: t }];
  }

  #retract(f: Retract): Change[] {
    const t = this.#turn(f.turn_id);
    if (!t) return [];
    if (f.from_offset === 0 && f.text === '') {
      this.#end(f.turn_id);
      return [{ type: 'turn_gone', id: f.turn_id }];
    }
    if (f.from_offset > t.text.length) t.lost = true;
    else t.text = t.text.slice(0, f.from_offset) + f.text;
    return [{ type: 'turn', turn: t }];
  }

  #status(f: StatusFrame): Change[] {
    if (f.state === 'typing') return [{ type: 'typing', name: f.name ?? '' }];
    const t = this.#turn(f.turn_id);
    if (!t) return [];
    t.state = f.state;
    return [{ type: 'turn', turn: t }];
  }
}
