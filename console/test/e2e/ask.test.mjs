// An admin asks, keeps the question, replays it, loses the article that answers it, and is shown the
// regression: a real browser against the real server, its own data directory, the demo shop.
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { Instance } from '../../../widget/test/e2e/instance.mjs';
import { launch } from '../page.mjs';

const ADMIN = { email: 'mia@shop.example', password: 'a horse in the rain' };
const QUESTION = 'can I return shoes I wore once?';
const ARTICLE = 'Can I return shoes I have already worn?';

let shop;
let browser;

before(async () => {
  browser = await launch();
  shop = await Instance.start();
  const password = join(shop.dir, 'password');
  await writeFile(password, ADMIN.password);
  shop.command('user', 'add', '--email', ADMIN.email, '--name', 'Mia Berger', '--role', 'admin', '--password-file', password);
});
after(async () => {
  await browser?.close();
  await shop?.remove();
});

test('ask, keep, replay, lose the article, see the regression', async () => {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, reducedMotion: 'reduce' });
  context.setDefaultTimeout(20_000);
  const page = await context.newPage();
  const problems = [];
  page.on('pageerror', (e) => problems.push(String(e)));
  await page.goto(`${shop.url}/console/shops/demo/knowledge/ask`);
  await page.getByLabel('E-mail').fill(ADMIN.email);
  await page.getByLabel('Password').fill(ADMIN.password);
  await page.keyboard.press('Enter');
  await page.locator('.rail-item').first().waitFor();
  await page.goto(`${shop.url}/console/shops/demo/knowledge/ask`);

  await page.getByLabel('Question').fill(QUESTION);
  await page.getByLabel('Question').press('Control+Enter');
  const first = page.locator('.ask-passages > li').first();
  await first.waitFor();
  assert.match(await first.innerText(), new RegExp(`${ARTICLE.replace('?', '\\?')}[\\s\\S]*Cited[\\s\\S]*Words\\s+\\d`));
  assert.match(await page.getByRole('meter').getAttribute('aria-valuetext'), /would answer/);
  await page.getByText('of 1 factual sentences').or(page.getByText('factual sentences are supported')).first().waitFor();

  await page.getByRole('button', { name: 'Save as golden question' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel(ARTICLE).waitFor();
  await dialog.getByRole('button', { name: 'Save' }).click();
  await dialog.waitFor({ state: 'detached' });

  const replay = async () => {
    await page.goto(`${shop.url}/console/shops/demo/knowledge/golden`);
    await page.getByText(QUESTION).waitFor();
    await page.getByRole('button', { name: 'Replay now' }).click();
    await dialog.getByRole('button', { name: 'Start' }).click();
    await page.getByRole('table').waitFor();
  };
  await replay();
  const table = page.getByRole('table');
  assert.match(await table.innerText(), /Right[\s\S]*?100%/);

  const at = `${shop.url}/v1/console/sites/demo/articles`;
  const found = await (await page.request.get(`${at}?q=${encodeURIComponent('return-worn-shoes')}&locale=en`)).json();
  const article = found.items.find((a) => a.slug === 'return-worn-shoes');
  assert.ok((await page.request.post(`${at}/${article.id}/unpublish`)).ok());

  await replay();
  assert.match(await table.innerText(), /Right[\s\S]*?0%[\s\S]*?100%[\s\S]*?−100\.0[\s\S]*?worse/);
  await page.getByText('article not found').first().waitFor();
  await page.goto(`${shop.url}/console/shops/demo/knowledge/golden?result=wrong`);
  await page.getByText('article not published').waitFor();
  assert.deepEqual(problems, []);
  await context.close();
});
