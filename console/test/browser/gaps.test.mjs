// The pages of gaps against the scripted server.
import assert from 'node:assert/strict';
import { care, PHONE, scene, until } from '../harness.mjs';
import { AGAINST, write } from '../rooms/gaps.mjs';
import { Conversation } from '../world.mjs';

const LIST = '/console/shops/demo/knowledge/gaps';
const FIRST = '0199c000-0000-7000-8000-000000000000';
const rows = (c) => c.page.locator('.gaps tbody tr');
const open = async (c, path = '') => {
  await c.page.goto(care.origin + LIST + path);
  await (path.startsWith('/') ? c.page.locator('.question-list') : rows(c).first()).waitFor();
};
const address = (c) => new URL(c.page.url());

scene('the list is filtered in its address, and a reload shows the same', {}, async (c) => {
  await open(c);
  assert.equal(await rows(c).count(), 8);
  await c.page.getByRole('searchbox').fill('boots');
  await until(async () => (await rows(c).count()) === 1);
  assert.equal(address(c).search, '?q=boots');
  await c.page.reload();
  await until(async () => (await rows(c).count()) === 1);
  assert.equal(await c.page.getByRole('searchbox').inputValue(), 'boots');
  await c.page.getByRole('searchbox').fill('');
  await c.page.getByLabel('Why').selectOption({ label: 'Unsure' });
  await until(async () => (await rows(c).count()) === 2);
  assert.equal(address(c).search, '?reason=unsure');
  await c.page.getByLabel('Why').selectOption({ label: 'Any reason' });
  await c.page.getByLabel('Language').selectOption('de');
  await rows(c).getByText('Daunenjacken').waitFor();
  await until(async () => (await rows(c).count()) === 1);
  await c.page.goBack();
  await until(async () => (await rows(c).count()) === 8);
  await c.page.getByRole('link', { name: /^Closed/ }).click();
  await rows(c).getByRole('link', { name: 'Do you sell vouchers?' }).waitFor();
  assert.equal(address(c).search, '?state=closed');
});

scene('pages follow each other, and one past the end leads back', {}, async (c) => {
  care.gaps = Array.from({ length: 120 }, (_, i) => ({ ...care.gaps[0], id: `g${i}`, title: `Gap ${i}` }));
  await open(c);
  await c.page.getByText('1–50 of 120').waitFor();
  await c.page.getByRole('link', { name: 'Next' }).click();
  await rows(c).getByText('Gap 50', { exact: true }).waitFor();
  assert.equal(address(c).search, '?page=2');
  await c.page.getByRole('link', { name: 'Next' }).click();
  await rows(c).getByText('Gap 119', { exact: true }).waitFor();
  assert.equal(await rows(c).count(), 20);
  assert.equal(await c.page.getByRole('link', { name: 'Next' }).count(), 0);
  await c.page.goto(`${care.origin}${LIST}?page=9`);
  await c.page.getByText('Nothing fits').waitFor();
  await c.page.getByRole('button', { name: 'Clear filters' }).click();
  await rows(c).getByText('Gap 0', { exact: true }).waitFor();
});

scene('while questions are sorted the list says so, and goes on by itself', {}, async (c) => {
  care.gaps = [];
  care.gapsWaiting = 3;
  await c.page.goto(care.origin + LIST);
  await c.page.getByText('3 questions are being put with their like').waitFor();
  care.reset();
  care.sessions.set((await c.page.context().cookies())[0].value, care.agents[0]);
  await rows(c).first().waitFor();
  assert.equal(await c.page.getByText('being put with their like').count(), 0);
});

scene('what was dismissed is undone with one press, in the list and on its page', {}, async (c) => {
  await open(c);
  await c.page.getByRole('button', { name: 'Dismiss “Can I pay on account?”' }).click();
  await until(async () => (await rows(c).count()) === 7);
  await c.toasts.getByRole('button', { name: 'Undo' }).click();
  await until(async () => (await rows(c).count()) === 8);
  await c.page.getByRole('link', { name: 'Can I pay on account?' }).click();
  await c.page.getByRole('button', { name: 'More', exact: true }).click();
  await c.page.getByRole('menuitem', { name: /Dismiss/ }).click();
  await until(async () => (await rows(c).count()) === 7);
  await c.page.getByRole('link', { name: /^Dismissed/ }).click();
  await c.page.getByRole('link', { name: 'Can I pay on account?' }).click();
  await c.page.getByRole('button', { name: 'Open again' }).first().click();
  await c.page.getByRole('button', { name: 'Draft an article' }).waitFor();
});

