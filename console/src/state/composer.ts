/**
 * What stands in the composer of one conversation. A draft is written into it only while the agent
 * has not typed; after that a newer draft waits beside it. What was typed is kept in the browser
 * until the server has it.
 */
import { signal } from '@preact/signals';
import type { Citation, Draft, Named, Span } from '../api/types';
import type { Shelf } from './shelf';
import { shift } from './marks';
import { toast } from './toasts';
import { t } from '../i18n';

export type Mode = 'reply' | 'note';

/** A draft as far as it is written. */
export interface Writing {
  id: string;
  forSeq: number;
  text: string;
  marks: Span[];
  citations: Citation[];
  done: boolean;
  failed: boolean;
}

export interface Content {
  mode: Mode;
  reply: string;
  note: string;
  /** The agent has typed: drafts keep out. */
  touched: boolean;
  draftId: string;
  /** The draft that stands in the field is still being written. */
  streaming: boolean;
  marks: Span[];
  citations: Citation[];
  mentions: Named[];
  /** A draft that was not put in, since the agent has typed. */
  offer: Writing | null;
  /** A first key press was answered with an explanation; the next one sends. */
  warned: boolean;
}

const EMPTY: Content = {
  mode: 'reply',
  reply: '',
  note: '',
  touched: false,
  draftId: '',
  streaming: false,
  marks: [],
  citations: [],
  mentions: [],
  offer: null,
  warned: false,
};

export interface DraftFrame {
  draft_id: string;
  for_seq: number;
  offset: number;
  text: string;
  done: boolean;
  draft?: Draft | undefined;
}

export class Composer {
  readonly content = signal<Content>(EMPTY);
  #current: Writing | null = null; // the newest draft, wherever it is shown
  #gone = new Set<string>(); // drafts that were sent or thrown away

