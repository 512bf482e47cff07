/** The list of messages: what was said, what is being written, what is on its way. */
import type { Words } from '../i18n';
import { plainText } from '../markdown';
import type { Item } from '../outbox';
import type { Conversation, Turn } from '../store';
import type { ChatEvent, Handoff } from '../wire';
import { button, h, icon } from './dom';
import { answer, face, PendingMessage, shopperMessage, showRating, StreamingMessage, who, type Acts } from './message';
import type { Passed } from './passed';
import { Popover } from './popover';
import { Rich } from './rich';

const SHOWN_AT_FIRST = 60;
const MORE = 60;
const MOST_SHOWN = 180;
const AT_BOTTOM = 48; // px
const TYPING_SHOWN = 6000;
const SLOW_AFTER = 20_000;

export interface LogActs extends Acts {
  /** What asks for a person, shown under a message that offers one. */
  offer(): HTMLElement;
  passed(h: Handoff): Passed;
  say(words: string): void;
}

export class Log {
  readonly el: HTMLElement;
  readonly jump: HTMLButtonElement;
  readonly pop: Popover;
  /** Cards that stand under everything: a queued request, an unreachable server. */
  readonly tail = h('div', { class: 'tail' });

  readonly #greeting = new Rich();
  readonly #chips: HTMLElement;
  readonly #intro: HTMLElement;
  readonly #earlier: HTMLButtonElement;
  readonly #events = h('div', { class: 'events' });
  readonly #turns = h('div', { class: 'turns' });
  readonly #pending = h('div', { class: 'pending' });
  readonly #typing: HTMLElement;

  #streaming = new Map<string, StreamingMessage>();
  #waiting = new Map<string, PendingMessage>();
  #slowTimers = new Map<string, number>();
  #dirty = new Set<Turn>();
  #first = 0; // index in talk.events of the first one shown
  #lastDay = '';
  #offered: HTMLElement | undefined;
  #passed: Passed | undefined;
  readonly #seen: HTMLElement;
  readonly #typist = h('span');
  #stick = true;
  #typingTimer = 0;
  #frame = 0;

  readonly #w: Words;
  readonly #talk: Conversation;
  readonly #acts: LogActs;

