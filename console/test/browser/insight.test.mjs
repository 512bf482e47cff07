// Insight in the scripted server: ranges, points by mouse and keyboard, lists, files, and what goes wrong.
import assert from 'node:assert/strict';
import { AGENT, crowd } from '../world.mjs';
import { care, scene, until } from '../harness.mjs';

const AT = '/console/shops/demo/knowledge/insight';

async function show(c, query = '') {
  await c.page.goto(`${care.origin}${AT}${query}`);
  await c.page.locator('.plot-card[aria-busy="true"]').first().waitFor({ state: 'detached' });
  await c.page.locator('[data-plot="outcomes"] canvas').waitFor();
}
const card = (c, name) => c.page.locator(`[data-plot="${name}"]`);
const spoken = (c, name) => card(c, name).getByTestId('point');
const listed = (c) => care.asked('GET', /insight\/\w+\/conversations$/).at(-1)?.query;
const dialog = (c) => c.page.getByRole('dialog');

scene('a change of the range is in the address, asks anew, and comes back with the browser', {}, async (c) => {
  await show(c);
  const asked = () => care.asked('GET', /insight\/outcomes$/).map((x) => [x.query.from, x.query.to, x.query.by]);
  assert.deepEqual(asked(), [['2026-10-22', '2026-11-20', 'day']]);
  await c.page.getByLabel('90 days').check({ force: true });
  await until(() => asked().length === 2);
  assert.deepEqual(asked()[1], ['2026-08-23', '2026-11-20', 'week']);
  await c.page.getByLabel('Day', { exact: true }).check({ force: true });
  await until(() => asked().at(-1)[2] === 'day');
  assert.match(c.page.url(), /range=90.*by=day/);
  await c.page.goBack();
  await until(() => !c.page.url().includes('by=day'));
  await c.page.getByLabel('Custom').check({ force: true });
  await c.page.getByLabel('From', { exact: true }).fill('2026-11-02');
  await until(() => asked().at(-1)[0] === '2026-11-02');
  await c.page.getByLabel('Language', { exact: true }).selectOption('de');
  await until(() => care.asked('GET', /insight\/wait$/).at(-1).query.language === 'de');
  await c.page.getByText('Nov 2, 2026 to Nov 20, 2026, shop time (Europe/Berlin)').waitFor();
});

scene('a bar opens exactly its conversations, and one of them the inbox', {}, async (c) => {
  crowd(care, 24);
  await show(c);
  await card(c, 'outcomes').locator('canvas').scrollIntoViewIfNeeded();
  const canvas = card(c, 'outcomes').locator('canvas');
  const box = await canvas.boundingBox();
  const hand = () => canvas.evaluate((x) => x.style.cursor === 'pointer');
  let x = box.width * 0.6;
  await until(async () => {
    await c.page.mouse.move(box.x + (x += 3), box.y + box.height * 0.75);
    return hand();
  }, 'a bar is under the mouse');
  await c.page.mouse.click(box.x + x, box.y + box.height * 0.75);
  await dialog(c).waitFor();
  const q = await until(() => listed(c));
  assert.equal(q.series, 'answered');
  assert.equal(q.as_of, '2026-11-20T16:00:00Z');
  const f = care.asked('GET', /insight\/outcomes$/).length;
  const total = Number((await dialog(c).getByTestId('behind-total').innerText()).match(/\d+/)[0]);
  assert.ok(total > 20 && q.at >= '2026-11-01', `${total} of ${q.at}`);
  let seen = await dialog(c).locator('.behind li').count();
  while (await dialog(c).getByRole('button', { name: 'Older' }).isEnabled()) {
    await dialog(c).getByRole('button', { name: 'Older' }).click();
    await dialog(c).getByText(`${seen + 1} to`).waitFor();
    seen += await dialog(c).locator('.behind li').count();
  }
  assert.equal(seen, total);
  assert.equal(care.asked('GET', /insight\/outcomes$/).length, f, 'the plots stay');
  await dialog(c).getByRole('button', { name: 'Newer' }).click();
  await c.page.goBack();
  await dialog(c).waitFor({ state: 'detached' });
  await c.page.goForward();
  await dialog(c).locator('.behind a').first().click();
  await until(() => /inbox\/all\/[0-9a-f-]+$/.test(c.page.url()));
  await c.timeline.waitFor();
});

