/** A message's Markdown as nodes: the same subset, read by the same parser, as the shopper sees. */
import type { ComponentChildren } from 'preact';
import { parse, type Block, type Inline } from '../../../widget/src/app/markdown';

/** Makes the mark for source n; undefined where there is no such source. */
export type CiteMaker = (n: number) => ComponentChildren | undefined;

function inline(list: Inline[], cite: CiteMaker): ComponentChildren[] {
  return list.map((k) => {
    switch (k.t) {
      case 'text':
        return k.text;
      case 'br':
        return <br />;
      case 'code':
        return <code>{k.text}</code>;
      case 'cite':
        return cite(k.n) ?? `[${k.n}]`;
      case 'strong':
        return <strong>{inline(k.kids, cite)}</strong>;
      case 'em':
        return <em>{inline(k.kids, cite)}</em>;
      case 'link':
        return k.href ? (
          <a href={k.href} rel="noopener noreferrer nofollow" target={/^http/i.test(k.href) ? '_blank' : undefined}>
            {inline(k.kids, cite)}
          </a>
        ) : (
          <span>{inline(k.kids, cite)}</span>
        );
    }
  });
}

function Node({ b, cite }: { b: Block; cite: CiteMaker }) {
  switch (b.t) {
    case 'p':
      return <p>{inline(b.kids, cite)}</p>;
    case 'h':
      return (
        <p>
          <strong>{inline(b.kids, cite)}</strong>
        </p>
      );
    case 'pre':
      return (
        <pre tabIndex={0}>
          <code>{b.text}</code>
        </pre>
      );
    case 'ul':
    case 'ol': {
      const items = b.items.map((i, k) => (
        <li key={k}>
          {inline(i.kids, cite)}
          {i.list && <Node b={i.list} cite={cite} />}
        </li>
      ));
      return b.t === 'ul' ? <ul>{items}</ul> : <ol start={b.start}>{items}</ol>;
    }
  }
}

const none: CiteMaker = () => undefined;

export function Rich({ text, cite = none }: { text: string; cite?: CiteMaker }) {
  return (
    <div class="rich" dir="auto">
      {parse(text).map((b, i) => (
        <Node key={i} b={b} cite={cite} />
      ))}
    </div>
  );
}
