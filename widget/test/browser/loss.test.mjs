import assert from 'node:assert/strict';
import { care, scene, until } from '../harness.mjs';
import { shopPage } from '../page.mjs';
import { refuse } from '../server.mjs';

const say = (ws, frame) => ws.send(JSON.stringify({ type: 'error', message: 'No.', retry_after_ms: 0, ...frame }));

scene('a send that fails is kept, marked, and sent again with the same client_id', {}, async (w) => {
  await w.open();
  await w.ask('First');
  await w.answers.waitFor();
  care.up = false;
  care.cut();
  await w.phase('waiting');
  await w.ask('Is it lost?');
  await w.pending.getByText('Is it lost?').waitFor();
  await w.pending.getByText('Not sent yet.').waitFor();
  await w.pending.getByRole('button', { name: 'Retry' }).waitFor();
  await w.banner.getByText('Reconnecting').waitFor();
  assert.equal(care.sent('message').length, 1);
  care.up = true;
  await w.pending.getByRole('button', { name: 'Retry' }).click();
  await w.log.getByText('Is it lost?').waitFor();
  await until(async () => (await w.shopper.count()) === 2 && (await w.pending.count()) === 0);
  assert.equal(await w.banner.isVisible(), false);
});

scene('what was on its way at a cut goes again by itself, and is stored once', {}, async (w) => {
  await w.open();
  let first;
  care.onFrame = (f, s, ws) => {
    if (f.type !== 'message' || first) return false;
    first = f.client_id;
    s.append({ author: { kind: 'shopper', name: '' }, text: f.text, client_id: f.client_id }); // stored, never acknowledged
    ws.terminate();
    return true;
  };
  await w.ask('Once only');
  await w.shopper.getByText('Once only').waitFor();
  await until(() => care.hellos.length === 2);
  await until(async () => (await w.pending.count()) === 0);
  assert.equal(await w.shopper.count(), 1);
  for (const m of care.sent('message')) assert.equal(m.client_id, first);
});

scene('an acknowledgement that never comes: the connection is made anew', { clock: true }, async (w, ctx) => {
  await w.open();
  care.onFrame = (f) => f.type === 'message';
  await w.ask('Hello?');
  await until(() => care.sent('message').length === 1);
  care.onFrame = undefined;
  await ctx.clock.fastForward(11_000);
  await w.answers.waitFor();
  assert.equal(care.hellos.length, 2);
  assert.equal(new Set(care.sent('message').map((m) => m.client_id)).size, 1);
});

scene('a refused message stays and can be edited', {}, async (w) => {
  await w.open();
  care.onFrame = (f, s, ws) => {
    if (f.type !== 'message') return false;
    say(ws, { code: 'too_long', message: 'That message is too long.', client_id: f.client_id });
    return true;
  };
  await w.ask('My story');
  await w.pending.getByText('That message is too long.').waitFor();
  await w.pending.getByRole('button', { name: 'Edit' }).click();
  assert.equal(await w.field.inputValue(), 'My story');
  assert.equal(await w.pending.count(), 0);
});

scene('too fast: the sentence of the server, then by itself once more', {}, async (w) => {
  await w.open();
  let refused = 0;
  care.onFrame = (f, s, ws) => {
    if (f.type !== 'message' || refused) return false;
    refused++;
    say(ws, { code: 'rate_limited', message: 'That was quick. One moment, please.', client_id: f.client_id, retry_after_ms: 700 });
    return true;
  };
  await w.ask('Hi');
  await w.pending.getByText('That was quick.').waitFor();
  await w.answers.waitFor();
  assert.equal(care.sent('message').length, 2);
});

scene('a cut in mid stream: the rest of the answer follows after the reconnect', {}, async (w) => {
  care.answer = false;
  await w.open();
  await w.ask('Tell me');
  await w.shopper.waitFor();
  const turn = care.begin(care.shopper);
  turn.delta('One, ');
  await w.streaming.getByText('One,').waitFor();
  care.cut(1012);
  await until(() => care.shopper.sockets.size === 0);
  turn.delta('two, ');
  await until(() => care.hellos.length === 2);
  assert.equal(care.hellos[1].after_seq, 1);
  assert.ok(care.hellos[1].visitor_token && care.hellos[1].conversation_id);
  await w.streaming.getByText('One, two,').waitFor();
  turn.delta('three.');
  turn.finish();
  await w.answers.getByText('One, two, three.').waitFor();
  assert.equal(await w.answers.count(), 1);
});

