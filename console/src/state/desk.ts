/** An agent's work in one shop: its inbox, the conversation that is open, the socket, and what is on its way. */
import { computed, signal } from '@preact/signals';
import { shop, type Shop } from '../api/client';
import { ApiError } from '../api/call';
import type { Acted, Counts, Event, People, Row } from '../api/types';
import { t } from '../i18n';
import { Connection, realClock, type Phase, type SocketLike } from '../live/connection';
import { draftOf, eventOf, newClientId, rowOf, SUBPROTOCOL, type ServerFrame } from '../live/wire';
import { Composer } from './composer';
import { Inbox } from './inbox';
import { tell } from './notify';
import { Outbox, type Item } from './outbox';
import { go, route, to } from './router';
import { lose, me } from './session';
import { shelf } from './shelf';
import { Thread } from './thread';
import { announce, failed, toast } from './toasts';

const TYPING_EVERY = 3000;
const OLDER = 100;

export class Desk {
  readonly api: Shop;
  readonly inbox: Inbox;
  readonly phase = signal<Phase>({ name: 'off' });
  readonly thread = signal<Thread | null>(null);
  readonly people = signal<People>({ agents: [], teams: [] });
  readonly outbox: Outbox;
  readonly connection: Connection;
  #composers = new Map<string, Composer>();
  #typedAt = 0;
  #readSent = new Map<string, number>();
  #seen = { conversation: '', seq: 0 };
  #wasReady = false;
  #told = ''; // the conversation that the last hello named
  #mending = false;

  constructor(readonly site: string) {
    this.api = shop(site);
    this.inbox = new Inbox((q) => this.api.list(q), () => me.value?.id ?? '');
    this.outbox = new Outbox({
      clock: realClock,
      shelf,
      owner: () => me.value?.id ?? '',
      post: (i) => this.#post(i),
      stored: (i) => this.#stored(i),
      refused: (i, why) => this.#refused(i, why),
    });
    this.connection = new Connection({
      clock: realClock,
      socket: () => new WebSocket(`${location.origin.replace(/^http/, 'ws')}/v1/console/live`, SUBPROTOCOL) as SocketLike,
      hello: () => {
        const th = this.thread.value;
        this.#told = th?.state.value === 'ready' ? th.id : '';
        return th && this.#told
          ? { type: 'hello', site: this.site, conversation_id: th.id, after_seq: th.lastSeq }
          : { type: 'hello', site: this.site };
      },
      frame: (f) => this.#frame(f),
      phase: (p) => this.#phase(p),
    });
  }

  start(): void {
    this.connection.connect();
    this.outbox.load();
    void this.loadPeople();
  }

  stop(): void {
    this.connection.close();
  }

  async loadPeople(): Promise<void> {
    try {
      const p = await this.api.people();
      this.people.value = { agents: p.agents ?? [], teams: p.teams ?? [] };
    } catch {
      // The picker asks again when it is opened.
    }
  }

  composer(conversation: string): Composer {
    let c = this.#composers.get(conversation);
    if (!c) this.#composers.set(conversation, (c = new Composer(conversation, shelf, me.value?.id ?? '')));
    return c;
  }

  /** Opens a conversation, or closes the one that is open where the id is empty. */
  async open(id: string): Promise<void> {
    if (this.thread.value?.id === id) return;
    if (!id) {
      this.thread.value = null;
      this.connection.send({ type: 'open', conversation_id: '', after_seq: 0 });
      return;
    }
    const th = new Thread(id);
    this.thread.value = th;
    await this.load(th);
  }

  async load(th: Thread): Promise<void> {
    th.state.value = 'loading';
    try {
      const [detail, page] = await Promise.all([this.api.open(th.id), this.api.events(th.id, {})]);
      const events = (page.events ?? []).map(eventOf).filter((e): e is Event => e !== undefined);
      const row = rowOf(detail.conversation);
      if (!row) throw new ApiError(500, 'bad_answer', t('error_server'));
      th.begin({ ...detail, conversation: { ...row, shopper_read_seq: detail.conversation.shopper_read_seq ?? 0 }, earlier: (detail.earlier ?? []).map(rowOf).filter((r): r is Row => r !== undefined), looking: detail.looking ?? [], draft: draftOf(detail.draft) ?? null }, events, page.more === true);
      if (this.thread.value !== th) return;
      const c = this.composer(th.id);
      c.begin(th.detail.value?.draft ?? null);
      if (c.content.value.draftId) void this.api.opened(th.id, c.content.value.draftId).catch(() => undefined);
      this.connection.send({ type: 'open', conversation_id: th.id, after_seq: th.lastSeq });
      if (th.detail.value?.draft?.state === 'writing') void this.#renew(th);
    } catch (err) {
      const e = err as ApiError;
      th.error.value = e.message;
      th.state.value = e.status === 404 ? 'unknown' : 'failed';
    }
  }