scene('back from a gap the list is as it was', {}, async (c) => {
  await open(c, '?sort=recent&reason=not_found');
  await rows(c).getByRole('link').first().click();
  await c.page.locator('.question-list').waitFor();
  await c.press('u');
  await rows(c).first().waitFor();
  assert.equal(address(c).search, '?sort=recent&reason=not_found');
});

scene('by the keyboard alone: down the list, into a gap, and a search', {}, async (c) => {
  await open(c);
  await c.press('j', 'j', 'j', 'k', 'Enter');
  await c.page.getByRole('heading', { name: 'Can I pay on account?' }).waitFor();
  await c.press('u');
  await rows(c).first().waitFor();
  await c.press('/');
  await c.page.keyboard.type('tent');
  await until(async () => (await rows(c).count()) === 1);
});

scene('a gap is renamed, and Escape leaves its title alone', {}, async (c) => {
  await open(c, `/${FIRST}`);
  await c.page.getByRole('button', { name: 'Rename' }).click();
  await c.page.keyboard.type('Resoling');
  await c.press('Escape');
  await c.page.getByRole('heading', { name: 'Do you resole climbing shoes?' }).waitFor();
  await c.page.getByRole('button', { name: 'Rename' }).click();
  await c.page.keyboard.type('Resoling');
  await c.press('Enter');
  await c.page.getByRole('heading', { name: 'Resoling' }).waitFor();
  assert.deepEqual(care.asked('PATCH', /^sites\/demo\/gaps/).map((x) => x.body), [{ title: 'Resoling' }]);
});

scene('chosen questions are moved to another gap, or make a new one', {}, async (c) => {
  await open(c, `/${FIRST}`);
  assert.equal(await c.page.locator('.question-list li').count(), 20);
  await c.page.getByRole('button', { name: 'Show more (24 left)' }).click();
  await until(async () => (await c.page.locator('.question-list li').count()) === 44);
  for (const i of [0, 43]) await c.page.locator('.question-list input').nth(i).check();
  await c.page.getByRole('button', { name: 'To another gap' }).click();
  await c.page.getByLabel('Find a gap').fill('vegan');
  await c.page.getByRole('radio', { name: /vegan/ }).check();
  await c.page.getByRole('button', { name: 'Move', exact: true }).click();
  await c.toasts.getByText('2 questions are now in “Which boots are vegan?”').waitFor();
  await c.page.getByText('42 questions').waitFor();
  await c.page.locator('.question-list input').first().check();
  await c.page.getByRole('button', { name: 'To a new gap' }).click();
  await c.page.getByText('41 questions').waitFor();
  await c.toasts.last().getByRole('button', { name: 'Show' }).click();
  await c.page.getByText('1 question,').waitFor();
  assert.equal(care.asked('POST', /move$/).at(-1).body.to, undefined);
});

scene('a gap is merged into another, which is shown then', {}, async (c) => {
  await open(c, `/${FIRST}`);
  await c.page.getByRole('button', { name: 'More', exact: true }).click();
  await c.page.getByRole('menuitem', { name: /Merge/ }).click();
  await c.page.getByRole('radio', { name: /gift wrap/ }).check();
  await c.page.getByRole('button', { name: 'Merge', exact: true }).click();
  await c.page.getByRole('heading', { name: 'Is there a gift wrap?' }).waitFor();
  await c.page.goto(`${care.origin}${LIST}/${FIRST}`);
  await c.page.getByText('No such gap').waitFor();
});

scene('a question leads to its message in the conversation, however far up', {}, async (c) => {
  const long = new Conversation(care, { id: '0199a000-0000-7000-8000-0000000000ff' });
  for (let i = 1; i <= 260; i++) long.say({ text: `Message ${i}`, at: new Date(Date.now() - (300 - i) * 60_000).toISOString() }, { quiet: true });
  Object.assign(care.gapQuestions.get(FIRST)[0], { conversation_id: long.id, seq: 3, text: 'Message 3' });
  await open(c, `/${FIRST}`);
  await c.page.getByRole('link', { name: 'Message 3' }).click();
  const sought = c.page.locator('.said.sought');
  await sought.getByText('Message 3', { exact: true }).waitFor();
  await until(async () => await sought.evaluate((el) => { const r = el.getBoundingClientRect(); return r.top > 0 && r.bottom < innerHeight; }), 'it is in sight');
  await c.page.goBack();
  await c.page.locator('.question-list').waitFor();
});

scene('one press drafts an article and leads to its editor', {}, async (c) => {
  await open(c, `/${FIRST}`);
  await c.page.getByRole('button', { name: 'Draft an article' }).click();
  await until(() => address(c).pathname.endsWith('/knowledge/articles/a-resole'));
  assert.equal(address(c).search, `?gap=${FIRST}`);
  await c.toasts.getByText('2 pieces of personal data were left out').waitFor();
  await c.page.goBack();
  await c.page.getByRole('link', { name: 'Go on writing' }).waitFor();
});