scene('a gap in the events is filled from the server', { clock: true }, async (w, ctx) => {
  await w.open();
  await w.ask('Hi');
  await w.answers.waitFor();
  await ctx.clock.fastForward(11_000);
  care.shopper.append({ text: 'The missed one' });
  care.shopper.say({ text: 'The next one' });
  await w.log.getByText('The missed one').waitFor();
  await w.log.getByText('The next one').waitFor();
  const texts = await w.answerText.allInnerTexts();
  assert.deepEqual(texts.slice(-2), ['The missed one', 'The next one']);
});

scene('an expired token: once anew without it, and what was typed is sent', {}, async (w) => {
  await w.open();
  await w.ask('Old words');
  await w.answers.waitFor();
  care.shoppers.clear(); // the server knows them no more
  care.cut();
  await w.log.getByText('could not be continued').waitFor();
  await w.ready();
  await w.ask('New words');
  await w.answers.waitFor();
  assert.deepEqual(await w.shopper.allInnerTexts(), ['New words']);
  const [, second, third] = care.hellos;
  assert.ok(second.visitor_token);
  assert.equal(third.visitor_token, undefined);
  assert.equal(third.conversation_id, undefined);
});

scene('a token that is refused again and again: it stops, says so, and keeps the words', {}, async (w) => {
  care.onHello = (f, ws) => {
    refuse(ws, 4401, 'bad_token', 'This chat has expired.');
    return true;
  };
  await w.launcher.click();
  await w.phase('stopped');
  await w.banner.getByText('could not be started').waitFor();
  await w.ask('Keep me');
  await w.pending.getByText('Keep me').waitFor();
  assert.equal(care.hellos.length, 2);
  care.onHello = undefined;
  await w.banner.getByRole('button', { name: 'Try now' }).click();
  await w.answers.waitFor();
});

scene('a site that is not allowed gets a plain sentence, and no more tries', { clock: true }, async (w, ctx) => {
  care.onHello = (f, ws) => {
    refuse(ws, 4403, 'origin_not_allowed', 'No.');
    return true;
  };
  await w.launcher.click();
  await w.phase('stopped');
  await w.banner.getByText('not set up for this page').waitFor();
  assert.equal(await w.frame.getByText('Ask me anything').isVisible(), false);
  await w.person.click();
  await w.sheet.getByText('not set up for this page').waitFor();
  await ctx.clock.fastForward(120_000);
  assert.equal(care.hellos.length, 1);
});

scene('too many connections: says how long, and comes back by itself', { clock: true }, async (w, ctx) => {
  await w.open();
  care.cut(4429);
  await w.banner.getByText(/We continue in 6\d seconds/).waitFor();
  await ctx.clock.fastForward(66_000);
  await until(() => care.hellos.length === 2);
  await w.ready();
});

scene('too slow a reader comes back with what it holds', {}, async (w) => {
  await w.open();
  await w.ask('Hi');
  await w.answers.waitFor();
  care.cut(4408);
  await until(() => care.hellos.length === 2);
  assert.equal(care.hellos[1].after_seq, 2);
});

scene('offline: messages and the request for a person wait, and both go out', { near: true }, async (w, ctx) => {
  await w.open();
  await w.ask('First');
  await w.answers.waitFor();
  care.up = false;
  await ctx.setOffline(true);
  await w.banner.getByText('You are offline').waitFor();
  await w.ask('Written in a tunnel');
  await w.pending.getByText('Not sent yet').waitFor();
  await w.person.click();
  await w.sheet.getByText('You are not connected right now').waitFor();
  await w.frame.getByLabel('E-mail').fill('ada@example.org');
  await w.frame.getByRole('button', { name: 'Ask for a person' }).click();
  await w.log.getByText('Your request for a person is kept here').waitFor();
  care.up = true;
  await ctx.setOffline(false);
  await w.log.getByText('I am passing this').waitFor();
  await until(async () => (await w.pending.count()) === 0);
  assert.equal(await w.banner.isVisible(), false);
  assert.deepEqual(care.received.filter((f) => f.type === 'message').map((f) => f.text), ['First', 'Written in a tunnel']);
});

