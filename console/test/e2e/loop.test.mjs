// The loop, in a real browser against the real server: shoppers ask what the demo shop does not know, one of
// them comes to a person, an admin makes an article of it, and the next shopper is answered from that.
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { Instance } from '../../../widget/test/e2e/instance.mjs';
import { Widget } from '../../../widget/test/page.mjs';
import { Console, launch } from '../page.mjs';

const PASSWORD = 'a horse in the rain';
const ADMIN = { email: 'ada@shop.example', name: 'Ada Holm', role: 'admin' };
const AGENT = { email: 'mia@shop.example', name: 'Mia Berger', role: 'agent' };
const MOST_CLICKS = 6;
const MINUTE_MS = 60_000;

const ASKED = ['Can I rent a tent for a weekend?', 'Do you rent out tents?', 'What does renting a tent cost?'];
const TO_A_PERSON = 'I would like to rent a tent, is that possible?';
const REPLY = 'Yes, you can rent a tent from us for a weekend. A tent for two costs 25 € from Friday to Monday, and a tent for four costs 40 €.';
const NEXT = 'how much is it to rent a tent for the weekend?';

let shop;
let browser;
const contexts = [];
const problems = [];

before(async () => {
  browser = await launch();
  shop = await Instance.start();
  const password = join(shop.dir, 'password');
  await writeFile(password, PASSWORD);
  for (const a of [ADMIN, AGENT]) {
    const where = a.role === 'agent' ? ['--site', 'demo'] : [];
    shop.command('user', 'add', '--email', a.email, '--name', a.name, '--role', a.role, ...where, '--password-file', password);
  }
});
after(async () => {
  for (const ctx of contexts) await ctx.close();
  await browser?.close();
  await shop?.remove();
});

async function until(check, what = String(check)) {
  const end = Date.now() + 30_000;
  for (;;) {
    const got = await check();
    if (got) return got;
    if (Date.now() > end) assert.fail(`never came true: ${what}`);
    await new Promise((done) => setTimeout(done, 50));
  }
}

async function open() {
  const ctx = await browser.newContext({ viewport: { width: 1280, height: 900 }, reducedMotion: 'reduce' });
  contexts.push(ctx);
  ctx.setDefaultTimeout(20_000);
  ctx.on('weberror', (e) => problems.push(String(e.error())));
  ctx.on('console', (m) => {
    if (m.type() === 'error' && !/WebSocket|ERR_|status of/.test(m.text())) problems.push(m.text());
  });
  // What somebody presses, whatever it is; pages of the console are not loaded anew.
  await ctx.addInitScript(() => {
    window.clicks = 0;
    addEventListener('click', (e) => e.isTrusted && window.clicks++, true);
  });
  return ctx.newPage();
}

/** A new shopper, who asks something. */
async function asks(text) {
  const page = await open();
  await page.goto(shop.url);
  const w = new Widget(page);
  await w.open();
  await w.ask(text);
  return w;
}

async function signIn(who) {
  const page = await open();
  const c = new Console(page, { url: `${shop.url}/console/shops/demo/inbox` });
  await c.go();
  await page.getByLabel('E-mail').fill(who.email);
  await page.getByLabel('Password').fill(PASSWORD);
  await page.keyboard.press('Enter');
  await c.list.or(page.locator('.views')).first().waitFor();
  return c;
}

test('from a gap to an article to the bot answering with it, in six clicks and a minute', { timeout: 180_000 }, async () => {
  // Shoppers ask in vain; one of them wants a person, who knows.
  for (const text of ASKED) {
    const w = await asks(text);
    await w.answers.nth(1).or(w.answerText.filter({ hasText: /./ }).first()).waitFor();
    assert.equal(await w.cites.count(), 0, `the demo shop says nothing on “${text}”`);
    await w.page.close();
  }
  const mia = await signIn(AGENT);
  const w = await asks(TO_A_PERSON);
  await w.answerText.first().waitFor();
  await w.ask('I want to speak to a human please');
  await mia.rows.first().click();
  await mia.field.waitFor();
  await until(async () => !(await mia.page.locator('.composer.streaming').count()) && (await mia.field.inputValue()) !== '', 'a draft stands there');
  await mia.field.fill(REPLY);
  await mia.press('Control+Enter');
  // What she knows stands in no article: that is the gap.
  await mia.page.getByText('Send once more').first().waitFor();
  await mia.press('Control+Enter');
  await w.frame.locator('.msg.agent').getByText('25 €').waitFor();

  // An admin comes; from here on every click counts.
  const { page } = await signIn(ADMIN);
  await page.evaluate(() => (window.clicks = 0));
  const began = Date.now();
  await page.getByRole('link', { name: 'Knowledge' }).click();
  await page.getByRole('navigation', { name: 'Knowledge' }).getByRole('link', { name: 'Gaps' }).click();
  // The questions are sorted in the background; the list goes on by itself.
  const gap = page.locator('.gaps tbody tr').filter({ hasText: /tent/i }).filter({ hasText: 'Answered by people' });
  await gap.waitFor();
  await gap.getByRole('link').click();
  await page.locator('.replies').getByText('25 €').waitFor();
  await page.getByRole('button', { name: 'Draft an article' }).click();
  const share = page.locator('.share-words strong');
  await share.waitFor();
  const [, answered, total] = /(\d+) of (\d+)/.exec(await share.innerText());
  assert.ok(Number(total) >= 4 && Number(answered) > 0, `proof: ${answered} of ${total}`);
  await page.locator('.article-head').getByRole('button', { name: 'Publish' }).click();
  const sure = page.getByRole('dialog').getByRole('button', { name: /^Publish/ });
  await sure.click();
  await page.getByText('Closed', { exact: true }).first().waitFor();
  assert.match(new URL(page.url()).pathname, /\/knowledge\/gaps\//, 'publishing leads back to the gap');

  // The next shopper is answered from the article.
  const next = await asks(NEXT);
  await next.cites.first().waitFor();
  const took = Date.now() - began;
  assert.match(await next.answerText.last().innerText(), /25 €/);
  const clicks = await page.evaluate(() => window.clicks);
  console.log(`${clicks} clicks, ${(took / 1000).toFixed(1)} s, proof ${answered} of ${total}`);
  assert.ok(clicks <= MOST_CLICKS, `${clicks} clicks`);
  assert.ok(took < MINUTE_MS, `${took} ms`);
  assert.deepEqual(problems, []);
});
