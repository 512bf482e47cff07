import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Conversation } from '../../src/app/store';
import { parseFrame, type ServerFrame } from '../../src/app/wire';

const frame = (o: object): ServerFrame => {
  const f = parseFrame(JSON.stringify(o));
  assert.ok(f, JSON.stringify(o));
  return f;
};
const event = (seq: number, more: object = {}) =>
  frame({ type: 'event', conversation_id: 'c1', seq, kind: 'message', at: '2026-01-02T03:04:05Z', author: { kind: 'bot', name: 'B' }, text: `m${seq}`, ...more });
const welcome = (more: object = {}) => frame({ type: 'welcome', conversation_id: 'c1', last_seq: 0, ...more });
const delta = (offset: number, text: string, turn_id = 't1') => frame({ type: 'delta', turn_id, offset, text });
const retract = (from_offset: number, text?: string) => frame({ type: 'retract', turn_id: 't1', from_offset, text });
const types = (c: Conversation, f: ServerFrame) => c.apply(f).map((x) => x.type);

function talk(): Conversation {
  const c = new Conversation();
  c.apply(welcome());
  return c;
}

test('events in order are kept, repeated ones are not', () => {
  const c = talk();
  assert.deepEqual(types(c, event(1)), ['event']);
  assert.deepEqual(types(c, event(2)), ['event']);
  assert.deepEqual(types(c, event(1)), []);
  assert.deepEqual(c.events.map((e) => e.seq), [1, 2]);
  assert.equal(c.lastSeq, 2);
});

test('a repeated event with a client_id still acknowledges', () => {
  const c = talk();
  c.apply(event(1, { client_id: 'a' }));
  const again = c.apply(event(1, { client_id: 'a' }));
  assert.equal(again.length, 1);
  assert.equal(c.events.length, 1);
  assert.ok(c.has('a'));
});

test('a gap asks for a resync and takes nothing, and is not asked for ever', () => {
  const c = talk();
  c.apply(event(1));
  assert.deepEqual(types(c, event(3)), ['gap']);
  assert.equal(c.lastSeq, 1);
  assert.deepEqual(types(c, event(3)), ['gap']);
  assert.deepEqual(types(c, event(3)), ['event'], 'goes on without what cannot be had');
  assert.equal(c.lastSeq, 3);
});

test('a gap that closes is over', () => {
  const c = talk();
  c.apply(event(1));
  c.apply(event(3));
  c.apply(event(2));
  c.apply(event(3));
  assert.deepEqual(types(c, event(5)), ['gap']);
  assert.deepEqual(c.events.map((e) => e.seq), [1, 2, 3]);
});

test('history is not news, what was missed during a cut is', () => {
  const c = new Conversation();
  c.apply(welcome({ last_seq: 1 }));
  const [a] = c.apply(event(1));
  assert.ok(a?.type === 'event' && !a.fresh);
  c.apply(welcome({ last_seq: 2 }));
  const [b] = c.apply(event(2));
  assert.ok(b?.type === 'event' && b.fresh);
});

test('kinds that are unknown move the count and are kept', () => {
  const c = talk();
  assert.deepEqual(types(c, event(1, { kind: 'survey' })), ['event']);
  assert.equal(c.lastSeq, 1);
});

test('another conversation in the welcome starts anew', () => {
  const c = talk();
  c.apply(event(1));
  assert.deepEqual(types(c, welcome({ conversation_id: 'c2' })), ['reset', 'welcome']);
  assert.equal(c.events.length, 0);
  assert.equal(c.lastSeq, 0);
  assert.equal(c.id, 'c2');
});

test('an event of another conversation asks the server which one it is', () => {
  const c = talk();
  c.apply(event(1));
  assert.deepEqual(types(c, event(1, { conversation_id: 'c2' })), ['reset', 'gap']);
  assert.equal(c.id, '');
});

