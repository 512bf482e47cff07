/** Joins the views and the session: what happens goes to the views, what the shopper does to the session. */
import type { Phase } from '../connection';
import type { Key, Words } from '../i18n';
import type { Item } from '../outbox';
import { Session, type Setup } from '../session';
import type { Change } from '../store';
import type { HandoffFrame } from '../wire';
import { Banner } from './banner';
import { Composer } from './composer';
import { button, h, icon } from './dom';
import { HandoffForm } from './handoff';
import { Log } from './log';
import { Passed } from './passed';

const UNREACHABLE_AFTER = 20_000;

export interface Outside {
  /** There is a launcher to go back to. */
  framed: boolean;
  close(): void;
  unread(n: number): void;
}

export class App {
  readonly session: Session;
  readonly #log: Log;
  readonly #composer: Composer;
  readonly #banner: Banner;
  readonly #subtitle = h('p', { class: 'subtitle' });
  readonly #live = h('div', { class: 'unseen', 'aria-live': 'polite' });
  readonly #root: HTMLElement;
  readonly #personButton: HTMLButtonElement;
  readonly #footer: HTMLElement;
  readonly #sheet = h('div', { class: 'sheet', hidden: true });
  readonly #requests = new Map<string, HTMLElement>();
  #sheetForm: HandoffForm | undefined;
  #everReady = false;
  #open = true;
  #fullScreen = false;
  #unread = 0;
  #awayTimer = 0;
  #awayCard: HTMLElement | undefined;

  readonly #w: Words;
  readonly #outside: Outside;

