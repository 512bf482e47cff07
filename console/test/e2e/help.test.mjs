// The help centre as the real server makes it, in a real browser: what its readers see, with and
// without scripts, and where a citation leads.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { after, before, test } from 'node:test';
import { Instance } from '../../../widget/test/e2e/instance.mjs';
import { Widget } from '../../../widget/test/page.mjs';
import { launch } from '../page.mjs';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const WIDE = { viewport: { width: 1280, height: 900 } };
const PHONE = { viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true };
// The pages that differ most, and all of them.
const SOME = ['/help/', '/help/returns-policy', '/help/?q=return+worn+shoes'];
const PAGES = ['/help/', '/help/?list=all&page=2', '/help/?topic=returns', '/help/returns-policy', '/help/?q=return+worn+shoes', '/help/?q=live+elephants', '/help/nothing-here', '/help/?lang=de'];

let shop;
let browser;

before(async () => {
  [shop, browser] = await Promise.all([Instance.start(), launch()]);
});
after(async () => {
  await browser?.close();
  await shop?.remove();
});

/** One visit; nothing may fail or be refused by the page's policy meanwhile. */
async function visit(options, run) {
  const ctx = await browser.newContext({ ...WIDE, reducedMotion: 'reduce', ...options });
  ctx.setDefaultTimeout(15_000);
  const problems = [];
  ctx.on('weberror', (e) => problems.push(String(e.error())));
  ctx.on('console', (m) => {
    if (m.type() === 'error' && !/WebSocket|ERR_|status of 404/.test(m.text())) problems.push(m.text());
  });
  try {
    await run(await ctx.newPage(), ctx);
    assert.deepEqual(problems, []);
  } finally {
    await ctx.close();
  }
}

for (const [name, options, pages] of [
  ['light', {}, PAGES],
  ['dark', { colorScheme: 'dark' }, SOME],
  ['on a phone', PHONE, SOME],
]) {
  test(`the pages are accessible and nothing is cut off, ${name}`, () =>
    visit(options, async (page) => {
      for (const path of pages) {
        await page.goto(shop.url + path);
        await page.evaluate(axe);
        const { violations } = await page.evaluate(() => globalThis.axe.run(document, { resultTypes: ['violations'] }));
        assert.deepEqual(violations.map((v) => `${path}: ${v.id} ${v.nodes.map((n) => n.html).join(' ')}`), []);
        assert.ok((await page.evaluate(() => document.scrollingElement.scrollWidth - innerWidth)) <= 0, `${path} is wider than the window`);
      }
    }));
}

test('everything but the chat works without scripts', () =>
  visit({ javaScriptEnabled: false }, async (page) => {
    await page.goto(`${shop.url}/help/`);
    await page.getByRole('searchbox').fill('how do I return worn shoes');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: /Results for/ }).waitFor();
    assert.ok((await page.locator('mark').count()) > 3);
    await page.getByRole('link', { name: 'Can I return shoes I have already worn?' }).click();
    await page.getByRole('heading', { level: 1, name: /already worn/ }).waitFor();
    await page.locator('.languages summary').click();
    await page.getByRole('link', { name: 'Deutsch' }).click();
    await page.getByRole('heading', { name: 'Wie können wir helfen?' }).waitFor();
    assert.equal(await page.getByRole('button', { name: 'Im Chat fragen' }).isVisible(), false);
  }));

test('the chat opens from an article and answers there', () =>
  visit({}, async (page) => {
    await page.goto(`${shop.url}/help/returns-policy?lang=en&site=demo`);
    await page.getByRole('button', { name: 'Ask us in the chat' }).click();
    const w = new Widget(page);
    await w.ask('can I return shoes I wore once?');
    await w.cites.first().waitFor();
  }));

test('a citation leads to its passage, which is marked', () =>
  visit({ viewport: { width: 1280, height: 420 } }, async (page, ctx) => {
    await page.goto(shop.url);
    const w = new Widget(page);
    await w.open();
    await w.ask('What happens to items that come back with clear signs of use?');
    await w.cites.first().click();
    await w.card.waitFor();
    const href = await w.card.getByRole('link').first().getAttribute('href');
    assert.match(href, /^(http:\/\/[^/]+)?\/help\/[^#]+#[^:]*:~:text=/);
    const [article] = await Promise.all([ctx.waitForEvent('page'), w.card.getByRole('link').first().click()]);
    await article.waitForLoadState();
    // The browser takes the directive off the address and scrolls to what it names.
    await article.waitForFunction(() => scrollY > 0);
    assert.doesNotMatch(await article.evaluate(() => location.href), /:~:/);
  }));

test('robots find their way, and what is kept is asked for again', async () => {
  const robots = await (await fetch(`${shop.url}/robots.txt`)).text();
  const [, map] = /^Sitemap: (\S+)$/m.exec(robots);
  const xml = await (await fetch(map)).text();
  const places = [...xml.matchAll(/<loc>([^<]+)<\/loc>/g)].map((m) => m[1].replaceAll('&amp;', '&'));
  assert.ok(places.length > 110, `${places.length} places`);
  for (const at of places.slice(0, 12)) {
    const page = await fetch(at);
    assert.equal(page.status, 200, at);
    assert.ok((await page.text()).includes(`<link rel="canonical" href="${at.replaceAll('&', '&amp;')}">`), at);
    assert.equal((await fetch(at, { headers: { 'If-None-Match': page.headers.get('etag') } })).status, 304, at);
  }
});

test('an article prints without what is around it, and a page from right to left is mirrored', () =>
  visit({}, async (page) => {
    await page.goto(`${shop.url}/help/returns-policy`);
    await page.emulateMedia({ media: 'print' });
    assert.equal(await page.getByRole('search').isVisible(), false);
    assert.equal(await page.locator('.ask').isVisible(), false);
    assert.ok(await page.locator('article table').isVisible());
    await page.emulateMedia({ media: 'screen' });
    await page.evaluate(() => (document.documentElement.dir = 'rtl'));
    const [mark, languages] = await Promise.all([page.locator('.mark').boundingBox(), page.locator('.languages').boundingBox()]);
    assert.ok(mark.x > languages.x, 'the shop stands on the right');
    assert.ok((await page.evaluate(() => document.scrollingElement.scrollWidth - innerWidth)) <= 0);
  }));