  /** Loads a page of older events; `before` is called just before it comes in. */
  async older(th: Thread, before: () => void): Promise<void> {
    if (!th.more.value) return;
    const page = await this.api.events(th.id, { before_seq: th.firstSeq, limit: OLDER });
    before();
    th.older((page.events ?? []).map(eventOf).filter((e): e is Event => e !== undefined), page.more === true);
  }

  /** Tells the shopper's side that an answer is being typed; not more often than it holds. */
  typing(conversation: string): void {
    if (Date.now() - this.#typedAt < TYPING_EVERY) return;
    this.#typedAt = Date.now();
    this.connection.send({ type: 'typing', conversation_id: conversation });
  }

  /** The agent has seen the conversation up to here. */
  read(conversation: string, seq: number): void {
    if (seq <= (this.#readSent.get(conversation) ?? 0)) return;
    this.#seen = { conversation, seq };
    if (!this.connection.send({ type: 'read', conversation_id: conversation, seq })) return; // told once connected
    this.#readSent.set(conversation, seq);
    this.inbox.patch(conversation, { unread: false });
  }

  /**
   * Sends what stands in the composer. Returns why it did not, if so: `empty`, `streaming` (the
   * draft is not whole yet), `unsupported` (a second key press sends it all the same).
   */
  send(conversation: string, resolve = false): '' | 'empty' | 'streaming' | 'unsupported' {
    const c = this.composer(conversation);
    const { mode, streaming, marks, warned } = c.content.value;
    const text = c.text.trim();
    if (!text) return 'empty';
    if (mode === 'reply' && streaming) return 'streaming';
    if (mode === 'reply' && marks.length && !warned) {
      c.warn();
      return 'unsupported';
    }
    this.#typedAt = 0; // what is typed next is news
    const taken = c.take();
    this.outbox.add({
      client_id: newClientId(),
      site: this.site,
      conversation,
      kind: mode,
      text,
      draftId: mode === 'reply' ? taken.draftId : '',
      citations: mode === 'reply' ? taken.citations.filter((x) => text.includes(`[${x.n}]`)) : [],
      mentions: mode === 'note' ? taken.mentions : [],
      resolve: resolve && mode === 'reply',
      confirm: mode === 'reply' && warned,
    });
    return '';
  }

  /** Does something to a conversation; what goes wrong is said. True where it went well. */
  async act(what: () => Promise<Acted>, said: string): Promise<boolean> {
    try {
      this.#took(await what());
      toast(said);
      announce(said);
      return true;
    } catch (err) {
      const e = err as ApiError;
      if (e.code === 'claimed') this.#claimedBy(e);
      else failed(e);
      return false;
    }
  }

  wake(): void {
    this.connection.wake();
    this.outbox.flush();
  }

  /** Signed in again: everything goes on where it was. */
  back(): void {
    this.connection.connect();
    this.outbox.flush();
  }

  /** Takes in what the server did, without waiting for the socket to tell. */
  #took(a: Acted | undefined): void {
    const row = rowOf(a?.row);
    if (row) this.inbox.row(row);
    const th = this.thread.value;
    if (!th || th.id !== row?.id) return;
    for (const raw of a?.events ?? []) {
      const e = eventOf(raw);
      if (e && !th.add(e)) void this.#mend(th);
    }
    th.row(row);
  }

  async #post(i: Item): Promise<void> {
    const api = shop(i.site);
    this.#took(
      i.kind === 'note'
        ? await api.note(i.conversation, { client_id: i.client_id, text: i.text, mentions: i.mentions.map((m) => m.id) })
        : await api.message(i.conversation, {
            client_id: i.client_id,
            text: i.text,
            ...(i.draftId && { draft_id: i.draftId }),
            citations: i.citations.filter((c) => c.article_id).map((c) => ({ n: c.n, article_id: c.article_id! })),
            resolve: i.resolve,
            confirm_unsupported: i.confirm,
          }),
    );
  }

