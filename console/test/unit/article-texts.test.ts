// Two people's texts put together, and what changed between two texts, on made and on random texts.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { textDiff, wordDiff, type Entry } from '../../src/pages/knowledge/articles/diff';
import { assemble, hunks, merge, mergeTags, pieces } from '../../src/pages/knowledge/articles/merge';
import de from '../../src/pages/knowledge/articles/de.json';
import en from '../../src/pages/knowledge/articles/en.json';
import type { Content } from '../../src/pages/knowledge/articles/types';
import { inWords, moment, onClock } from '../../src/pages/knowledge/articles/zoned';

const BASE = '# Returns\n\nYou have 30 days. Shoes may be worn once. Send them back free.\n\nThe refund comes in 5 days.\n';
const text = (markdown: string, more: Partial<Content> = {}): Content => ({ title: 'Returns', markdown, tags: ['returns'], url: '', slug: 'returns', locale: 'en', audience: 'everyone', ...more });

// A small generator with a seed, so that a failure can be had again.
function random(seed: number) {
  let s = seed;
  return (n: number) => {
    s = (s * 1103515245 + 12345) % 2147483648;
    return Math.floor((s / 2147483648) * n);
  };
}
const WORDS = ['shoes', 'are', 'returned', 'free.', 'Why?', '\n', '\n\n', '# Head', '- item', 'in', '30 days.', 'ä', '…'];
const made = (r: (n: number) => number, n: number) => Array.from({ length: r(n) }, () => WORDS[r(WORDS.length)]).join(' ');

test('pieces put together are the text', () => {
  const r = random(7);
  for (let i = 0; i < 500; i++) {
    const t = made(r, 60);
    assert.equal(pieces(t).join(''), t);
  }
  assert.deepEqual(pieces('One. Two!  Three\nFour 3.5'), ['One. ', 'Two!  ', 'Three\n', 'Four 3.5']);
});

test('changes in different sentences of one paragraph are put together', () => {
  const mine = BASE.replace('30 days', '60 days');
  const theirs = BASE.replace('Send them back free', 'Send them back for 4 €').replace('5 days', 'a week');
  const m = merge(text(BASE), text(mine), text(theirs));
  assert.equal(m.clean, true);
  assert.equal(m.content.markdown, BASE.replace('30 days', '60 days').replace('free', 'for 4 €').replace('5 days', 'a week'));
  assert.deepEqual(m.hunks.filter((h) => h.kind !== 'same').map((h) => h.kind), ['mine', 'theirs', 'theirs']);
});

test('two changes of one sentence stand against each other, and each can be chosen', () => {
  const mine = BASE.replace('30 days', '60 days');
  const theirs = BASE.replace('30 days', '14 days');
  const m = merge(text(BASE), text(mine), text(theirs));
  assert.equal(m.clean, false);
  const at = m.hunks.findIndex((h) => h.kind === 'both');
  assert.equal(m.content.markdown, mine);
  assert.equal(assemble(m.hunks, { [at]: 'theirs' }), theirs);
  const both = assemble(m.hunks, { [at]: 'both' });
  assert.ok(both.includes('You have 60 days. ') && both.includes('You have 14 days. '));
});

test('the same change by both is no conflict', () => {
  const changed = BASE.replace('30', '60');
  assert.deepEqual(merge(text(BASE), text(changed), text(changed)).clean, true);
  assert.equal(merge(text(BASE), text(changed), text(changed)).content.markdown, changed);
});

test('fields are put together one by one, tags as sets', () => {
  const m = merge(text(BASE), text(BASE, { title: 'Send it back', tags: ['returns', 'shoes'] }), text(BASE, { slug: 'sending-back', tags: [], title: 'Giving back' }));
  assert.deepEqual(m.parts, [{ part: 'title', by: 'both' }, { part: 'slug', by: 'theirs' }]);
  assert.equal(m.content.title, 'Send it back');
  assert.equal(m.content.slug, 'sending-back');
  assert.deepEqual(m.content.tags, ['shoes']);
  assert.equal(merge(text(BASE), text(BASE, { title: 'a' }), text(BASE, { title: 'b' }), {}, { title: 'theirs' }).content.title, 'b');
  assert.deepEqual(mergeTags(['a', 'b'], ['a', 'b', 'c'], ['b', 'd']), ['b', 'd', 'c']);
});

