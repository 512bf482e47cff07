// A shopper and the shop's people, both sides open at once, in a real browser against the real
// server: its own data directory, the demo shop, real accounts, a mail server that keeps letters.
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { request } from 'playwright-core';
import { Instance } from '../../../widget/test/e2e/instance.mjs';
import { Widget } from '../../../widget/test/page.mjs';
import { Console, launch } from '../page.mjs';
import { Line } from './line.mjs';
import { answerTo, Postbox } from './postbox.mjs';

const MIA = { email: 'mia@shop.example', name: 'Mia Berger' };
const TOM = { email: 'tom@shop.example', name: 'Tom Ford' };
const LEA = { email: 'lea@shop.example', name: 'Lea Roth' };
const PASSWORD = 'a horse in the rain';
const HOOK = 'the-secret-of-the-mail-service';
const PHONE = { viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true };
const QUESTION = 'can I return shoes I wore once?';
const ANGER = 'This is outrageous! I am furious, my jacket came in the wrong colour. Order 1001.';

let shop;
let browser;
let post;
let watcher; // sees who is there, without being there

before(async () => {
  post = await Postbox.open();
  browser = await launch();
  shop = await Instance.start({
    CARELOOP_SMTP_URL: post.url,
    CARELOOP_MAIL_FROM: 'Dunnock & Thrift <care@shop.example>',
    CARELOOP_MAIL_REPLY_TO: 'reply@shop.example',
    CARELOOP_MAIL_SECRET: '0123456789abcdef0123456789abcdef',
    CARELOOP_MAIL_WEBHOOK_SECRET: HOOK,
    CARELOOP_MAIL_WAIT: '100ms',
  });
  const password = join(shop.dir, 'password');
  await writeFile(password, PASSWORD);
  for (const a of [MIA, TOM, LEA]) shop.command('user', 'add', '--email', a.email, '--name', a.name, '--site', 'demo', '--password-file', password);
  watcher = await request.newContext({ baseURL: shop.url });
  assert.ok((await watcher.post('/v1/console/session', { data: { email: TOM.email, password: PASSWORD } })).ok());
});
after(async () => {
  await watcher?.dispose();
  await browser?.close();
  await shop?.remove();
  post?.close();
});

/** Waits until `check` returns something true; the wait is on the condition, not on time. */
async function until(check, what = String(check), every = 20) {
  const end = Date.now() + 15_000;
  for (;;) {
    const got = await check();
    if (got) return got;
    if (Date.now() > end) assert.fail(`never came true: ${what}`);
    await new Promise((done) => setTimeout(done, every));
  }
}

/** One test; every page in it is closed at its end, and no script may have failed. */
function scene(name, run) {
  test(name, async () => {
    const contexts = [];
    const problems = [];
    const open = async (options) => {
      const ctx = await browser.newContext({ viewport: { width: 1280, height: 900 }, reducedMotion: 'reduce', ...options });
      contexts.push(ctx);
      ctx.setDefaultTimeout(15_000);
      ctx.on('weberror', (e) => problems.push(String(e.error())));
      ctx.on('console', (m) => {
        if (m.type() === 'error' && !/WebSocket|ERR_|status of/.test(m.text())) problems.push(m.text());
      });
      return ctx.newPage();
    };
    const shopper = async (options = {}, base = shop.url) => {
      const page = await open(options);
      await page.goto(base);
      const w = new Widget(page);
      w.agent = w.frame.locator('.msg.agent');
      await w.open();
      return w;
    };
    const agent = async (who, options = {}, base = shop.url) => {
      const page = await open(options);
      const c = new Console(page, { url: `${base}/console/shops/demo/inbox` });
      await c.go();
      await page.getByLabel('E-mail').fill(who.email);
      await page.getByLabel('Password').fill(PASSWORD);
      await page.keyboard.press('Enter');
      await page.locator('.views').or(c.list).first().waitFor();
      await until(async () => (await online()).includes(who.name), `${who.name} is online`, 200);
      return c;
    };
    try {
      await run({ shopper, agent });
      assert.deepEqual(problems, []);
    } finally {
      for (const ctx of contexts) await ctx.close();
      // The next test begins with nobody there.
      await until(async () => (await online()).length === 0, 'nobody is online', 200);
    }
  });
}

