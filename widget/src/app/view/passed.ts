/** What stands under the message that passed the conversation on: the summary, and where to reply. */
import type { Words } from '../i18n';
import type { Handoff } from '../wire';
import { button, h, newId, points } from './dom';
import { EMAIL } from './handoff';

const SUMMARY_MOST = 600;

export interface PassedActs {
  correct(summary: string): void;
  reply(email: string): void;
}

export class Passed {
  readonly el = h('div', { class: 'handoff passed' });
  readonly #words = h('blockquote', { dir: 'auto' });
  readonly #note = h('p', { class: 'hint', role: 'status' });
  #form: HTMLElement | undefined;
  readonly #w: Words;

  constructor(w: Words, f: Handoff, acts: PassedActs) {
    this.#w = w;
    if (f.summary) this.el.append(this.#summary(f.summary, acts));
    if (f.ask_email) this.el.append((this.#form = this.#address(acts)));
  }

  /** The shopper's own words are stored. */
  corrected(summary: string): void {
    this.#words.textContent = summary;
    this.#note.textContent = this.#w.t('corrected');
  }

  /** Somebody is there: no other way to answer is needed. */
  taken(): void {
    this.#form?.remove();
  }

  #summary(summary: string, acts: PassedActs): HTMLElement {
    const w = this.#w;
    const id = newId();
    const field = h('textarea', { rows: 3, dir: 'auto', 'aria-labelledby': id });
    const form = h(
      'form',
      {
        hidden: true,
        onsubmit: (e: Event) => {
          e.preventDefault();
          const text = field.value.trim();
          if (!text || points(text) > SUMMARY_MOST) return field.focus();
          if (text !== this.#words.textContent) {
            acts.correct(text);
            this.#words.textContent = text;
          }
          turn(false);
        },
      },
      field,
      h('div', { class: 'actions' }, h('button', { type: 'submit', class: 'solid' }, w.t('save')), button('plain-button', () => turn(false), w.t('cancel'))),
    );
    const open = button('link', () => turn(true), w.t('correct'));
    const turn = (editing: boolean) => {
      form.hidden = !editing;
      this.#words.hidden = open.hidden = editing;
      if (editing) {
        this.#note.textContent = '';
        field.value = this.#words.textContent ?? '';
        field.focus();
      } else open.focus();
    };
    field.maxLength = SUMMARY_MOST;
    this.#words.textContent = summary;
    return h('div', {}, h('strong', { id }, w.t('summary')), this.#words, open, form, this.#note);
  }

  #address(acts: PassedActs): HTMLElement {
    const w = this.#w;
    const field = h('input', { type: 'email', name: 'email', autocomplete: 'email', inputmode: 'email', maxlength: 254, dir: 'ltr' });
    const alarm = h('p', { class: 'alarm', role: 'alert' });
    const form = h(
      'form',
      {
        novalidate: true,
        onsubmit: (e: Event) => {
          e.preventDefault();
          const email = field.value.trim();
          if (EMAIL.test(email)) {
            form.remove();
            acts.reply(email);
            return;
          }
          alarm.textContent = w.t('bad_email');
          field.setAttribute('aria-invalid', 'true');
          field.focus();
        },
      },
      h('label', {}, w.t('email_ask'), field),
      alarm,
      h('div', { class: 'actions' }, h('button', { type: 'submit', class: 'solid' }, w.t('send'))),
    );
    return form;
  }
}