test('of random texts: where one side did nothing the other is the result, and choosing a side gives its words back', () => {
  const r = random(11);
  for (let i = 0; i < 400; i++) {
    const base = made(r, 40);
    const change = (t: string) => {
      const p = pieces(t);
      p.splice(r(p.length + 1), r(3), made(r, 4));
      return p.join('');
    };
    const [mine, theirs] = [change(base), change(base)];
    assert.equal(assemble(hunks(base, mine, base)), mine);
    assert.equal(assemble(hunks(base, base, theirs)), theirs);
    const list = hunks(base, mine, theirs);
    // Every word that either side wrote is in the hunks.
    for (const [side, whole] of [['mine', mine], ['theirs', theirs]] as const) {
      const back = list.map((h) => (h.kind === 'same' ? h.text : h.kind === 'both' ? h[side] : h.kind === side ? h.text : h.before)).join('');
      assert.equal(back, whole);
    }
  }
});

const side = (list: Entry[], drop: 'added' | 'removed') =>
  list.flatMap((e) => (e.kind === 'fold' ? e.lines : e.pieces.length && e.pieces.every((p) => p.kind === drop) ? [] : [e.pieces.filter((p) => p.kind !== drop).map((p) => p.text).join('')]));

test('a changed word is shown within its line, and what did not change is folded', () => {
  const long = Array.from({ length: 20 }, (_, i) => `Line ${i}.`).join('\n');
  const list = textDiff(`${long}\nYou have 30 days.`, `${long}\nYou have 60 working days.`);
  assert.equal(list[0]!.kind, 'fold');
  const changed = list.filter((e) => e.kind === 'line' && e.changed);
  assert.equal(changed.length, 1);
  assert.deepEqual((changed[0] as { pieces: unknown }).pieces, [
    { text: 'You have ', kind: 'same' },
    { text: '30', kind: 'removed' },
    { text: '60 working', kind: 'added' },
    { text: ' days.', kind: 'same' },
  ]);
});

test('a text that has little in common with the other is shown whole', () => {
  assert.deepEqual(wordDiff('Completely different words here', 'Nothing of that remained'), [
    { text: 'Completely different words here', kind: 'removed' },
    { text: 'Nothing of that remained', kind: 'added' },
  ]);
  assert.deepEqual(wordDiff('It costs 4.90 €.', 'It costs 5.90 €.')[1], { text: '4.90', kind: 'removed' });
  assert.deepEqual(wordDiff('', 'new'), [{ text: 'new', kind: 'added' }]);
  assert.deepEqual(textDiff('a', 'a'), [{ kind: 'line', pieces: [{ text: 'a', kind: 'same' }], changed: false }]);
});

test('of random texts both sides can be read out of the difference', () => {
  const r = random(23);
  // Where a change spans lines it is shown in lines of its own: spaces are another matter.
  const words = (lines: string[]) => lines.join('').replace(/\s+/g, '');
  for (let i = 0; i < 400; i++) {
    const [a, b] = [made(r, 30), made(r, 30)];
    const list = textDiff(a, b);
    assert.equal(words(side(list, 'added')), words([a]));
    assert.equal(words(side(list, 'removed')), words([b]));
  }
});

test('200,000 characters that are nothing alike are compared within seconds', () => {
  const r = random(5);
  const big = () => Array.from({ length: 33_000 }, () => WORDS[r(WORDS.length)]).join(' ');
  const begun = performance.now();
  textDiff(big(), big());
  assert.ok(performance.now() - begun < 3000, `took ${performance.now() - begun} ms`);
});

test('the shop’s clock: winter, summer, the hour that is not, and the hour that is twice', () => {
  assert.equal(moment('2026-12-01', '09:00', 'Europe/Berlin')?.toISOString(), '2026-12-01T08:00:00.000Z');
  assert.equal(moment('2026-07-01', '09:00', 'Europe/Berlin')?.toISOString(), '2026-07-01T07:00:00.000Z');
  assert.equal(moment('2026-03-29', '02:30', 'Europe/Berlin'), undefined);
  assert.equal(moment('2026-10-25', '02:30', 'Europe/Berlin')?.toISOString(), '2026-10-25T00:30:00.000Z');
  assert.equal(moment('2026-12-01', '09:00', 'Pacific/Auckland')?.toISOString(), '2026-11-30T20:00:00.000Z');
  assert.equal(moment('', '09:00', 'Europe/Berlin'), undefined);
  assert.deepEqual(onClock(new Date('2026-12-01T08:00:00Z'), 'Europe/Berlin'), { day: '2026-12-01', time: '09:00' });
  assert.match(inWords('2026-12-01T08:00:00Z', 'Europe/Berlin', 'en'), /Tuesday, December 1, 2026 at 9:00.AM \(Europe\/Berlin\)/);
});

test('both languages have every sentence, with the same holes', () => {
  const holes = (x: string) => [...x.matchAll(/\{(\w+)\}/g)].map((m) => m[1]).sort();
  assert.deepEqual(Object.keys(de), Object.keys(en));
  for (const k of Object.keys(en) as (keyof typeof en)[]) {
    assert.ok(en[k].trim() && de[k].trim(), k);
    assert.deepEqual(holes(de[k]), holes(en[k]), k);
  }
});
