import assert from 'node:assert/strict';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { care, scene, until } from '../harness.mjs';
import { refuse, RETURNS, SHIPPING } from '../server.mjs';

scene('greets, suggests, and asks by a press on a suggestion', {}, async (w) => {
  await w.open();
  await w.frame.getByText('I can help with orders').waitFor();
  assert.equal(await w.chips.count(), 3);
  await w.chips.nth(1).click();
  await w.answers.waitFor();
  assert.equal(await w.shopper.innerText(), 'Can I return shoes I wore once?');
  assert.match(await w.answerText.innerText(), /within 30 days/);
  assert.equal(await w.chips.first().isVisible(), false);
  const hello = care.hellos[0];
  assert.equal(hello.site_key, 'demo');
  assert.equal(hello.locale, 'en');
  assert.match(hello.page.url, /\/shop/);
  assert.equal(hello.page.title, 'Boots · A small shop');
});

scene('shows the search, then the text as it comes, then the whole message', {}, async (w) => {
  care.answer = false;
  await w.open();
  await w.ask('Can I return shoes?');
  await w.shopper.waitFor();
  const turn = care.begin(care.shopper);
  await w.frame.getByText('Searching the help pages…').waitFor();
  turn.delta('Yes, **you ca');
  await w.streaming.locator('strong', { hasText: 'you ca' }).waitFor();
  assert.equal(await w.streaming.innerText().then((t) => t.includes('**')), false);
  await w.frame.getByText('Writing…').waitFor();
  turn.delta('n** [1].');
  turn.finish({ citations: [RETURNS] });
  await w.answers.waitFor();
  assert.equal(await w.streaming.count(), 0);
  assert.equal(await w.answerText.locator('strong').innerText(), 'you can');
});

scene('a paragraph that is whole is not built again while the next one grows', {}, async (w) => {
  care.answer = false;
  await w.open();
  await w.ask('Tell me');
  await w.shopper.waitFor();
  const turn = care.begin(care.shopper);
  turn.delta('First paragraph.\n\nSecond');
  await w.streaming.getByText('Second').waitFor();
  await w.inside(() => (document.querySelector('.streaming p').dataset.same = 'yes'));
  turn.delta(' one\n\nThird');
  await w.streaming.getByText('Third').waitFor();
  assert.equal(await w.streaming.locator('p').first().getAttribute('data-same'), 'yes');
});

scene('cuts what is retracted, and withdraws a whole answer', {}, async (w) => {
  care.answer = false;
  await w.open();
  await w.ask('What does it cost?');
  await w.shopper.waitFor();
  const turn = care.begin(care.shopper);
  turn.delta('Good question. It costs 5 euros.');
  await w.streaming.getByText('5 euros').waitFor();
  turn.retract(15, 'I could not find the price.');
  await w.streaming.getByText('Good question. I could not find the price.').waitFor();
  turn.retract(0);
  await w.streaming.waitFor({ state: 'detached' });
});

scene('a lost piece of the stream does not garble the answer', {}, async (w) => {
  care.answer = false;
  await w.open();
  await w.ask('Tell me');
  await w.shopper.waitFor();
  const turn = care.begin(care.shopper);
  turn.delta('One, ');
  turn.delta('two, ', false);
  turn.delta('three.');
  turn.status('writing');
  await w.streaming.getByText('Writing…').waitFor();
  assert.equal((await w.streaming.locator('.rich').innerText()).trim(), 'One,');
  turn.finish();
  await w.answers.getByText('One, two, three.').waitFor();
});