for (const near of [false, true]) {
  const where = near ? 'the same site' : 'another site, where the frame may not store';
  scene(`what is typed and what is unsent survive navigation and reload, on ${where}`, { near }, async (w) => {
    await w.open();
    await w.ask('First');
    await w.answers.waitFor();
    care.up = false;
    care.cut();
    await w.phase('waiting');
    await w.ask('Unsent');
    await w.pending.getByText('Unsent').waitFor();
    await w.field.fill('A draft that I');
    await w.page.locator('#next').click();
    await w.page.waitForURL(/second/);
    await w.pending.getByText('Unsent').waitFor();
    assert.equal(await w.field.inputValue(), 'A draft that I');
    care.up = true;
    await w.page.reload();
    await w.ready();
    await until(async () => (await w.shopper.count()) === 2);
    assert.deepEqual(await w.shopper.allInnerTexts(), ['First', 'Unsent']);
    assert.equal(await w.field.inputValue(), 'A draft that I');
    assert.equal(care.shoppers.size, 1, 'the same shopper');
    await w.field.press('Enter');
    await w.shopper.getByText('A draft that I').waitFor();
    await w.page.reload();
    await w.ready();
    assert.equal(await w.field.inputValue(), '');
  });

  scene(`two tabs see one conversation, on ${where}`, { near }, async (a, ctx) => {
    await a.open();
    const b = await shopPage(ctx, near ? care.near : care.shop);
    await b.open();
    await a.field.fill('Draft of the first tab');
    await b.ask('From the second tab');
    await b.answers.waitFor();
    await a.answers.waitFor();
    assert.equal(await a.shopper.innerText(), 'From the second tab');
    assert.equal(await a.field.inputValue(), 'Draft of the first tab');
    assert.equal(await b.field.inputValue(), '');
    await a.field.press('Enter');
    await b.shopper.getByText('Draft of the first tab').waitFor();
    assert.equal(new Set(care.sent('message').map((m) => m.client_id)).size, 2);
    assert.equal(care.shoppers.size, 1);
  });
}

scene('two tabs opened at once become one shopper', { near: true }, async (a, ctx) => {
  const b = await shopPage(ctx, care.near);
  const late = [];
  care.onHello = (f, ws) => {
    late.push([f, ws]);
    if (late.length < 2) return true;
    care.onHello = undefined;
    for (const [hello, socket] of late) socket.emit('message', JSON.stringify(hello));
    return true;
  };
  await Promise.all([a.launcher.click(), b.launcher.click()]);
  await Promise.all([a.ready(), b.ready()]);
  await until(async () => [...care.shoppers.values()].some((s) => s.sockets.size === 2), 'both follow one shopper');
  await Promise.all([a.ready(), b.ready()]);
  await a.ask('Hi from one');
  await b.shopper.getByText('Hi from one').waitFor();
});

scene('a phone that slept: the silent connection is made anew', { clock: true }, async (w, ctx) => {
  await w.open();
  await w.ask('Hi');
  await w.answers.waitFor();
  await ctx.clock.fastForward(30_000);
  assert.equal(care.hellos.length, 1);
  care.shopper.append({ text: 'Said while you slept' });
  await ctx.clock.fastForward(3_600_000);
  await w.log.getByText('Said while you slept').waitFor();
  assert.equal(care.hellos[1].after_seq, 2);
});

scene('a server that is away for long: says what is possible, keeps what is typed', { clock: true }, async (w, ctx) => {
  care.up = false;
  await w.launcher.click();
  await w.field.waitFor();
  await ctx.clock.fastForward(21_000);
  await w.log.getByText('We cannot be reached right now').waitFor();
  await w.ask('Are you there?');
  await w.pending.getByText('Are you there?').waitFor();
  assert.ok(await w.person.isVisible());
  care.up = true;
  await ctx.clock.fastForward(31_000);
  await w.answers.waitFor();
  assert.equal(await w.log.getByText('We cannot be reached right now').count(), 0);
});

scene('an answer that takes long is said to', { clock: true }, async (w, ctx) => {
  care.answer = false;
  await w.open();
  await w.ask('Hm?');
  await w.shopper.waitFor();
  const turn = care.begin(care.shopper);
  await w.streaming.waitFor();
  await ctx.clock.fastForward(21_000);
  await w.streaming.getByText('taking longer than usual').waitFor();
  turn.delta('Here.');
  await w.streaming.getByText('Writing…').waitFor();
});

scene('frames that are none do not disturb', {}, async (w) => {
  await w.open();
  await w.ask('Hi');
  await w.answers.waitFor();
  for (const s of care.shopper.sockets) {
    for (const raw of ['garbage', '[]', '{"type":"dance"}', '{"type":"event"}', '{"type":"delta","turn_id":"x","offset":-1,"text":"x"}']) s.send(raw);
    s.send(Buffer.from([1, 2, 3]));
  }
  care.shopper.say({ text: 'Still here' });
  await w.log.getByText('Still here').waitFor();
});
