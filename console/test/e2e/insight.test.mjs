// Insight over the real server: what shoppers really asked becomes points, and a point leads back to it.
import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { Instance } from '../../../widget/test/e2e/instance.mjs';
import { Widget } from '../../../widget/test/page.mjs';
import { launch } from '../page.mjs';

const MIA = { email: 'mia@shop.example', name: 'Mia Berger' };
const PASSWORD = 'a horse in the rain';
const QUESTION = 'can I return shoes I wore once?';

let shop;
let browser;

before(async () => {
  browser = await launch();
  shop = await Instance.start();
  const password = join(shop.dir, 'password');
  await writeFile(password, PASSWORD);
  shop.command('user', 'add', '--email', MIA.email, '--name', MIA.name, '--role', 'admin', '--password-file', password);
});
after(async () => {
  await browser?.close();
  await shop?.remove();
});

test('two shoppers ask, the plots tell of it, and a point opens what was said', async () => {
  const problems = [];
  const open = async () => {
    const ctx = await browser.newContext({ viewport: { width: 1280, height: 900 }, reducedMotion: 'reduce' });
    ctx.setDefaultTimeout(15_000);
    ctx.on('weberror', (e) => problems.push(String(e.error())));
    ctx.on('console', (m) => m.type() === 'error' && !/WebSocket|ERR_|status of/.test(m.text()) && problems.push(m.text()));
    return ctx.newPage();
  };
  // Six questions by two shoppers: enough to be drawn, in fewer conversations.
  const asks = [QUESTION, 'How long does a refund take?', 'Do you have gift cards?'];
  for (let i = 0; i < 2; i++) {
    const page = await open();
    await page.goto(shop.url);
    const w = new Widget(page);
    await w.open();
    for (let n = 1; n <= 3; n++) {
      await w.ask(asks[n - 1]);
      await w.answers.nth(n - 1).waitFor();
    }
    await page.context().close();
  }

  const page = await open();
  await page.goto(`${shop.url}/console/shops/demo/knowledge/insight?range=7`);
  await page.getByLabel('E-mail').fill(MIA.email);
  await page.getByLabel('Password').fill(PASSWORD);
  await page.keyboard.press('Enter');
  const outcomes = page.locator('[data-plot="outcomes"]');
  await outcomes.getByRole('application').waitFor();
  await page.getByText(/of 6 questions/).waitFor();
  await page.locator('[data-plot="topics"]').getByRole('button', { name: /Return/ }).waitFor();

  await outcomes.getByRole('application').focus();
  await page.keyboard.press('End');
  const said = await outcomes.getByTestId('point').innerText();
  const [, kind, n, conversations] = /, ([^,]+): (\d+) \(\d+%\), (\d+) conversations?$/.exec(said);
  await page.keyboard.press('Enter');
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('heading', { name: new RegExp(`^${kind}, `) }).waitFor();
  await dialog.locator('.behind li').first().waitFor();
  assert.ok(Number(n) >= Number(conversations) && Number(conversations) <= 2, said);
  assert.equal(await dialog.locator('.behind li').count(), Number(conversations), said);
  await page.keyboard.press('Escape');

  const coming = page.waitForEvent('download');
  await outcomes.getByRole('link', { name: 'Download as CSV: Questions' }).click();
  const file = await coming;
  assert.match(file.suggestedFilename(), /^careloop-demo-outcomes-\d{4}-\d\d-\d\d-\d{4}-\d\d-\d\d\.csv$/);
  const text = await readFile(await file.path(), 'utf8');
  assert.ok(text.startsWith('\uFEFFfrom,to,series,count,conversations\r\n'), text.slice(0, 60));
  const total = text.trim().split('\r\n').slice(1).reduce((sum, line) => sum + Number(line.split(',')[3]), 0);
  assert.equal(total, 6);

  await page.locator('[data-plot="works"], [data-plot="fails"]').locator('.bars button').first().click();
  await dialog.locator('.behind a').first().click();
  await page.waitForURL(/inbox\/all\/[0-9a-f-]+$/);
  await page.getByRole('log').getByText(QUESTION).first().waitFor();
  assert.deepEqual(problems, []);
});