scene('a mark shows its source on hover, on focus, and on a click', {}, async (w) => {
  await w.open();
  care.onFrame = (f, s) => {
    if (f.type !== 'message') return false;
    s.say({ author: { kind: 'shopper', name: '' }, text: f.text, client_id: f.client_id });
    care.reply(s, 'Within 30 days [1], by post [2]. Not a source: [7].', [RETURNS, SHIPPING]);
    return true;
  };
  await w.ask('Returns?');
  await w.answers.waitFor();
  assert.equal(await w.cites.count(), 2, 'a number without a source is text');
  assert.match(await w.answerText.innerText(), /\[7\]/);

  await w.cites.nth(0).hover();
  await w.card.waitFor();
  assert.equal(await w.card.locator('blockquote').innerText(), RETURNS.quote);
  await w.card.hover(); // it can be reached with the pointer
  await w.card.getByText('Returns and exchanges').waitFor();
  await w.field.hover();
  await w.card.waitFor({ state: 'detached' });

  await w.cites.nth(1).click();
  await w.field.hover();
  const link = w.card.getByRole('link');
  assert.equal(await link.getAttribute('href'), SHIPPING.url);
  assert.equal(await link.getAttribute('target'), '_blank');
  assert.match(await link.getAttribute('rel'), /noopener/);
  await w.cites.nth(1).click();
  await w.card.waitFor({ state: 'detached' });

  await w.frame.locator('.source').first().click();
  await w.card.waitFor();
  await w.page.keyboard.press('Escape');
  await w.card.waitFor({ state: 'detached' });
  assert.equal(await w.panel.evaluate((p) => p.classList.contains('on')), true, 'the chat stays');
});

scene('a long passage stays in the frame and beside its mark', { context: { viewport: { width: 1280, height: 560 } } }, async (w) => {
  care.answer = false;
  await w.open();
  await w.ask('Hm?');
  await w.shopper.waitFor();
  care.reply(care.shopper, 'One [1].\n\nTwo.\n\nThree [1].', [{ ...RETURNS, quote: 'A long passage. '.repeat(120) }]);
  await w.answers.waitFor();
  for (const i of [0, 1]) {
    await w.cites.nth(i).click();
    await w.card.waitFor();
    const clear = await w.inside((n) => {
      const m = document.querySelectorAll('.events .cite')[n].getBoundingClientRect();
      const c = document.querySelector('.card').getBoundingClientRect();
      return { inside: c.top >= 0 && c.bottom <= innerHeight && c.left >= 0 && c.right <= innerWidth, apart: c.bottom <= m.top || c.top >= m.bottom };
    }, i);
    assert.deepEqual(clear, { inside: true, apart: true });
    assert.ok(await w.card.getByRole('link').isVisible());
    await w.page.keyboard.press('Escape');
  }
});

scene('a source with an address of another kind has no link', {}, async (w) => {
  await w.open();
  care.answer = false;
  await w.ask('Hm?');
  await w.shopper.waitFor();
  const urls = ['javascript:alert(1)', 'data:text/html,x', '', '//evil.example', '/admin', '/help\\..\\x', '/help/ok', '/helpme'];
  care.reply(care.shopper, urls.map((_, i) => `[${i + 1}]`).join(' '), urls.map((url, i) => ({ ...RETURNS, n: i + 1, url, title: `<b>T${i}</b>` })));
  await w.answers.waitFor();
  for (const [i, url] of urls.entries()) {
    await w.cites.nth(i).click();
    await w.card.waitFor();
    assert.equal(await w.card.getByRole('link').count(), url === '/help/ok' ? 1 : 0, url);
    assert.equal(await w.card.locator('strong').innerText(), `<b>T${i}</b>`);
    await w.page.keyboard.press('Escape');
  }
});

scene('a rating is sent, shown, and can be changed', {}, async (w) => {
  await w.open();
  await w.ask('Returns?');
  const up = w.frame.getByRole('button', { name: 'Yes, this helped' });
  const down = w.frame.getByRole('button', { name: 'No, this did not help' });
  await up.click();
  await w.frame.getByText('Thank you for telling us.').waitFor();
  await until(() => care.sent('rate').length === 1);
  assert.equal(care.sent('rate')[0].score, 1);
  assert.equal(care.sent('rate')[0].event_seq, 2);
  assert.equal(await up.getAttribute('aria-pressed'), 'true');
  await down.click();
  await until(() => care.sent('rate').length === 2);
  await w.frame.locator('.thumb[aria-pressed=true][data-score="-1"]').waitFor();
  await w.page.reload();
  await w.ready();
  await w.frame.locator('.thumb[aria-pressed=true][data-score="-1"]').waitFor();
  assert.equal(await up.getAttribute('aria-pressed'), 'false');
});

