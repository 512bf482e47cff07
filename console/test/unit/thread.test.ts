import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Thread } from '../../src/state/thread';
import type { Detail } from '../../src/api/types';
import { event, row } from './fakes';

function begun(seqs: number[], more = false): Thread {
  let now = 1000;
  const th = new Thread('c', () => now);
  const detail: Detail = { conversation: row('c'), shopper: { id: 's', name: '', email: '' }, packet: null, draft: null, earlier: [], page: null, looking: [] };
  th.begin(detail, seqs.map((s) => event(s)), more);
  Object.assign(th, { move: (ms: number) => (now += ms) });
  return th;
}
const seqs = (th: Thread) => th.events.value.map((e) => e.seq);
const delta = (offset: number, text: string) => ({ type: 'delta', conversation_id: 'c', turn_id: 't', offset, text }) as const;

test('events are taken in order, each once, and a gap is told', () => {
  const th = begun([1, 2]);
  assert.equal(th.add(event(3)), true);
  assert.equal(th.add(event(3)), true);
  assert.equal(th.add(event(6)), false);
  assert.deepEqual(seqs(th), [1, 2, 3]);
});

test('older pages stand before what is there', () => {
  const th = begun([5, 6], true);
  th.older([event(3), event(4), event(5)], false);
  assert.deepEqual(seqs(th), [3, 4, 5, 6]);
  assert.equal(th.more.value, false);
});

test('a turn is written by pieces and ends with its event', () => {
  const th = begun([1]);
  th.apply({ type: 'status', conversation_id: 'c', turn_id: 't', state: 'searching' });
  th.apply(delta(0, 'Yes, '));
  th.apply(delta(5, 'you can'));
  th.apply(delta(0, 'Yes, '));
  assert.equal(th.turns.value[0]?.text, 'Yes, you can');
  th.apply({ type: 'retract', conversation_id: 'c', turn_id: 't', from_offset: 5, text: 'no' });
  assert.equal(th.turns.value[0]?.text, 'Yes, no');
  th.add(event(2, { turn_id: 't', outcome: 'answered', author: { kind: 'bot', name: '' } }));
  assert.equal(th.turns.value.length, 0);
  th.apply(delta(7, ' late'));
  assert.equal(th.turns.value.length, 0);
});

test('after a lost piece the turn waits for its event', () => {
  const th = begun([1]);
  th.apply(delta(0, 'Yes'));
  th.apply(delta(9, 'lost'));
  th.apply(delta(3, ' now'));
  assert.equal(th.turns.value[0]?.text, 'Yes');
});

test('a whole retract takes the turn away, and it may begin again', () => {
  const th = begun([1]);
  th.apply(delta(0, 'Yes'));
  th.apply({ type: 'retract', conversation_id: 'c', turn_id: 't', from_offset: 0, text: '' });
  assert.equal(th.turns.value.length, 0);
  th.apply(delta(0, 'No'));
  assert.equal(th.turns.value[0]?.text, 'No');
});

test('typing ends with the message, or after six seconds', () => {
  const th = begun([1]) as Thread & { move(ms: number): void };
  const typing = { type: 'typing', conversation_id: 'c', by: 'shopper', agent_id: '', name: '' } as const;
  th.apply(typing);
  assert.equal(th.typists.value.length, 1);
  th.add(event(2));
  assert.equal(th.typists.value.length, 0);
  th.apply(typing);
  th.move(5999);
  th.expire();
  assert.equal(th.typists.value.length, 1);
  th.move(2);
  th.expire();
  assert.equal(th.typists.value.length, 0);
});

test('reading goes forward only; who looks comes and goes', () => {
  const th = begun([1]);
  th.apply({ type: 'read', conversation_id: 'c', by: 'shopper', seq: 4 });
  th.apply({ type: 'read', conversation_id: 'c', by: 'shopper', seq: 2 });
  assert.equal(th.shopperRead.value, 4);
  th.apply({ type: 'looking', conversation_id: 'c', agent_id: 'j', name: 'Jonas', gone: false });
  th.apply({ type: 'looking', conversation_id: 'c', agent_id: 'j', name: 'Jonas', gone: false });
  assert.equal(th.looking.value.length, 1);
  th.apply({ type: 'looking', conversation_id: 'c', agent_id: 'j', name: 'Jonas', gone: true });
  assert.equal(th.looking.value.length, 0);
});
