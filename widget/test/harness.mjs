// What every browser test starts from: a scripted server, a browser, and a fresh context per test
// that fails on script errors and on anything the page's policy refused.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { launch, shopPage } from './page.mjs';
import { FakeCare } from './server.mjs';

export const care = new FakeCare();
let browser;

before(async () => {
  await care.listen();
  browser = await launch();
});
after(async () => {
  await browser?.close();
  await care.close();
});

export const PHONE = { viewport: { width: 390, height: 780 }, hasTouch: true, isMobile: true };

/**
 * One test on a fresh server and context. `query` shapes the shop's page, `context` the browser,
 * `near` puts the shop on Careloop's own site, where frames may store; `clock` puts a clock that the test moves into every page. `run` gets the widget, not opened yet.
 */
export function scene(name, { query, context = {}, clock, near, expectErrors } = {}, run) {
  test(name, { timeout: 30_000 }, async () => {
    care.reset();
    const ctx = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...context });
    ctx.setDefaultTimeout(8000);
    const problems = [];
    ctx.on('weberror', (e) => problems.push(String(e.error())));
    ctx.on('console', (m) => {
      if (m.type() === 'error' && !/WebSocket|404|ERR_/.test(m.text())) problems.push(m.text());
    });
    try {
      if (clock) await ctx.clock.install();
      const widget = await shopPage(ctx, near ? care.near : care.shop, query);
      await run(widget, ctx);
      if (!expectErrors) assert.deepEqual(problems, []);
    } finally {
      await ctx.close();
    }
  });
}

/** Waits until `check` returns something true; the wait is on the condition, not on time. */
export async function until(check, what = String(check)) {
  const end = Date.now() + 8000;
  for (;;) {
    const got = await check();
    if (got) return got;
    if (Date.now() > end) assert.fail(`never came true: ${what}`);
    await new Promise((done) => setTimeout(done, 20));
  }
}
