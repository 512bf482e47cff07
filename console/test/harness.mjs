// What every browser test starts from: a scripted server, a browser, and a fresh context per test
// that fails on script errors and on anything the page's policy refused.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Console, launch } from './page.mjs';
import { FakeCare } from './server.mjs';
import { inAs } from './states.mjs';
import { ADMIN } from './world.mjs';

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

export const PHONE = { viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true };

/** One test on a fresh server and context, as `agent` unless that is null. */
export function scene(name, { agent = ADMIN, change, context = {}, expectErrors, timeout = 40_000 } = {}, run) {
  test(name, { timeout }, async () => {
    care.reset();
    const ctx = await browser.newContext({ viewport: { width: 1440, height: 900 }, reducedMotion: 'reduce', ...context });
    ctx.setDefaultTimeout(15_000);
    const problems = watch(ctx);
    try {
      if (agent) await inAs({ care }, ctx, agent, change);
      await run(new Console(await ctx.newPage(), care), ctx);
      if (!expectErrors) assert.deepEqual(problems, []);
    } finally {
      await ctx.close();
    }
  });
}

function watch(ctx) {
  const problems = [];
  ctx.on('weberror', (e) => problems.push(String(e.error())));
  ctx.on('console', (m) => {
    if (m.type() === 'error' && !/WebSocket|status of|ERR_/.test(m.text())) problems.push(m.text());
  });
  return problems;
}

/** A second person's console, in a context of their own. */
export async function beside(agent, run) {
  const ctx = await browser.newContext({ viewport: { width: 1440, height: 900 }, reducedMotion: 'reduce' });
  ctx.setDefaultTimeout(15_000);
  try {
    await inAs({ care }, ctx, agent);
    await run(new Console(await ctx.newPage(), care));
  } finally {
    await ctx.close();
  }
}

/** Waits until `check` returns something true; the wait is on the condition, not on time. */
export async function until(check, what = String(check)) {
  const end = Date.now() + 15_000;
  for (;;) {
    const got = await check();
    if (got) return got;
    if (Date.now() > end) assert.fail(`never came true: ${what}`);
    await new Promise((done) => setTimeout(done, 20));
  }
}