  #stored(i: Item): void {
    announce(t(i.kind === 'note' ? 'said_note' : i.resolve ? 'said_sent_resolved' : 'said_sent'));
  }

  #refused(i: Item, why: ApiError): void {
    const c = this.composer(i.conversation);
    c.restore(i.kind, i.text, { draftId: i.draftId, citations: i.citations, mentions: i.mentions });
    if (why.code === 'unsupported') {
      c.warn(why.more.facts ?? []);
      announce(t('unsupported_again'));
    } else if (why.code === 'claimed') this.#claimedBy(why);
    else failed(why);
  }

  #claimedBy(e: ApiError): void {
    toast(e.more.claimed_by?.name ? t('claimed_by', { name: e.more.claimed_by.name }) : e.message, 'bad');
    void this.inbox.refresh();
  }

  #phase(p: Phase): void {
    this.phase.value = p;
    if (p.name === 'stopped' && p.why === 'signed_out') lose();
    if (p.name !== 'ready') this.thread.value?.cut();
  }

  #frame(f: ServerFrame): void {
    const th = this.thread.value;
    const here = 'conversation_id' in f && th?.id === f.conversation_id ? th : null;
    switch (f.type) {
      case 'welcome': {
        const online = new Set(f.agents_online);
        this.people.value = { ...this.people.value, agents: this.people.value.agents.map((a) => ({ ...a, online: online.has(a.id) })) };
        if (f.counts) this.inbox.counts.value = f.counts;
        // What changed during a cut was not told: ask for the list again.
        if (this.#wasReady) {
          void this.inbox.refresh();
          this.outbox.flush();
          if (th?.state.value === 'ready') void this.#renew(th);
        }
        this.#wasReady = true;
        if (this.#seen.conversation) this.read(this.#seen.conversation, this.#seen.seq);
        // The conversation may have been opened between the hello and now.
        if (th?.state.value === 'ready' && this.#told !== th.id) this.connection.send({ type: 'open', conversation_id: th.id, after_seq: th.lastSeq });
        break;
      }
      case 'row':
        this.inbox.row(f.row, f.counts as Counts | undefined);
        if (th?.id === f.row.id) th.row(f.row);
        break;
      case 'event':
        this.outbox.seen(f.client_id);
        if (here && !here.add(f)) void this.#mend(here);
        break;
      case 'draft':
        this.composer(f.conversation_id).stream(f);
        break;
      case 'presence':
        this.people.value = {
          ...this.people.value,
          agents: this.people.value.agents.map((a) => (a.id === f.agent_id ? { ...a, online: f.online } : a)),
        };
        break;
      case 'notify':
        tell(f, (id) => this.goTo(id));
        break;
      case 'error':
        break;
      default:
        here?.apply(f);
    }
  }

  goTo(id: string): void {
    const r = route.value;
    go(r.page === 'inbox' && r.site === this.site ? to.inbox(this.site, r.view, id, r.filters) : to.inbox(this.site, 'all', id));
  }

  /** Asks again for the draft: its end may have been told while nobody listened. */
  async #renew(th: Thread): Promise<void> {
    try {
      const detail = await this.api.open(th.id);
      this.composer(th.id).begin(draftOf(detail.draft) ?? null);
    } catch {
      // The next piece, or the next opening, brings it.
    }
  }

  /** An event is missing: what follows the last one held is asked for. */
  async #mend(th: Thread): Promise<void> {
    if (this.#mending) return;
    this.#mending = true;
    try {
      for (;;) {
        const page = await this.api.events(th.id, { after_seq: th.lastSeq, limit: 200 });
        const events = (page.events ?? []).map(eventOf).filter((e): e is Event => e !== undefined);
        for (const e of events) {
          this.outbox.seen(e.client_id);
          th.add(e);
        }
        if (!page.more || !events.length) return;
      }
    } catch {
      this.connection.connect(); // comes back with after_seq
    } finally {
      this.#mending = false;
    }
  }
}

/** The desk of the shop that is worked in; there is one at a time. */
export const desk = signal<Desk | null>(null);

export function deskFor(site: string): Desk {
  const held = desk.peek();
  if (held?.site === site) return held;
  held?.stop();
  const made = new Desk(site);
  desk.value = made;
  made.start();
  return made;
}

/** The conversation that is open and not still loading. */
export const openRow = computed(() => desk.value?.thread.value?.detail.value?.conversation ?? null);