  constructor(
    w: Words,
    talk: Conversation,
    acts: LogActs,
  ) {
    this.#w = w;
    this.#talk = talk;
    this.#acts = acts;
    this.#chips = h('div', { class: 'chips', role: 'group', 'aria-label': w.t('suggestions') });
    this.#intro = h('div', { class: 'msg bot intro' }, h('div', { class: 'bubble' }, this.#greeting.el), this.#chips);
    this.#greeting.set(w.t('greeting'));
    this.#earlier = button('link earlier', () => this.#showEarlier(), w.t('earlier'));
    this.#earlier.hidden = true;
    this.#typing = h('div', { class: 'status', hidden: true }, h('span', { class: 'dots', 'aria-hidden': 'true' }, h('i'), h('i'), h('i')), this.#typist);
    this.#seen = h('div', { class: 'note seen' }, w.t('seen'));
    this.el = h(
      'div',
      // A log speaks by itself; what is spoken here is chosen elsewhere, message by message.
      { class: 'log', role: 'log', 'aria-live': 'off', 'aria-label': w.t('log'), tabindex: 0 },
      this.#intro,
      this.#earlier,
      this.#events,
      this.#turns,
      this.#typing,
      this.#pending,
      this.tail,
    );
    this.pop = new Popover(w, this.el);
    this.jump = button('jump', () => this.toBottom(), icon('arrow'), w.t('new_messages'));
    this.jump.hidden = true;
    this.el.addEventListener('scroll', () => {
      this.#stick = this.#atBottom();
      if (this.#stick) this.jump.hidden = true;
    }, { passive: true });
    new ResizeObserver(() => this.settle()).observe(this.el);
  }

  reset(): void {
    this.pop.hide();
    this.#events.replaceChildren();
    this.#turns.replaceChildren();
    this.#streaming.clear();
    for (const t of this.#slowTimers.values()) clearTimeout(t);
    this.#slowTimers.clear();
    this.#first = 0;
    this.#lastDay = '';
    this.#offered = this.#passed = undefined;
    this.#earlier.hidden = true;
    this.welcome();
  }

  /** Greeting and suggestions, by what the server said last. */
  welcome(): void {
    this.#greeting.set(this.#talk.greeting || this.#w.t('greeting'));
    const list = this.#talk.suggestions;
    const key = list.join('\n');
    if (this.#chips.dataset.key !== key) {
      this.#chips.dataset.key = key;
      this.#chips.replaceChildren(...list.map((s) => button('chip', () => this.#acts.ask(s), h('span', { dir: 'auto' }, s))));
    }
    this.#updateEmpty();
  }

  #updateEmpty(): void {
    const empty = this.#talk.empty && this.#waiting.size === 0;
    this.#chips.hidden = !empty || this.#talk.suggestions.length === 0;
    this.#intro.classList.toggle('alone', empty);
  }

  event(e: ChatEvent, fresh: boolean): void {
    if (e.turn_id) this.endTurn(e.turn_id);
    if (e.kind === 'rating' && e.rating) {
      const el = this.#events.querySelector(`[data-seq="${e.rating.event_seq}"] .rating`);
      if (el) showRating(el, this.#acts.ratingOf(e.rating.event_seq));
      return;
    }
    const was = e.client_id ? this.#waiting.get(e.client_id) : undefined;
    if (was) {
      was.el.remove();
      this.#waiting.delete(e.client_id!);
    }
    if (this.#events.querySelector(`:scope > [data-seq="${e.seq}"]`) || e.seq > this.#talk.lastSeq) return;
    const stick = this.#stick;
    if (e.author.kind === 'agent') this.#typing.hidden = true;
    this.#place(e);
    this.#trim();
    this.#updateEmpty();
    this.readBy();
    if (fresh && e.kind === 'message' && e.author.kind !== 'shopper') {
      this.#acts.say(`${who(this.#w, e.author.kind, e.author.name)}: ${plainText(e.text)}`);
      if (!stick) this.jump.hidden = false;
    }
    this.settle();
  }

  #build(e: ChatEvent): HTMLElement | undefined {
    const w = this.#w;
    const notice = (words: string, ...before: Node[]) => h('div', { class: 'notice', 'data-seq': e.seq }, ...before, h('span', { dir: 'auto' }, words));
    switch (e.kind) {
      case 'assignment':
        return e.assignee ? notice(w.t('joined', { name: e.assignee }), face('agent', e.assignee)) : undefined;
      case 'status':
        return e.change === 'resolved' || e.change === 'handed_back' ? notice(w.t(e.change)) : undefined;
      case 'handoff':
        // A wish is answered by the bot's own words; a note that came with it is the shopper's.
        if (!e.text) return;
        break;
      case 'message':
        break;
      default:
        return;
    }
    if (e.author.kind === 'shopper') {
      const el = shopperMessage(w, e.text, new Date(e.at), e.via);
      el.dataset.seq = String(e.seq);
      return el;
    }
    if (e.author.kind === 'system') return notice(e.text);
    return answer(w, e, this.pop, this.#acts);
  }

  #dayLine(e: ChatEvent): HTMLElement | undefined {
    const at = new Date(e.at);
    if (isNaN(at.getTime())) return;
    const now = new Date();
    const day = this.#w.day(at, now);
    if (day === this.#lastDay) return;
    const silent = this.#lastDay === '' && day === this.#w.t('today');
    this.#lastDay = day;
    return silent ? undefined : h('div', { class: 'day' }, day);
  }

  #place(e: ChatEvent): void {
    const f = e.handoff;
    if (f?.state === 'corrected') this.#passed?.corrected(f.summary ?? '');
    if (e.assignee) this.#passed?.taken();
    if (f || e.kind === 'assignment') {
      this.#offered?.remove();
      this.#offered = undefined;
    }
    const el = this.#build(e);
    if (!el) return;
    const day = this.#dayLine(e);
    if (day) this.#events.append(day);
    this.#events.append(el);
    if (f?.state === 'offered') {
      this.#offered = this.#acts.offer();
      el.append(this.#offered);
    } else if (f?.state === 'passed') {
      // The newest says all there is to say.
      this.#passed?.el.remove();
      this.#passed = this.#acts.passed(f);
      el.append(this.#passed.el);
    }
  }

  /** Keeps the list short: older messages are a press away. */
  #trim(): void {
    const all = this.#talk.events.length;
    const limit = this.#stick ? MOST_SHOWN : MOST_SHOWN * 2;
    if (all - this.#first <= limit) return;
    this.#first = all - SHOWN_AT_FIRST;
    this.#rebuild();
  }

  #rebuild(): void {
    this.pop.hide();
    this.#events.replaceChildren();
    this.#lastDay = '';
    this.#offered = this.#passed = undefined;
    for (const e of this.#talk.events.slice(this.#first)) this.#place(e);
    this.#earlier.hidden = this.#first === 0;
  }

  #showEarlier(): void {
    const before = this.el.scrollHeight - this.el.scrollTop;
    this.#first = Math.max(0, this.#first - MORE);
    this.#rebuild();
    this.#stick = false;
    this.el.scrollTop = this.el.scrollHeight - before;
    if (this.#earlier.hidden) this.el.focus();
  }

  /** The streamed text or its status changed: shown at the next frame, however many deltas came. */
  turn(t: Turn): void {
    this.#dirty.add(t);
    if (!this.#frame) this.#frame = requestAnimationFrame(() => this.#drawTurns());
  }

  #drawTurns(): void {
    this.#frame = 0;
    for (const t of this.#dirty) {
      if (!this.#talk.turns.has(t.id)) continue;
      let view = this.#streaming.get(t.id);
      if (!view) {
        view = new StreamingMessage(this.#w);
        this.#streaming.set(t.id, view);
        this.#turns.append(view.el);
      }
      view.update(t);
      clearTimeout(this.#slowTimers.get(t.id));
      const shown = view;
      this.#slowTimers.set(t.id, setTimeout(() => {
        shown.slow();
        this.#acts.say(this.#w.t('slow'));
      }, SLOW_AFTER));
    }
    this.#dirty.clear();
    this.settle();
  }

  endTurn(id: string): void {
    this.#streaming.get(id)?.el.remove();
    this.#streaming.delete(id);
    clearTimeout(this.#slowTimers.get(id));
    this.#slowTimers.delete(id);
    this.settle();
  }

  /** Marks the last message of the shopper that an agent has read. */
  readBy(): void {
    const read = [...this.#events.querySelectorAll<HTMLElement>('.shopper')].filter((el) => Number(el.dataset.seq) <= this.#talk.readSeq);
    const last = read.at(-1);
    if (!last) this.#seen.remove();
    else if (this.#seen.parentNode !== last) last.append(this.#seen);
  }

  agentTyping(name: string): void {
    this.#typist.textContent = name ? this.#w.t('typing_name', { name }) : this.#w.t('agent_typing');
    this.#typing.hidden = false;
    clearTimeout(this.#typingTimer);
    this.#typingTimer = setTimeout(() => (this.#typing.hidden = true), TYPING_SHOWN);
    this.settle();
  }

  item(i: Item): void {
    if (i.frame.type !== 'message') return;
    const id = i.frame.client_id;
    if (this.#talk.has(id)) return;
    const held = this.#waiting.get(id);
    if (held) held.update(i);
    else {
      const p = new PendingMessage(this.#w, i, this.#acts);
      this.#waiting.set(id, p);
      this.#pending.append(p.el);
      this.#updateEmpty();
      this.toBottom();
    }
    this.settle();
  }

  dropItem(clientId: string): void {
    this.#waiting.get(clientId)?.el.remove();
    this.#waiting.delete(clientId);
    this.#updateEmpty();
  }

  notice(words: string): void {
    this.#events.append(h('div', { class: 'notice' }, words));
    this.settle();
  }

  #atBottom(): boolean {
    return this.el.scrollHeight - this.el.scrollTop - this.el.clientHeight < AT_BOTTOM;
  }

  toBottom(): void {
    this.#stick = true;
    this.jump.hidden = true;
    this.el.scrollTop = this.el.scrollHeight;
  }

  /** Follows what is new, only for a shopper who reads the end. */
  settle(): void {
    if (this.#stick) this.el.scrollTop = this.el.scrollHeight;
  }
}
