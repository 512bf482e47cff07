import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parse, plainText, safeHref, tidyTail, type Block, type Inline } from '../../src/app/markdown';

/** A short notation of the tree, for tables. */
function show(list: Inline[]): string {
  return list
    .map((k) => {
      switch (k.t) {
        case 'text':
          return k.text;
        case 'br':
          return '⏎';
        case 'code':
          return `‹${k.text}›`;
        case 'cite':
          return `^${k.n}`;
        case 'strong':
          return `B(${show(k.kids)})`;
        case 'em':
          return `I(${show(k.kids)})`;
        case 'link':
          return `L(${show(k.kids)}→${k.href})`;
      }
    })
    .join('');
}
function outline(b: Block): string {
  if ('kids' in b) return `${b.t}:${show(b.kids)}`;
  if ('text' in b) return `pre:${b.text}`;
  return `${b.t}${b.start === 1 ? '' : b.start}[${b.items.map((i) => show(i.kids) + (i.list ? outline(i.list) : '')).join('|')}]`;
}

const cases: [string, string][] = [
  ['', ''],
  ['Hello', 'p:Hello'],
  ['a\nb', 'p:a⏎b'],
  ['a\r\nb\r\n\r\nc', 'p:a⏎b/p:c'],
  ['**bold** and *it*', 'p:B(bold) and I(it)'],
  ['__bold__ and _it_', 'p:B(bold) and I(it)'],
  ['***both***', 'p:B(I(both))'],
  ['**a *b* c**', 'p:B(a I(b) c)'],
  ['*a **b***', 'p:I(a B(b))'],
  ['2 * 3 * 4', 'p:2 * 3 * 4'],
  ['snake_case_name', 'p:snake_case_name'],
  ['**open', 'p:**open'],
  ['a*b', 'p:a*b'],
  ['**a *b**', 'p:B(a *b)'],
  ['`code *not*`', 'p:‹code *not*›'],
  ['``a`b``', 'p:‹a`b›'],
  ['`open', 'p:`open'],
  ['# Title\ntext', 'h:Title/p:text'],
  ['#nohead', 'p:#nohead'],
  ['- a\n- b', 'ul[a|b]'],
  ['* a\n* b', 'ul[a|b]'],
  ['1. a\n2. b', 'ol[a|b]'],
  ['3) a\n4) b', 'ol3[a|b]'],
  ['- a\n  - b\n  - c\n- d', 'ul[aul[b|c]|d]'],
  ['1. a\n   - b\n2. c', 'ol[aul[b]|c]'],
  ['- a\n  more', 'ul[a⏎more]'],
  ['- a\n\n- b', 'ul[a|b]'],
  ['text\n- a', 'p:text/ul[a]'],
  ['-no list', 'p:-no list'],
  ['```\nx *y*\n```\nz', 'pre:x *y*/p:z'],
  ['```js\nx', 'pre:js\nx'],
  ['```\nx\n```` y\n```\nz', 'pre:x\n```` y/p:z'],
  ['[t](https://a.example/x)', 'p:L(t→https://a.example/x)'],
  ['[t](https://a.example/x_(y))', 'p:L(t→https://a.example/x_(y))'],
  ['[**t**](mailto:a@b.example)', 'p:L(B(t)→mailto:a@b.example)'],
  ['[t](tel:+4930123)', 'p:L(t→tel:+4930123)'],
  ['[t](javascript:alert)', 'p:L(t→)'],
  ['[t](JaVaScRiPt:alert)', 'p:L(t→)'],
  ['[t](data:text/html,x)', 'p:L(t→)'],
  ['[t](//a.example)', 'p:L(t→)'],
  ['[t](/help)', 'p:L(t→)'],
  ['see https://a.example/x.', 'p:see L(https://a.example/x→https://a.example/x).'],
  ['**https://a.example**', 'p:B(L(https://a.example→https://a.example))'],
  ['xhttps://a.example', 'p:xhttps://a.example'],
  ['days [1].', 'p:days ^1.'],
  ['days [1][2]', 'p:days ^1^2'],
  ['days [1, 2]', 'p:days ^1^2'],
  ['[1](https://a.example)', 'p:L(1→https://a.example)'],
  ['[x]', 'p:[x]'],
  ['<script>alert(1)</script>', 'p:<script>alert(1)</script>'],
  ['<img src=x onerror=alert(1)>', 'p:<img src=x onerror=alert(1)>'],
  ['&lt;', 'p:&lt;'],
];
for (const [source, want] of cases) {
  test(`parses ${JSON.stringify(source)}`, () => assert.equal(parse(source).map(outline).join('/'), want));
}