const streams: { name: string; frames: ServerFrame[]; text: string; lost?: boolean }[] = [
  { name: 'pieces in order', frames: [delta(0, 'Yes, '), delta(5, 'you can')], text: 'Yes, you can' },
  { name: 'a repeated piece', frames: [delta(0, 'Yes, '), delta(0, 'Yes, ')], text: 'Yes, ' },
  { name: 'an overlapping piece', frames: [delta(0, 'Yes, '), delta(3, ', you')], text: 'Yes, you' },
  { name: 'a lost piece: what follows is ignored', frames: [delta(0, 'Yes'), delta(9, 'x'), delta(3, ', no')], text: 'Yes', lost: true },
  { name: 'offsets count UTF-16 units', frames: [delta(0, '👍🏽 é'), delta(6, '!')], text: '👍🏽 é!' },
  { name: 'a retract cuts', frames: [delta(0, 'Yes, it costs 5'), retract(4)], text: 'Yes,' },
  { name: 'a retract replaces', frames: [delta(0, 'Yes. It costs 5.'), retract(5, 'I could not find the price.'), delta(32, ' Sorry')], text: 'Yes. I could not find the price. Sorry' },
  { name: 'a retract of everything with words', frames: [delta(0, 'Yes'), retract(0, 'No')], text: 'No' },
  { name: 'a retract beyond what is held', frames: [delta(0, 'Yes'), retract(9, 'x')], text: 'Yes', lost: true },
];
for (const s of streams) {
  test(`stream: ${s.name}`, () => {
    const c = talk();
    for (const f of s.frames) c.apply(f);
    const t = c.turns.get('t1');
    assert.equal(t?.text, s.text);
    assert.equal(t.lost, s.lost ?? false);
  });
}

test('a withdrawn answer is gone for good', () => {
  const c = talk();
  c.apply(delta(0, 'Yes'));
  assert.deepEqual(types(c, retract(0)), ['turn_gone']);
  assert.deepEqual(types(c, delta(3, ' you')), []);
  assert.deepEqual(types(c, frame({ type: 'status', turn_id: 't1', state: 'writing' })), []);
  assert.equal(c.turns.size, 0);
});

test('the event ends its turn, and late deltas do not bring it back', () => {
  const c = talk();
  c.apply(delta(0, 'Yes'));
  c.apply(event(1, { turn_id: 't1' }));
  assert.equal(c.turns.size, 0);
  c.apply(delta(3, '!'));
  assert.equal(c.turns.size, 0);
});

test('after a reconnect the delta from 0 replaces what was held', () => {
  const c = talk();
  c.apply(delta(0, 'Yes, it costs 5 euros'));
  c.apply(welcome());
  assert.equal(c.turns.get('t1')?.text, 'Yes, it costs 5 euros', 'still shown meanwhile');
  c.apply(delta(0, 'Yes, it'));
  assert.equal(c.turns.get('t1')?.text, 'Yes, it');
  c.apply(delta(7, ' is'));
  assert.equal(c.turns.get('t1')?.text, 'Yes, it is');
});

test('a lost turn is whole again after a reconnect', () => {
  const c = talk();
  c.apply(delta(0, 'Yes'));
  c.apply(delta(9, 'x'));
  c.apply(welcome());
  c.apply(delta(0, 'Yes, you can'));
  assert.equal(c.turns.get('t1')?.text, 'Yes, you can');
});

test('a rating replaces the earlier one', () => {
  const c = talk();
  c.apply(event(1));
  c.apply(event(2, { kind: 'rating', rating: { event_seq: 1, score: 1 } }));
  c.apply(event(3, { kind: 'rating', rating: { event_seq: 1, score: -1 } }));
  assert.equal(c.ratings.get(1), -1);
});

test('any cut of a text into deltas, some repeated, gives the text', () => {
  const rnd = seeded(7);
  for (let round = 0; round < 200; round++) {
    const text = Array.from({ length: 1 + rnd(60) }, () => 'aé👍 \n中'[rnd(6)] ?? 'x').join('');
    const c = talk();
    for (let at = 0; at < text.length; ) {
      const from = Math.max(0, at - rnd(4));
      const to = Math.min(text.length, at + 1 + rnd(7));
      c.apply({ type: 'delta', turn_id: 't1', offset: from, text: text.slice(from, to) });
      at = to;
    }
    assert.equal(c.turns.get('t1')?.text, text);
  }
});

function seeded(seed: number): (n: number) => number {
  let s = seed;
  return (n) => {
    s = (s * 1103515245 + 12345) % 2147483648;
    return Math.floor((s / 2147483648) * n);
  };
}
