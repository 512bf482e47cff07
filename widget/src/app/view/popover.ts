/** The passage behind a numbered mark: on hover, focus and tap; one at a time. */
import type { Words } from '../i18n';
import type { Citation } from '../wire';
import { button, h, icon, newId } from './dom';
import { Rich } from './rich';

const HOVER_IN = 120;
const HOVER_OUT = 220;

/** The address of a source where it may be opened: http(s), or a page under /help here. */
export function sourceHref(url: string): string {
  if (/^\/help(\/|\?|#|$)/.test(url) && !/[\u0000-\u0020\\]/.test(url)) return url;
  return /^https?:\/\/[^\s/]/i.test(url) && !/[\u0000-\u0020]/.test(url) ? url : '';
}

export class Popover {
  #card: HTMLElement | undefined;
  #mark: HTMLElement | undefined;
  #pinned = false;
  #timer = 0;

  readonly #w: Words;
  readonly #scroll: HTMLElement;

  constructor(
    w: Words,
    scroll: HTMLElement,
  ) {
    this.#w = w;
    this.#scroll = scroll;
    addEventListener('resize', () => this.hide());
    scroll.addEventListener('scroll', () => this.#place(), { passive: true });
    document.addEventListener('pointerdown', (e) => {
      const t = e.target as Node;
      if (!this.#card?.contains(t) && !this.#mark?.contains(t)) this.hide();
    });
    document.addEventListener('focusin', (e) => {
      const t = e.target as Node;
      if (this.#card && !this.#card.contains(t) && !this.#mark?.contains(t)) this.hide();
    });
  }

  get open(): boolean {
    return this.#card !== undefined;
  }

  /** A mark in the text (its number) or a chip under the message (number and title). */
  mark_(c: Citation, chip: boolean): HTMLElement {
    const mark = button(
      chip ? 'source' : 'cite',
      () => {},
      chip ? h('span', { class: 'n' }, String(c.n)) : String(c.n),
      chip && ' ',
      chip && h('span', { class: 'name', dir: 'auto' }, c.title || this.#w.t('source')),
    );
    if (!chip) mark.setAttribute('aria-label', this.#w.t('source_n', { n: c.n, title: c.title }));
    mark.setAttribute('aria-haspopup', 'dialog');
    mark.setAttribute('aria-expanded', 'false');
    mark.addEventListener('click', (e) => {
      // A press by keyboard goes inside; a tap or click pins it, and a second one closes it.
      if (this.#mark === mark && this.#pinned) return this.hide();
      this.#show(mark, c);
      this.#pinned = true;
      const inside = this.#card;
      if (e.detail === 0) (inside?.querySelector('a') ?? inside?.querySelector('button'))?.focus();
    });
    mark.addEventListener('focus', () => {
      if (mark.matches(':focus-visible')) this.#show(mark, c);
    });
    mark.addEventListener('pointerenter', (e) => {
      if (e.pointerType === 'mouse') this.#later(HOVER_IN, () => this.#mark !== mark && this.#show(mark, c));
    });
    mark.addEventListener('pointerleave', () => this.#leave());
    return mark;
  }

  /** Closes it; true where there was one open. The focus goes back to its mark if it was inside. */
  hide(): boolean {
    clearTimeout(this.#timer);
    const card = this.#card;
    const mark = this.#mark;
    if (!card) return false;
    const inside = card.contains(document.activeElement);
    this.#card = this.#mark = undefined;
    this.#pinned = false;
    mark?.setAttribute('aria-expanded', 'false');
    mark?.removeAttribute('aria-controls');
    if (inside && mark) {
      mark.focus();
      // Coming back is not asking for it again.
      if (this.#card) this.hide();
    }
    card.remove();
    return true;
  }

  #later(ms: number, run: () => void): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(run, ms);
  }

  #leave(): void {
    this.#later(HOVER_OUT, () => {
      if (!this.#pinned && document.activeElement !== this.#mark) this.hide();
    });
  }

  #show(mark: HTMLElement, c: Citation): void {
    if (this.#mark === mark) return;
    this.hide();
    const href = sourceHref(c.url);
    const id = newId();
    const close = button('round small', () => this.hide(), icon('close'));
    close.setAttribute('aria-label', this.#w.t('close_source'));
    // Passages come from articles, with their marks.
    const quote = new Rich();
    quote.set(c.quote);
    const card = h(
      'div',
      { class: 'card', role: 'dialog', 'aria-label': this.#w.t('source_n', { n: c.n, title: c.title }), id },
      h('div', { class: 'card-head' }, h('span', { class: 'n' }, String(c.n)), h('strong', { dir: 'auto' }, c.title || this.#w.t('source')), close),
      h('blockquote', { tabindex: 0 }, quote.el),
      href
        ? h(
            'a',
            { class: 'card-link', href, target: '_blank', rel: 'noopener noreferrer' },
            this.#w.t('open_source'),
            icon('out'),
            h('span', { class: 'unseen' }, ` (${this.#w.t('new_tab')})`),
          )
        : null,
    );
    card.addEventListener('pointerenter', () => clearTimeout(this.#timer));
    card.addEventListener('pointerleave', () => this.#leave());
    mark.setAttribute('aria-expanded', 'true');
    mark.setAttribute('aria-controls', id);
    // Right after its mark, so that Tab goes from the mark into it.
    mark.after(card);
    this.#card = card;
    this.#mark = mark;
    this.#pinned = false;
    this.#place();
  }

  /** Above its mark where that hides nothing but messages, else on the side with more room; never on its mark. */
  #place(): void {
    const card = this.#card;
    const mark = this.#mark;
    if (!card || !mark) return;
    const m = mark.getBoundingClientRect();
    const area = this.#scroll.getBoundingClientRect();
    if (m.bottom < area.top || m.top > area.bottom) {
      this.hide();
      return;
    }
    const gap = 8;
    const { style } = card;
    style.removeProperty('max-height');
    const { offsetWidth: width, offsetHeight: height } = card;
    const over = m.top - 2 * gap;
    const under = innerHeight - m.bottom - 2 * gap;
    const above = over - height >= area.top || (height > under && over > under);
    const fits = Math.min(height, above ? over : under);
    style.setProperty('max-height', `${fits}px`);
    style.setProperty('left', `${Math.min(Math.max(12, m.left + m.width / 2 - width / 2), innerWidth - width - 12)}px`);
    style.setProperty('top', `${above ? m.top - gap - fits : m.bottom + gap}px`);
  }
}
