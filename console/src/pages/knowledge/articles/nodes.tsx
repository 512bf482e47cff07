/**
 * What shoppers would see, made of elements out of the server's tree. Only what is listed here
 * becomes an element, whatever the tree says: the preview can run nothing and load nothing.
 */
import { h, type ComponentChildren } from 'preact';
import type { PreviewNode } from './types';
import { t } from './words';

const PLAIN = new Set(['p', 'ul', 'ol', 'li', 'blockquote', 'strong', 'em', 'b', 'i', 'del', 's', 'sub', 'sup', 'code', 'br', 'hr', 'span', 'div', 'section', 'dl', 'dt', 'dd', 'kbd']);
const TABLE = new Set(['table', 'thead', 'tbody', 'tfoot', 'tr', 'th', 'td', 'caption']);
/** The title stands above as the second heading: those of the text come below it. */
const HEADINGS: Record<string, string> = { h1: 'h3', h2: 'h4', h3: 'h5', h4: 'h6', h5: 'h6', h6: 'h6' };
const ADDRESS = /^(https?:|mailto:|tel:|\/(?!\/)|#)/i;
const DEEPEST = 100;

export function Nodes({ nodes }: { nodes: readonly PreviewNode[] }) {
  return <>{nodes.map((n, i) => node(n, i, 0))}</>;
}

function node(n: PreviewNode, key: number, depth: number): ComponentChildren {
  if (typeof n === 'string') return n;
  if (depth > DEEPEST) return null;
  const kids = (n.children ?? []).map((c, i) => node(c, i, depth + 1));
  const tag = n.tag.toLowerCase();
  const a = n.attrs ?? {};
  if (tag === 'br' || tag === 'hr') return h(tag, { key });
  if (HEADINGS[tag]) return h(HEADINGS[tag], { key, class: `as-${tag}` }, kids);
  if (tag === 'ol') return h('ol', { key, ...(/^\d{1,6}$/.test(a.start ?? '') && { start: Number(a.start) }) }, kids);
  if (tag === 'table')
    return (
      <div key={key} class="preview-table" tabIndex={0} role="region" aria-label={t('a_table')}>
        <table>{kids}</table>
      </div>
    );
  if (tag === 'th' || tag === 'td') return h(tag, { key, ...(/^\d{1,2}$/.test(a.colspan ?? '') && { colSpan: Number(a.colspan) }) }, kids);
  if (PLAIN.has(tag) || TABLE.has(tag)) return h(tag, { key }, kids);
  if (tag === 'pre')
    return (
      <pre key={key} tabIndex={0}>
        {kids}
      </pre>
    );
  if (tag === 'a')
    return ADDRESS.test(a.href ?? '') ? (
      <a key={key} href={a.href} target="_blank" rel="noopener noreferrer nofollow">
        {kids}
      </a>
    ) : (
      <span key={key}>{kids}</span>
    );
  if (tag === 'img') return <Picture key={key} alt={a.alt ?? ''} src={a.src ?? ''} />;
  // An element that is not known is its words.
  return h('span', { key }, kids);
}

/** Its place: the console's policy loads no picture from elsewhere. */
function Picture({ alt, src }: { alt: string; src: string }) {
  return (
    <span class="preview-picture">
      {t('picture', { alt: alt || t('picture_unnamed') })}{' '}
      {ADDRESS.test(src) && (
        <a href={src} target="_blank" rel="noopener noreferrer nofollow">
          {t('open_picture')}
        </a>
      )}
    </span>
  );
}