scene('a person can be asked for, with an address that is checked', {}, async (w) => {
  await w.open();
  await w.person.click();
  const email = w.frame.getByLabel('E-mail (optional)');
  await until(() => email.evaluate((e) => e === document.activeElement));
  await email.fill('ada@example');
  await w.frame.getByRole('button', { name: 'Ask for a person' }).click();
  await w.frame.getByText('does not look like an e-mail address').waitFor();
  assert.equal(care.sent('handoff').length, 0);
  await email.fill('ada@example.org');
  await w.frame.getByLabel('What should we know?').fill('Wrong colour');
  await w.frame.getByRole('button', { name: 'Ask for a person' }).click();
  await w.log.getByText('I am passing this').waitFor();
  const { client_id, ...sent } = care.sent('handoff')[0];
  assert.match(client_id, /^c_/);
  assert.deepEqual(sent, { type: 'handoff', email: 'ada@example.org', note: 'Wrong colour' });
  await w.field.waitFor();
  assert.equal(await w.shopper.innerText(), 'Wrong colour', 'the note stands there as said');
});

scene('where replies cannot go out by e-mail, none is promised and no address asked for', {}, async (w) => {
  care.letters = false;
  await w.open();
  await w.person.click();
  await w.frame.getByText('answer you here').waitFor();
  await w.frame.getByLabel('What should we know?').waitFor();
  assert.equal(await w.frame.getByLabel('E-mail').count(), 0);
  assert.doesNotMatch(await w.sheet.innerText(), /e-mail|how to reach you/i);
});

scene('with people there nothing is asked for but what it is about', {}, async (w) => {
  care.agentsOnline = 2;
  await w.open();
  await w.person.click();
  const note = w.frame.getByLabel('What should we know?');
  await until(() => note.evaluate((e) => e === document.activeElement));
  assert.equal(await w.frame.getByLabel('E-mail').count(), 0);
  await w.frame.getByRole('button', { name: 'Ask for a person' }).click();
  await w.log.getByText('I am passing this').waitFor();
});

scene('an address that the server refuses comes back into the form', {}, async (w) => {
  care.onFrame = (f, s, ws) => {
    if (f.type !== 'handoff' || f.email !== 'ada@bad.example') return false;
    ws.send(JSON.stringify({ type: 'error', code: 'bad_email', message: 'Please check this address.', client_id: f.client_id }));
    return true;
  };
  await w.open();
  await w.person.click();
  await w.frame.getByLabel('E-mail').fill('ada@bad.example');
  await w.frame.getByRole('button', { name: 'Ask for a person' }).click();
  await w.frame.getByText('Please check this address.').waitFor();
  assert.equal(await w.frame.getByLabel('E-mail').inputValue(), 'ada@bad.example');
  await w.frame.getByRole('button', { name: 'Cancel' }).click();
  await w.field.waitFor();
});

scene('a person who is offered is one press away', {}, async (w) => {
  care.answer = false;
  await w.open();
  await w.ask('Hm');
  await w.shopper.waitFor();
  const offer = { text: 'I could not find that.', outcome: 'clarified', handoff: { state: 'offered' } };
  care.shopper.say(offer);
  const button = w.frame.locator('.msg .actions button');
  await button.waitFor();
  care.shopper.say(offer);
  await until(async () => (await w.answers.count()) === 2);
  assert.equal(await button.count(), 1, 'only the last offer has the button');
  assert.equal(await w.field.evaluate((e) => e === document.activeElement), true, 'the focus stays');
  care.answer = true;
  await button.click();
  await w.log.getByText('I am passing this').waitFor();
  assert.equal(await button.count(), 0);
  const { client_id, ...sent } = care.sent('handoff')[0];
  assert.match(client_id, /^c_/);
  assert.deepEqual(sent, { type: 'handoff' });
});

scene('what a question back names can be pressed', {}, async (w) => {
  care.answer = false;
  await w.open();
  await w.ask('boots');
  await w.shopper.waitFor();
  care.shopper.say({ text: 'Is it about one of these?\n\n- Returning <b>shoes</b>\n- Repairs', outcome: 'clarified', handoff: { state: 'offered' } });
  await w.frame.locator('.choices').getByRole('button', { name: 'Returning <b>shoes</b>' }).click();
  await until(() => care.sent('message').length === 2);
  assert.equal(care.sent('message')[1].text, 'Returning <b>shoes</b>');
});

