/**
 * Two people's changes of one text put together. The text is compared sentence by sentence (diff3,
 * Khanna, Kunal and Pierce 2007, as node-diff3 has it), so that two changes in one long paragraph
 * do not stand against each other, and a sentence is never made of two people's halves.
 */
import { diff3MergeRegions, diffIndices } from 'node-diff3';
import { PARTS, samePart, type Content, type Part } from './types';

export type Hunk =
  | { kind: 'same'; text: string }
  | { kind: 'mine' | 'theirs'; before: string; text: string }
  /** Both changed it, and not alike. */
  | { kind: 'both'; before: string; mine: string; theirs: string };

/** A text cut after each line and after each sentence; the pieces joined are the text. */
export function pieces(text: string): string[] {
  const out: string[] = [];
  let from = 0;
  for (let i = 0; i < text.length; i++) {
    if (text[i] !== '\n') {
      if (!'.!?…'.includes(text[i]!) || !/[ \t]/.test(text[i + 1] ?? '')) continue;
      while (/[ \t]/.test(text[i + 1] ?? '')) i++;
    }
    out.push(text.slice(from, i + 1));
    from = i + 1;
  }
  if (from < text.length) out.push(text.slice(from));
  return out;
}

const join = (p: readonly string[]) => p.join('');

/** What became of `base` in two hands, in the order of the text. */
export function hunks(base: string, mine: string, theirs: string): Hunk[] {
  const [a, o, b] = [pieces(mine), pieces(base), pieces(theirs)];
  const cutByMe = new Set(diffIndices(o, a).map((d) => d.buffer1[0]));
  const out: Hunk[] = [];
  let at = 0; // how far in the base
  // What was only taken out has no region of its own: it lies between two.
  const upTo = (end: number) => {
    if (end > at) out.push({ kind: cutByMe.has(at) ? 'mine' : 'theirs', before: join(o.slice(at, end)), text: '' });
    at = end;
  };
  const regions = diff3MergeRegions(a, o, b);
  regions.forEach((r, i) => {
    if (!r.stable) {
      upTo(r.oStart);
      at = r.oStart + r.oLength;
      const [x, y] = [join(r.aContent), join(r.bContent)];
      if (x === y) out.push({ kind: 'same', text: x });
      else out.push({ kind: 'both', before: join(r.oContent), mine: x, theirs: y });
    } else if (r.buffer === 'o') {
      upTo(r.bufferStart);
      at = r.bufferStart + r.bufferLength;
      out.push({ kind: 'same', text: join(r.bufferContent) });
    } else {
      // It stands for what lies in the base up to the next region, which is one that says where it begins.
      const next = regions[i + 1];
      const end = next === undefined ? o.length : next.stable ? next.bufferStart : next.oStart;
      out.push({ kind: r.buffer === 'a' ? 'mine' : 'theirs', before: join(o.slice(at, end)), text: join(r.bufferContent) });
      at = end;
    }
  });
  upTo(o.length);
  return out.filter((h) => h.kind !== 'same' || h.text !== '');
}

export type Choice = 'mine' | 'theirs' | 'both';

/** The text that the hunks make; what stands against each other goes as chosen, mine where nothing is chosen. */
export function assemble(list: readonly Hunk[], choices: Readonly<Record<number, Choice>> = {}): string {
  let out = '';
  list.forEach((h, i) => {
    if (h.kind !== 'both') out += h.text;
    else {
      const c = choices[i] ?? 'mine';
      const gap = c === 'both' && h.mine && h.theirs && !/\s$/.test(h.mine) ? '\n' : '';
      out += c === 'theirs' ? h.theirs : c === 'both' ? h.mine + gap + h.theirs : h.mine;
    }
  });
  return out;
}

/** The tags of both: what either added is there, what either took away is gone. */
export function mergeTags(base: readonly string[], mine: readonly string[], theirs: readonly string[]): string[] {
  const gone = base.filter((t) => !mine.includes(t) || !theirs.includes(t));
  return [...new Set([...theirs, ...mine])].filter((t) => !gone.includes(t));
}

export interface Merged {
  hunks: Hunk[];
  /** Those parts, but for text and tags, that were changed, and by whom. */
  parts: { part: Part; by: 'mine' | 'theirs' | 'both' }[];
  /** Both sides together as far as that goes; mine where they stand against each other. */
  content: Content;
  /** Nothing stands against each other. */
  clean: boolean;
}

/** Puts together what became of an article in two hands. */
export function merge(base: Content, mine: Content, theirs: Content, choices: Readonly<Record<number, Choice>> = {}, chosen: Partial<Record<Part, Choice>> = {}): Merged {
  const list = hunks(base.markdown, mine.markdown, theirs.markdown);
  const parts: Merged['parts'] = [];
  const out: Content = { ...mine, markdown: assemble(list, choices), tags: mergeTags(base.tags, mine.tags, theirs.tags) };
  for (const part of PARTS) {
    if (part === 'markdown' || part === 'tags') continue;
    const [m, t] = [!samePart(base, mine, part), !samePart(base, theirs, part)];
    if ((!m && !t) || (m && samePart(mine, theirs, part))) continue;
    const by = m && t ? 'both' : m ? 'mine' : 'theirs';
    parts.push({ part, by });
    if (by === 'theirs' || (by === 'both' && chosen[part] === 'theirs')) Object.assign(out, { [part]: theirs[part] });
  }
  return { hunks: list, parts, content: out, clean: !list.some((h) => h.kind === 'both') && !parts.some((p) => p.by === 'both') };
}
