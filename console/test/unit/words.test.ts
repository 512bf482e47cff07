import assert from 'node:assert/strict';
import { test } from 'node:test';
import { catalogues, coded, day, locale, plural, t, wait } from '../../src/i18n';
import { readSearch } from '../../src/pages/inbox/search';
import { preview } from '../../src/pages/inbox/words';
import { fill, triggerAt } from '../../src/pages/inbox/trigger';
import { wrongHours } from '../../src/pages/settings/opening';
import { shift, pieces } from '../../src/state/marks';
import { parse, to, NO_FILTERS } from '../../src/state/router';

const holes = (s: string) => [...s.matchAll(/\{(\w+)\}/g)].map((m) => m[1]).sort();

test('every language has every sentence, with the same holes', () => {
  const { en, de } = catalogues;
  assert.deepEqual(Object.keys(de).sort(), Object.keys(en).sort());
  for (const k of Object.keys(en) as (keyof typeof en)[]) {
    assert.ok(en[k].trim() && de[k].trim(), k);
    assert.deepEqual(holes(de[k]), holes(en[k]), k);
  }
});

test('sentences are filled, and numbers have their words', () => {
  locale.value = 'en';
  assert.equal(t('claimed_by', { name: '<b>Mira</b>' }).startsWith('<b>Mira</b> was first'), true);
  assert.equal(plural('new_messages', 1), '1 new message');
  assert.equal(plural('new_messages', 1200), '1,200 new messages');
  locale.value = 'de-AT';
  assert.equal(plural('new_messages', 2), '2 neue Nachrichten');
  assert.equal(coded('reason', 'anger_or_distress'), 'Ärger oder Not');
  assert.equal(coded('topic', 'brand_new'), 'brand new');
  locale.value = 'fr';
  assert.equal(t('send'), 'Send');
});

test('waits and days are said as people do', () => {
  locale.value = 'en';
  assert.deepEqual([0, 59_999, 60_000, 3_599_000, 3_660_000, 90_000_000].map(wait), ['0 s', '59 s', '1 min', '59 min', '1 h 1 min', '1 d']);
  const now = new Date(2026, 5, 10, 12).getTime();
  assert.equal(day(new Date(2026, 5, 10, 1).toISOString(), now), 'Today');
  assert.equal(day(new Date(2026, 5, 9, 23).toISOString(), now), 'Yesterday');
  assert.equal(day('nonsense', now), '');
});

test('addresses are read and made', () => {
  const f = { ...NO_FILTERS, q: 'wet boots', tag: 'vip' };
  const href = to.inbox('my shop', 'all', 'c/1', f);
  const [path, search] = href.split('?');
  assert.deepEqual(parse(path!, `?${search}`), { page: 'inbox', site: 'my shop', view: 'all', id: 'c/1', filters: f, at: 0 });
  assert.deepEqual(parse('/console/shops/x/inbox/all/c', '?at=7'), { page: 'inbox', site: 'x', view: 'all', id: 'c', filters: NO_FILTERS, at: 7 });
  assert.equal(to.inbox('x', 'all', 'c', NO_FILTERS, 7), '/console/shops/x/inbox/all/c?at=7');
  assert.deepEqual(parse('/console/', ''), { page: 'home' });
  assert.deepEqual(parse('/console/invitation/abc', ''), { page: 'invitation', token: 'abc' });
  assert.deepEqual(parse('/console/nowhere', ''), { page: 'unknown' });
  assert.equal(parse('/console/shops/x/inbox/nonsense', '').page, 'inbox');
  assert.equal(parse('/console/shops/%E0%A4%A/inbox', '').page, 'inbox');
});

test('words in the search name a person or a tag', () => {
  locale.value = 'en';
  assert.deepEqual(readSearch('wet boots'), { q: 'wet boots' });
  assert.deepEqual(readSearch('person:ada wet'), { q: 'wet', person: 'ada' });
  assert.deepEqual(readSearch('tag:"big spender" x'), { q: 'x', tag: 'big spender' });
});

test('a trigger counts at the beginning of a word', () => {
  const at = (text: string, mode: 'reply' | 'note' = 'reply') => triggerAt(text, text.length, mode);
  assert.deepEqual(at('/gre'), { kind: 'macro', query: 'gre', start: 0 });
  assert.deepEqual(at('Hello #worn sho'), { kind: 'article', query: 'worn sho', start: 6 });
  assert.equal(at('and/or'), null);
  assert.equal(at('km / h'), null);
  assert.equal(at('order #1001 is'), null);
  assert.equal(at('mail me@x'), null);
  assert.equal(at('@Jo'), null);
  assert.deepEqual(at('see @Jo', 'note'), { kind: 'mention', query: 'Jo', start: 4 });
  assert.equal(at('/gre', 'note'), null);
});

test('macros are filled with what is known', () => {
  const known = { shopper: '', agent: 'Mira', shop: 'Dunnock' };
  assert.equal(fill('Hello {shopper}, {agent} of {shop} {x}', known), 'Hello {shopper}, Mira of Dunnock {x}');
});

test('a preview is one line without marks', () => {
  assert.equal(preview('Yes, **once** [1].\n\n- a `b` [2, 3]'), 'Yes, once. • a b');
});

test('marks cut a text into pieces, whatever they are', () => {
  assert.deepEqual(pieces('abcdef', [{ start: 4, end: 99, text: '' }, { start: 1, end: 3, text: '' }, { start: 2, end: 3, text: '' }]), [
    { text: 'a', marked: false },
    { text: 'bc', marked: true },
    { text: 'd', marked: false },
    { text: 'ef', marked: true },
  ]);
  const mark = [{ start: 2, end: 4, text: 'cd' }];
  assert.deepEqual(shift(mark, 'abcdef', 'abcdefgh'), mark);
  assert.deepEqual(shift(mark, 'abcdef', 'ef'), []);
});

test('hours that cannot be are told', () => {
  locale.value = 'en';
  assert.equal(wrongHours([{ day: 1, from: '09:00', to: '17:00' }], []), '');
  assert.match(wrongHours([{ day: 1, from: '17:00', to: '09:00' }], []), /Monday/);
  assert.match(wrongHours([{ day: 2, from: '09:00', to: '12:00' }, { day: 2, from: '11:00', to: '17:00' }], []), /Tuesday.*overlap/);
  assert.match(wrongHours([], [{ date: '', name: 'x' }]), /no date/);
  assert.match(wrongHours([], [{ date: '2026-12-24', name: 'Eve', from: '12:00' }]), /Eve/);
});