scene('what is passed on is shown, and corrected in the shopper\'s words', {}, async (w) => {
  care.answer = false;
  await w.open();
  await w.ask('My jacket is wrong');
  await w.shopper.waitFor();
  care.passOn(care.shopper, { summary: 'My jacket is wrong' }, 'I am sorry about the wrong item.');
  const card = w.frame.locator('.passed');
  await card.getByText('My jacket is wrong').waitFor();
  await card.getByRole('button', { name: 'Correct it' }).click();
  const field = card.locator('textarea');
  await until(() => field.evaluate((e) => e === document.activeElement));
  await field.fill('My jacket is blue, I ordered it in red');
  await card.getByRole('button', { name: 'Save' }).click();
  await card.getByText('Corrected: our team sees your words.').waitFor();
  assert.equal(care.sent('summary')[0].text, 'My jacket is blue, I ordered it in red');
  await w.page.reload();
  await w.ready();
  await card.getByText('My jacket is blue, I ordered it in red').waitFor();
});

scene('an address is asked for once people are away, and checked', {}, async (w) => {
  await w.open();
  await w.ask('Hm?');
  await w.answers.waitFor();
  care.passOn(care.shopper, { ask_email: true }, 'Our team is back tomorrow at 09:00 (Berlin time).');
  const field = w.frame.getByLabel('Which e-mail address should the answer go to?');
  await field.fill('ada@');
  await field.press('Enter');
  await w.frame.getByText('does not look like an e-mail address').waitFor();
  await field.fill('ada@example.org');
  await field.press('Enter');
  await until(() => care.sent('handoff').length === 1);
  assert.equal(care.sent('handoff')[0].email, 'ada@example.org');
  await field.waitFor({ state: 'detached' });
});

scene('a person who takes over is seen: name, typing, reading, the end', {}, async (w) => {
  care.answer = false;
  care.agentsOnline = 1;
  await w.open();
  await w.ask('My jacket is wrong');
  await w.shopper.waitFor();
  await w.person.focus();
  care.passOn(care.shopper);
  await w.frame.getByText('Passed on: a person will answer here').waitFor();
  assert.equal(await w.person.isVisible(), false, 'who waits for a person need not ask for one');
  assert.equal(await w.field.evaluate((e) => e === document.activeElement), true, 'the focus is not lost');
  care.shopper.say({ kind: 'assignment', author: { kind: 'system', name: '' }, assignee: 'Mia Berger' });
  await w.log.getByText('Mia Berger joined the chat').waitFor();
  await w.frame.getByText('You are talking to Mia Berger').waitFor();
  assert.equal(await w.person.isVisible(), false, 'who talks to a person need not ask for one');
  await until(() => care.sent('read').at(-1)?.seq === 3);
  care.shopper.send({ type: 'status', state: 'typing', name: 'Mia Berger' });
  await w.frame.getByText('Mia Berger is typing…').waitFor();
  assert.equal(await w.frame.locator('.seen').count(), 0);
  care.shopper.send({ type: 'read', seq: 3 });
  await w.frame.locator('.shopper .seen').waitFor();
  care.shopper.say({ author: { kind: 'agent', name: 'Mia Berger' }, text: 'Hello, I am Mia.' });
  await w.log.getByText('Mia Berger · Our team').waitFor();
  assert.equal(await w.frame.locator('.msg.agent .face').innerText(), 'MB');
  assert.equal(await w.frame.getByText('is typing…').isVisible(), false);
  await w.field.pressSequentially('Hi');
  await until(() => care.sent('typing').length === 1);
  care.shopper.say({ kind: 'status', author: { kind: 'system', name: '' }, change: 'resolved' });
  await w.log.getByText('This conversation is closed').waitFor();
  await w.person.waitFor();
  // Closed, nothing of it counts as read until the shopper looks.
  await w.closeButton.click();
  const before = care.sent('read').length;
  care.shopper.say({ author: { kind: 'agent', name: 'Mia Berger' }, text: 'One more thing.', via: 'email' });
  await w.badge.getByText('1').waitFor();
  assert.equal(care.sent('read').length, before);
  await w.launcher.click();
  await until(() => care.sent('read').length === before + 1);
  await w.log.getByText('by e-mail').waitFor();
});