const hrefs: [string, boolean][] = [
  ['https://a.example', true],
  ['HTTP://a.example', true],
  ['mailto:a@b.example', true],
  ['tel:+49', true],
  ['javascript:alert(1)', false],
  [' javascript:alert(1)', false],
  ['java\tscript:alert(1)', false],
  ['https://a.example/\nx', false],
  ['vbscript:x', false],
  ['data:text/html,x', false],
  ['file:///etc/passwd', false],
  ['blob:https://a.example/x', false],
  ['http:/x', false],
  ['https://', false],
  ['', false],
];
for (const [href, ok] of hrefs) {
  test(`address ${JSON.stringify(href)} is ${ok ? 'safe' : 'not safe'}`, () => assert.equal(safeHref(href) !== '', ok));
}

const tails: [string, string][] = [
  ['**bo', '**bo**'],
  ['**bold*', '**bold**'],
  ['**two ', '**two**'],
  ['a `co', 'a `co`'],
  ['open *My or', 'open *My or*'],
  ['days [1', 'days '],
  ['days [', 'days '],
  ['see [our page](https://a.ex', 'see our page'],
  ['done.\n- ', 'done.\n'],
  ['done.\n#', 'done.\n'],
  ['2 * 3', '2 * 3'],
  ['whole **bold** text', 'whole **bold** text'],
];
for (const [half, want] of tails) {
  test(`half-written ${JSON.stringify(half)} shows no bare marks`, () => assert.equal(tidyTail(half), want));
}

test('words for reading aloud carry no marks', () => {
  assert.equal(plainText('Yes, **30 days** [1].\n\n- one\n- two\n\n`x`'), 'Yes, 30 days . one. two x');
});

// Properties, on texts made of the pieces that matter. The seed is in the failure's message.
const PIECES = [
  'a', 'word ', '1', ' ', '\n', '\n\n', '*', '**', '***', '_', '__', '`', '``', '```\n', '[', ']', '(', ')', '](', '[1]', '[2, 3]',
  '# ', '- ', '  - ', '1. ', '9) ', 'https://a.example', 'javascript:alert(1)', '[x](javascript:alert(1))', '[y](https://b.example/z)',
  '<script>', '<img onerror=x>', '"', "'", '&amp;', '\\', '👍🏽', 'é', 'مرحبا', '\u202e', '\u0000', '\t', '\r\n', '|', '>',
];
function seeded(seed: number): (n: number) => number {
  let s = seed >>> 0;
  return (n) => {
    s = (Math.imul(s, 1664525) + 1013904223) >>> 0;
    return Math.floor((s / 4294967296) * n);
  };
}
const sample = (seed: number): string => {
  const rnd = seeded(seed);
  return Array.from({ length: rnd(40) }, () => PIECES[rnd(PIECES.length)]!).join('');
};

