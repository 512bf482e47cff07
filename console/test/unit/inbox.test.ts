import assert from 'node:assert/strict';
import { test } from 'node:test';
import { append, before, belongs, Inbox, place, type Listing } from '../../src/state/inbox';
import { NO_FILTERS } from '../../src/state/router';
import type { Row } from '../../src/api/types';
import { row, waitingSince } from './fakes';

const list = (view: Listing['view'], rows: Row[], more: Partial<Listing> = {}): Listing => ({ view, filters: NO_FILTERS, rows, next: '', state: 'ready', error: '', ...more });
const ids = (l: Listing) => l.rows.map((r) => r.id).join('');

test('waiting is in the order of urgency, then of waiting; the rest newest first', () => {
  const calm = row('a', waitingSince(1));
  const urgent = row('b', { ...waitingSince(5), urgency: 2 });
  assert.ok(before('waiting', urgent, calm));
  assert.ok(before('waiting', row('x', waitingSince(1)), row('y', waitingSince(2))));
  assert.ok(before('all', row('x', { minute: 2 }), row('y', { minute: 1 })));
});

test('who waits for somebody else does not wait for me', () => {
  const mine = row('a', { ...waitingSince(1), assignee: { id: 'me', name: 'Me' } });
  const other = row('a', { ...waitingSince(1), assignee: { id: 'x', name: 'X' } });
  assert.ok(belongs('waiting', NO_FILTERS, row('a', waitingSince(1)), 'me'));
  assert.ok(belongs('waiting', NO_FILTERS, mine, 'me'));
  assert.ok(!belongs('waiting', NO_FILTERS, other, 'me'));
  assert.ok(!belongs('waiting', NO_FILTERS, row('a', { ...waitingSince(1), state: 'closed' }), 'me'));
  assert.ok(belongs('mine', NO_FILTERS, mine, 'me'));
  assert.ok(belongs('resolved', NO_FILTERS, row('a', { state: 'closed' }), 'me'));
});

test('a row that changed moves to its place, joins or leaves', () => {
  let l = list('all', [row('a', { minute: 9 }), row('b', { minute: 5 }), row('c', { minute: 1 })]);
  l = place(l, row('c', { minute: 20, last_seq: 2 }), 'me');
  assert.equal(ids(l), 'cab');
  l = place(l, row('d', { minute: 7 }), 'me');
  assert.equal(ids(l), 'cadb');
  const waiting = list('waiting', [row('a', waitingSince(1)), row('b', waitingSince(2))]);
  assert.equal(ids(place(waiting, row('a', { last_seq: 3 }), 'me')), 'b');
});

test('a late row does not undo a newer one', () => {
  const l = list('all', [row('a', { last_seq: 5, last_text: 'new' })]);
  assert.equal(place(l, row('a', { last_seq: 4, last_text: 'old' }), 'me'), l);
});

test('a row behind the last one loaded comes with its page', () => {
  const l = list('all', [row('b', { minute: 9 }), row('c', { minute: 8 })], { next: 'n' });
  assert.equal(ids(place(l, row('z', { minute: 1 }), 'me')), 'bc');
  assert.equal(ids(place({ ...l, next: '' }, row('z', { minute: 1 }), 'me')), 'bcz');
});

test('a search is not joined by what was not found, and filters hold', () => {
  const l = list('all', [row('a', { minute: 5 })], { filters: { ...NO_FILTERS, q: 'boots' } });
  assert.equal(ids(place(l, row('b', { minute: 9 }), 'me')), 'a');
  assert.equal(place(l, row('a', { last_seq: 2, last_text: 'x' }), 'me').rows[0]?.last_text, 'x');
  const tagged = list('all', [], { filters: { ...NO_FILTERS, tag: 'vip' } });
  assert.equal(ids(place(tagged, row('a'), 'me')), '');
  assert.equal(ids(place(tagged, row('a', { tags: ['vip'] }), 'me')), 'a');
});

test('a page adds what is not there yet', () => {
  assert.equal(ids(append(list('all', [row('a'), row('b')]), [row('b'), row('c')], '')), 'abc');
});

test('pages are asked for one at a time, and an answer to an older view is not shown', async () => {
  const asked: string[] = [];
  let release: (() => void)[] = [];
  const counts = { mine: 0, waiting: 0, all: 0, resolved: 0 };
  const inbox = new Inbox(
    (q) =>
      new Promise((done) => {
        asked.push(`${q.view}${q.cursor ?? ''}`);
        release.push(() => done({ items: [row(`${q.view[0]}${q.cursor ?? '0'}`)], next: q.view === 'all' && !q.cursor ? '1' : '', counts }));
      }),
    () => 'me',
  );
  const turn = () => {
    const run = release;
    release = [];
    for (const r of run) r();
    return new Promise((done) => setImmediate(done));
  };
  void inbox.show('mine', NO_FILTERS);
  void inbox.show('all', NO_FILTERS);
  await turn();
  assert.equal(ids(inbox.list.value), 'a0');
  void inbox.more();
  void inbox.more();
  await turn();
  assert.deepEqual(asked, ['mine', 'all', 'all1']);
  assert.equal(ids(inbox.list.value), 'a0a1');
  assert.equal(inbox.list.value.next, '');
});
