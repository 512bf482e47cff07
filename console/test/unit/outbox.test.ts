import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ApiError } from '../../src/api/call';
import { Outbox, type Item } from '../../src/state/outbox';
import { FakeClock, memoryShelf } from './fakes';

const item = (client_id: string) => ({ client_id, site: 's', conversation: 'c', kind: 'reply' as const, text: 'Hello', draftId: '', citations: [], mentions: [], resolve: false, confirm: false });
const settled = () => new Promise((done) => setImmediate(done));

function make(map = new Map<string, string>()) {
  const clock = new FakeClock();
  const posted: string[] = [];
  const stored: string[] = [];
  const refused: [string, string][] = [];
  const world = { fail: undefined as ApiError | undefined, hold: undefined as Promise<void> | undefined };
  const out = new Outbox({
    clock,
    shelf: memoryShelf(map),
    owner: () => 'me',
    async post(i: Item) {
      posted.push(i.client_id);
      await world.hold;
      if (world.fail) throw world.fail;
    },
    stored: (i) => stored.push(i.client_id),
    refused: (i, why) => refused.push([i.client_id, why.code]),
  });
  return { clock, posted, stored, refused, world, out, map };
}

test('what is stored leaves the outbox and the browser', async () => {
  const w = make();
  w.out.add(item('a'));
  assert.equal(w.map.size, 1);
  await settled();
  assert.deepEqual(w.stored, ['a']);
  assert.equal(w.map.size, 0);
});

test('without a connection it is tried again with the same client_id, later and later', async () => {
  const w = make();
  w.world.fail = new ApiError(0, 'unreachable', '');
  w.out.add(item('a'));
  await settled();
  assert.equal(w.out.items.value[0]?.state, 'waiting');
  w.clock.pass(749);
  assert.equal(w.posted.length, 1);
  w.clock.pass(1);
  await settled();
  assert.equal(w.posted.length, 2);
  w.clock.pass(1400);
  assert.equal(w.posted.length, 2);
  w.world.fail = undefined;
  w.out.flush();
  await settled();
  assert.deepEqual(w.posted, ['a', 'a', 'a']);
  assert.deepEqual(w.stored, ['a']);
  w.clock.pass(100_000);
  assert.equal(w.posted.length, 3);
});

test('a server that says when to come back is believed', async () => {
  const w = make();
  w.world.fail = new ApiError(429, 'rate_limited', '', { retryAfter: 20 });
  w.out.add(item('a'));
  await settled();
  w.clock.pass(19_999);
  assert.equal(w.posted.length, 1);
  w.clock.pass(1);
  assert.equal(w.posted.length, 2);
});

test('signed out, it is held until the agent is back', async () => {
  const w = make();
  w.world.fail = new ApiError(401, 'signed_out', '');
  w.out.add(item('a'));
  await settled();
  assert.equal(w.out.items.value[0]?.state, 'held');
  w.clock.pass(1_000_000);
  assert.equal(w.posted.length, 1);
  w.world.fail = undefined;
  w.out.flush();
  await settled();
  assert.deepEqual(w.stored, ['a']);
});

test('what the server refuses goes back to the agent', async () => {
  const w = make();
  w.world.fail = new ApiError(409, 'claimed', '');
  w.out.add(item('a'));
  await settled();
  assert.deepEqual(w.refused, [['a', 'claimed']]);
  assert.equal(w.out.items.value.length, 0);
  assert.equal(w.map.size, 0);
});

test('a page that comes later sends what an earlier one left, and nobody else\'s', async () => {
  const map = new Map<string, string>();
  const first = make(map);
  first.world.fail = new ApiError(0, 'unreachable', '');
  first.out.add(item('a'));
  await settled();
  map.set('out:somebody:b', JSON.stringify(item('b')));
  map.set('out:me:broken', '{');
  const second = make(map);
  second.out.load();
  await settled();
  assert.deepEqual(second.posted, ['a']);
  assert.deepEqual([...map.keys()].sort(), ['out:me:broken', 'out:somebody:b']);
});

test('an event that comes before the answer acknowledges, once', async () => {
  const w = make();
  let release = () => {};
  w.world.hold = new Promise((done) => (release = done));
  w.out.add(item('a'));
  w.out.seen('a');
  assert.deepEqual(w.stored, ['a']);
  release();
  await settled();
  assert.deepEqual(w.stored, ['a']);
  w.out.seen('unknown');
});
