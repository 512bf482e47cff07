import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Connection, type Phase } from '../../src/app/connection';
import type { ServerFrame } from '../../src/app/wire';
import { FakeClock, FakeSocket } from './fakes';

function setup() {
  const clock = new FakeClock();
  const sockets: FakeSocket[] = [];
  const phases: string[] = [];
  const frames: ServerFrame[] = [];
  let dropped = 0;
  let identities = 0;
  const c = new Connection({
    clock,
    socket: () => {
      const s = new FakeSocket();
      sockets.push(s);
      return s;
    },
    hello: () => ({ type: 'hello' }),
    dropToken: () => dropped++,
    dropIdentity: () => identities-- > 0,
    frame: (f) => frames.push(f),
    phase: (p) => phases.push(p.name),
  });
  c.connect();
  return {
    c,
    clock,
    sockets,
    phases,
    frames,
    last: () => sockets[sockets.length - 1]!,
    dropped: () => dropped,
    identify: () => (identities = 1),
    waits: () => (c.phase.name === 'waiting' ? c.phase.until - clock.now() : -1),
  };
}

test('says hello first and is ready at the welcome', () => {
  const t = setup();
  assert.deepEqual(t.phases, ['connecting']);
  assert.equal(t.c.send({ type: 'typing' }), false);
  t.last().open();
  assert.deepEqual(t.last().sent, [{ type: 'hello' }]);
  assert.equal(t.c.send({ type: 'typing' }), false, 'nothing goes out before the welcome');
  t.last().welcome();
  assert.equal(t.c.phase.name, 'ready');
  assert.equal(t.c.send({ type: 'typing' }), true);
});

test('the back-off doubles, is jittered, and stops growing at 30 s', () => {
  const t = setup();
  const waits: number[] = [];
  for (let i = 0; i < 10; i++) {
    t.last().drop();
    waits.push(t.waits());
    t.clock.pass(t.waits());
  }
  assert.deepEqual(waits.slice(0, 4), [375, 750, 1500, 3000]); // three quarters of 500, 1000, …
  assert.ok(Math.max(...waits) <= 30_000);
  t.clock.chance = 0;
  t.last().drop();
  assert.equal(t.waits(), 15_000);
  t.clock.pass(15_000);
  t.clock.chance = 1;
  t.last().drop();
  assert.equal(t.waits(), 30_000);
});

test('a connection that lasted starts the back-off anew; one that did not goes on', () => {
  const t = setup();
  for (let i = 0; i < 5; i++) {
    t.last().drop();
    t.clock.pass(t.waits());
  }
  t.last().welcome();
  t.clock.pass(2000);
  t.last().drop();
  assert.ok(t.waits() > 8000, 'two seconds are no stable connection');
  t.clock.pass(t.waits());
  t.last().welcome();
  t.clock.pass(11_000);
  t.last().drop();
  assert.equal(t.waits(), 375);
});

test('a socket that never welcomes is given up', () => {
  const t = setup();
  t.last().open();
  t.clock.pass(14_999);
  assert.equal(t.c.phase.name, 'connecting');
  t.clock.pass(1);
  assert.equal(t.c.phase.name, 'waiting');
  assert.ok(t.sockets[0]!.closed);
});

const codes: { code: number; from?: 'ready'; want: Phase['name']; why?: string; least?: number; most?: number }[] = [
  { code: 1006, from: 'ready', want: 'waiting', why: 'network', least: 100, most: 1000 },
  { code: 1012, from: 'ready', want: 'waiting', why: 'restart', least: 300, most: 3300 },
  { code: 4400, from: 'ready', want: 'stopped', why: 'client' },
  { code: 4403, want: 'stopped', why: 'site' },
  { code: 4429, from: 'ready', want: 'waiting', why: 'too_many', least: 60_000, most: 65_000 },
  { code: 4408, from: 'ready', want: 'connecting' },
];
for (const { code, from, want, why, least, most } of codes) {
  test(`closed with ${code}: ${want} ${why ?? ''}`, () => {
    const t = setup();
    if (from) t.last().welcome();
    t.last().drop(code);
    assert.equal(t.c.phase.name, want);
    if (why) assert.equal((t.c.phase as { why: string }).why, why);
    if (least !== undefined) assert.ok(t.waits() >= least && t.waits() <= most!, String(t.waits()));
  });
}

test('too slow a reader comes back at once, but not in a tight circle', () => {
  const t = setup();
  t.last().welcome();
  t.last().drop(4408);
  assert.equal(t.sockets.length, 2);
  t.last().welcome();
  t.last().drop(4408);
  assert.equal(t.c.phase.name, 'waiting');
});

