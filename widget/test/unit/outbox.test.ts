import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Outbox } from '../../src/app/outbox';
import { Session, type Tabs } from '../../src/app/session';
import { shelf } from '../../src/app/storage';
import type { KeptFrame } from '../../src/app/wire';
import { FakeClock, FakeSocket, memoryShelf } from './fakes';

function setup(held = memoryShelf()) {
  const clock = new FakeClock();
  const sent: KeptFrame[] = [];
  const state = { up: true, overdue: 0 };
  const box = new Outbox({
    clock,
    shelf: held,
    send: (f) => {
      if (state.up) sent.push(f);
      return state.up;
    },
    overdue: () => state.overdue++,
    changed: () => {},
  });
  return { box, clock, sent, state, held };
}
const message = (client_id: string, text = 'Hi'): KeptFrame => ({ type: 'message', client_id, text });
const refusal = (client_id: string, code: string, retry_after_ms = 0) => ({ type: 'error' as const, code, message: 'No.', client_id, retry_after_ms });

test('an item is kept until its acknowledgement', () => {
  const t = setup();
  t.box.add(message('a'));
  assert.equal(t.held.map.size, 1);
  assert.equal(t.box.items.get('a')?.state, 'sending');
  t.box.ack('a');
  assert.equal(t.held.map.size, 0);
  assert.equal(t.box.items.size, 0);
});

test('what cannot leave waits, and goes out again with the same client_id', () => {
  const t = setup();
  t.state.up = false;
  t.box.add(message('a'));
  t.box.add({ type: 'handoff', client_id: 'b', note: 'help' });
  assert.equal(t.box.items.get('a')?.state, 'queued');
  t.state.up = true;
  t.box.flush();
  assert.deepEqual(t.sent.map((f) => f.client_id), ['a', 'b']);
});

test('a cut marks what was on its way, and the next connection sends it again', () => {
  const t = setup();
  t.box.add(message('a'));
  t.box.down();
  assert.equal(t.box.items.get('a')?.state, 'queued');
  t.box.flush();
  assert.deepEqual(t.sent.map((f) => f.client_id), ['a', 'a']);
});

test('an overdue acknowledgement makes the connection suspect', () => {
  const t = setup();
  t.box.add(message('a'));
  t.clock.pass(9_999);
  assert.equal(t.state.overdue, 0);
  t.clock.pass(1);
  assert.equal(t.state.overdue, 1);
  assert.equal(t.box.items.get('a')?.state, 'queued');
});

test('items survive a reload, in order; what is no item is thrown away', () => {
  const t = setup();
  t.state.up = false;
  t.box.add(message('first'));
  t.clock.pass(5);
  t.box.add(message('second'));
  t.held.set('out:junk', '{"frame":{}}');
  t.held.set('out:half', '{');
  const again = setup(t.held);
  assert.deepEqual([...again.box.items.keys()], ['first', 'second']);
  assert.equal(t.held.map.size, 2);
});

test('a limit is waited out, then the same goes again', () => {
  const t = setup();
  t.box.add(message('a'));
  t.box.refuse(refusal('a', 'rate_limited', 3000));
  assert.equal(t.box.items.get('a')?.state, 'failed');
  assert.equal(t.box.items.get('a')?.reason, 'No.');
  t.clock.pass(2999);
  assert.equal(t.sent.length, 1);
  t.clock.pass(1);
  assert.equal(t.sent.length, 2);
  assert.equal(t.box.items.get('a')?.state, 'sending');
});

test('what the server cannot store now is tried again', () => {
  const t = setup();
  t.box.add(message('a'));
  t.box.refuse(refusal('a', 'unavailable'));
  t.clock.pass(5000);
  assert.equal(t.sent.length, 2);
});

for (const code of ['too_long', 'empty_text', 'bad_email']) {
  test(`${code}: kept, and not sent again by itself`, () => {
    const t = setup();
    t.box.add(message('a'));
    t.box.refuse(refusal('a', code));
    assert.equal(t.box.items.get('a')?.again, false);
    t.clock.pass(120_000);
    t.box.flush();
    assert.equal(t.sent.length, 1);
    assert.equal(t.held.map.size, 1, 'what was typed is not lost');
  });
}