scene('who signs in takes the conversation along, and signing out lets it go', {}, async (w) => {
  await w.open();
  await w.ask('Hm?');
  await w.answers.waitFor();
  await w.page.evaluate(() => window.Careloop.identify('jwt-of-ada'));
  await until(() => care.hellos.length === 2);
  assert.equal(care.hellos[1].identity, 'jwt-of-ada');
  assert.equal(care.hellos[1].visitor_token, care.shopper.token);
  assert.equal(care.hellos[1].conversation_id, care.shopper.id);
  await w.ready();
  assert.equal(await w.answers.count(), 1);
  await w.page.evaluate(() => window.Careloop.identify(null));
  await until(() => care.hellos.length === 3);
  assert.equal(care.hellos[2].identity, undefined);
  assert.equal(care.hellos[2].visitor_token, undefined);
  await until(async () => (await w.answers.count()) === 0);
});

scene('the tag names who is signed in', { query: { identity: 'jwt-of-ada' } }, async (w) => {
  await w.open();
  assert.equal(care.hellos[0].identity, 'jwt-of-ada');
});

scene('an identity that is refused costs the conversation nothing', { query: { identity: 'stale' }, expectErrors: true }, async (w) => {
  care.onHello = (f, ws) => {
    if (!f.identity) return false;
    refuse(ws, 4401, 'bad_identity', 'Out of date.');
    return true;
  };
  await w.open();
  await w.ask('Hm?');
  await w.answers.waitFor();
});

scene('Enter sends, Shift+Enter breaks the line, an input method is left alone', {}, async (w) => {
  await w.open();
  await w.field.fill('one');
  await w.field.press('Shift+Enter');
  await w.field.pressSequentially('two');
  assert.equal(await w.field.inputValue(), 'one\ntwo');
  await w.field.evaluate((e) => {
    e.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', isComposing: true, bubbles: true }));
    e.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', keyCode: 229, bubbles: true }));
  });
  assert.equal(care.sent('message').length, 0);
  await w.field.press('Enter');
  await w.shopper.waitFor();
  assert.equal(care.sent('message')[0].text, 'one\ntwo');
  await w.field.press('Enter');
  await w.field.fill('   ');
  await w.field.press('Enter');
  assert.equal(care.sent('message').length, 1, 'nothing is sent where nothing is written');
});

scene('counts near the end in code points, refuses more, and cuts a huge paste with a word', {}, async (w) => {
  await w.open();
  await w.field.fill('👍'.repeat(3990));
  await w.frame.getByText('Characters left: 10', { exact: true }).waitFor();
  await w.field.fill('👍'.repeat(4003));
  await w.frame.getByText('3 characters too long').waitFor();
  await w.field.press('Enter');
  assert.equal(care.sent('message').length, 0);
  assert.equal((await w.field.inputValue()).length, 8006, 'nothing is thrown away');
  await w.field.fill('');
  await w.field.evaluate((e) => {
    const data = new DataTransfer();
    data.setData('text/plain', 'x'.repeat(3_000_000));
    e.dispatchEvent(new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true }));
  });
  await w.frame.getByText('only its first 4,000 characters').waitFor();
  assert.equal((await w.field.inputValue()).length, 4000);
  await w.field.press('Enter');
  await w.shopper.waitFor();
});

// The same texts as for the parser, now as nodes in a real browser.
const rich = await build({
  stdin: { contents: "export { Rich } from './src/app/view/rich'; export { tidyTail } from './src/app/markdown';", resolveDir: fileURLToPath(new URL('../..', import.meta.url)) },
  bundle: true,
  write: false,
  format: 'iife',
  globalName: 'fuzz',
});

