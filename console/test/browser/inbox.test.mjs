// The list: views, search, filters, ten thousand conversations, what comes in while one looks.
import assert from 'node:assert/strict';
import { care, PHONE, scene, until } from '../harness.mjs';
import { ADMIN, Conversation, crowd } from '../world.mjs';

const names = (c) => c.rows.locator('.row-name').allInnerTexts();

scene('views with their counts; waiting in the order of urgency', {}, async (c) => {
  crowd(care, 24);
  await c.go();
  await c.row('Ada Winter').waitFor();
  assert.deepEqual((await names(c)).slice(0, 2), ['Ben Osei', 'Ada Winter']);
  assert.equal(await c.page.getByRole('link', { name: /Waiting 9/ }).count(), 1);
  await c.press('1');
  await until(() => /inbox\/mine$/.test(c.page.url()));
  await until(async () => (await c.rows.count()) === 4);
  await c.press('4');
  await c.row('Jakub Nowak').waitFor();
});

scene('ten thousand conversations: a few dozen rows in the page, pages asked for as they are needed', { timeout: 60_000 }, async (c) => {
  crowd(care, 10_000);
  await c.go('/all');
  await c.rows.first().waitFor();
  // Rows in the page, counted at every frame while the list is scrolled from page to page.
  const most = await c.page.evaluate(async () => {
    const list = document.getElementById('list');
    let most = 0;
    for (let i = 0; i < 120; i++) {
      list.scrollTop += 1500;
      await new Promise((done) => requestAnimationFrame(done));
      most = Math.max(most, list.querySelectorAll('[role=option]').length);
    }
    return most;
  });
  assert.ok(most > 5 && most <= 40, `${most} rows`);
  const lists = care.asked('GET', /conversations$/);
  assert.ok(lists.length > 2);
  assert.equal(new Set(lists.map((x) => x.query.cursor ?? '')).size, lists.length, 'no page twice');
  assert.ok(lists.every((x) => Number(x.query.limit) <= 100));
  const loaded = lists.length * 50;
  const height = await c.page.evaluate(() => document.querySelector('.list-all').offsetHeight);
  assert.ok(height <= loaded * 84 && height >= (loaded - 50) * 84, 'every row has its place');
  // Waiting ticks while nothing else of the row is touched.
  assert.equal(await c.rows.first().getAttribute('aria-setsize'), '-1');
});

scene('the cursor stays in the page when it is scrolled out of sight', {}, async (c) => {
  crowd(care, 200);
  await c.go('/all');
  await c.rows.first().waitFor();
  await c.list.focus();
  await c.press('ArrowDown', 'ArrowDown');
  const at = await c.list.getAttribute('aria-activedescendant');
  await c.page.evaluate(() => (document.getElementById('list').scrollTop = 3000));
  await until(() => c.page.evaluate(() => document.querySelector('.row').getBoundingClientRect().top < -1000 || document.getElementById('list').scrollTop >= 3000));
  assert.equal(await c.page.locator(`#${at}`).count(), 1);
  await c.press('End');
  await until(async () => (await c.list.getAttribute('aria-activedescendant')) !== at);
});

scene('search by words, by person and by tag; filters are saved and dropped', {}, async (c) => {
  crowd(care, 24);
  await c.go('/all');
  await c.rows.first().waitFor();
  await c.press('/');
  await until(async () => (await c.focused()) === 'search');
  await c.page.keyboard.type('jacket');
  await until(async () => (await c.rows.count()) > 0 && (await c.rows.allInnerTexts()).every((x) => x.includes('jacket')), 'only jackets');
  assert.match(c.page.url(), /q=jacket/);
  await c.page.locator('#search').fill('person:ada tag:vip');
  await c.press('Enter');
  await until(async () => (await names(c)).join() === 'Ada Winter');
  assert.match(c.page.url(), /person=ada&tag=vip/);
  await c.press('Control+k');
  await c.page.getByRole('combobox').fill('save');
  await c.page.getByRole('option', { name: /Save this filter/ }).waitFor();
  await c.press('Enter');
  await c.page.getByLabel('Name').fill('VIPs');
  await c.press('Enter');
  await until(() => care.filters.length === 1);
  assert.deepEqual(care.filters[0].query, { view: 'all', person: 'ada', tag: 'vip' });
  await c.page.getByRole('button', { name: 'Remove “Tag: vip”' }).click();
  await until(() => !/tag=/.test(c.page.url()));
  await c.page.getByRole('button', { name: 'Filters' }).click();
  await c.page.getByRole('menuitem', { name: 'VIPs', exact: true }).click();
  await until(() => /tag=vip/.test(c.page.url()));
  await c.page.getByRole('button', { name: 'Filters' }).click();
  await c.page.getByRole('menuitem', { name: 'Delete filter “VIPs”' }).click();
  await until(() => care.filters.length === 0);
});

scene('what comes in is seen and said, and the focus stays where it is', {}, async (c) => {
  await c.ada();
  await c.field.focus();
  const other = new Conversation(care, { row: { shopper: { id: 'x', name: 'Nora New', email: '' }, waiting_since: new Date().toISOString(), urgency: 2 } });
  other.say({ text: 'Help, it is burning!' });
  await c.row('Nora New').waitFor();
  assert.equal((await names(c))[0], 'Nora New');
  care.ada.say({ text: 'One more thing' });
  await c.timeline.getByText('One more thing').waitFor();
  care.tell({ type: 'notify', kind: 'waiting', conversation_id: other.id, title: 'Nora New waits', text: 'Help, it is burning!' }, ADMIN.id);
  await until(async () => (await c.spoken.innerText()).includes('Nora New waits: Help'));
  assert.equal(await c.focused(), 'composer');
});

