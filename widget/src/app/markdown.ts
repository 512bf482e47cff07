/**
 * The Markdown subset of bot and agent messages, as a tree. Nothing here makes HTML: the view
 * builds nodes from the tree with textContent. Work is linear in the length of the text.
 */

export type Inline =
  | { t: 'text'; text: string }
  | { t: 'code'; text: string }
  | { t: 'br' }
  | { t: 'cite'; n: number }
  | { t: 'strong' | 'em'; kids: Inline[] }
  | { t: 'link'; href: string; kids: Inline[] } // href is '' where the address is not safe
;
export interface ListItem {
  kids: Inline[];
  list?: Block;
}
export type Block = { src: string } & (
  | { t: 'p' | 'h'; kids: Inline[] }
  | { t: 'pre'; text: string }
  | { t: 'ul' | 'ol'; start: number; items: ListItem[] }
);

const SAFE = /^(https?:\/\/[^\s/]|mailto:[^\s]|tel:[+\d])/i;

/** The address where it may be followed, else ''. */
export function safeHref(href: string): string {
  return SAFE.test(href) && !/[\u0000-\u0020\u007f]/.test(href) ? href : '';
}

const LINK = /\[([^[\]\n]{1,400})\]\(((?:[^\s()<>]|\([^\s()<>]{0,200}\)){1,2000})\)/y;
const CITE = /\[(\d{1,3}(?:, ?\d{1,3}){0,9})\](?!\()/y;
const BARE = /https?:\/\/[^\s<>"`\u0000-\u0020]{1,2000}/iy;
const WORD = /[\p{L}\p{N}]/u;
const SPACE = /\s/;

type Token = Inline | { t: 'mark'; ch: string; size: number; open?: number; close?: boolean };

function at(re: RegExp, s: string, i: number): RegExpExecArray | null {
  re.lastIndex = i;
  return re.exec(s);
}

/** Positions of backtick runs by their length, to find a closing run without scanning again. */
function tickRuns(s: string): Map<number, number[]> {
  const runs = new Map<number, number[]>();
  for (const m of s.matchAll(/`+/g)) {
    const held = runs.get(m[0].length);
    if (held) held.push(m.index);
    else runs.set(m[0].length, [m.index]);
  }
  for (const run of runs.values()) run.reverse(); // the next one is at the end, cheap to pop
  return runs;
}

export function parseInline(s: string, depth = 0): Inline[] {
  const tokens: Token[] = [];
  const openers: number[] = []; // indexes of marks in `tokens` that wait for their partner
  const waiting: Record<string, number> = {}; // how many of each kind wait
  const ticks = tickRuns(s);
  let plain = '';

  const flush = () => {
    if (plain) tokens.push({ t: 'text', text: plain });
    plain = '';
  };
  const key = (ch: string, size: number) => ch + size;

  const marks = (ch: string, n: number, canOpen: boolean, canClose: boolean) => {
    flush();
    while (n > 0) {
      const one = waiting[key(ch, 1)] ?? 0;
      const two = n >= 2 ? (waiting[key(ch, 2)] ?? 0) : 0;
      if (canClose && (one || two)) {
        let k = openers.length - 1;
        for (; k >= 0; k--) {
          const m = tokens[openers[k]!] as Extract<Token, { t: 'mark' }>;
          // Two marks close two where two wait; three close whatever was opened last.
          if (m.ch === ch && (n === 2 && two ? m.size === 2 : m.size <= n)) break;
        }
        if (k >= 0) {
          const from = openers[k]!;
          const m = tokens[from] as Extract<Token, { t: 'mark' }>;
          for (const gone of openers.splice(k)) {
            const g = tokens[gone] as Extract<Token, { t: 'mark' }>;
            waiting[key(g.ch, g.size)]!--;
          }
          m.open = tokens.length;
          tokens.push({ t: 'mark', ch, size: m.size, close: true });
          n -= m.size;
          continue;
        }
      }
      const size = n >= 2 ? 2 : 1;
      if (canOpen) {
        openers.push(tokens.length);
        waiting[key(ch, size)] = (waiting[key(ch, size)] ?? 0) + 1;
      }
      tokens.push({ t: 'mark', ch, size });
      n -= size;
    }
  };

  for (let i = 0; i < s.length; ) {
    const c = s[i]!;
    if (c === '\n') {
      flush();
      tokens.push({ t: 'br' });
      i++;
    } else if (c === '`') {
      let n = 1;
      while (s[i + n] === '`') n++;
      const run = ticks.get(n)!;
      while (run.length && run[run.length - 1]! <= i) run.pop();
      const end = run[run.length - 1];
      if (end === undefined) {
        plain += s.slice(i, i + n);
        i += n;
      } else {
        flush();
        const body = s.slice(i + n, end);
        tokens.push({ t: 'code', text: /^ .*[^ ].* $/s.test(body) ? body.slice(1, -1) : body });
        i = end + n;
      }
    } else if (c === '*' || c === '_') {
      let n = 1;
      while (s[i + n] === c) n++;
      const prev = s[i - 1] ?? ' ';
      const next = s[i + n] ?? ' ';
      let canOpen = !SPACE.test(next);
      let canClose = !SPACE.test(prev);
      if (c === '_') {
        canOpen = canOpen && !WORD.test(prev);
        canClose = canClose && !WORD.test(next);
      }
      if (n > 3 || (!canOpen && !canClose)) plain += s.slice(i, i + n);
      else marks(c, n, canOpen, canClose);
      i += n;
    } else if (c === '[') {
      const cite = at(CITE, s, i);
      const link = cite || depth ? null : at(LINK, s, i);
      if (cite) {
        flush();
        for (const n of cite[1]!.split(',')) tokens.push({ t: 'cite', n: Number(n) });
        i += cite[0].length;
      } else if (link) {
        flush();
        tokens.push({ t: 'link', href: safeHref(link[2]!), kids: parseInline(link[1]!, depth + 1) });
        i += link[0].length;
      } else {
        plain += c;
        i++;
      }
    } else if ((c === 'h' || c === 'H') && !depth && !WORD.test(s[i - 1] ?? ' ')) {
      const bare = at(BARE, s, i);
      const href = bare ? bare[0].replace(/[.,;:!?'")\]*_]+$/, '') : '';
      if (safeHref(href)) {
        flush();
        tokens.push({ t: 'link', href, kids: [{ t: 'text', text: href }] });
        i += href.length;
      } else {
        plain += c;
        i++;
      }
    } else {
      plain += c;
      i++;
    }
  }
  flush();
  return tree(tokens);
}

/** Turns the flat tokens with matched marks into a tree; unmatched marks become text. */
function tree(tokens: Token[]): Inline[] {
  const root: Inline[] = [];
  const stack: Inline[][] = [root];
  for (const tok of tokens) {
    const here = stack[stack.length - 1]!;
    if (tok.t !== 'mark') {
      const last = here[here.length - 1];
      if (tok.t === 'text' && last?.t === 'text') last.text += tok.text;
      else here.push(tok);
    } else if (tok.close) stack.pop();
    else if (tok.open !== undefined) {
      const kids: Inline[] = [];
      here.push({ t: tok.size === 2 ? 'strong' : 'em', kids });
      stack.push(kids);
    } else {
      const text = tok.ch.repeat(tok.size);
      const last = here[here.length - 1];
      if (last?.t === 'text') last.text += text;
      else here.push({ t: 'text', text });
    }
  }
  return root;
}

const FENCE = /^ {0,3}```/;
const FENCE_END = /^ {0,3}`{3,}[ \t]*$/;
const HEADING = /^ {0,3}#{1,6}[ \t]+(?=\S)/;
const ITEM = /^([ \t]{0,12})(?:([-*+•])|(\d{1,9})[.)])[ \t]+(?=\S)/;
const MAX_DEPTH = 4;

/**
 * Parses a whole message. `src` of each block is its source: a view keeps the nodes of the blocks
 * whose source did not change.
 */
export function parse(text: string): Block[] {
  const lines = text.replace(/\r\n?/g, '\n').split('\n');
  const blocks: Block[] = [];
  for (let i = 0; i < lines.length; ) {
    const line = lines[i]!;
    const from = i;
    if (!line.trim()) {
      i++;
    } else if (FENCE.test(line)) {
      const info = line.replace(/^ {0,3}`+/, '').trim();
      i++;
      while (i < lines.length && !FENCE_END.test(lines[i]!)) i++;
      const body = lines.slice(from + 1, i);
      // Shops write no programs: words beside the fence are text, and no text is lost.
      if (info) body.unshift(info);
      i++;
      blocks.push({ t: 'pre', text: body.join('\n'), src: lines.slice(from, i).join('\n') });
    } else if (HEADING.test(line)) {
      i++;
      blocks.push({ t: 'h', kids: parseInline(line.replace(HEADING, '')), src: line });
    } else if (ITEM.test(line)) {
      while (i < lines.length && lines[i]!.trim() && !FENCE.test(lines[i]!) && !HEADING.test(lines[i]!)) i++;
      // Blank lines between items do not end a list.
      for (let j = i; j < lines.length; ) {
        while (j < lines.length && !lines[j]!.trim()) j++;
        if (j >= lines.length || !sameList(lines[from]!, lines[j]!)) break;
        while (j < lines.length && lines[j]!.trim() && !FENCE.test(lines[j]!) && !HEADING.test(lines[j]!)) j++;
        i = j;
      }
      const src = lines.slice(from, i);
      blocks.push(...lists(src.filter((l) => l.trim())).map((b) => ({ ...b, src: b.src || src.join('\n') })));
    } else {
      while (
        i < lines.length &&
        lines[i]!.trim() &&
        (i === from || !(FENCE.test(lines[i]!) || HEADING.test(lines[i]!) || ITEM.test(lines[i]!)))
      )
        i++;
      const src = lines.slice(from, i).join('\n');
      blocks.push({ t: 'p', kids: parseInline(src.trim()), src });
    }
  }
  return blocks;
}

const ordered = (m: RegExpExecArray) => m[3] !== undefined;

function sameList(first: string, line: string): boolean {
  const a = ITEM.exec(first);
  const b = ITEM.exec(line);
  return !!a && !!b && (b[1]!.length > a[1]!.length || ordered(a) === ordered(b));
}

type List = Extract<Block, { items: ListItem[] }>;

function lists(lines: string[]): List[] {
  const out: List[] = [];
  const open: { indent: number; list: List; words: string[] }[] = [];

  const settle = (down: number) => {
    while (open.length > down) {
      const top = open.pop()!;
      finish(top);
    }
  };
  const finish = (o: { list: List; words: string[] }) => {
    const item = o.list.items[o.list.items.length - 1];
    if (item && o.words.length) item.kids = parseInline(o.words.join('\n'));
    o.words = [];
  };

  for (const line of lines) {
    const m = ITEM.exec(line);
    if (!m) {
      open[open.length - 1]?.words.push(line.trim());
      continue;
    }
    const indent = m[1]!.length;
    const kind = ordered(m) ? 'ol' : 'ul';
    while (open.length > 1 && open[open.length - 1]!.indent > indent) settle(open.length - 1);
    let top = open[open.length - 1];
    const deeper = top && indent >= top.indent + 2 && open.length < MAX_DEPTH;
    if (!top || deeper || top.list.t !== kind) {
      const list: List = { t: kind, start: Number(m[3] ?? 1), items: [], src: '' };
      if (top && deeper) {
        const item = top.list.items[top.list.items.length - 1]!;
        finish(top);
        item.list = list;
      } else if (top && open.length > 1) {
        settle(open.length - 1);
        const up = open[open.length - 1]!;
        // A list of the other kind at the same depth: joins as the next item's own list.
        up.list.items.push({ kids: [], list });
      } else {
        settle(0);
        out.push(list);
      }
      top = { indent, list, words: [] };
      open.push(top);
    }
    finish(top);
    top.list.items.push({ kids: [] });
    top.words = [line.slice(m[0].length).trim()];
  }
  settle(0);
  return out;
}

/** Hides the half-written marks at the end of a text that is still being written. */
export function tidyTail(text: string): string {
  const cut = text.replace(/\[\d{0,3}$/, '').replace(/\[([^[\]\n]*)\]\([^\s()]*$/, '$1');
  const tail = cut.slice(cut.lastIndexOf('\n') + 1);
  if (/^\s*[-*+•#`]{1,6}\s*$/.test(tail)) return cut.slice(0, cut.length - tail.length);
  let out = cut.replace(/(?:\*{1,2}|_{1,2}|`)$/, '');
  const line = out.slice(out.lastIndexOf('\n') + 1);
  const odd = (mark: string) => line.split(mark).length % 2 === 0;
  if (odd('`')) out += '`';
  else if (odd('**')) out = out.trimEnd() + '**';
  else if (/(^|[\s(])\*[^\s*][^*]*$/.test(line.replace(/\*\*/g, ''))) out = out.trimEnd() + '*';
  return out;
}

/** The words of a message without its marks, for reading aloud. */
export function plainText(text: string): string {
  const inline = (list: Inline[]): string =>
    list
      .map((k) =>
        k.t === 'text' || k.t === 'code' ? k.text : k.t === 'br' ? ' ' : k.t === 'cite' ? '' : inline(k.kids),
      )
      .join('');
  const block = (b: Block): string =>
    'text' in b
      ? b.text
      : 'kids' in b
        ? inline(b.kids)
        : b.items.map((i) => inline(i.kids) + (i.list ? ' ' + block(i.list) : '')).join('. ');
  return parse(text).map(block).join(' ').replace(/\s+/g, ' ').trim();
}
