/** Shows a message's Markdown as nodes, keeping the nodes of the blocks that did not change. */
import { parse, type Block, type Inline } from '../markdown';
import { h } from './dom';

/** Makes the mark for source n, or returns undefined where there is no such source. */
export type CiteMaker = (n: number) => HTMLElement | undefined;

function inline(list: Inline[], cite: CiteMaker): (Node | string)[] {
  return list.map((k) => {
    switch (k.t) {
      case 'text':
        return k.text;
      case 'br':
        return h('br');
      case 'code':
        return h('code', {}, k.text);
      case 'cite':
        return cite(k.n) ?? `[${k.n}]`;
      case 'strong':
      case 'em':
        return h(k.t, {}, ...inline(k.kids, cite));
      case 'link': {
        const kids = inline(k.kids, cite);
        if (!k.href) return h('span', {}, ...kids);
        const web = /^http/i.test(k.href);
        return h('a', { href: k.href, rel: 'noopener noreferrer nofollow', target: web && '_blank' }, ...kids);
      }
    }
  });
}

function node(b: Block, cite: CiteMaker): HTMLElement {
  switch (b.t) {
    case 'p':
      return h('p', {}, ...inline(b.kids, cite));
    case 'h':
      return h('p', {}, h('strong', {}, ...inline(b.kids, cite)));
    case 'pre':
      return h('pre', { tabindex: 0 }, h('code', {}, b.text));
    case 'ul':
    case 'ol':
      return h(
        b.t,
        b.t === 'ol' && b.start !== 1 ? { start: b.start } : {},
        ...b.items.map((i) => h('li', {}, ...inline(i.kids, cite), i.list && node(i.list, cite))),
      );
  }
}

export class Rich {
  readonly el = h('div', { class: 'rich', dir: 'auto' });
  #shown: string[] = [];

  /** Shows `text`; only blocks from the first changed one on are built anew. */
  set(text: string, cite: CiteMaker = () => undefined): void {
    const blocks = parse(text);
    let same = 0;
    while (same < blocks.length && this.#shown[same] === blocks[same]!.t + blocks[same]!.src) same++;
    while (this.el.childNodes.length > same) this.el.lastChild!.remove();
    for (const b of blocks.slice(same)) this.el.append(node(b, cite));
    this.#shown = blocks.map((b) => b.t + b.src);
  }

  /** Builds all again: the marks' meaning changed. */
  reset(text: string, cite: CiteMaker): void {
    this.#shown = [];
    this.set(text, cite);
  }
}
