import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Connection, DEAD_AFTER } from '../../src/live/connection';
import type { ServerFrame } from '../../src/live/wire';
import { FakeClock, FakeSocket } from './fakes';

function make() {
  const clock = new FakeClock();
  const sockets: FakeSocket[] = [];
  const frames: ServerFrame[] = [];
  const c = new Connection({
    clock,
    socket: () => {
      const s = new FakeSocket();
      sockets.push(s);
      return s;
    },
    hello: () => ({ type: 'hello', site: 'demo', conversation_id: 'c', after_seq: 7 }),
    frame: (f) => frames.push(f),
    phase: () => undefined,
  });
  c.connect();
  const last = () => sockets.at(-1)!;
  return { clock, sockets, frames, c, last };
}

test('hello goes first, and nothing leaves before welcome', () => {
  const w = make();
  assert.equal(w.c.send({ type: 'typing', conversation_id: 'c' }), false);
  w.last().welcome();
  assert.deepEqual(w.last().sent, [{ type: 'hello', site: 'demo', conversation_id: 'c', after_seq: 7 }]);
  assert.equal(w.c.send({ type: 'typing', conversation_id: 'c' }), true);
});

test('a lost connection comes back, later each time, and at once after it was stable', () => {
  const w = make();
  w.last().welcome();
  const waits: number[] = [];
  for (let i = 0; i < 8; i++) {
    w.last().drop();
    const p = w.c.phase;
    assert.equal(p.name, 'waiting');
    const wait = p.name === 'waiting' ? p.until - w.clock.now() : 0;
    waits.push(wait);
    w.clock.pass(wait);
  }
  assert.deepEqual(waits, [375, 750, 1500, 3000, 6000, 12_000, 22_500, 22_500]);
  w.last().welcome();
  w.clock.pass(10_000);
  w.last().drop();
  assert.equal(w.c.phase.name === 'waiting' && w.c.phase.until - w.clock.now(), 375);
});

test('close codes say whether to come back', () => {
  const after = (code: number) => {
    const w = make();
    w.last().welcome();
    w.last().drop(code);
    return w;
  };
  assert.deepEqual(after(4401).c.phase, { name: 'stopped', why: 'signed_out' });
  assert.deepEqual(after(4403).c.phase, { name: 'stopped', why: 'site' });
  assert.deepEqual(after(4400).c.phase, { name: 'stopped', why: 'client' });
  const slow = after(4408);
  assert.equal(slow.c.phase.name, 'connecting');
  assert.equal(slow.sockets.length, 2);
  const restart = after(1012).c.phase;
  assert.equal(restart.name === 'waiting' && restart.why, 'restart');
  const many = after(4429);
  assert.equal(many.c.phase.name === 'waiting' && many.c.phase.why, 'too_many');
  many.c.wake();
  many.clock.pass(59_999);
  assert.equal(many.sockets.length, 1);
  many.clock.pass(5001);
  assert.equal(many.sockets.length, 2);
});

test('a hello that came too late says nothing about the session', () => {
  const w = make();
  w.last().say({ type: 'error', code: 'hello_expected', message: '' });
  w.last().drop(4401);
  assert.equal(w.c.phase.name, 'waiting');
});

test('a server that says nothing is given up; a silent connection is renewed on waking', () => {
  const w = make();
  w.clock.pass(15_000);
  assert.equal(w.c.phase.name, 'waiting');
  w.c.wake();
  w.last().welcome();
  w.c.wake();
  assert.equal(w.sockets.length, 2);
  w.clock.pass(DEAD_AFTER);
  w.c.wake();
  assert.equal(w.sockets.length, 3);
});

test('frames that are none are let go', () => {
  const w = make();
  w.last().welcome();
  for (const bad of ['', '{', '[]', '{"type":"event"}', '{"type":"row","row":{}}', '{"type":"delta","turn_id":"t","offset":-1}', '{"type":"unheard-of"}']) w.last().onmessage?.({ data: bad });
  w.last().onmessage?.({ data: new ArrayBuffer(2) });
  assert.equal(w.frames.length, 1);
});
