// axe finds nothing on any page and in any state, in the light and in the dark, in English and German.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { care, PHONE, scene } from '../harness.mjs';
import { phone as articlesOnPhone } from '../rooms/articles.states.mjs';
import { states } from '../states.mjs';

const axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const TAGS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

async function run(runOnly) {
  const r = await window.axe.run(document, { runOnly, resultTypes: ['violations'] });
  return r.violations.map((v) => `${v.id}: ${v.nodes.map((n) => `${n.target.join(' ')} ${n.any[0]?.message ?? n.failureSummary}`).join(' | ')}`);
}

/** By every rule in the light, by the rules on colour in the dark. */
async function findings(c) {
  await c.page.evaluate(axe);
  const light = await c.page.evaluate(run, TAGS);
  await c.page.emulateMedia({ colorScheme: 'dark' });
  const dark = await c.page.evaluate(run, ['color-contrast', 'link-in-text-block']);
  return { light, dark };
}

for (const [name, go] of Object.entries(states)) {
  scene(`axe finds nothing: ${name}`, { agent: null, expectErrors: true }, async (c, ctx) => {
    await go(c, ctx);
    assert.deepEqual(await findings(c), { light: [], dark: [] });
  });
}

const pages = ['inbox', 'conversation', 'panel', 'people', 'hours', 'audit', 'preferences', 'sign-in', 'insight', 'insight-point'];
for (const name of [...pages, ...articlesOnPhone]) {
  scene(`axe finds nothing on a phone: ${name}`, { agent: null, context: PHONE }, async (c, ctx) => {
    await states[name](c, ctx);
    assert.deepEqual(await findings(c), { light: [], dark: [] });
    assert.ok((await c.page.evaluate(() => document.documentElement.scrollWidth)) <= 360, 'fits');
  });
}

const german = {
  inbox: 'shops/demo/inbox/waiting',
  conversation: null,
  people: 'shops/demo/settings/people',
  teams: 'shops/demo/settings/teams',
  hours: 'shops/demo/settings/hours',
  care: 'shops/demo/settings/care',
  macros: 'shops/demo/settings/macros',
  audit: 'shops/demo/settings/audit',
  articles: 'shops/demo/knowledge/articles',
  profile: 'account/profile',
  security: 'account/security',
  preferences: 'account/preferences',
};
scene('axe finds nothing in German, on every page', { change: { locale: 'de' }, timeout: 60_000 }, async (c) => {
  for (const [name, path] of Object.entries(german)) {
    await c.page.emulateMedia({ colorScheme: 'light' });
    await c.page.goto(path ? `${care.origin}/console/${path}` : `${care.url}/waiting/${care.ada.id}`);
    await c.page.locator(path?.includes('settings') || path?.includes('knowledge') || path?.includes('account') ? '.settings-page h2' : '.row').first().waitFor();
    await c.page.locator('.skeleton').waitFor({ state: 'detached' }).catch(() => undefined);
    assert.deepEqual(await findings(c), { light: [], dark: [] }, name);
  }
});
