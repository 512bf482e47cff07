import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Composer } from '../../src/state/composer';
import { draft, memoryShelf } from './fakes';

const make = (map = new Map<string, string>()) => new Composer('c', memoryShelf(map), 'me');
const piece = (offset: number, text: string, more = {}) => ({ draft_id: 'd1', for_seq: 1, offset, text, done: false, ...more });

test('a draft that comes with the conversation stands in the field', () => {
  const c = make();
  c.begin(draft('Dear Ada', { unsupported: [{ start: 0, end: 4, text: 'Dear' }] }));
  assert.equal(c.text, 'Dear Ada');
  assert.equal(c.content.value.draftId, 'd1');
  assert.equal(c.content.value.marks.length, 1);
  assert.equal(c.content.value.touched, false);
});

test('a draft streams into the field, repeats and gaps included', () => {
  const c = make();
  c.stream(piece(0, 'Dear '));
  c.stream(piece(5, 'Ada'));
  c.stream(piece(5, 'Ada, hello'));
  assert.equal(c.text, 'Dear Ada, hello');
  c.stream(piece(40, 'lost'));
  assert.equal(c.text, 'Dear Ada, hello');
  assert.equal(c.content.value.streaming, true);
  c.stream(piece(0, '', { done: true, draft: draft('Dear Ada, hello you.') }));
  assert.equal(c.text, 'Dear Ada, hello you.');
  assert.equal(c.content.value.streaming, false);
});

test('what the agent typed is never replaced: the draft waits beside it', () => {
  const c = make();
  c.stream(piece(0, 'Dear '));
  c.type('Dear, my own words');
  c.stream(piece(5, 'Ada'));
  c.stream(piece(0, '', { done: true, draft: draft('Dear Ada') }));
  assert.equal(c.text, 'Dear, my own words');
  assert.equal(c.content.value.offer?.text, 'Dear Ada');
  assert.equal(c.content.value.offer?.done, true);
  c.begin(draft('Another', { id: 'd2', for_seq: 3 }));
  assert.equal(c.text, 'Dear, my own words');
  assert.equal(c.content.value.offer?.id, 'd2');
  c.useOffer();
  assert.equal(c.text, 'Another');
  assert.equal(c.content.value.offer, null);
});

test('an emptied field counts as typed: nothing is written into it unasked', () => {
  const c = make();
  c.begin(draft('Dear Ada'));
  c.type('');
  c.begin(draft('Again', { id: 'd2', for_seq: 2 }));
  assert.equal(c.text, '');
  assert.equal(c.content.value.offer?.text, 'Again');
});

test('a stored draft never shortens what was streamed, and its end is taken', () => {
  const c = make();
  c.stream(piece(0, 'Dear Ada, hello'));
  c.begin(draft('Dear', { state: 'writing' }));
  assert.equal(c.text, 'Dear Ada, hello');
  c.begin(draft('Dear Ada, hello you.'));
  assert.equal(c.text, 'Dear Ada, hello you.');
  assert.equal(c.content.value.streaming, false);
});

test('an older draft does not come back over a newer one', () => {
  const c = make();
  c.begin(draft('New', { id: 'd2', for_seq: 5 }));
  c.stream(piece(0, 'Old'));
  assert.equal(c.text, 'New');
});

test('a draft that was sent or thrown away stays away', () => {
  const c = make();
  c.begin(draft('Dear Ada'));
  assert.equal(c.take().draftId, 'd1');
  c.begin(draft('Dear Ada'));
  c.stream(piece(0, 'Dear'));
  assert.equal(c.text, '');
  const d = make();
  d.begin(draft('Dear Ada'));
  assert.equal(d.discard(), 'd1');
  d.begin(draft('Dear Ada'));
  assert.equal(d.text, '');
});

test('marks move with the text around them and go when they are edited', () => {
  const c = make();
  c.begin(draft('We give 30 € back.', { unsupported: [{ start: 8, end: 12, text: '30 €' }] }));
  c.type('Dear Ada, we give 30 € back.');
  assert.deepEqual(c.content.value.marks, [{ start: 18, end: 22, text: '30 €' }]);
  c.type('Dear Ada, we give 20 € back.');
  assert.deepEqual(c.content.value.marks, []);
});

test('what was typed outlives the page, for its own agent only; an untouched draft does not', () => {
  const map = new Map<string, string>();
  const c = make(map);
  c.begin(draft('Dear Ada'));
  assert.equal(map.size, 0);
  c.type('My words');
  c.setMode('note');
  c.type('note to self');
  const again = make(map);
  assert.equal(again.content.value.reply, 'My words');
  assert.equal(again.content.value.note, 'note to self');
  again.begin(draft('Other', { id: 'd2', for_seq: 2 }));
  assert.equal(again.content.value.reply, 'My words');
  assert.equal(new Composer('c', memoryShelf(map), 'somebody').text, '');
  again.setMode('reply');
  again.take();
  again.setMode('note');
  again.take();
  assert.equal(map.size, 0);
});

test('what could not be sent comes back before what was typed since', () => {
  const c = make();
  c.type('First');
  c.take();
  c.type('Second');
  c.restore('reply', 'First');
  assert.equal(c.text, 'First\n\nSecond');
  c.setMode('note');
  c.type('n2');
  c.restore('note', 'n1');
  assert.equal(c.text, 'n1\n\nn2');
});

test('a refused draft comes back with its id, and a newer one waits', () => {
  const c = make();
  c.begin(draft('Dear Ada'));
  c.take();
  c.begin(draft('Newer', { id: 'd2', for_seq: 4 }));
  c.restore('reply', 'Dear Ada', { draftId: 'd1' });
  assert.equal(c.text, 'Dear Ada');
  assert.equal(c.content.value.draftId, 'd1');
  assert.equal(c.content.value.offer?.id, 'd2');
});

test('citations are numbered once each and leave the text with their marks', () => {
  const c = make();
  assert.equal(c.cite({ id: 'a', title: 'A', url: '', quote: '' }), 1);
  assert.equal(c.cite({ id: 'b', title: 'B', url: '', quote: '' }), 2);
  assert.equal(c.cite({ id: 'a', title: 'A', url: '', quote: '' }), 1);
  c.type('See [1] and [2].');
  c.uncite(1);
  assert.equal(c.text, 'See and [2].');
  assert.deepEqual(c.content.value.citations.map((x) => x.n), [2]);
});

test('a mention counts as long as its name stands in the note', () => {
  const c = make();
  c.setMode('note');
  c.mention({ id: 'j', name: 'Jonas' });
  c.type('@Jonas look');
  assert.equal(c.content.value.mentions.length, 1);
  c.type('look');
  assert.equal(c.content.value.mentions.length, 0);
});

test('typing takes a warning back', () => {
  const c = make();
  c.type('x');
  c.warn([{ start: 0, end: 1, text: 'x' }]);
  assert.equal(c.content.value.warned, true);
  c.type('xy');
  assert.equal(c.content.value.warned, false);
});