  constructor(
    w: Words,
    outside: Outside,
    setup: Setup,
  ) {
    this.#w = w;
    this.#outside = outside;
    this.session = new Session(setup, {
      change: (c) => this.#change(c),
      item: (i) => this.#item(i),
      phase: (p) => this.#phase(p),
      startedAnew: () => this.#log.notice(w.t('anew')),
      sentence: (s) => this.#composer.warn(s),
    });
    const { session } = this;
    this.#log = new Log(w, session.talk, {
      ask: (q) => {
        session.sendMessage(q);
        this.#composer.field.focus();
      },
      offer: () => this.#offer(),
      passed: (f) => new Passed(w, f, { correct: (s) => session.correct(s), reply: (email) => this.#askForPerson(email, '') }),
      say: (s) => this.#say(s),
      rate: (seq, score) => session.rate(seq, score),
      ratingOf: (seq) => session.ratingOf(seq),
      retry: (id) => session.retry(id),
      edit: (i) => {
        if (i.frame.type !== 'message') return;
        session.outbox.drop(i.frame.client_id);
        this.#log.dropItem(i.frame.client_id);
        this.#composer.takeBack(i.frame.text);
      },
    });
    this.#composer = new Composer(w, {
      send: (text) => {
        session.sendMessage(text);
        this.#log.toBottom();
      },
      typing: () => session.typing(),
      keep: (draft) => (session.draft = draft),
    });
    this.#banner = new Banner(w, () => session.link.retryNow(), (s) => this.#say(s));
    this.#personButton = button('person', () => this.#toggleSheet(), icon('person'), w.t('person'));
    this.#personButton.setAttribute('aria-expanded', 'false');
    this.#footer = h('footer', {}, this.#personButton);
    const close = button('round', () => outside.close(), icon('close'));
    close.setAttribute('aria-label', w.t('close'));
    this.#root = h(
      'div',
      { class: 'app' },
      h(
        'header',
        {},
        h('span', { class: 'logo' }, icon('mark')),
        h('div', { class: 'titles' }, h('h1', { tabindex: -1 }, w.t('title')), this.#subtitle),
        outside.framed && close,
      ),
      h('main', {}, this.#banner.el, this.#log.el, h('div', { class: 'jump-row' }, this.#log.jump), this.#sheet, this.#composer.el),
      this.#footer,
      this.#live,
    );
  }

  /** Puts the app into the page and connects. */
  start(): void {
    document.body.replaceChildren(this.#root);
    document.addEventListener('keydown', (e) => this.#key(e));
    this.#log.welcome();
    this.#composer.set(this.session.draft);
    for (const i of this.session.outbox.items.values()) this.#item(i);
    this.#phase(this.session.link.phase);
    this.#awayTimer = setTimeout(() => this.#showAway(), UNREACHABLE_AFTER);
    this.session.start();
  }

  /** What the shop's page says: is the chat open, does it cover the page, may it take the focus. */
  stand(open: boolean, fullScreen: boolean, focus: boolean): void {
    const opened = open && !this.#open;
    this.#open = open;
    this.#fullScreen = fullScreen;
    document.documentElement.classList.toggle('full', fullScreen);
    if (open) this.#unread = 0;
    if (opened) this.#log.settle();
    this.#composer.grow();
    this.#seen();
    if (!open || !focus) return;
    // On a touch screen the keyboard would hide what there is to read.
    if (matchMedia('(pointer:coarse)').matches) this.#root.querySelector('h1')?.focus();
    else this.#composer.field.focus();
  }

  /** Other tabs and the device itself. */
  wake(): void {
    this.session.link.wake();
    this.#seen();
  }

  /** What is on the screen of a shopper who looks at it counts as read. */
  #seen(): void {
    if (this.#open && document.visibilityState === 'visible') this.session.read();
  }

  setOnline(online: boolean): void {
    this.session.link.setOnline(online);
    this.#phase(this.session.link.phase);
  }

  #say(words: string): void {
    const line = h('div', {}, words);
    this.#live.append(line);
    while (this.#live.childElementCount > 4) this.#live.firstChild!.remove();
  }

  #key(e: KeyboardEvent): void {
    if (e.key === 'Escape' && !e.isComposing) {
      e.preventDefault();
      if (this.#log.pop.hide()) return;
      if (!this.#sheet.hidden) this.#toggleSheet();
      else this.#outside.close();
    }
    if (e.key === 'Tab' && this.#fullScreen) this.#keepInside(e);
  }

  #keepInside(e: KeyboardEvent): void {
    const all = [...this.#root.querySelectorAll<HTMLElement>('a[href],button,input,textarea,[tabindex="0"]')].filter(
      (el) => el.checkVisibility?.({ visibilityProperty: true }) ?? el.offsetParent !== null,
    );
    const first = all[0];
    const last = all[all.length - 1];
    const here = document.activeElement;
    if (e.shiftKey ? here === first || here === document.body : here === last) {
      e.preventDefault();
      (e.shiftKey ? last : first)?.focus();
    }
  }

  /** Why a request for a person cannot go out now; empty where it can. */
  get #away(): Key | '' {
    const p = this.session.link.phase;
    if (p.name === 'ready') return '';
    return p.name === 'stopped' && p.why === 'site' ? 'site_off' : 'person_offline';
  }

  #change(c: Change): void {
    const log = this.#log;
    const { session } = this;
    switch (c.type) {
      case 'reset':
        log.reset();
        break;
      case 'welcome':
        this.#composer.max = session.talk.maxText;
        log.welcome();
        log.readBy();
        break;
      case 'event': {
        const e = c.event;
        if (e.client_id) {
          this.#requests.get(e.client_id)?.remove();
          this.#requests.delete(e.client_id);
        }
        log.event(e, c.fresh);
        this.#standing();
        this.#seen();
        const heard = e.kind === 'message' && (e.author.kind === 'bot' || e.author.kind === 'agent');
        if (c.fresh && heard && !this.#open) this.#outside.unread(++this.#unread);
        break;
      }
      case 'turn':
        log.turn(c.turn);
        break;
      case 'turn_gone':
        log.endTurn(c.id);
        break;
      case 'typing':
        log.agentTyping(c.name);
        break;
      case 'read':
        log.readBy();
        break;
      case 'gap':
        break;
    }
  }

  #item(i: Item): void {
    const f = i.frame;
    if (f.type === 'message') this.#log.item(i);
    else if (f.type === 'handoff') this.#request(i, f);
    else if (i.state === 'failed' && !i.again) {
      this.session.outbox.drop(f.client_id);
      if (i.reason) this.#composer.warn(i.reason);
    }
  }

  /** A request for a person that is on its way, or was refused. */
  #request(i: Item, f: HandoffFrame): void {
    const { session } = this;
    const w = this.#w;
    if (session.talk.has(f.client_id)) return;
    let card = this.#requests.get(f.client_id);
    if (i.state === 'failed' && !i.again) {
      card?.remove();
      this.#requests.delete(f.client_id);
      session.outbox.drop(f.client_id);
      if (this.#sheet.hidden) this.#toggleSheet();
      this.#sheetForm?.fill(f.email ?? '', f.note ?? '');
      this.#sheetForm?.warn(i.reason ?? w.t('failed'));
      return;
    }
    if (!card) {
      card = h('div', { class: 'notice', 'data-request': f.client_id });
      this.#requests.set(f.client_id, card);
      this.#log.tail.append(card);
    }
    const words = i.state === 'sending' ? w.t('person_sending') : i.state === 'queued' ? w.t('person_queued') : `${w.t('failed')} ${i.reason ?? ''}`;
    if (card.dataset.words === words) return;
    card.dataset.words = words;
    card.replaceChildren(
      h('span', { class: 'face agent' }, icon('person')),
      h('div', {}, h('p', {}, words), i.state !== 'sending' && button('link', () => session.retry(f.client_id), w.t('retry'))),
    );
    if (i.state !== 'sending') this.#say(words);
    this.#log.settle();
  }

  #askForPerson(email: string, note: string): void {
    this.session.askForPerson(email, note);
    this.#log.toBottom();
  }

  /** One press is enough: what else is needed is asked for afterwards. */
  #offer(): HTMLElement {
    const ask = () => {
      el.remove();
      this.#composer.field.focus();
      this.#askForPerson('', '');
    };
    const el = h('div', { class: 'actions' }, button('solid', ask, this.#w.t('person')));
    return el;
  }

  #toggleSheet(): void {
    const show = this.#sheet.hidden;
    this.#sheet.hidden = !show;
    // The form is the action now; it needs the room.
    this.#composer.el.hidden = this.#footer.hidden = show;
    this.#personButton.setAttribute('aria-expanded', String(show));
    if (show) {
      this.#sheetForm = new HandoffForm(
        this.#w,
        {
          ask: (email, note) => {
            this.#toggleSheet();
            this.#askForPerson(email, note);
          },
          cancel: () => this.#toggleSheet(),
        },
        this.#away,
        this.session.talk.agentsOnline === 0,
        this.session.talk.letters,
      );
      this.#sheet.replaceChildren(this.#sheetForm.el);
      this.#sheetForm.focus();
    } else {
      this.#sheetForm = undefined;
      this.#sheet.replaceChildren();
      this.#personButton.focus();
      this.#composer.grow();
    }
    this.#log.settle();
  }

  #phase(p: Phase): void {
    const ready = p.name === 'ready';
    if (ready) {
      this.#everReady = true;
      clearTimeout(this.#awayTimer);
      this.#awayTimer = 0;
      this.#awayCard?.remove();
      this.#awayCard = undefined;
    } else if (!this.#awayTimer && !this.#awayCard && this.#everReady) {
      this.#awayTimer = setTimeout(() => this.#showAway(), UNREACHABLE_AFTER);
    }
    this.#banner.show(p, navigator.onLine, this.#everReady);
    this.#sheetForm?.connected(this.#away);
    this.#root.dataset.phase = p.name;
    this.#root.classList.toggle('off', !ready);
    this.#standing();
  }

  /** Who is there, in a line; whoever talks to a person, or waits for one, need not ask for one. */
  #standing(): void {
    const w = this.#w;
    const p = this.session.link.phase;
    const { agent, agentsOnline, waiting } = this.session.talk;
    this.#subtitle.textContent =
      p.name !== 'ready'
        ? w.t(p.name === 'connecting' && !this.#everReady ? 'subtitle_connecting' : 'subtitle_offline')
        : agent
          ? w.t('talking_to', { name: agent })
          : w.t(waiting ? 'subtitle_waiting' : agentsOnline > 0 ? 'subtitle_agents' : 'subtitle');
    const asking = document.activeElement === this.#personButton;
    this.#personButton.hidden = agent !== '' || waiting;
    if (asking && this.#personButton.hidden) this.#composer.field.focus();
    // Nobody is asked for a question who talks to a person.
    this.#composer.field.placeholder = w.t(agent || waiting ? 'composer' : 'placeholder');
  }

  #showAway(): void {
    this.#awayTimer = 0;
    const p = this.session.link.phase;
    if (p.name === 'ready' || this.#awayCard || (p.name === 'stopped' && p.why === 'site')) return;
    const w = this.#w;
    this.#awayCard = h(
      'div',
      { class: 'notice away-card' },
      h('span', { class: 'face' }, icon('alert')),
      h('div', {}, h('strong', {}, w.t('unreachable_title')), h('p', {}, w.t('unreachable'), this.session.talk.letters && ` ${w.t('unreachable_mail')}`)),
    );
    this.#log.tail.prepend(this.#awayCard);
    this.#say(w.t('unreachable_title'));
    this.#log.settle();
  }
}