scene('without a mouse: arrow keys speak each point, Enter opens it, Escape leads back', {}, async (c) => {
  await show(c);
  const plot = card(c, 'outcomes').getByRole('application');
  assert.match(await plot.getAttribute('aria-label'), /^Questions\. The share of questions answered rose from \d+% to \d+%\.$/);
  await card(c, 'outcomes').getByRole('button', { name: /Abandoned/ }).focus();
  await c.press('Tab');
  await until(async () => /^Friday, November 20, Answered: \d+ \(\d+%\), \d+ conversations$/.test(await spoken(c, 'outcomes').innerText()), 'the last point is spoken');
  await c.press('ArrowLeft');
  await until(async () => (await spoken(c, 'outcomes').innerText()).startsWith('Thursday, November 19, Answered'));
  await c.press('ArrowUp');
  await until(async () => (await spoken(c, 'outcomes').innerText()).startsWith('Thursday, November 19, Asked back'));
  await c.press('Home');
  await until(async () => (await spoken(c, 'outcomes').innerText()).startsWith('Thursday, October 22, Answered'));
  await c.press('ArrowRight', 'ArrowUp');
  const said = await spoken(c, 'outcomes').innerText();
  await c.press('Enter');
  await dialog(c).getByRole('heading', { name: 'Asked back, Friday, October 23' }).waitFor();
  assert.deepEqual([listed(c).series, listed(c).at], ['clarified', '2026-10-23']);
  assert.ok(said.includes(await dialog(c).getByTestId('behind-total').innerText()), said);
  await c.press('Escape');
  await dialog(c).waitFor({ state: 'detached' });
  assert.ok(!c.page.url().includes('plot='));
  await until(() => plot.evaluate((x) => x === document.activeElement), 'the focus is where it was');
});

scene('every plot is a table too, whose figures open the same', {}, async (c) => {
  await show(c);
  await card(c, 'wait').getByRole('button', { name: 'As a table: Wait for a person' }).click();
  await card(c, 'wait').getByRole('columnheader', { name: '95 of 100' }).waitFor();
  await card(c, 'wait').getByRole('button', { name: /^Thursday, November 19, Replied: \d+$/ }).click();
  await dialog(c).getByRole('heading', { name: 'Replied, Thursday, November 19' }).waitFor();
  await c.press('Escape');
  for (const [name, button, series] of [['topics', /Delivery/, 'delivery'], ['fails', /Paying by invoice, Thumb down/, 'article-4/down'], ['cost', /Per conversation/, 'cost'], ['confidence', /Median/, 'confidence']]) {
    await card(c, name).getByRole('button', { name: button }).first().click();
    await until(() => listed(c).series === series, series);
    await dialog(c).getByTestId('behind-total').waitFor();
    await c.press('Escape');
    await dialog(c).waitFor({ state: 'detached' });
  }
  await c.page.getByRole('button', { name: /^Answered by the bot alone: \d+%/ }).click();
  await dialog(c).getByRole('heading', { name: 'Answered, Oct 22 to Nov 20, 2026' }).waitFor();
});

scene('each plot is downloaded as a file of the range that is shown', {}, async (c) => {
  await show(c, '?range=7');
  const link = card(c, 'drafts').getByRole('link', { name: 'Download as CSV: What became of drafts' });
  assert.equal(await link.getAttribute('href'), '/v1/console/sites/demo/insight/drafts/csv?from=2026-11-14&to=2026-11-20&by=day');
  const coming = c.page.waitForEvent('download');
  await link.click();
  await (await coming).path();
});

scene('a plot that fails fails alone, and is tried again', { expectErrors: true }, async (c) => {
  care.insight.fails.add('wait');
  await c.page.goto(`${care.origin}${AT}`);
  await card(c, 'wait').getByRole('alert').waitFor();
  await card(c, 'outcomes').locator('canvas').waitFor();
  assert.equal(await c.page.getByRole('alert').count(), 1);
  care.insight.fails.clear();
  await card(c, 'wait').getByRole('button', { name: 'Try again' }).click();
  await card(c, 'wait').locator('canvas').waitFor();
});

scene('too few are not drawn, an empty shop is told what will come, and never more than three plots are asked for at once', {}, async (c) => {
  care.insight.scale = 0.003;
  let most = 0;
  let now = 0;
  care.before = async (call) => {
    if (!/insight\/\w+$/.test(call.path)) return undefined;
    most = Math.max(most, ++now);
    await new Promise((done) => setImmediate(done));
    now--;
    return undefined;
  };
  await c.page.goto(`${care.origin}${AT}`);
  await card(c, 'outcomes').getByText(/^Too few to draw|^Nothing in this range/).waitFor();
  await c.page.locator('.plot-card[aria-busy="true"]').first().waitFor({ state: 'detached' });
  assert.equal(await c.page.locator('canvas').count(), 0);
  assert.ok(most > 0 && most <= 3, `${most} at once`);
  care.insight.first = '';
  await c.page.reload();
  await c.page.getByText('Nothing to look at yet').waitFor();
});

scene('an agent who is no admin finds no such page', { agent: AGENT }, async (c) => {
  await c.page.goto(`${care.origin}${AT}`);
  await c.page.getByText('There is no such page').waitFor();
  assert.equal(care.asked('GET', /insight/).length, 0);
});
