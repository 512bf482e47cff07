// The saving of an article that is being written: pauses, failures, and two who write at once.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ApiError } from '../../src/api/call';
import { Manuscript } from '../../src/pages/knowledge/articles/manuscript';
import { content, type Content, type Draft } from '../../src/pages/knowledge/articles/types';
import { FakeClock, memoryShelf } from './fakes';

const draft = (revision: number, markdown: string, more: Partial<Draft> = {}): Draft => ({
  revision, base_version: 1, title: 'Returns', markdown, tags: [], url: '', slug: 'returns', locale: 'en', audience: 'everyone',
  updated_at: '2026-01-02T03:04:05Z', by: 'Mira', publish_at: null, trouble: '', ...more,
});

/** One article on a server, and an editor of it. */
function desk(at = draft(1, 'One.'), map = new Map<string, string>()) {
  const clock = new FakeClock();
  const shelf = memoryShelf(map);
  const it = { clock, shelf, held: at, sent: [] as Content[], fail: undefined as ApiError | undefined, gate: undefined as Promise<void> | undefined, limit: 100 };
  const m = new Manuscript(at, {
    clock,
    shelf,
    key: 'article:mira:a1',
    wrong: (c) => (c.markdown.length > it.limit ? 'It is too long.' : ''),
    save: async ({ revision }, c) => {
      it.sent.push(c);
      await it.gate;
      if (it.fail) throw it.fail;
      if (revision !== it.held.revision) throw new ApiError(409, 'changed_meanwhile', 'Somebody else saved it.', { theirs: it.held });
      return (it.held = draft(revision + 1, c.markdown, { ...c, by: 'Mira' }));
    },
  });
  return Object.assign(it, { m });
}
/** Lets what was answered be heard. */
const settle = async () => {
  for (let i = 0; i < 20; i++) await Promise.resolve();
};
const now = (d: ReturnType<typeof desk>): string => d.m.standing.value.name;
const unreachable = new ApiError(0, 'unreachable', 'Careloop cannot be reached.');

test('typing is saved once, a pause after the last key', async () => {
  const d = desk();
  d.m.type({ markdown: 'One. T' });
  d.clock.pass(600);
  d.m.type({ markdown: 'One. Two.' });
  assert.equal(d.m.standing.value.name, 'typed');
  d.clock.pass(999);
  assert.equal(d.sent.length, 0);
  d.clock.pass(1);
  assert.equal(now(d), 'saving');
  await settle();
  assert.deepEqual(d.sent.map((c) => c.markdown), ['One. Two.']);
  assert.equal(now(d), 'saved');
  assert.equal(d.m.base.value.revision, 2);
  assert.equal(d.shelf.map.size, 0);
});

test('who never pauses is saved every five seconds all the same', async () => {
  const d = desk();
  for (let i = 0; i < 12; i++) {
    d.m.type({ markdown: `One. ${i}` });
    d.clock.pass(500);
    await settle();
  }
  assert.equal(d.sent.length, 1);
});

test('typed back to what is saved, nothing is sent', async () => {
  const d = desk();
  d.m.type({ markdown: 'One. Two.' });
  d.m.type({ markdown: 'One.' });
  assert.equal(d.m.standing.value.name, 'saved');
  d.clock.pass(10_000);
  await settle();
  assert.equal(d.sent.length, 0);
  assert.equal(d.shelf.map.size, 0);
});

test('what is typed while a saving is on its way is saved after it', async () => {
  const d = desk();
  let open: () => void = () => undefined;
  d.gate = new Promise((done) => (open = done));
  d.m.type({ markdown: 'One. Two.' });
  d.clock.pass(1000);
  d.m.type({ markdown: 'One. Two. Three.' });
  open();
  await settle();
  assert.equal(d.m.standing.value.name, 'typed');
  d.clock.pass(1000);
  await settle();
  assert.equal(d.held.markdown, 'One. Two. Three.');
  assert.equal(d.held.revision, 3);
  assert.equal(d.m.standing.value.name, 'saved');
});

test('without a network it is kept, tried again ever more rarely, and saved when it is back', async () => {
  const d = desk();
  d.fail = unreachable;
  d.m.type({ markdown: 'One. Two.' });
  d.clock.pass(1000);
  await settle();
  assert.deepEqual(d.m.standing.value, { name: 'waiting', why: 'Careloop cannot be reached.' });
  assert.equal(d.shelf.map.size, 1);
  d.clock.pass(2000);
  await settle();
  assert.equal(d.sent.length, 2);
  d.clock.pass(3999);
  await settle();
  assert.equal(d.sent.length, 2);
  d.fail = undefined;
  d.m.wake();
  await settle();
  assert.equal(d.held.markdown, 'One. Two.');
  assert.equal(d.shelf.map.size, 0);
});

test('a page that went away unsaved is taken up by the next one', async () => {
  const map = new Map<string, string>();
  const first = desk(draft(1, 'One.'), map);
  first.fail = unreachable;
  first.m.type({ markdown: 'One. Two.' });
  const second = desk(draft(1, 'One.'), map);
  assert.equal(second.m.content.value.markdown, 'One. Two.');
  assert.equal(second.m.found.value, true);
  second.clock.pass(1000);
  await settle();
  assert.equal(second.held.markdown, 'One. Two.');
  assert.equal(map.size, 0);
});