test('a bad client_id is replaced at the retry', () => {
  const t = setup();
  t.box.add(message('a'));
  t.box.refuse(refusal('a', 'bad_client_id'));
  t.box.retry('a');
  assert.equal(t.sent.length, 2);
  assert.notEqual(t.sent[1]!.client_id, 'a');
});

test('what made the server break off is not sent again by itself, not even after a reload', () => {
  const t = setup();
  t.box.add(message('a'));
  t.box.blame();
  assert.equal(t.box.items.get('a')?.state, 'failed');
  const again = setup(t.held);
  again.box.flush();
  assert.equal(again.sent.length, 0);
  assert.equal(again.box.items.get('a')?.state, 'failed');
  again.box.retry('a');
  assert.equal(again.sent.length, 1);
});

test('storage that throws is replaced by memory', () => {
  const wall = {
    getItem: () => {
      throw new Error('denied');
    },
    setItem: () => {
      throw new Error('full');
    },
  } as unknown as Storage;
  for (const open of [() => wall, () => { throw new Error('no storage'); }]) {
    const s = shelf(open as () => Storage, 'p:');
    s.set('a', '1');
    assert.equal(s.get('a'), '1');
    assert.deepEqual(s.keys('a'), ['a']);
    s.remove('a');
    assert.equal(s.get('a'), null);
  }
});

// The session joins the parts: what matters is what reaches the wire.
function session(lasting = memoryShelf(), passing = memoryShelf()) {
  const clock = new FakeClock();
  const sockets: FakeSocket[] = [];
  const tabs: Tabs = { tell: () => {}, heard: () => {} };
  const told: string[] = [];
  tabs.tell = (id) => told.push(id);
  const anew: number[] = [];
  const sentences: string[] = [];
  const who = { identity: '' };
  const s = new Session(
    {
      siteKey: 'demo',
      locale: 'en',
      clock,
      lasting,
      passing,
      tabs,
      page: () => ({ url: 'https://shop.example/', title: 'Shop' }),
      identity: () => who.identity,
      socket: () => {
        const x = new FakeSocket();
        sockets.push(x);
        return x;
      },
    },
    { change: () => {}, item: () => {}, phase: () => {}, startedAnew: () => anew.push(1), sentence: (x) => sentences.push(x) },
  );
  s.start();
  return { s, clock, sockets, tabs, told, anew, sentences, lasting, passing, last: () => sockets[sockets.length - 1]! };
}
const stored = (seq: number, more: object = {}) => ({ type: 'event', conversation_id: 'c1', seq, kind: 'message', at: '', author: { kind: 'shopper' }, text: 'Hi', ...more });

test('the hello after a cut carries token, conversation and after_seq', () => {
  const t = session();
  t.last().welcome({ visitor_token: 'vt_1' });
  t.last().say(stored(1));
  t.last().drop();
  t.clock.pass(1000);
  t.last().open();
  const hello = t.last().sent[0]!;
  assert.equal(hello.visitor_token, 'vt_1');
  assert.equal(hello.conversation_id, 'c1');
  assert.equal(hello.after_seq, 1);
  assert.equal(hello.site_key, 'demo');
});

test('an expired token: a new hello without it, and what was typed goes out to the new shopper', () => {
  const lasting = memoryShelf();
  lasting.set('token', 'vt_old');
  const t = session(lasting);
  const item = t.s.sendMessage('Is my parcel lost?');
  t.last().open();
  assert.equal(t.last().sent[0]!.visitor_token, 'vt_old');
  t.last().say({ type: 'error', code: 'bad_token', message: 'Expired.' });
  t.last().drop(4401);
  t.last().welcome({ visitor_token: 'vt_new' });
  const [hello, message] = t.last().sent;
  assert.equal(hello!.visitor_token, undefined);
  assert.equal(message!.client_id, item.frame.client_id);
  assert.equal(lasting.get('token'), 'vt_new');
});