const online = async () => {
  const people = await (await watcher.get('/v1/console/sites/demo/people')).json();
  return people.agents.filter((a) => a.online).map((a) => a.name);
};

/** Opens who waits: every test answers its shopper, so there is one at a time. */
async function openFirst(c) {
  await c.rows.first().click();
  await c.field.waitFor();
}

async function drafted(c) {
  await until(async () => (await c.field.inputValue()) !== '' && !(await c.page.locator('.composer.streaming').count()), 'a whole draft stands in the composer');
  return c.field.inputValue();
}

const wide = (page) => page.evaluate(() => document.scrollingElement.scrollWidth - window.innerWidth);

scene('with nobody there the shopper is asked for an address once, and the talk goes on by e-mail', async ({ shopper, agent }) => {
  const w = await shopper();
  await w.ask(ANGER);
  await w.log.getByText('Nobody from our team is in the chat right now').waitFor();
  assert.match(await w.answerText.last().innerText(), /wrong colour[\s\S]*need not repeat it[\s\S]*Leave your e-mail/);
  const field = w.frame.getByLabel('Which e-mail address should the answer go to?');
  await field.fill('ada@example.org');
  await field.press('Enter');
  await w.log.getByText('The reply comes here and to ada@example.org').waitFor();
  assert.equal(await field.count(), 0, 'it is asked for once');
  await w.ask('Hello? I want to speak to a human!');
  await until(async () => (await w.answers.count()) === 3);
  assert.equal(await field.count(), 0, 'it is asked for once');
  await w.page.close();

  const c = await agent(MIA);
  await openFirst(c);
  await c.page.getByText('ada@example.org').first().waitFor();
  await drafted(c);
  await c.field.fill('The right colour is on its way. Which size do you wear?');
  await c.press('Control+Enter');
  const letter = await until(() => post.letters[0]);
  assert.deepEqual(letter.to, ['ada@example.org']);
  assert.match(letter.text, /The right colour is on its way/);
  assert.match(letter.text, /Mia Berger/);
  assert.match(letter.replyTo, /^reply\+.+@shop\.example$/);

  const mail = (body, secret = HOOK) =>
    fetch(`${shop.url}/v1/mail`, { method: 'POST', headers: { Authorization: `Bearer ${secret}`, 'Content-Type': 'message/rfc822' }, body });
  const answer = answerTo(letter, 'ada@example.org', 'Size M, thank you.');
  assert.equal((await mail(answer, 'a guess')).status, 401);
  const forged = answerTo({ ...letter, replyTo: letter.replyTo.replace(/.@/, (x) => `${x[0] === 'a' ? 'b' : 'a'}@`) }, 'ada@example.org', 'Forged words.');
  assert.equal((await mail(forged)).status, 204);
  assert.equal((await mail(answer)).status, 204);
  assert.equal((await mail(answer)).status, 204, 'delivered twice');
  await c.timeline.getByText('Size M, thank you.').waitFor();
  await c.said.filter({ hasText: 'Size M' }).getByText('By e-mail').waitFor();
  assert.equal(await c.timeline.getByText('Size M, thank you.').count(), 1);
  assert.equal(await c.timeline.getByText(/Forged words|On Tuesday the shop wrote/).count(), 0);

  // Handed back, the bot answers a letter by a letter.
  await c.field.press('Escape');
  await c.press('b');
  await c.timeline.getByText('handed it back').waitFor();
  assert.equal((await mail(answerTo(letter, 'ada@example.org', QUESTION))).status, 204);
  const second = await until(() => post.letters[1]);
  assert.match(second.text, /30 days/);
  assert.equal(post.letters.length, 2);
});