test('what waited in the browser meets what was saved elsewhere', async () => {
  const map = new Map<string, string>();
  desk(draft(1, 'One.'), map).m.type({ markdown: 'One. Mine.' });
  const d = desk(draft(4, 'Theirs. One.', { by: 'Jonas' }), map);
  const s = d.m.standing.value;
  assert.equal(s.name === 'met' && s.theirs.by, 'Jonas');
  assert.equal(d.m.content.value.markdown, 'One. Mine.');
  assert.equal(d.m.base.value.markdown, 'One.');
});

test('the second of two who save keeps every word, and decides', async () => {
  const d = desk();
  d.held = draft(2, 'Zero. One.', { by: 'Jonas' });
  d.m.type({ markdown: 'One. Two.' });
  assert.equal(await d.m.flush(), false);
  assert.equal(d.m.standing.value.name, 'met');
  d.m.type({ markdown: 'One. Two. Three.' }); // goes on, and nothing overwrites the other's
  d.clock.pass(60_000);
  await settle();
  assert.equal(d.held.markdown, 'Zero. One.');
  assert.equal(d.m.content.value.markdown, 'One. Two. Three.');
  assert.equal(await d.m.settle({ ...d.m.mine, markdown: 'Zero. One. Two. Three.' }), true);
  assert.equal(d.held.markdown, 'Zero. One. Two. Three.');
  assert.equal(d.held.revision, 3);
});

test('what was decided against is put aside, for the next page, too', async () => {
  const map = new Map<string, string>();
  const d = desk(draft(1, 'One.'), map);
  d.held = draft(2, 'Theirs.', { by: 'Jonas' });
  d.m.type({ markdown: 'Mine.' });
  await d.m.flush();
  const mine = d.m.content.value;
  assert.equal(await d.m.settle(content(d.held), [{ by: 'Mira', content: mine }]), true);
  assert.equal(d.sent.length, 1, 'theirs stands there already');
  assert.equal(d.m.content.value.markdown, 'Theirs.');
  assert.equal(desk(d.held, map).m.asides.value[0]!.content.markdown, 'Mine.');
});

test('a third saving while the second is decided is met again', async () => {
  const d = desk();
  d.held = draft(2, 'Zero. One.');
  d.m.type({ markdown: 'One. Two.' });
  await d.m.flush();
  d.held = draft(3, 'Zero. One. And.');
  assert.equal(await d.m.settle({ ...d.m.mine, markdown: 'Zero. One. Two.' }), false);
  const s = d.m.standing.value;
  assert.equal(s.name === 'met' && s.theirs.revision, 3);
  assert.equal(d.m.content.value.markdown, 'Zero. One. Two.');
});

test('what the server heard from others is taken where nothing waits, else met; an old answer says nothing', async () => {
  const d = desk();
  const theirs = draft(2, 'Theirs.', { by: 'Jonas' });
  assert.equal(d.m.hear(draft(1, 'One.'), d.m.turn), 'same');
  assert.equal(d.m.hear(theirs, d.m.turn - 1), 'same');
  assert.equal(d.m.hear(theirs, d.m.turn), 'taken');
  assert.equal(d.m.content.value.markdown, 'Theirs.');
  d.m.type({ markdown: 'Theirs. Mine.' });
  assert.equal(d.m.hear(draft(3, 'Others.'), d.m.turn), 'met');
  assert.equal(d.m.content.value.markdown, 'Theirs. Mine.');
});

test('where the other side changed no word, one goes on without being asked', async () => {
  const d = desk();
  d.held = draft(2, 'One.', { base_version: 2 });
  d.m.type({ markdown: 'One. Two.' });
  await d.m.flush();
  assert.equal(d.m.standing.value.name, 'typed');
  d.clock.pass(1000);
  await settle();
  assert.equal(d.held.markdown, 'One. Two.');
  assert.equal(d.held.revision, 3);
});

test('a text that is too long is not sent, and is saved once it is shorter', async () => {
  const d = desk();
  d.m.type({ markdown: 'x'.repeat(101) });
  assert.equal(await d.m.flush(), false);
  assert.deepEqual(d.m.standing.value, { name: 'refused', why: 'It is too long.' });
  assert.equal(d.sent.length, 0);
  d.m.type({ markdown: 'short' });
  assert.equal(await d.m.flush(), true);
});

test('what the server will not take is said in its words, and tried again when it was changed', async () => {
  const d = desk();
  d.fail = new ApiError(422, 'bad_article', 'An article needs a title.');
  d.m.type({ title: '' });
  await d.m.flush();
  assert.deepEqual(d.m.standing.value, { name: 'refused', why: 'An article needs a title.' });
  d.fail = undefined;
  d.m.type({ title: 'Title' });
  d.clock.pass(1000);
  await settle();
  assert.equal(d.held.title, 'Title');
});

test('what the server tidied is no change of ours', async () => {
  const d = desk();
  d.m.type({ tags: ['Shoes '] });
  await d.m.flush();
  d.m.base.value = { ...d.m.base.value, tags: ['shoes'] };
  assert.equal(d.m.unsaved, false);
  assert.deepEqual(d.m.mine.tags, ['shoes']);
});
