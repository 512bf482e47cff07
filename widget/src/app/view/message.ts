/** One message: the shopper's, the bot's or an agent's, with its sources, rating and state. */
import type { Words } from '../i18n';
import { tidyTail } from '../markdown';
import type { Item } from '../outbox';
import type { Turn } from '../store';
import type { ChatEvent } from '../wire';
import { button, h, icon } from './dom';
import type { Popover } from './popover';
import { Rich } from './rich';

export interface Acts {
  rate(seq: number, score: 1 | -1): void;
  ratingOf(seq: number): number;
  retry(clientId: string): void;
  edit(item: Item): void;
  ask(question: string): void;
}

export function who(w: Words, kind: string, name: string): string {
  if (kind === 'shopper') return w.t('you');
  const role = kind === 'agent' ? w.t('agent') : kind === 'bot' ? w.t('assistant') : '';
  return name && role ? `${name} · ${role}` : name || role;
}

/** A picture of who speaks: a person's initials, or the bot's mark. */
export function face(kind: string, name: string): HTMLElement {
  const letters = kind === 'agent' ? name.split(/\s+/).map((n) => [...n][0] ?? '') : [];
  const initials = (letters[0] ?? '') + (letters.length > 1 ? letters.at(-1) : '');
  return h('span', { class: `face ${kind}`, 'aria-hidden': 'true' }, initials.toUpperCase() || icon(kind === 'agent' ? 'person' : 'mark'));
}

function byline(w: Words, kind: string, name: string, at?: Date, how = ''): HTMLElement {
  const time = at && !isNaN(at.getTime()) ? w.time(at) : '';
  return h(
    'div',
    { class: 'by' },
    kind !== 'shopper' && face(kind, name),
    h('span', { class: kind === 'shopper' ? 'unseen' : '', dir: 'auto' }, who(w, kind, name)),
    time && h('time', { datetime: at!.toISOString() }, time),
    how && h('span', {}, how),
  );
}

const how = (w: Words, via?: string): string => (via === 'email' ? w.t('by_email') : '');

export function shopperMessage(w: Words, text: string, at: Date, via?: string): HTMLElement {
  return h('div', { class: 'msg shopper' }, byline(w, 'shopper', '', at, how(w, via)), h('div', { class: 'bubble plain', dir: 'auto' }, text));
}

/** A stored message of the bot or an agent. */
export function answer(w: Words, e: ChatEvent, pop: Popover, acts: Acts): HTMLElement {
  const rich = new Rich();
  const cite = (n: number) => {
    const c = e.citations.find((x) => x.n === n);
    return c && h('span', { class: 'cite-wrap' }, pop.mark_(c, false));
  };
  rich.set(e.text, cite);
  const sources = e.citations.length
    ? h('div', { class: 'sources', role: 'group', 'aria-label': w.t('sources') }, ...e.citations.map((c) => pop.mark_(c, true)))
    : null;
  const el = h(
    'div',
    { class: `msg ${e.author.kind}`, 'data-seq': e.seq },
    byline(w, e.author.kind, e.author.name, new Date(e.at), how(w, e.via)),
    h('div', { class: 'bubble' }, rich.el, sources),
  );
  if (e.outcome === 'clarified' && !sources) choices(rich.el, acts);
  if (e.author.kind === 'bot' && e.outcome === 'answered') el.append(rating(w, e.seq, acts));
  return el;
}

/** A question back may name what it could be about: each is a press away. */
function choices(el: HTMLElement, acts: Acts): void {
  for (const li of el.querySelectorAll('li')) {
    const text = li.textContent ?? '';
    li.parentElement!.className = 'choices';
    li.replaceChildren(button('chip', () => acts.ask(text), text));
  }
}

function rating(w: Words, seq: number, acts: Acts): HTMLElement {
  const thanks = h('span', { class: 'thanks', role: 'status' });
  const thumb = (score: 1 | -1) => {
    const b = button('thumb', () => {
      acts.rate(seq, score);
      thanks.textContent = w.t(score === 1 ? 'rate_thanks' : 'rate_sorry');
    }, icon(score === 1 ? 'up' : 'down'));
    b.setAttribute('aria-label', w.t(score === 1 ? 'rate_up' : 'rate_down'));
    b.dataset.score = String(score);
    return b;
  };
  const el = h('div', { class: 'rating', role: 'group', 'aria-label': w.t('rate') }, thumb(1), thumb(-1), thanks);
  showRating(el, acts.ratingOf(seq));
  return el;
}

export function showRating(el: Element, score: number): void {
  for (const b of el.querySelectorAll<HTMLElement>('.thumb')) {
    b.setAttribute('aria-pressed', String(b.dataset.score === String(score)));
  }
}

/** What the shopper sent and the server has not confirmed. */
export class PendingMessage {
  readonly el: HTMLElement;
  readonly #note = h('div', { class: 'note' });

  readonly #w: Words;
  #item: Item;
  readonly #acts: Acts;

  constructor(
    w: Words,
    item: Item,
    acts: Acts,
  ) {
    this.#w = w;
    this.#item = item;
    this.#acts = acts;
    const text = item.frame.type === 'message' ? item.frame.text : '';
    this.el = shopperMessage(w, text, new Date(item.at));
    this.el.append(this.#note);
    this.update(item);
  }

  update(item: Item): void {
    this.#item = item;
    const w = this.#w;
    const id = item.frame.client_id;
    this.el.dataset.state = item.state;
    if (item.state === 'sending') {
      this.#note.replaceChildren(h('span', { class: 'quiet' }, w.t('sending')));
      return;
    }
    const words = item.state === 'queued' ? w.t('queued') : `${w.t('failed')} ${item.reason ?? ''}`;
    this.#note.replaceChildren(
      h('span', {}, icon('alert'), h('span', {}, words)),
      item.again
        ? button('link', () => this.#acts.retry(id), w.t('retry'))
        : button('link', () => this.#acts.edit(this.#item), w.t('edit')),
    );
  }
}

/** An answer while it is written. */
export class StreamingMessage {
  readonly el: HTMLElement;
  readonly #rich = new Rich();
  readonly #bubble = h('div', { class: 'bubble' });
  readonly #w: Words;
  readonly #status = h('div', { class: 'status' });

  constructor(w: Words) {
    this.#w = w;
    this.el = h('div', { class: 'msg bot streaming' }, byline(w, 'bot', ''), this.#bubble, this.#status);
  }

  update(t: Turn): void {
    if (t.text) {
      if (!this.#rich.el.isConnected) this.#bubble.append(this.#rich.el);
      this.#rich.set(tidyTail(t.text), (n) => h('span', { class: 'cite-soon' }, String(n)));
    }
    this.el.classList.toggle('begun', t.text !== '');
    const key = t.state === 'searching' || t.state === 'handing_off' ? t.state : 'writing';
    this.#line(this.#w.t(key));
  }

  /** Nothing was heard for long. */
  slow(): void {
    this.#line(this.#w.t('slow'));
  }

  #line(words: string): void {
    if (this.#status.lastChild?.textContent === words) return;
    this.#status.replaceChildren(h('span', { class: 'dots', 'aria-hidden': 'true' }, h('i'), h('i'), h('i')), h('span', {}, words));
  }
}
