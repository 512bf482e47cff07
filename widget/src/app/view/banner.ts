/** One line on how the connection stands; silent while all is well or a hitch is short. */
import type { Phase } from '../connection';
import type { Key, Words } from '../i18n';
import { button, h, icon } from './dom';

const HITCH = 1200; // ms that a reconnect may take before it is worth a word

export class Banner {
  readonly el: HTMLElement;
  readonly #text = h('span');
  readonly #again: HTMLButtonElement;
  #timer = 0;
  #counter = 0;

  readonly #w: Words;
  readonly #say: (words: string) => void;

  constructor(
    w: Words,
    retry: () => void,
    say: (words: string) => void,
  ) {
    this.#w = w;
    this.#say = say;
    this.#again = button('link', retry, w.t('try_now'));
    this.el = h('div', { class: 'banner', hidden: true }, icon('alert'), this.#text, this.#again);
  }

  show(p: Phase, online: boolean, everReady: boolean): void {
    clearInterval(this.#counter);
    if (p.name === 'ready') {
      clearTimeout(this.#timer);
      this.#timer = 0;
      this.el.hidden = true;
      this.#text.textContent = '';
      return;
    }
    if (p.name === 'stopped') return this.#now(p.why === 'site' ? 'site_off' : 'stopped', p.why !== 'site');
    if (!online) return this.#now('offline', false);
    if (p.name === 'waiting' && p.why === 'too_many') {
      const until = p.until;
      const count = () => this.#line('too_many', { n: Math.max(1, Math.ceil((until - Date.now()) / 1000)) });
      this.#now('too_many', false);
      count();
      this.#say(this.#text.textContent ?? '');
      this.#counter = setInterval(count, 1000);
      return;
    }
    const key: Key = everReady || p.name === 'waiting' ? 'reconnecting' : 'connecting';
    if (!this.el.hidden) return this.#now(key, true);
    this.#timer ||= setTimeout(() => this.#now(key, true), HITCH);
  }

  #now(key: Key, again: boolean): void {
    clearTimeout(this.#timer);
    this.#timer = 0;
    this.el.hidden = false;
    this.#again.hidden = !again;
    if (key !== 'too_many' && this.#line(key)) this.#say(this.#w.t(key));
  }

  /** True where the words are other ones now. */
  #line(key: Key, vars?: Record<string, number>): boolean {
    const words = this.#w.t(key, vars);
    if (this.#text.textContent === words) return false;
    this.#text.textContent = words;
    return true;
  }
}
