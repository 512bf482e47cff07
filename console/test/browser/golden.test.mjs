// Ask and Golden in a browser against the scripted server.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Console, launch } from '../page.mjs';
import { FakeCare } from '../server.mjs';
import { inAs } from '../states.mjs';
import { ADMIN } from '../world.mjs';

const care = new FakeCare();
const QUESTION = 'Can I return shoes I wore once?';
let browser;

before(async () => {
  await care.listen();
  browser = await launch();
});
after(async () => {
  await browser?.close();
  await care.close();
});

function scene(name, path, run, { agent = ADMIN, prepare } = {}) {
  test(name, async () => {
    care.reset();
    prepare?.();
    const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, reducedMotion: 'reduce' });
    context.setDefaultTimeout(15_000);
    const c = new Console(await context.newPage(), care);
    try {
      await inAs({ care }, context, agent);
      await c.page.goto(`${care.origin}/console/shops/demo/knowledge/${path}`);
      await run(c.page, c);
    } finally {
      await context.close();
    }
  });
}

const posted = (what) => care.calls.filter((x) => x.method === 'POST' && new RegExp(`/${what}$`).test(x.path)).map((x) => x.body);

scene('a question is asked by the keyboard, becomes an address, and is kept as golden', 'ask', async (page) => {
  await page.getByLabel('Question').fill(QUESTION);
  await page.getByRole('button', { name: 'Add a message' }).click();
  await page.getByLabel('Message 1', { exact: true }).fill('Hello');
  await page.getByLabel('A shopper whom the shop vouches for').check();
  await page.getByLabel('Question').press('Control+Enter');
  await page.getByRole('heading', { name: 'What was found' }).waitFor();
  assert.deepEqual(posted('ask'), [{ question: QUESTION, locale: 'en', history: [{ by: 'shopper', text: 'Hello' }], signed_in: true, drafts: [], model: false }]);
  const address = new URL(page.url()).searchParams;
  assert.equal(address.get('q'), QUESTION);
  assert.equal(address.get('locale'), 'en');
  assert.match(await page.getByRole('meter').getAttribute('aria-valuetext'), /62%.*would answer/);
  assert.match(await page.locator('.ask-scores').first().innerText(), /14\.2[\s\S]*0\.71[\s\S]*3\.40/);

  // Again: what changed is told.
  care.reported = (q, body) => ({ ...care.lastReport(q, body), outcome: 'clarified', confidence: 0.3, citations: [] });
  await page.getByLabel('Question').press('Control+Enter');
  const changed = page.getByRole('region', { name: 'Against the last time' }).or(page.locator('section', { hasText: 'Against the last time' })).first();
  assert.match(await changed.innerText(), /62%[\s\S]*30%/);

  await page.getByRole('button', { name: 'Save as golden question' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('radio', { name: /^Answer/ }).check();
  await dialog.getByLabel('Can I return shoes I have already worn?').uncheck();
  await dialog.getByLabel('The 60-day comfort guarantee for shoes').check();
  await dialog.getByLabel('Question').fill('Another one?');
  await dialog.getByRole('button', { name: 'Save' }).click();
  await dialog.waitFor({ state: 'detached' });
  const [kept] = posted('golden');
  assert.deepEqual([kept.question, kept.verdict, kept.articles, kept.signed_in], ['Another one?', 'answer', ['a-comfort'], true]);
});

scene(
  'what is being answered can be stopped, and the server hears of it',
  `ask?q=${encodeURIComponent(QUESTION)}`,
  async (page) => {
    await page.getByText('Yes, you can return').waitFor();
    await page.getByRole('button', { name: 'Stop' }).click();
    await page.getByText('Nothing asked yet').waitFor();
    const end = Date.now() + 10_000;
    while (!care.askClosed && Date.now() < end) await new Promise((done) => setTimeout(done, 20));
    assert.ok(care.askClosed, 'the request was ended');
  },
  { prepare: () => (care.hold = new Promise(() => undefined)) },
);

scene(
  'a link does not spend money by itself',
  `ask?q=${encodeURIComponent(QUESTION)}`,
  async (page) => {
    await page.getByLabel('With the model gpt-test').waitFor();
    assert.equal(posted('ask').length, 0);
    await page.getByRole('button', { name: 'Ask', exact: true }).click();
    await page.getByRole('heading', { name: 'What was found' }).waitFor();
    assert.equal(posted('ask')[0].model, true);
  },
  { prepare: () => (care.models = ['gpt-test']) },
);

scene('golden questions are found, edited, deleted', 'golden', async (page) => {
  await page.getByText('5 questions').waitFor();
  await page.getByLabel('How it rightly ends').selectOption('abstain');
  await page.getByText('1 question', { exact: false }).first().waitFor();
  assert.match(page.url(), /verdict=abstain/);
  await page.getByRole('button', { name: 'Edit “Do you sell surfboards?”' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Note').fill('They ask every summer');
  await dialog.getByRole('button', { name: 'Save' }).click();
  await page.getByText('They ask every summer').waitFor();
  await page.getByRole('button', { name: 'Edit “Do you sell surfboards?”' }).click();
  await dialog.getByRole('button', { name: 'Delete' }).click();
  await dialog.getByRole('button', { name: 'Really delete' }).click();
  await page.getByText('Nothing fits').waitFor();
  assert.equal(care.golden.length, 4);
  await page.getByRole('button', { name: 'Clear filters' }).click();
  await page.getByText('4 questions').waitFor();
  // What is known already is told, and what was typed stays.
  await page.getByRole('button', { name: 'New question' }).click();
  await dialog.getByLabel('Question').fill(QUESTION);
  await dialog.getByRole('button', { name: 'Save' }).click();
  await dialog.getByText('kept already').waitFor();
  assert.equal(await dialog.getByLabel('Question').inputValue(), QUESTION);
});

scene('a past question becomes a golden one', 'golden', async (page) => {
  await page.getByRole('button', { name: 'From conversations' }).click();
  await page.getByRole('button', { name: 'Use “Do you ship to Iceland?”' }).click();
  const dialog = page.getByRole('dialog');
  assert.equal(await dialog.getByLabel('Question').inputValue(), 'Do you ship to Iceland?');
  await dialog.getByRole('button', { name: 'Save' }).click();
  await page.getByText('6 questions').waitFor();
});

scene('a replay runs, and its page tells what got worse', 'golden', async (page) => {
  await page.getByRole('button', { name: 'Replay now' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Start' }).click();
  await page.getByText('12 of 40').waitFor();
  Object.assign(care.replays[0], { state: 'done', done: 40 });
  const table = page.getByRole('table');
  await table.waitFor();
  assert.match(await table.innerText(), /Right[\s\S]*80%[\s\S]*−5\.0[\s\S]*worse/);
  await page.getByRole('link', { name: /^Worse/ }).click();
  await page.getByText('Gift wrapping costs €4').waitFor();
  assert.equal(await page.locator('.golden-pairs > li').count(), 1);
  assert.match(page.url(), /show=worse/);
});
