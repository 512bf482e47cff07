// An agent's work in a conversation: two keys, drafts, facts, notes, macros, citations.
import assert from 'node:assert/strict';
import { beside, care, scene, until } from '../harness.mjs';
import { ADMIN, AGENT, DRAFT, RETURNS } from '../world.mjs';

const unsupported = () => {
  const text = 'Dear Ada, we give you 30 € back.';
  Object.assign(care.ada.draft, { text, unsupported: [{ start: text.indexOf('30 €'), end: text.indexOf('30 €') + 4, text: '30 €' }] });
};
const replies = () => care.ada.events.filter((e) => e.kind === 'message' && e.author.kind === 'agent');

scene('two keys from a waiting conversation to the accepted draft sent', {}, async (c) => {
  await c.go();
  await c.row('Ada Winter').waitFor();
  await c.list.focus();
  const keys = ['Enter', 'Control+Enter'];
  await c.press(keys[0]);
  await until(async () => (await c.focused()) === 'composer', 'the composer has the focus');
  assert.equal(await c.field.inputValue(), DRAFT);
  await c.press(keys[1]);
  await until(() => replies().length === 1);
  assert.equal(keys.length, 2);
  const sent = care.asked('POST', /messages$/)[0].body;
  assert.equal(sent.text, DRAFT);
  assert.equal(sent.draft_id, 'd1');
  assert.deepEqual(sent.citations, [{ n: 1, article_id: RETURNS.article_id }]);
  await c.timeline.getByText('I am sending the right pair today').waitFor();
  assert.equal(await c.field.inputValue(), '');
  assert.equal(await c.focused(), 'composer');
  await until(() => care.asked('POST', /drafts\/d1\/opened$/).length === 1);
});

scene('a draft streams into the field, and never over what was typed', {}, async (c) => {
  care.ada.draft = null;
  await c.ada();
  const w = care.ada.write('Dear Ada, I am sorry about the boots.');
  w.piece(9);
  await until(async () => (await c.field.inputValue()) === 'Dear Ada,');
  assert.equal(await c.page.getByRole('button', { name: 'Send', exact: false }).last().isDisabled(), true);
  w.piece(8);
  w.finish();
  await until(async () => (await c.field.inputValue()) === 'Dear Ada, I am sorry about the boots.');

  await c.field.press('End');
  await c.field.pressSequentially(' Mine.');
  care.ada.say({ text: 'Are you there?' });
  const next = care.ada.write('Dear Ada, yes, I am here.');
  next.piece(12);
  await c.page.getByText('A newer draft is being written').waitFor();
  next.finish();
  await c.page.getByRole('button', { name: /Use it/ }).waitFor();
  assert.equal(await c.field.inputValue(), 'Dear Ada, I am sorry about the boots. Mine.');

  await c.field.press('Alt+u');
  await until(async () => (await c.field.inputValue()) === 'Dear Ada, yes, I am here.');
  await c.field.press('Control+z');
  await until(async () => (await c.field.inputValue()).endsWith('Mine.'), 'the browser\'s own undo brings it back');
});

scene('an unsupported fact is marked, and sending it takes a second key press', {}, async (c) => {
  unsupported();
  await c.ada();
  assert.equal(await c.page.locator('.mirror mark').innerText(), '30 €');
  await c.field.press('Control+Enter');
  await c.page.getByText('Send once more').first().waitFor();
  assert.equal(care.asked('POST', /messages$/).length, 0);
  assert.match(await c.spoken.innerText(), /Send once more/);
  await c.field.press('Control+Enter');
  await until(() => replies().length === 1);
  assert.equal(care.asked('POST', /messages$/)[0].body.confirm_unsupported, true);
});

scene('a fact that only the server finds comes back marked, with every word', {}, async (c) => {
  await c.ada();
  await c.field.fill('You get 30 € back.');
  await c.field.press('Control+Enter');
  await c.page.getByText('Send once more').first().waitFor();
  assert.equal(await c.field.inputValue(), 'You get 30 € back.');
  assert.equal(await c.page.locator('.mirror mark').innerText(), '30 €');
  await c.field.press('End');
  await c.field.pressSequentially('!');
  await c.page.locator('#unsupported strong').waitFor({ state: 'detached' }); // typing takes the warning back
  await c.field.press('Control+Enter');
  await c.page.locator('#unsupported strong').waitFor();
  await c.field.press('Control+Enter');
  await until(() => replies().length === 1);
});