scene('asked, answered, angry, passed on, drafted, edited, read, handed back, resolved', async ({ shopper, agent }) => {
  const [c, w] = await Promise.all([agent(MIA), shopper()]);
  await w.ask(QUESTION);
  await w.cites.first().waitFor();
  assert.match(await w.answerText.first().innerText(), /30 days/);
  await w.ask(ANGER);
  await w.log.getByText('I am passing this to Mia Berger').waitFor();
  assert.match(await w.answerText.last().innerText(), /wrong colour[\s\S]*need not repeat it/);
  await w.frame.getByText('You are talking to Mia Berger').waitFor();
  await w.frame.locator('.passed blockquote').getByText('wrong colour').waitFor();

  await c.row('wrong colour').or(c.rows.first()).first().click();
  const draft = await drafted(c);
  assert.match(draft, /wrong colour/i);
  const panel = c.page.getByRole('complementary', { name: 'About the shopper' });
  for (const part of ['Why it is here', 'What they want', 'What was tried', '1001', 'Angry']) await panel.getByText(part, { exact: false }).first().waitFor();
  assert.match(await panel.innerText(), /furious|wrong colour/);
  await panel.getByText(QUESTION).first().waitFor();
  await w.frame.locator('.shopper .seen').waitFor();

  await c.field.press('Control+End');
  await c.field.pressSequentially(' Yours, Mia.');
  await w.frame.getByText('Mia Berger is typing').waitFor();
  await c.press('Control+Enter');
  await w.agent.getByText('Yours, Mia.').waitFor();
  await w.agent.getByText('Mia Berger').first().waitFor();
  await c.page.locator('.read-mark').waitFor();
  await w.field.pressSequentially('Thank you');
  await c.timeline.getByText('is typing').waitFor();
  await w.field.press('Enter');
  await c.timeline.getByText('Thank you').waitFor();

  await drafted(c);
  await c.field.press('Escape');
  await c.press('b');
  await c.timeline.getByText('handed it back').waitFor();
  await w.person.waitFor();
  const cited = await w.cites.count();
  await w.ask('what does delivery to Austria cost?');
  await until(async () => (await w.cites.count()) > cited, 'the bot answers again');
  await c.said.filter({ hasText: 'Austria' }).first().waitFor();

  await c.press('e');
  await c.timeline.getByText('resolved it').waitFor();
  await w.log.getByText('This conversation is closed').waitFor();
  const before = await w.answers.count();
  await w.ask(QUESTION);
  await until(async () => (await w.answers.count()) > before, 'who writes again is answered');
  assert.equal(await w.agent.count(), 1);
});

scene('two take it at once: one has it, the other is told who, and keeps every word', async ({ shopper, agent }) => {
  // Neither is given it: both are away, and look on all the same.
  const [lea, tom] = [await agent(LEA), await agent(TOM)];
  for (const c of [lea, tom]) await away(c);
  const w = await shopper();
  await w.ask(ANGER);
  await w.log.getByText('Nobody from our team is in the chat right now').waitFor();
  for (const c of [lea, tom]) {
    await openFirst(c);
    await drafted(c);
    await c.field.fill(`From ${c === lea ? 'Lea' : 'Tom'}.`);
  }
  await Promise.all([lea.press('Control+Enter'), tom.press('Control+Enter')]);
  await w.agent.first().waitFor();
  const won = /Lea/.test(await w.agent.first().innerText()) ? lea : tom;
  const [loser, winner] = won === lea ? [tom, LEA] : [lea, TOM];
  await loser.page.getByText(`${winner.name} was first`).first().waitFor();
  await until(async () => (await loser.field.inputValue()) === `From ${loser === lea ? 'Lea' : 'Tom'}.`, 'nothing that was written is lost');
  assert.equal(await w.agent.count(), 1);
});

async function away(c) {
  await c.page.getByRole('button', { name: /, Online$/ }).click();
  await c.page.getByRole('menuitemradio', { name: /^Away/ }).or(c.page.getByRole('menuitem', { name: /^Away/ })).first().click();
  await c.page.getByRole('button', { name: /, Away$/ }).waitFor();
}

