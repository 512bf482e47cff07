/** Where the shopper writes. Enter sends, Shift+Enter breaks the line; nothing typed is ever lost. */
import type { Words } from '../i18n';
import { button, h, icon, newId, points } from './dom';

const COUNT_FROM = 0.9; // of the most that may be sent
const PASTE_MOST = 5; // times the most that may be sent: more would make the field crawl

export interface ComposerActs {
  send(text: string): void;
  typing(): void;
  keep(draft: string): void;
}

export class Composer {
  readonly el: HTMLElement;
  readonly field: HTMLTextAreaElement;
  max = 4000;
  readonly #sendButton: HTMLButtonElement;
  readonly #hint: HTMLElement;
  readonly #alarm: HTMLElement;

  readonly #w: Words;
  readonly #acts: ComposerActs;

  constructor(
    w: Words,
    acts: ComposerActs,
  ) {
    this.#w = w;
    this.#acts = acts;
    const id = newId();
    this.field = h('textarea', {
      rows: 1,
      'aria-label': w.t('composer'),
      'aria-describedby': id,
      placeholder: w.t('placeholder'),
      enterkeyhint: 'send',
      dir: 'auto',
      autocomplete: 'off',
    });
    this.#sendButton = button('round send', () => this.#send(), icon('send'));
    this.#sendButton.setAttribute('aria-label', w.t('send'));
    this.#hint = h('span', { class: 'hint', id });
    this.#alarm = h('div', { class: 'alarm', role: 'alert' });
    this.el = h(
      'form',
      { class: 'composer', onsubmit: (e: Event) => e.preventDefault() },
      this.#alarm,
      h('div', { class: 'field' }, this.field, this.#sendButton),
      this.#hint,
    );
    this.field.addEventListener('input', () => this.#changed(true));
    this.field.addEventListener('keydown', (e) => {
      // 229 is an input method at work: that Enter picks a word.
      if (e.key !== 'Enter' || e.shiftKey || e.isComposing || e.keyCode === 229) return;
      e.preventDefault();
      this.#send();
    });
    this.field.addEventListener('paste', (e) => this.#paste(e));
    this.#changed(false);
  }

  set(text: string): void {
    this.field.value = text;
    this.#changed(false);
    this.#acts.keep(text);
  }

  /** Puts a refused message back, before what is being typed. */
  takeBack(text: string): void {
    const held = this.field.value.trim();
    this.set(held ? `${text}\n${held}` : text);
    this.field.focus();
  }

  /** A sentence above the field; an empty one clears it. */
  warn(words: string): void {
    this.#alarm.textContent = words;
    this.field.setAttribute('aria-invalid', String(words !== ''));
  }

  #changed(typed: boolean): void {
    const text = this.field.value;
    const n = points(text.trim());
    const left = this.max - n;
    this.#sendButton.setAttribute('aria-disabled', String(n === 0));
    this.#hint.textContent = n > this.max * COUNT_FROM && left >= 0 ? this.#w.t('left', { n: left }) : '';
    if (left < 0) this.warn(this.#w.t('too_long', { n: -left }));
    else if (typed) this.warn('');
    this.grow();
    if (!typed) return;
    this.#acts.keep(text);
    if (n) this.#acts.typing();
  }

  grow(): void {
    const { style } = this.field;
    style.setProperty('height', 'auto');
    style.setProperty('height', `${this.field.scrollHeight}px`);
  }

  #paste(e: ClipboardEvent): void {
    const text = e.clipboardData?.getData('text/plain') ?? '';
    if (text.length <= this.max * PASTE_MOST) return;
    e.preventDefault();
    const cut = Array.from(text.slice(0, this.max * 2)).slice(0, this.max).join('');
    this.field.setRangeText(cut, this.field.selectionStart, this.field.selectionEnd, 'end');
    this.#changed(true);
    this.warn(this.#w.t('paste_cut', { n: this.max }));
  }

  #send(): void {
    const text = this.field.value.replace(/\u0000/g, '').trim();
    const n = points(text);
    if (n === 0 || n > this.max) {
      if (n) this.#changed(true);
      this.field.focus();
      return;
    }
    this.#acts.send(text);
    this.set('');
    this.warn('');
    this.field.focus();
  }
}