scene('two claim at once: one wins, the other is told, and keeps what was written', {}, async (c) => {
  await c.ada();
  await c.field.fill('From Mira');
  await beside(AGENT, async (other) => {
    await other.ada();
    await c.page.getByRole('img', { name: 'Also looking: Jonas Keller' }).waitFor();
    await other.page.getByRole('button', { name: 'Take it' }).click();
    await other.page.getByText('It is yours.').first().waitFor();
    // Mira's console knows it from the row already; she sends all the same.
    await c.field.press('Control+Enter');
    await c.page.getByText('Jonas Keller was first').waitFor();
    assert.equal(await c.field.inputValue(), 'From Mira');
    assert.equal(replies().length, 0);
    await c.page.locator('.conversation-head').getByText('Jonas Keller').first().waitFor();
  });
});

scene('tones by one key, macros by /, articles by #, mentions by @, resolve with it', {}, async (c) => {
  await c.ada();
  await c.field.press('Alt+1');
  await until(() => care.asked('POST', /drafts$/)[0]?.body.tone === 'warmer');
  care.ada.writing.finish();
  await until(async () => (await c.field.inputValue()).startsWith('[warmer] Dear Ada'));
  await c.field.fill('');
  await c.field.pressSequentially('/gre');
  await c.page.getByRole('option', { name: /greeting/ }).waitFor();
  await c.field.press('Enter');
  assert.equal(await c.field.inputValue(), 'Hello Ada Winter, this is Mira Holm of Dunnock Outdoor. How can I help?');
  await c.field.press('Control+End');
  await c.field.pressSequentially(' #returns');
  await c.page.getByRole('option', { name: /Returns and exchanges/ }).waitFor();
  await c.field.press('ArrowDown');
  await c.field.press('Enter');
  await until(async () => /\[\d\]$/.test(await c.field.inputValue()), 'the citation stands in the text');
  await c.field.press('Control+Shift+Enter');
  await until(() => care.ada.row.state === 'closed');
  const sent = care.asked('POST', /messages$/)[0].body;
  assert.equal(sent.resolve, true);
  assert.deepEqual(sent.citations.map((x) => x.article_id), ['a1']);

  await c.page.getByRole('button', { name: 'Note', exact: true }).click();
  await c.field.pressSequentially('Please see @jon');
  await c.page.getByRole('option', { name: 'Jonas Keller' }).waitFor();
  await c.field.press('Tab');
  await c.field.press('Control+Enter');
  await until(() => care.asked('POST', /notes$/).length === 1);
  const note = care.asked('POST', /notes$/)[0].body;
  assert.equal(note.text, 'Please see @Jonas Keller');
  assert.deepEqual(note.mentions, [AGENT.id]);
  await c.page.locator('.said.note').filter({ hasText: 'Please see' }).waitFor();
});

scene('HTML in names, messages, notes and tags is text', {}, async (c) => {
  const evil = '<img src=x onerror="window.owned=1"><b>bold</b>';
  Object.assign(care.ada.row.shopper, { name: evil });
  care.ada.row.tags = [evil];
  care.ada.packet.wish = evil;
  for (const e of [{ text: evil }, { text: evil, author: { kind: 'agent', name: evil }, agent_id: AGENT.id }, { text: evil, author: { kind: 'bot', name: evil } }, { kind: 'note', text: evil, author: { kind: 'agent', name: evil } }])
    care.ada.say(e, { quiet: true });
  await c.ada();
  await c.page.getByText(evil).first().waitFor();
  assert.equal(await c.page.locator('img[src=x]').count(), 0);
  assert.equal(await c.page.evaluate(() => window.owned), undefined);
  assert.equal(await c.page.locator('.bubble b').count(), 0);
});

scene('a cut in the middle: the socket comes back with after_seq, and nothing is missing or twice', {}, async (c) => {
  await c.ada();
  await until(() => care.sent('open').length + care.sent('hello').filter((f) => f.conversation_id).length > 0);
  care.show(care.ada.id, { type: 'delta', turn_id: 'tx', offset: 0, text: 'Half an ans' });
  await c.page.getByText('Half an ans').waitFor();
  care.up = false;
  care.cut();
  await until(async () => (await c.page.getByText('Half an ans').count()) === 0);
  const e = care.ada.say({ text: 'Said during the cut' });
  care.up = true;
  await c.timeline.getByText('Said during the cut').waitFor();
  assert.equal(care.sent('hello').at(-1).after_seq, e.seq - 1);
  assert.equal(await c.timeline.getByText('Said during the cut').count(), 1);
});