test('a gap leads to a hello with after_seq', () => {
  const t = session();
  t.last().welcome();
  t.last().say(stored(1));
  t.clock.pass(20_000);
  t.last().say(stored(3));
  assert.equal(t.sockets.length, 2);
  t.last().open();
  assert.equal(t.last().sent[0]!.after_seq, 1);
});

test('a conversation that is refused is forgotten, the shopper is not', () => {
  const t = session();
  t.last().welcome({ visitor_token: 'vt_1' });
  t.last().say(stored(1));
  t.last().drop();
  t.clock.pass(1000);
  t.last().open();
  const sockets = t.sockets.length;
  t.last().say({ type: 'error', code: 'unknown_conversation', message: 'No.' });
  t.last().welcome({ conversation_id: 'c2' });
  assert.equal(t.s.talk.id, 'c2');
  assert.equal(t.s.talk.events.length, 0);
  assert.equal(t.sockets.length, sockets, 'the socket that stays open is used');
  t.last().drop();
  t.clock.pass(1000);
  t.last().open();
  assert.equal(t.last().sent[0]!.conversation_id, 'c2');
  assert.equal(t.last().sent[0]!.visitor_token, 'vt_1');
});

test('the tab that begins a conversation tells the others, and a tab that has none asks for it', () => {
  const a = session();
  a.last().welcome();
  a.last().say(stored(1));
  assert.deepEqual(a.told, ['c1']);
  const b = session();
  b.last().welcome();
  b.clock.pass(20_000);
  b.tabs.heard('c1');
  assert.equal(b.sockets.length, 2);
  a.clock.pass(20_000);
  a.tabs.heard('c1');
  assert.equal(a.sockets.length, 1, 'a tab that has it stays');
});

test('a tab without a conversation becomes the shopper of the other tab', () => {
  const lasting = memoryShelf();
  const a = session(lasting);
  a.last().welcome({ visitor_token: 'vt_a' });
  a.clock.pass(20_000);
  lasting.set('token', 'vt_b');
  a.s.adoptToken();
  a.last().open();
  assert.equal(a.last().sent[0]!.visitor_token, 'vt_b');
});

test('a bad frame stops, blames what was on its way, and a later try is free of it', () => {
  const t = session();
  t.last().welcome();
  t.s.sendMessage('poison');
  t.last().drop(4400);
  assert.deepEqual(t.s.link.phase, { name: 'stopped', why: 'client' });
  t.s.link.retryNow();
  t.last().welcome();
  assert.deepEqual(t.last().sent.map((f) => f.type), ['hello']);
});

test('sentences of errors that mend themselves are not shown, others are', () => {
  const t = session();
  t.last().welcome();
  t.last().say({ type: 'error', code: 'bad_token', message: 'Expired.' });
  t.last().say({ type: 'error', code: 'rate_limited', message: 'Slowly, please.', retry_after_ms: 100 });
  assert.deepEqual(t.sentences, ['Slowly, please.']);
});

test('the shown rating is the pending one, then the stored one', () => {
  const t = session();
  t.last().welcome();
  t.last().say(stored(1, { author: { kind: 'bot' } }));
  t.s.rate(1, -1);
  assert.equal(t.s.ratingOf(1), -1);
  const sent = t.last().sent.find((f) => f.type === 'rate')!;
  t.last().say(stored(2, { kind: 'rating', client_id: sent.client_id, rating: { event_seq: 1, score: -1 } }));
  assert.equal(t.s.outbox.items.size, 0);
  assert.equal(t.s.ratingOf(1), -1);
});

test('typing is told at most once in four seconds, and only within a conversation', () => {
  const t = session();
  t.last().welcome();
  t.s.typing();
  assert.equal(t.last().sent.length, 1, 'no conversation yet');
  t.last().say(stored(1));
  t.s.typing();
  t.s.typing();
  t.clock.pass(4000);
  t.s.typing();
  assert.equal(t.last().sent.filter((f) => f.type === 'typing').length, 2);
  t.s.sendMessage('Hello?');
  t.s.typing();
  assert.equal(t.last().sent.filter((f) => f.type === 'typing').length, 3, 'what follows a message is told at once');
});