/** Letters and digits that a reader can find in the tree, addresses included. */
function kept(list: Inline[], source: string[]): void {
  for (const k of list) {
    if (k.t === 'text' || k.t === 'code') source.push(k.text);
    else if (k.t === 'cite') source.push(String(k.n));
    else if (k.t !== 'br') {
      kept(k.kids, source);
      if (k.t === 'link') assert.ok(k.href === '' || safeHref(k.href) === k.href, `unsafe ${k.href}`);
    }
  }
}
function letters(blocks: Block[]): string {
  const out: string[] = [];
  const walk = (b: Block) => {
    if ('kids' in b) kept(b.kids, out);
    else if ('text' in b) out.push(b.text);
    else
      for (const i of b.items) {
        kept(i.kids, out);
        if (i.list) walk(i.list);
      }
  };
  blocks.forEach(walk);
  return out.join('').replace(/[^\p{L}]/gu, '');
}

/** The source without the addresses of links in brackets, which are not text. */
const withoutAddresses = (s: string) => s.replace(/(?<=\[[^[\]\n]{1,400}\])\((?:[^\s()<>]|\([^\s()<>]{0,200}\)){1,2000}\)/gu, '');

test('all text is kept, and no address is unsafe', () => {
  for (let seed = 1; seed <= 6000; seed++) {
    const source = sample(seed);
    const got = letters(parse(source));
    const want = source.replace(/[^\p{L}]/gu, '');
    const less = withoutAddresses(source).replace(/[^\p{L}]/gu, '');
    // Inside code an address stays; elsewhere a link's address is not text: between the two, in order.
    assert.ok(within(less, got) && within(got, want), `seed ${seed}: ${JSON.stringify(source)} kept ${got}`);
  }
});

/** True where a's letters are found in b in order. */
function within(a: string, b: string): boolean {
  let i = 0;
  for (const c of b) if (a.startsWith(c, i)) i += c.length;
  return i === a.length;
}

test('a text cut anywhere, as in a stream, parses too', () => {
  for (let seed = 1; seed <= 300; seed++) {
    const source = sample(seed);
    for (let n = 0; n <= source.length; n++) parse(tidyTail(source.slice(0, n)));
  }
});

test('time grows with the length, not with its square', () => {
  const bombs: Record<string, (n: number) => string> = {
    'open brackets': (n) => '['.repeat(n),
    'half links': (n) => '[a]('.repeat(n / 4),
    'nested links': (n) => '[a](b'.repeat(n / 5),
    'stars': (n) => '*a '.repeat(n / 3),
    'star runs': (n) => '*'.repeat(n),
    'open and close': (n) => '**a*b'.repeat(n / 5),
    'mixed marks': (n) => '*_**__'.repeat(n / 6) + 'a' + '__**_*'.repeat(n / 6),
    'ticks': (n) => '`a``b```c'.repeat(n / 9),
    'rising ticks': (n) => Array.from({ length: Math.sqrt(n) }, (_, i) => '`'.repeat(i + 1) + 'a').join(''),
    'cites': (n) => '[1, 2, 3, '.repeat(n / 10),
    'addresses': (n) => 'https://'.repeat(n / 8),
    'spaces': (n) => 'a' + ' '.repeat(n),
    'lines': (n) => 'a\n'.repeat(n / 2),
    'blank lines': (n) => '- a\n\n\n'.repeat(n / 6),
    'items': (n) => '- a\n'.repeat(n / 4),
    'stairs': (n) => Array.from({ length: Math.sqrt(n) }, (_, i) => ' '.repeat(i % 13) + '- a').join('\n'),
    'fences': (n) => '```\n'.repeat(n / 4),
    'hashes': (n) => '#'.repeat(n),
    'parentheses': (n) => '[a](' + '('.repeat(n),
  };
  for (const [name, make] of Object.entries(bombs)) {
    const spent = (n: number) => {
      const text = make(n);
      const from = performance.now();
      parse(text);
      tidyTail(text);
      plainText(text);
      return performance.now() - from;
    };
    spent(4000);
    // 200,000 characters are fifty times the longest message; squared work would take minutes.
    const took = spent(200_000);
    assert.ok(took < 15_000, `${name}: ${took.toFixed(0)} ms`);
  }
});