scene('a draft that cannot be made says why, and can be tried again', { expectErrors: true }, async (c) => {
  await open(c, `/${FIRST}`);
  care.before = (call) => {
    if (/draft$/.test(call.path)) throw care.unavailable();
  };
  await c.page.getByRole('button', { name: 'Draft an article' }).click();
  await c.toasts.getByText('Something went wrong on our side').waitFor();
  care.before = undefined;
  await c.page.getByRole('button', { name: 'Draft an article' }).click();
  await until(() => address(c).pathname.includes('/articles/'));
});

scene('a closed gap says what became of it and leads into Ask', {}, async (c) => {
  await open(c, '/0199c000-0000-7000-8000-000000000009');
  await c.page.getByText('Since it was published on Mar 3, 2026: 12 asked, 11 answered.').waitFor();
  await c.page.getByRole('link', { name: 'Ask it as a shopper would' }).click();
  await until(() => address(c).pathname.endsWith('/knowledge/ask'));
  assert.equal(address(c).searchParams.get('q'), 'do you resole climbing shoes?');
});

scene('on a phone a gap is a card, and nothing is wider than the screen', { context: PHONE }, async (c) => {
  await open(c);
  const wide = () => c.page.evaluate(() => document.scrollingElement.scrollWidth - innerWidth);
  assert.ok((await wide()) <= 0);
  await rows(c).first().tap();
  await c.page.locator('.question-list').waitFor();
  assert.ok((await wide()) <= 0);
});

const proving = async (c) => {
  await c.page.goto(`${care.origin}/console/shops/demo/knowledge/articles/a-resole?gap=${FIRST}&panel=proof`);
  await c.page.locator('.proof').waitFor();
};
const asked = () => care.asked('POST', /proof$/).map((x) => x.body.revision);

scene('the proof runs by itself, and again once what is written is saved', {}, async (c) => {
  write(care, care.gaps[0]);
  await proving(c);
  await c.page.locator('.share').getByText('Would have answered 29 of 44').waitFor();
  await c.page.getByText('(today: 3)').waitFor();
  await c.page.getByText('15 still fail').waitFor();
  await c.page.getByText('The draft does not say: “worn”.').first().waitFor();
  await c.page.getByText('29 would be answered').click();
  await c.page.getByText('We resole climbing shoes with Vibram rubber for 45 €.').nth(1).waitFor();
  assert.deepEqual(asked(), [1]);
  let go;
  care.before = (call) => (/proof$/.test(call.path) ? new Promise((done) => (go = () => done(undefined))) : undefined);
  const text = c.page.getByRole('textbox', { name: /^Text of the article/ });
  await text.press('Control+End');
  await text.pressSequentially(' Worn soles, too.');
  await c.page.locator('.proof').getByText('Out of date').waitFor();
  await until(() => asked().length > 1, 'it is asked again');
  await c.page.getByText('They are asked again').waitFor();
  care.before = undefined;
  go();
  await c.page.locator('.proof').getByText('Out of date').waitFor({ state: 'detached' });
  assert.equal(asked().at(-1), care.kept.get('a-resole').draft.revision);
});

scene('a proof is stopped, asked for again, and says what went wrong', { expectErrors: true }, async (c) => {
  write(care, care.gaps[0]);
  care.before = (call) => (/proof$/.test(call.path) ? 'hang' : undefined);
  await proving(c);
  await c.page.getByText('The gap\'s questions are being asked').waitFor();
  await c.page.getByRole('button', { name: 'Stop' }).click();
  await c.page.getByText('Not asked yet.').waitFor();
  care.before = (call) => {
    if (/proof$/.test(call.path)) throw care.unavailable();
  };
  await c.page.getByRole('button', { name: 'Ask again' }).click();
  await c.page.locator('.proof').getByText('Something went wrong on our side').waitFor();
  care.before = undefined;
  await c.page.locator('.proof').getByRole('button', { name: 'Try again' }).click();
  await c.page.locator('.share').getByText('Would have answered 29 of 44').waitFor();
});

scene('what stands against a draft is shown beside it', {}, async (c) => {
  write(care, care.gaps[0]);
  care.checks = AGAINST;
  await proving(c);
  await c.page.getByText('45 € here, 49 € there').waitFor();
  await c.page.getByRole('link', { name: 'Our workshop' }).waitFor();
  await c.page.locator('.proof').getByRole('link', { name: 'Do you resole climbing shoes?' }).first().click();
  await c.page.getByRole('link', { name: 'Go on writing' }).waitFor();
});