scene('a reply that cannot be sent waits, is tried again, and is stored once', {}, async (c) => {
  await c.ada();
  await c.field.fill('Through the storm');
  let tries = 0;
  care.before = (call) => {
    // The server stores it, and the answer is lost.
    if (/messages$/.test(call.path) && tries++ === 0) {
      care.ada.rest('POST', 'messages', call);
      throw care.unavailable();
    }
  };
  await c.field.press('Control+Enter');
  await until(() => replies().length === 1);
  await c.said.filter({ hasText: 'Through the storm' }).waitFor();
  await until(async () => (await c.page.locator('.pending').count()) === 0, 'the pending one is gone');
  assert.equal(await c.said.filter({ hasText: 'Through the storm' }).count(), 1);
});

scene('passing on, tags, wish, hand back, resolve and reopen', {}, async (c) => {
  await c.ada();
  await c.press('t');
  await c.page.getByRole('dialog').getByRole('radio', { name: 'Workshop' }).check();
  await c.page.getByLabel('Note for them').fill('Please look at the seam.');
  await c.page.getByRole('button', { name: 'Pass on' }).click();
  await c.timeline.getByText('Mira Holm passed it to Workshop').waitFor();
  await c.timeline.getByText('Please look at the seam.').waitFor();
  assert.deepEqual(care.asked('POST', /transfer$/)[0].body, { team_id: 'team-1', note: 'Please look at the seam.' });

  await c.press('l');
  await c.page.getByLabel('Add a tag').fill('Repair');
  await c.press('Enter', 'Enter');
  await c.page.getByRole('dialog').waitFor({ state: 'detached' });
  assert.deepEqual(care.ada.row.tags, ['vip', 'repair']);

  await c.page.getByRole('button', { name: 'Correct the summary' }).click();
  await c.page.getByRole('complementary').getByRole('textbox').fill('Brown, please.');
  await c.page.getByRole('complementary').getByRole('button', { name: 'Save' }).click();
  await c.page.getByRole('complementary').getByText('Brown, please.').waitFor();

  await c.page.locator('body').press('b');
  await c.timeline.getByText('handed it back to the bot').waitFor();
  await c.press('e');
  await c.timeline.getByText('Mira Holm resolved it').waitFor();
  await c.press('e');
  await c.timeline.getByText('opened it again').waitFor();
  assert.equal(care.ada.row.state, 'open');
});

scene('what the bot did is there on demand', {}, async (c) => {
  await c.ada();
  await c.page.getByRole('button', { name: 'Why this answer' }).first().click();
  await c.page.getByText('82%').waitFor();
  await c.page.getByText('14 days').waitFor();
  await c.page.getByRole('button', { name: 'Source 1' }).click();
  await c.page.locator('.quote').getByText(RETURNS.quote).waitFor();
  assert.equal(await c.page.locator('.quote a').getAttribute('rel'), 'noopener noreferrer');
});

scene('typing and reading go both ways', {}, async (c) => {
  await c.ada();
  await until(() => care.sent('read').some((f) => f.seq === care.ada.events.length), 'the newest is marked as read');
  await c.field.pressSequentially('H');
  await until(() => care.sent('typing').length === 1);
  care.show(care.ada.id, { type: 'typing', by: 'shopper' });
  await c.page.getByText('Ada Winter is typing').waitFor();
  care.ada.say({ author: { kind: 'agent', name: ADMIN.name }, agent_id: ADMIN.id, text: 'Here you are' });
  await c.timeline.getByText('Here you are').waitFor();
  care.show(care.ada.id, { type: 'read', by: 'shopper', seq: care.ada.events.length });
  await c.page.getByText('Read', { exact: true }).waitFor();
});

scene('a draft whose end was told during a cut is whole after it', {}, async (c) => {
  care.ada.draft = null;
  await c.ada();
  const w = care.ada.write('Dear Ada, I am sorry about the boots.');
  w.piece(9);
  await until(async () => (await c.field.inputValue()) === 'Dear Ada,');
  care.up = false;
  care.cut();
  await until(() => care.wss.clients.size === 0);
  w.finish();
  care.up = true;
  await until(async () => (await c.field.inputValue()) === 'Dear Ada, I am sorry about the boots.');
  await c.field.press('Control+Enter');
  await until(() => replies().length === 1);
});
