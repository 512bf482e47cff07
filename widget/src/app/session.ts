/** One page's session: joins the connection, the conversation, the outbox and the other tabs. */
import { Connection, type Clock, type Phase, type SocketLike } from './connection';
import { Outbox, type Item } from './outbox';
import type { Shelf } from './storage';
import { Conversation, type Change } from './store';
import { newClientId, type Hello, type Page, type ServerFrame } from './wire';

/** What the other tabs of this browser tell each other. */
export interface Tabs {
  tell(conversationId: string): void;
  heard: (conversationId: string) => void;
}

export interface Setup {
  siteKey: string;
  locale: string;
  clock: Clock;
  lasting: Shelf; // shared by the tabs, outlives them
  passing: Shelf; // this tab's own
  tabs: Tabs;
  page(): Page;
  /** What the shop signed of who this is; empty: nothing. */
  identity(): string;
  socket(): SocketLike;
}

export interface Listener {
  change(c: Change): void;
  item(i: Item): void;
  phase(p: Phase): void;
  /** The earlier conversation could not be continued. */
  startedAnew(): void;
  sentence(text: string): void;
}

const TOKEN = 'token';
const DRAFT = 'draft';
const TYPING_EVERY = 4000;
// The other errors concern one frame, or come with a close and are shown by how the connection stands.
const SENTENCES = new Set(['rate_limited', 'unavailable']);

export class Session {
  readonly talk = new Conversation();
  readonly outbox: Outbox;
  readonly link: Connection;
  #token: string | null;
  #typedAt = 0;
  #readSent = 0;
  #refused = ''; // an identity that the server does not take

  readonly #setup: Setup;
  readonly #on: Listener;

  constructor(
    setup: Setup,
    on: Listener,
  ) {
    this.#setup = setup;
    this.#on = on;
    const { clock, lasting } = setup;
    this.#token = lasting.get(TOKEN);
    this.link = new Connection({
      clock,
      socket: setup.socket,
      hello: () => this.#hello(),
      dropToken: () => this.#dropToken(),
      dropIdentity: () => {
        const identity = setup.identity();
        const given = identity !== this.#refused;
        this.#refused = identity;
        return given;
      },
      frame: (f) => this.#frame(f),
      phase: (p) => this.#phase(p),
    });
    this.outbox = new Outbox({
      clock,
      shelf: lasting,
      send: (f) => this.link.send(f),
      overdue: () => this.link.resync(),
      changed: (i) => on.item(i),
    });
    setup.tabs.heard = (id) => {
      if (this.talk.id !== id && this.talk.empty) this.link.resync();
    };
  }

  start(): void {
    this.link.connect();
  }

  sendMessage(text: string): Item {
    this.#typedAt = Number.NEGATIVE_INFINITY; // what is typed next is news
    return this.outbox.add({ type: 'message', client_id: newClientId(), text });
  }

  askForPerson(email: string, note: string): Item {
    return this.outbox.add({
      type: 'handoff',
      client_id: newClientId(),
      ...(email && { email }),
      ...(note && { note }),
    });
  }

  correct(summary: string): void {
    this.outbox.add({ type: 'summary', client_id: newClientId(), text: summary });
  }