test('a refused token is dropped once, then it stops', () => {
  const t = setup();
  t.last().open();
  t.last().say({ type: 'error', code: 'bad_token', message: 'Expired.' });
  t.last().drop(4401);
  assert.equal(t.dropped(), 1);
  assert.equal(t.sockets.length, 2, 'hello anew at once');
  t.last().drop(4401);
  assert.equal(t.dropped(), 1);
  assert.deepEqual(t.c.phase, { name: 'stopped', why: 'token' });
  t.c.retryNow();
  assert.equal(t.c.phase.name, 'connecting');
});

test('a token is good for another drop once it was welcomed', () => {
  const t = setup();
  t.last().drop(4401);
  t.last().welcome();
  t.last().drop(4401);
  assert.equal(t.dropped(), 2);
});

test('a hello that came too late does not cost the token', () => {
  const t = setup();
  t.last().say({ type: 'error', code: 'hello_expected', message: '' });
  t.last().drop(4401);
  assert.equal(t.dropped(), 0);
  assert.equal(t.c.phase.name, 'waiting');
});

test('too many: waits as long as the server says, and "online" does not cut it short', () => {
  const t = setup();
  t.last().welcome();
  t.last().say({ type: 'error', code: 'rate_limited', message: '', retry_after_ms: 90_000 });
  t.last().drop(4429);
  assert.ok(t.waits() >= 90_000);
  t.c.setOnline(true);
  t.c.wake();
  t.c.retryNow();
  assert.equal(t.c.phase.name, 'waiting');
  t.clock.pass(96_000);
  assert.equal(t.c.phase.name, 'connecting');
});

test('offline cuts the socket, online comes back at once', () => {
  const t = setup();
  t.last().welcome();
  t.c.setOnline(false);
  assert.ok(t.last().closed);
  assert.equal(t.c.phase.name, 'waiting');
  t.c.setOnline(true);
  assert.equal(t.c.phase.name, 'connecting');
  assert.equal(t.sockets.length, 2);
});

test('waking: a connection that was silent for 75 s is taken as dead, a younger one is kept', () => {
  const t = setup();
  t.last().welcome();
  t.clock.sleep(74_000);
  t.c.wake();
  assert.equal(t.sockets.length, 1);
  t.clock.sleep(2_000);
  t.c.wake();
  assert.equal(t.sockets.length, 2);
  assert.ok(t.sockets[0]!.closed);
});

test('a device that slept without telling the page is noticed by the late tick', () => {
  const t = setup();
  t.last().welcome();
  t.clock.pass(60_000);
  assert.equal(t.sockets.length, 1);
  t.clock.sleep(3_600_000);
  t.clock.pass(1);
  assert.equal(t.sockets.length, 2);
});

test('waking hurries a wait', () => {
  const t = setup();
  t.last().drop();
  t.c.wake();
  assert.equal(t.sockets.length, 2);
});

test('resync comes back at once, from a young connection after a wait', () => {
  const t = setup();
  t.last().welcome();
  t.c.resync();
  assert.equal(t.c.phase.name, 'waiting');
  t.clock.pass(1000);
  t.last().welcome();
  t.clock.pass(20_000);
  t.c.resync();
  assert.equal(t.c.phase.name, 'connecting');
});

test('what is no frame changes nothing', () => {
  const t = setup();
  t.last().welcome();
  const before = t.frames.length;
  t.last().onmessage!({ data: 'garbage' });
  t.last().onmessage!({ data: '{"type":"dance"}' });
  assert.equal(t.frames.length, before);
  assert.equal(t.c.phase.name, 'ready');
});

test('an old socket that still talks is not heard', () => {
  const t = setup();
  const old = t.last();
  old.welcome();
  t.clock.pass(20_000);
  t.c.resync();
  assert.equal(old.onmessage, null);
  assert.equal(old.onclose, null);
});

test('a socket that cannot be made is a cut', () => {
  const clock = new FakeClock();
  const c = new Connection({
    clock,
    socket: () => {
      throw new Error('refused');
    },
    hello: () => ({ type: 'hello' }),
    dropToken: () => {},
    dropIdentity: () => false,
    frame: () => {},
    phase: () => {},
  });
  c.connect();
  assert.equal(c.phase.name, 'waiting');
});

test('a refused identity costs the token nothing, and is tried once', () => {
  const t = setup();
  t.identify();
  const refuse = () => {
    t.last().open();
    t.last().say({ type: 'error', code: 'bad_identity', message: 'Out of date.', retry_after_ms: 0 });
    t.last().drop(4401);
  };
  refuse();
  assert.equal(t.dropped(), 0);
  assert.equal(t.sockets.length, 2);
  refuse();
  refuse();
  assert.equal(t.c.phase.name, 'stopped', 'a server that goes on like this is left alone');
});