scene('the line cut on either side in the middle: nothing is lost, nothing doubled', async ({ shopper, agent }) => {
  const [near, far] = [await Line.to(shop.url), await Line.to(shop.url)];
  try {
    const [c, w] = await Promise.all([agent(MIA, {}, far.url), shopper({}, near.url)]);
    await w.ask(ANGER);
    await w.frame.getByText('You are talking to Mia Berger').waitFor();
    await openFirst(c);
    await drafted(c);
    const say = async (text) => {
      await c.field.fill(text);
      await c.press('Control+Enter');
    };

    await w.ask('First, sent as the line breaks.');
    near.cut();
    await w.phase('waiting');
    await w.ask('Second, written without a line.');
    await w.pending.first().waitFor();
    await say('A reply that nobody hears at first.');
    await c.said.filter({ hasText: 'nobody hears' }).waitFor();
    near.mend();
    await w.pending.first().waitFor({ state: 'detached' });
    await w.agent.getByText('nobody hears').waitFor();
    await c.timeline.getByText('Second, written').waitFor();

    await say('Sent as the other line breaks.');
    far.cut();
    await c.page.getByText('No connection').first().waitFor();
    await say('Written without a line.');
    await c.page.locator('.pending').first().waitFor();
    await w.ask('Third, while she is away.');
    await until(async () => (await w.pending.count()) === 0);
    far.mend();
    await w.agent.getByText('Written without a line.').waitFor();
    await c.timeline.getByText('Third, while').waitFor();
    await until(async () => (await c.page.locator('.pending').count()) === 0);

    const mine = ['First, sent as the line breaks.', 'Second, written without a line.', 'Third, while she is away.'];
    const hers = ['A reply that nobody hears at first.', 'Sent as the other line breaks.', 'Written without a line.'];
    for (const page of [w.log, c.timeline]) for (const text of [...mine, ...hers]) assert.equal(await page.getByText(text, { exact: true }).count(), 1, text);
    await w.page.reload();
    await w.ready();
    await w.agent.getByText('Written without a line.').waitFor();
    assert.deepEqual((await w.shopper.allInnerTexts()).slice(1), mine);
    assert.equal(await w.agent.count(), 3);
  } finally {
    near.close();
    far.close();
  }
});

scene('by the keyboard alone, two keys from the waiting row to the draft sent', async ({ shopper, agent }) => {
  const c = await agent(MIA);
  const w = await shopper();
  await w.ask(ANGER);
  await w.frame.getByText('You are talking to Mia Berger').waitFor();
  await c.rows.first().waitFor();
  await c.press('j');
  await until(async () => (await c.focused()) === 'list', 'the list has the focus');
  await c.press('Enter');
  await until(async () => (await c.focused()) === 'composer', 'the composer has the focus');
  const draft = await drafted(c);
  await c.press('Control+Enter');
  await w.agent.waitFor();
  const words = (s) => s.replace(/[\s*_\[\]\d]+/g, ' ').trim();
  assert.ok(words(await w.agent.locator('.bubble').innerText()).startsWith(words(draft.slice(0, 40))), 'what was drafted is what the shopper reads');
  assert.equal(await c.field.inputValue(), '');
});

scene('both on a phone', async ({ shopper, agent }) => {
  const [c, w] = await Promise.all([agent(MIA, PHONE), shopper(PHONE)]);
  await w.ask(ANGER);
  await w.log.getByText('I am passing this to Mia Berger').waitFor();
  await c.rows.first().tap();
  await c.field.waitFor();
  await drafted(c);
  assert.ok((await wide(c.page)) <= 0 && (await wide(w.page)) <= 0, 'nothing is wider than the screen');
  const inside = await w.inside(() => document.scrollingElement.scrollWidth - window.innerWidth);
  assert.ok(inside <= 0, 'nor in the chat');
  await w.ask('Are you there?');
  await c.timeline.getByText('Are you there?').waitFor();
  await c.field.fill('From my phone to yours.');
  await c.send.tap();
  await w.agent.getByText('From my phone to yours.').waitFor();
});

scene('signed out in the middle of a reply, no word is lost', async ({ shopper, agent }) => {
  const [c, w] = await Promise.all([agent(MIA), shopper()]);
  await w.ask(ANGER);
  await w.frame.getByText('You are talking to Mia Berger').waitFor();
  await openFirst(c);
  await drafted(c);
  await c.field.fill('My half-written reply');
  assert.ok((await c.page.request.delete(`${shop.url}/v1/console/session`)).ok());
  await c.page.getByText('You are signed out').waitFor();
  await c.page.getByLabel('Password').fill(PASSWORD);
  await c.page.keyboard.press('Enter');
  await c.page.getByRole('dialog').waitFor({ state: 'detached' });
  assert.equal(await c.field.inputValue(), 'My half-written reply');
  await c.field.press('Control+Enter');
  await w.agent.getByText('My half-written reply').waitFor();
  assert.equal(await w.agent.count(), 1);
});