  /** The shopper sees the end of the conversation. */
  read(): void {
    const { talk } = this;
    if (!talk.peopled || talk.lastSeq <= this.#readSent) return;
    if (this.link.send({ type: 'read', seq: talk.lastSeq })) this.#readSent = talk.lastSeq;
  }

  /** The shopper signed in to the shop, or out: then this browser is nobody in particular again. */
  identify(out: boolean): void {
    if (out) this.forget();
    this.link.resync();
  }

  rate(eventSeq: number, score: 1 | -1): void {
    for (const i of this.outbox.items.values()) {
      if (i.frame.type === 'rate' && i.frame.event_seq === eventSeq) this.outbox.drop(i.frame.client_id);
    }
    this.outbox.add({ type: 'rate', client_id: newClientId(), event_seq: eventSeq, score });
  }

  /** The score that the shopper sees under this event: the pending one before the stored one. */
  ratingOf(eventSeq: number): number {
    for (const i of this.outbox.items.values()) {
      if (i.frame.type === 'rate' && i.frame.event_seq === eventSeq && i.state !== 'failed') return i.frame.score;
    }
    return this.talk.ratings.get(eventSeq) ?? 0;
  }

  /** Tells the agent that the shopper types; at most once in a while. */
  typing(): void {
    const now = this.#setup.clock.now();
    if (!this.talk.id || now - this.#typedAt < TYPING_EVERY) return;
    if (this.link.send({ type: 'typing' })) this.#typedAt = now;
  }

  retry(clientId: string): void {
    this.outbox.retry(clientId);
    this.link.retryNow();
  }

  get draft(): string {
    return this.#setup.passing.get(DRAFT) ?? '';
  }

  set draft(text: string) {
    if (text) this.#setup.passing.set(DRAFT, text);
    else this.#setup.passing.remove(DRAFT);
  }

  /** Another tab of this browser was given a token: be the same shopper, where nothing is lost by it. */
  adoptToken(): void {
    const held = this.#setup.lasting.get(TOKEN);
    if (!held || held === this.#token || !this.talk.empty) return;
    this.#token = held;
    this.talk.id = '';
    this.link.resync();
  }

  #hello(): Hello {
    const { siteKey, locale, page } = this.#setup;
    const h: Hello = { type: 'hello', locale, page: page() };
    if (siteKey) h.site_key = siteKey;
    if (this.#token) h.visitor_token = this.#token;
    const identity = this.#setup.identity();
    if (identity && identity !== this.#refused) h.identity = identity;
    if (this.talk.id) {
      h.conversation_id = this.talk.id;
      h.after_seq = this.talk.lastSeq;
    }
    return h;
  }

  /** Lets go of who this browser was. */
  forget(): void {
    this.#setup.lasting.remove(TOKEN);
    this.#token = null;
    this.#readSent = 0;
    this.talk.forget();
    this.#on.change({ type: 'reset' });
  }

  #dropToken(): void {
    const had = !this.talk.empty;
    // Another tab may have been given a new one meanwhile: that one is not the refused one.
    const held = this.#setup.lasting.get(TOKEN);
    this.#readSent = 0;
    if (held === this.#token) {
      this.forget();
    } else {
      this.#token = held;
      this.talk.forget();
      this.#on.change({ type: 'reset' });
    }
    if (had) this.#on.startedAnew();
  }

  #frame(f: ServerFrame): void {
    if (f.type === 'welcome' && f.visitor_token) this.#takeToken(f.visitor_token);
    if (f.type === 'error') {
      if (f.code === 'unknown_conversation') {
        // The welcome that follows names another one, or none.
        this.talk.forget();
        this.#on.change({ type: 'reset' });
        this.link.resync();
      } else if (f.client_id) this.outbox.refuse(f);
      else if (SENTENCES.has(f.code)) this.#on.sentence(f.message);
      return;
    }
    const before = this.talk.id;
    for (const c of this.talk.apply(f)) {
      if (c.type === 'event' && c.event.client_id) this.outbox.ack(c.event.client_id);
      this.#on.change(c);
      if (c.type === 'gap') this.link.resync();
    }
    if (f.type === 'event' && !before && this.talk.id) this.#setup.tabs.tell(this.talk.id);
  }

  #takeToken(fresh: string): void {
    this.#token = fresh;
    this.#setup.lasting.set(TOKEN, fresh);
  }

  #phase(p: Phase): void {
    if (p.name === 'ready') this.outbox.flush();
    else if (p.name === 'stopped' && p.why === 'client') this.outbox.blame();
    else this.outbox.down();
    this.#on.phase(p);
  }
}