scene('a timeline of 500 events: the newest at once, older on scrolling up, nothing jumps', {}, async (c) => {
  for (let i = 0; i < 493; i++) care.ada.say({ text: `Line ${i} ${'word '.repeat(i % 30)}` }, { quiet: true });
  await c.ada();
  await c.timeline.getByText('Line 492', { exact: false }).waitFor();
  assert.equal(await c.said.count() <= 100, true);
  const bottom = () => c.timeline.evaluate((e) => Math.round(e.scrollHeight - e.scrollTop - e.clientHeight));
  assert.ok((await bottom()) <= 1, 'at the newest');
  for (let pages = 1; pages < 5; pages++) {
    const before = await c.said.count();
    // Where a line stands before an older page comes, and after.
    const moved = await c.timeline.evaluate(async (e) => {
      e.scrollTop = 200;
      const line = e.querySelectorAll('.said')[3];
      const held = e.querySelectorAll('.said').length;
      const y = line.getBoundingClientRect().top;
      while (e.querySelectorAll('.said').length === held) await new Promise((done) => requestAnimationFrame(done));
      return Math.abs(line.getBoundingClientRect().top - y);
    });
    assert.ok(moved <= 1, `moved by ${moved}`);
    assert.ok((await c.said.count()) > before);
  }
  await c.page.getByText('The beginning of the conversation').waitFor();
  care.ada.say({ text: 'Brand new' });
  await c.page.getByRole('button', { name: '1 new message' }).click();
  await until(async () => (await bottom()) <= 1);
  await c.timeline.getByText('Brand new').waitFor();
});

scene('the whole of it by keys alone', {}, async (c) => {
  crowd(care, 8);
  await c.go('/all');
  await c.rows.first().waitFor();
  await c.press('j', 'j', 'k', 'Enter');
  await until(async () => (await c.focused()) === 'composer');
  const first = c.page.url();
  await c.press('Alt+ArrowDown');
  await until(() => c.page.url() !== first, 'the next one is open');
  await c.field.waitFor();
  await c.field.focus();
  await c.press('Escape');
  await until(async () => (await c.focused()).includes('conversation'), 'Escape leaves the field');
  await c.press('n');
  await c.page.getByLabel('Note for the team').waitFor();
  await until(async () => (await c.focused()) === 'composer');
  await c.press('Escape', 'r');
  await c.page.getByLabel(/^Reply to/).waitFor();
  await c.press('Escape', 's');
  await c.page.getByRole('complementary').waitFor({ state: 'detached' });
  await c.press('s', 'c');
  await until(() => care.asked('POST', /claim$/).length === 1);
  await c.press('?');
  await c.page.getByRole('dialog').getByText('Single keys', { exact: true }).waitFor();
  await c.press('Escape', 'u');
  await until(async () => (await c.focused()) === 'list');
  await c.press('Control+k');
  await c.page.getByRole('combobox').fill('away');
  await c.press('Enter');
  await until(() => care.agents[0].presence === 'away');
});

scene('single keys can be turned off, and then do nothing', { change: { preferences: { sound: false, notifications: false, single_keys: false, theme: '' } } }, async (c) => {
  await c.ada();
  await c.page.locator('body').press('n');
  await c.page.locator('body').press('e');
  await c.page.locator('body').press('?');
  await c.press('Control+k');
  await c.page.getByRole('combobox').waitFor();
  assert.equal(await c.page.getByRole('dialog').count(), 1);
  assert.equal(care.asked('POST', /resolve$/).length, 0);
  assert.equal(await c.page.getByLabel(/^Reply to/).count(), 1);
});

scene('on a phone: one pane at a time, nothing wider than the screen', { context: PHONE }, async (c) => {
  crowd(care, 12);
  await c.go();
  const fits = async () => assert.ok((await c.page.evaluate(() => document.documentElement.scrollWidth)) <= 360);
  await c.row('Ada Winter').tap();
  await c.field.waitFor();
  assert.notEqual(await c.focused(), 'composer', 'the keyboard stays away');
  assert.equal(await c.list.isVisible(), false);
  await fits();
  await c.page.getByRole('button', { name: 'Side panel' }).tap();
  await c.page.getByText('What they want').waitFor();
  await fits();
  await c.page.getByRole('dialog').getByRole('button', { name: 'Close' }).tap();
  await c.page.getByRole('button', { name: /^Send$|^Send Ctrl/ }).tap();
  await until(() => care.asked('POST', /messages$/).length === 1);
  await c.page.getByRole('button', { name: 'Back to the list' }).tap();
  await c.list.waitFor();
  await fits();
  for (const box of [await c.page.getByRole('link', { name: 'Inbox' }).boundingBox(), await c.page.getByRole('button', { name: 'Mentions' }).boundingBox()])
    assert.ok(Math.min(box.width, box.height) >= 44);
});

scene('title, presence, theme and language follow', {}, async (c) => {
  await c.go();
  await c.row('Ada Winter').waitFor();
  assert.equal(await c.page.title(), 'Waiting · Careloop');
  const run = async (words) => {
    await c.press('Control+k');
    await c.page.getByRole('combobox').fill(words);
    await c.press('Enter');
  };
  await run('dark col');
  await until(() => c.page.evaluate(() => document.documentElement.dataset.theme === 'dark'));
  assert.equal(care.agents[0].preferences.theme, 'dark');
  await run('deutsch');
  await c.page.getByRole('link', { name: /Wartend/ }).waitFor();
  assert.equal(await c.page.evaluate(() => document.documentElement.lang), 'de');
  await c.page.reload();
  await c.page.getByRole('link', { name: /Wartend/ }).waitFor();
  assert.equal(await c.page.evaluate(() => document.documentElement.dataset.theme), 'dark');
});
