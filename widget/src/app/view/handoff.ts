/** The form that asks for a person, in a sheet over the composer. It asks only for what is needed. */
import type { Key, Words } from '../i18n';
import { button, h, icon, newId, points } from './dom';

const NOTE_MOST = 2000;
export const EMAIL = /^[^\s@<>()",;]+@[^\s@<>()",;]+\.[^\s@<>()",;.]{2,}$/;

export interface HandoffActs {
  ask(email: string, note: string): void;
  cancel(): void;
}

export class HandoffForm {
  readonly el: HTMLFormElement;
  readonly #email: HTMLInputElement;
  readonly #note: HTMLTextAreaElement;
  readonly #alarm = h('p', { class: 'alarm', role: 'alert' });
  readonly #why = h('span');
  readonly #away: HTMLElement;

  readonly #w: Words;
  readonly #acts: HandoffActs;

  constructor(
    w: Words,
    acts: HandoffActs,
    away: Key | '',
    /** Nobody is there to answer at once. */
    later: boolean,
    /** An answer can go out by e-mail. */
    letters: boolean,
  ) {
    this.#w = w;
    this.#acts = acts;
    const [title, hint] = [newId(), newId()];
    this.#email = h('input', { type: 'email', name: 'email', autocomplete: 'email', inputmode: 'email', 'aria-describedby': hint, maxlength: 254, dir: 'ltr' });
    this.#note = h('textarea', { name: 'note', rows: 2, dir: 'auto' });
    this.#away = h('p', { class: 'away' }, icon('alert'), this.#why);
    this.el = h(
      'form',
      { class: 'handoff', 'aria-labelledby': title, novalidate: true, onsubmit: (e: Event) => this.#submit(e) },
      h('h2', { id: title }, h('span', { class: 'face agent' }, icon('person')), w.t('person_title')),
      later && h('p', {}, w.t(letters ? 'person_intro' : 'person_intro_here')),
      this.#away,
      later && letters && h('label', {}, w.t('email'), this.#email),
      later && letters && h('p', { class: 'hint', id: hint }, w.t('email_hint')),
      h('label', {}, w.t('note'), this.#note),
      this.#alarm,
      h(
        'div',
        { class: 'actions' },
        h('button', { type: 'submit', class: 'solid' }, w.t('person_send')),
        button('plain-button', () => acts.cancel(), w.t('cancel')),
      ),
    );
    this.connected(away);
  }

  /** Says why the request cannot go out now; nothing where it can. */
  connected(away: Key | ''): void {
    this.#away.hidden = !away;
    if (away) this.#why.textContent = this.#w.t(away);
  }

  fill(email: string, note: string): void {
    this.#email.value = email;
    this.#note.value = note;
  }

  warn(words: string, field: HTMLElement = this.#email): void {
    this.#alarm.textContent = words;
    for (const f of [this.#email, this.#note]) f.setAttribute('aria-invalid', String(words !== '' && f === field));
  }

  focus(): void {
    (this.#email.isConnected ? this.#email : this.#note).focus();
  }

  #submit(e: Event): void {
    e.preventDefault();
    const email = this.#email.value.trim();
    const note = this.#note.value.replace(/\u0000/g, '').trim();
    const over = points(note) - NOTE_MOST;
    if (email && !EMAIL.test(email)) {
      this.warn(this.#w.t('bad_email'));
      this.#email.focus();
    } else if (over > 0) {
      this.warn(this.#w.t('note_too_long', { n: over }), this.#note);
      this.#note.focus();
    } else {
      this.warn('');
      this.#acts.ask(email, note);
    }
  }
}