scene('no text becomes a script, an event attribute or an unsafe link', {}, async (w) => {
  await w.open();
  await w.inside(`${rich.outputFiles[0].text};window.fuzz=fuzz`);
  const bad = await w.inside((pieces) => {
    const ALLOWED = { P: [], BR: [], CODE: [], STRONG: [], EM: [], SPAN: [], PRE: ['tabindex'], UL: [], OL: ['start'], LI: [], A: ['href', 'rel', 'target'] };
    let s = 42;
    const rnd = (n) => Math.floor(((s = (Math.imul(s, 1664525) + 1013904223) >>> 0) / 4294967296) * n);
    const letters = (x) => x.replace(/[^\p{L}]/gu, '');
    for (let round = 0; round < 4000; round++) {
      const text = Array.from({ length: 1 + rnd(30) }, () => pieces[rnd(pieces.length)]).join('');
      const view = new window.fuzz.Rich();
      view.set(window.fuzz.tidyTail(text.slice(0, rnd(text.length))));
      view.set(text);
      for (const el of view.el.querySelectorAll('*')) {
        const names = el.getAttributeNames();
        if (!ALLOWED[el.tagName] || names.some((a) => !ALLOWED[el.tagName].includes(a))) return `${text} gave ${el.outerHTML}`;
        if (el.tagName === 'A' && !['http:', 'https:', 'mailto:', 'tel:'].includes(el.protocol)) return `${text} gave ${el.href}`;
        if (el.tagName === 'A' && !el.rel.includes('noopener')) return `${text} gave rel ${el.rel}`;
      }
      const fresh = new window.fuzz.Rich();
      fresh.set(text);
      if (letters(fresh.el.textContent) !== letters(view.el.textContent)) return `${text}: shown piecewise it differs`;
    }
    return '';
  }, ['a ', 'word', '\n', '\n\n', '*', '**', '_', '`', '```\n', '[', ']', '(', ')', '](', '[1]', '# ', '- ', '  - ', '1. ', 'https://a.example/', 'javascript:alert(1)', '[x](javascript:alert(1))', '[y](JAVASCRIPT:alert(1))', '[z](https://b.example"onclick=x)', 'https://c.example/"onmouseover="x', '<script>alert(1)</script>', '<img src=x onerror=alert(1)>', '<a href=javascript:x>', '"', "'", '&#106;', '\\', '\u0000', '\u202e', 'data:text/html,x', '[d](data:text/html,x)', 'mailto:a@b.example', '[m](mailto:a@b.example)', '[t](tel:+1)']);
  assert.equal(bad, '');
});

scene('markup in messages is text, from either side', {}, async (w) => {
  care.answer = false;
  await w.open();
  const evil = '<img src=x onerror="parent.hit=1"><script>parent.hit=1</script> **not bold** [x](javascript:alert(1))';
  await w.ask(evil);
  await w.shopper.waitFor();
  assert.equal(await w.shopper.innerText(), evil);
  care.shopper.say({ text: evil, author: { kind: 'agent', name: '<b>M</b>' } });
  await w.log.getByText('<b>M</b>').waitFor();
  assert.equal(await w.log.locator('img, script, a').count(), 0);
});

scene('the reader of old messages is not pulled away, and finds the new ones', {}, async (w) => {
  await w.open();
  await w.ask('First');
  await w.answers.waitFor();
  for (let i = 0; i < 20; i++) care.shopper.say({ text: `Line ${i}` });
  await w.log.getByText('Line 19').waitFor();
  await until(() => w.log.evaluate((e) => e.scrollHeight - e.scrollTop - e.clientHeight < 3), 'follows at the bottom');
  await w.log.evaluate((e) => (e.scrollTop = 100));
  await until(() => w.log.evaluate((e) => e.scrollTop === 100));
  care.shopper.say({ text: 'Something new' });
  await w.jump.waitFor();
  assert.equal(await w.log.evaluate((e) => e.scrollTop), 100);
  await w.jump.click();
  await until(() => w.log.evaluate((e) => e.scrollHeight - e.scrollTop - e.clientHeight < 3));
  assert.equal(await w.jump.isVisible(), false);
});

scene('a long conversation keeps the page small, and earlier messages are a press away', {}, async (w) => {
  await w.open();
  await w.ask('Start');
  await w.answers.waitFor();
  for (let i = 0; i < 400; i++) care.shopper.append({ text: `Line ${i}` });
  await w.page.reload();
  await w.ready();
  await w.log.getByText('Line 399').waitFor();
  const shown = () => w.frame.locator('.events > .msg').count();
  assert.ok((await shown()) <= 181, String(await shown()));
  const before = await shown();
  await w.frame.getByRole('button', { name: 'Show earlier messages' }).click();
  await until(async () => (await shown()) > before);
});

scene('kinds of events that are unknown show as nothing', {}, async (w) => {
  await w.open();
  await w.ask('Hi');
  await w.answers.waitFor();
  care.shopper.say({ kind: 'survey', text: 'SURVEY' });
  care.shopper.say({ text: 'After it' });
  await w.log.getByText('After it').waitFor();
  assert.equal(await w.log.getByText('SURVEY').count(), 0);
});
