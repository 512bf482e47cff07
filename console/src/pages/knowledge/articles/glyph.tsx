/** Icons that only these pages need: they come with the page, not with the console's first load. */
import { Bold, Heading2, Heading3, Italic, Link, List, ListOrdered, Quote, ThumbsDown, ThumbsUp } from 'lucide';

const glyphs = { bold: Bold, italic: Italic, heading: Heading2, subheading: Heading3, list: List, numbers: ListOrdered, quote: Quote, link: Link, up: ThumbsUp, down: ThumbsDown };
export type GlyphName = keyof typeof glyphs;

export function Glyph({ name, size = 16 }: { name: GlyphName; size?: number }) {
  return (
    <svg class="icon" width={size} height={size} viewBox="0 0 24 24" aria-hidden="true" focusable="false">
      {glyphs[name].map(([Tag, attrs], i) => {
        const T = Tag as 'path';
        return <T key={i} {...(attrs as object)} />;
      })}
    </svg>
  );
}