  constructor(
    readonly conversation: string,
    readonly shelf: Shelf,
    readonly owner: string,
  ) {
    const kept = read(shelf.get(this.#key));
    if (kept) this.content.value = { ...EMPTY, ...kept, touched: kept.reply !== '' };
  }

  get text(): string {
    const c = this.content.value;
    return c.mode === 'note' ? c.note : c.reply;
  }

  /** The draft that came with the conversation. */
  begin(d: Draft | null): void {
    if (!d || d.state === 'superseded' || this.#gone.has(d.id)) return;
    const held = this.#current?.id === d.id ? this.#current : null;
    // What was streamed meanwhile may be more than what is stored.
    if (held && (held.done || (d.state === 'writing' && held.text.length >= d.text.length))) return;
    this.#show({
      id: d.id,
      forSeq: d.for_seq,
      text: d.text,
      marks: d.unsupported,
      citations: d.citations,
      done: d.state !== 'writing',
      failed: d.state === 'failed',
    });
  }

  /** A piece of a draft, as it is written. */
  stream(f: DraftFrame): void {
    if (this.#gone.has(f.draft_id)) return;
    if (f.done && f.draft) {
      if (f.draft.note === 'needs_model') toast(t('draft_needs_model'));
      return this.begin({ ...f.draft, id: f.draft_id });
    }
    const held = this.#current?.id === f.draft_id ? this.#current : null;
    // An older draft than the one shown has nothing to say any more.
    if (!held && this.#current && this.#current.forSeq > f.for_seq) return;
    const w: Writing = held ?? { id: f.draft_id, forSeq: f.for_seq, text: '', marks: [], citations: [], done: false, failed: false };
    if (f.offset > w.text.length) return; // a piece is missing: the finished draft repairs it
    this.#show({ ...w, text: w.text.slice(0, f.offset) + f.text, done: f.done });
  }

  /** The agent asked for this draft: an older one that is still on its way no longer counts. */
  await(id: string): void {
    if (id && this.#current && this.#current.id !== id && !this.#current.done) this.#gone.add(this.#current.id);
  }

  /** The agent typed. */
  type(text: string): void {
    const c = this.content.value;
    if (c.mode === 'note') this.#set({ ...c, note: text, mentions: c.mentions.filter((m) => text.includes(`@${m.name}`)) });
    else
      this.#set({
        ...c,
        reply: text,
        touched: true,
        streaming: false,
        warned: false,
        marks: shift(c.marks, c.reply, text),
        offer: c.streaming && this.#current ? this.#current : c.offer,
      });
  }

  setMode(mode: Mode): void {
    this.#set({ ...this.content.value, mode, warned: false });
  }

  /** Puts the waiting draft in the place of what stands there; the caller can still undo it. */
  useOffer(): void {
    const c = this.content.value;
    if (!c.offer?.done) return;
    const o = c.offer;
    this.#set({ ...c, mode: 'reply', reply: o.text, draftId: o.id, marks: o.marks, citations: o.citations, offer: null, touched: true, warned: false });
  }

  dropOffer(): string {
    const id = this.content.value.offer?.id ?? '';
    if (id) this.#gone.add(id);
    this.#set({ ...this.content.value, offer: null });
    return id;
  }

  /** Empties the reply: the draft in it is thrown away. Returns its id. */
  discard(): string {
    const c = this.content.value;
    if (c.draftId) this.#gone.add(c.draftId);
    this.#set({ ...c, reply: '', touched: false, draftId: '', streaming: false, marks: [], citations: [], warned: false });
    return c.draftId;
  }

  mention(who: Named): void {
    const c = this.content.value;
    if (!c.mentions.some((m) => m.id === who.id)) this.#set({ ...c, mentions: [...c.mentions, who] });
  }

  /** Adds a citation; returns the number that stands for it in the text. */
  cite(a: { id: string; title: string; url: string; quote: string }): number {
    const c = this.content.value;
    const held = c.citations.find((x) => x.article_id === a.id);
    if (held) return held.n;
    const n = Math.max(0, ...c.citations.map((x) => x.n)) + 1;
    this.#set({ ...c, citations: [...c.citations, { n, article_id: a.id, title: a.title, url: a.url, quote: a.quote }] });
    return n;
  }

  uncite(n: number): void {
    const c = this.content.value;
    const reply = c.reply.replaceAll(` [${n}]`, '').replaceAll(`[${n}]`, '');
    this.#set({ ...c, reply, touched: true, marks: shift(c.marks, c.reply, reply), citations: c.citations.filter((x) => x.n !== n) });
  }

  /** The first key press on a text with unsupported facts. */
  warn(marks?: Span[]): void {
    const c = this.content.value;
    this.#set({ ...c, mode: 'reply', warned: true, marks: marks ?? c.marks });
  }

  /** Takes what stands in the field out of it, to be sent. */
  take(): Content {
    const c = this.content.value;
    if (c.mode === 'note') this.#set({ ...c, note: '', mentions: [], mode: 'reply' });
    else {
      if (c.draftId) this.#gone.add(c.draftId);
      if (c.offer) this.#gone.add(c.offer.id);
      this.#set({ ...EMPTY, note: c.note, mentions: c.mentions });
    }
    return c;
  }

  /** Gives back what could not be sent. Nothing that was typed since is lost. */
  restore(kind: Mode, text: string, more: { draftId?: string; citations?: Citation[]; mentions?: Named[] } = {}): void {
    const c = this.content.value;
    if (kind === 'note') {
      this.#set({ ...c, mode: 'note', note: c.note ? `${text}\n\n${c.note}` : text, mentions: [...c.mentions, ...(more.mentions ?? [])] });
      return;
    }
    if (more.draftId) this.#gone.delete(more.draftId);
    const typed = c.touched && c.reply !== '';
    this.#set({
      ...c,
      mode: 'reply',
      reply: typed ? `${text}\n\n${c.reply}` : text,
      touched: true,
      streaming: false,
      draftId: more.draftId ?? '',
      citations: more.citations ?? [],
      marks: [],
      warned: false,
      offer: !typed && c.draftId && this.#current?.id === c.draftId ? this.#current : c.offer,
    });
  }

  #show(w: Writing): void {
    this.#current = w;
    const c = this.content.value;
    if (c.touched) {
      // What already stands in the field is not offered a second time.
      if (w.id !== c.draftId || c.offer?.id === w.id) this.#set({ ...c, offer: w.failed ? null : w });
      return;
    }
    if (w.failed && !w.text) {
      this.#set({ ...c, streaming: false });
      return;
    }
    this.#set({ ...c, reply: w.text, draftId: w.id, streaming: !w.done, marks: w.marks, citations: w.citations, offer: null, warned: false });
  }

  get #key(): string {
    return `text:${this.owner}:${this.conversation}`;
  }

  #set(c: Content): void {
    this.content.value = c;
    if ((c.touched && c.reply) || c.note) {
      const { mode, note, draftId, marks, citations, mentions } = c;
      const reply = c.touched ? c.reply : '';
      this.shelf.set(this.#key, JSON.stringify({ mode, reply, note, draftId, marks, citations, mentions }));
    } else this.shelf.remove(this.#key);
  }
}

function read(raw: string | null): Partial<Content> & { reply: string } | undefined {
  try {
    const o = JSON.parse(raw ?? '') as Content;
    if (typeof o.reply !== 'string' || typeof o.note !== 'string') return;
    return {
      mode: o.mode === 'note' ? 'note' : 'reply',
      reply: o.reply,
      note: o.note,
      draftId: String(o.draftId ?? ''),
      marks: Array.isArray(o.marks) ? o.marks : [],
      citations: Array.isArray(o.citations) ? o.citations : [],
      mentions: Array.isArray(o.mentions) ? o.mentions : [],
    };
  } catch {
    return;
  }
}
