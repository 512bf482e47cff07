// Articles in a real browser: the list by its address, writing and saving, two who write at once,
// versions, times, and what must not happen with scripts and with texts that are far too long.
import assert from 'node:assert/strict';
import { beside, care, PHONE, scene, until } from '../harness.mjs';
import { panel, textOf } from '../rooms/articles.states.mjs';
import { shelfful } from '../rooms/articles.mjs';
import { AGENT } from '../world.mjs';

const AT = '/console/shops/demo/knowledge/articles';
const JONAS = { agent: AGENT, change: { role: 'admin' } };
const titles = (c) => c.page.locator('.article-title');
const openList = async (c, query = '') => {
  await c.page.goto(`${care.origin}${AT}${query}`);
  await titles(c).first().waitFor();
};
/** Opens the article about returns, with the cursor at the end of its text. */
const open = async (c, query = '', article = care.article) => {
  await c.page.goto(`${care.origin}${AT}/${article.row.id}${query}`);
  await textOf(c).waitFor();
  await textOf(c).press('Control+End');
};
const written = (c) => textOf(c).evaluate((el) => el.cmView?.view.state.doc.toString() ?? [...el.querySelectorAll('.cm-line')].map((l) => l.textContent).join('\n'));
const saved = (c) => c.page.locator('.save-state', { hasText: /^\s*Saved/ }).waitFor();
const more = async (c, name) => {
  await c.page.locator('.article-head').getByRole('button', { name: 'More' }).click();
  await c.page.getByRole('menuitem', { name }).click();
};
const dialog = (c) => c.page.getByRole('dialog');
const puts = () => care.asked('PUT', /articles\/.*draft$/);

scene('the list is searched, filtered, sorted and paged by its address', {}, async (c) => {
  shelfful(care, 120);
  await openList(c);
  assert.equal(await titles(c).count(), 50);
  await c.page.getByText('1–50 of 125').waitFor();
  await c.page.getByRole('link', { name: 'Next' }).click();
  await c.page.getByText('51–100 of 125').waitFor();
  assert.match(c.page.url(), /page=2/);
  await c.page.reload();
  await c.page.getByText('51–100 of 125').waitFor();
  await c.page.goBack();
  await c.page.getByText('1–50 of 125').waitFor();

  await c.page.getByRole('searchbox', { name: 'Search articles' }).fill('warranty');
  await until(async () => (await titles(c).count()) === 12 && (await titles(c).first().innerText()).startsWith('Warranty'), 'found as it is typed');
  assert.match(c.page.url(), /q=warranty/);
  await until(async () => /12 articles/.test(await c.spoken.innerText()), 'told to a screen reader');
  await c.page.getByRole('button', { name: 'Clear filters' }).click();
  await c.page.getByText('1–50 of 125').waitFor();

  await c.page.getByRole('link', { name: /^Review due/ }).click();
  await until(async () => (await titles(c).count()) === 1);
  assert.equal(await titles(c).innerText(), 'Returns and exchanges');
  await c.page.getByRole('link', { name: /^All/ }).click();
  await c.page.getByLabel('Source').selectOption('help.csv');
  await until(async () => (await titles(c).count()) === 1 && (await titles(c).innerText()) === 'Delivery and shipping');
  await c.page.getByRole('button', { name: 'Clear filters' }).click();
  await c.page.getByLabel('Owner').selectOption({ label: 'Mine' });
  await until(async () => (await titles(c).count()) === 1 && (await titles(c).innerText()) === 'Returns and exchanges');
  await c.page.getByRole('button', { name: 'Clear filters' }).click();
  await c.page.getByRole('columnheader', { name: 'Answers' }).getByRole('link').click();
  await until(async () => (await titles(c).first().innerText()) === 'Returns and exchanges');
  assert.match(c.page.url(), /sort=answered/);
  const cells = await c.page.getByRole('row').nth(1).innerText();
  for (const what of ['Published', 'en', '412', '38', '6', '21', 'Review due', 'Mira Holm']) assert.ok(cells.includes(what), what);
});

scene('the list by the keyboard: arrows, Enter, / and n', {}, async (c) => {
  await openList(c);
  await c.press('/');
  await until(() => c.page.evaluate(() => document.activeElement?.getAttribute('type') === 'search'));
  await c.press('Escape');
  await titles(c).first().focus();
  await c.press('ArrowDown');
  const second = await titles(c).nth(1).innerText();
  assert.equal(await c.page.evaluate(() => document.activeElement.textContent), second);
  await c.press('n');
  await dialog(c).getByLabel('Title').waitFor();
  await c.press('Escape');
  await dialog(c).waitFor({ state: 'detached' });
  await titles(c).nth(1).focus();
  await c.press('Enter');
  await textOf(c).waitFor();
  assert.equal(await c.page.getByRole('textbox', { name: 'Title' }).inputValue(), second);
});

scene('a new article is written, saved by itself, published, and stands in the list', {}, async (c) => {
  await openList(c);
  await c.page.getByRole('button', { name: 'Write an article' }).click();
  await dialog(c).getByRole('button', { name: 'Begin writing' }).click();
  await dialog(c).getByText('Please give the article a title').waitFor();
  await dialog(c).getByLabel('Title').fill('How to wash wool');
  await c.press('Enter');
  await textOf(c).waitFor();
  await until(() => textOf(c).evaluate((el) => el.getRootNode().activeElement === el), 'the cursor waits in the text');
  // Single keys of the page are letters here.
  await c.page.keyboard.type('n Wash it **cold**, by hand, with /soap/.');
  await c.press('Enter', 'Enter');
  await c.page.keyboard.type('- dry it flat');
  await c.press('Enter');
  await c.page.keyboard.type('no sun');
  await saved(c);
  assert.equal(puts().at(-1).body.markdown, 'n Wash it **cold**, by hand, with /soap/.\n\n- dry it flat\n- no sun');
  assert.ok(puts().length <= 3, 'not at every key');
  await c.page.locator('.preview-text strong').getByText('cold').waitFor();
  await c.page.locator('.preview-text li').getByText('no sun').waitFor();
  await c.page.getByRole('button', { name: 'Publish', exact: true }).click();
  await dialog(c).getByLabel('What was changed').fill('First words');
  await c.press('Enter');
  await c.toasts.getByText('The bot answers from it now').waitFor();
  await c.page.locator('.article-head').getByText('Published').first().waitFor();
  await c.page.getByRole('link', { name: 'To all articles' }).click();
  await c.page.getByRole('row').filter({ hasText: 'How to wash wool' }).getByText('Published').waitFor();
  const made = [...care.kept.values()].at(-1);
  assert.equal(made.newest.note, 'First words');
});

scene('the toolbar marks what is selected, and Tab leaves the text', {}, async (c) => {
  await open(c);
  await textOf(c).press('Control+a');
  await textOf(c).press('Delete');
  await c.page.keyboard.type('free returns');
  await c.press('Control+b');
  await c.page.getByRole('button', { name: 'Heading', exact: true }).click();
  await until(() => puts().at(-1)?.body.markdown === '## free **returns**');
  await c.page.getByRole('button', { name: 'Bold' }).click();
  await c.page.getByRole('button', { name: 'List', exact: true }).click();
  await until(() => puts().at(-1)?.body.markdown === '- free returns');
  await c.press('Tab');
  assert.equal(await textOf(c).evaluate((el) => el.getRootNode().activeElement === el), false);
});

scene('without a server it is kept and said, and saved when it is back; a reload loses nothing', { expectErrors: true }, async (c) => {
  await open(c);
  care.before = (call) => {
    if (/draft$/.test(call.path)) throw care.unavailable();
  };
  await c.page.keyboard.type('Kept words.');
  await c.page.getByText('What you typed is kept in this browser').waitFor();
  let asked = 0;
  c.page.on('dialog', (d) => (asked++, d.accept()));
  await c.page.reload();
  assert.equal(asked, 1, 'the browser asks before what is not saved is left');
  await textOf(c).waitFor();
  await c.page.getByText('had kept words').waitFor();
  await until(async () => (await written(c)).includes('Kept words.'));
  const again = c.page.getByRole('button', { name: 'Try now' });
  await again.waitFor();
  care.before = undefined;
  await again.click();
  await saved(c);
  assert.ok(care.article.draft.markdown.includes('Kept words.'));
  await c.page.reload();
  await textOf(c).waitFor();
  assert.equal(asked, 1, 'and does not where everything is saved');
});

scene('two change different places: the second is shown both, and keeps both', {}, async (c) => {
  await open(c);
  await beside(AGENT, async (other) => {
    Object.assign(care.agents.find((a) => a.id === AGENT.id), JONAS.change);
    await open(other);
    await textOf(other).press('Control+Home');
    await other.page.keyboard.type('Dear shoppers. ');
    await saved(other);
  });
  await c.page.keyboard.type('Ask us if you are not sure.');
  await dialog(c).getByText('Jonas Keller saved meanwhile').waitFor();
  await dialog(c).getByText('in other places than you').waitFor();
  const both = dialog(c).getByRole('region', { name: 'Together' });
  assert.match(await both.locator('ins').first().innerText(), /Dear shoppers/);
  assert.match(await both.locator('ins').last().innerText(), /Ask us/);
  await dialog(c).getByText('By Jonas Keller').click();
  await dialog(c).locator('.diff ins').getByText('Dear shoppers').waitFor();
  await dialog(c).getByText('Together', { exact: true }).click();
  await dialog(c).getByRole('button', { name: 'Keep both changes' }).click();
  await c.toasts.getByText('Saved, with both changes').waitFor();
  const { markdown } = care.article.draft;
  assert.ok(markdown.startsWith('Dear shoppers. You have') && markdown.endsWith('Ask us if you are not sure.'), markdown);
  assert.equal(await written(c), markdown);
});

scene('two change the same place: it is decided there, and what loses is put aside', {}, async (c) => {
  await open(c);
  const theirs = care.article.newest.markdown.replace('From Austria it costs 4.90 €.', 'From Austria it costs 6 €.');
  care.article.save({ markdown: theirs });
  await textOf(c).press('Control+End');
  await c.press('ArrowUp', 'End');
  await c.page.keyboard.type(' Or nothing.');
  await dialog(c).getByText('1 place is to be decided').waitFor();
  const save = dialog(c).getByRole('button', { name: 'Save it so' });
  assert.equal(await save.isDisabled(), true);

  // Not now: it goes on, and is not overwritten.
  await dialog(c).getByRole('button', { name: 'Decide later' }).click();
  await textOf(c).press('Control+Home');
  await c.page.keyboard.type('Still mine. ');
  assert.equal(care.article.draft.markdown, theirs);
  await c.page.locator('.notice').getByRole('button', { name: 'Compare' }).click();
  await dialog(c).locator('.pick').filter({ hasText: 'Jonas Keller' }).click();
  await save.click();
  await c.toasts.getByText('Saved').first().waitFor();
  assert.equal(care.article.draft.markdown, `Still mine. ${theirs}`);

  await panel(c, 'Versions');
  await c.page.locator('.asides').getByText('Text of Mira Holm').waitFor();
  await c.page.getByRole('button', { name: 'Bring back' }).click();
  await until(() => care.article.draft.markdown.includes('Or nothing.'), 'what lost comes back');
});

scene('only theirs or only mine: the other is put aside, not lost', {}, async (c) => {
  await open(c);
  care.article.save({ markdown: 'Theirs.', title: 'Another title' });
  await c.page.keyboard.type('Mine.');
  await dialog(c).getByRole('button', { name: 'Only one side' }).click();
  await c.page.getByRole('menuitem', { name: 'Only that of Jonas Keller' }).click();
  await until(async () => (await written(c)) === 'Theirs.');
  assert.equal(await c.page.getByRole('textbox', { name: 'Title' }).inputValue(), 'Another title');
  care.article.save({ markdown: 'Theirs again.' });
  await textOf(c).press('Control+End');
  await c.page.keyboard.type(' And mine.');
  await dialog(c).getByRole('button', { name: 'Only one side' }).click();
  await c.page.getByRole('menuitem', { name: 'Only mine' }).click();
  await until(() => care.article.draft.markdown === 'Theirs. And mine.');
  await panel(c, 'Versions');
  for (const name of ['Jonas Keller', 'Mira Holm']) await c.page.locator('.asides').getByText(`Text of ${name}`).waitFor();
});

scene('who comes back to the page sees what somebody else saved meanwhile', {}, async (c) => {
  await open(c);
  care.article.save({ markdown: 'Quite new.' });
  await c.page.evaluate(() => dispatchEvent(new Event('focus')));
  await c.page.locator('.notice').getByText('Jonas Keller changed this article meanwhile').waitFor();
  await until(async () => (await written(c)) === 'Quite new.');
  await c.page.getByRole('button', { name: 'Show changes' }).click();
  await dialog(c).locator('.diff ins').getByText('Quite new.').waitFor();
});

scene('any two versions are compared, and an old one is put back and undone', {}, async (c) => {
  await open(c, '?panel=versions');
  await c.page.getByRole('button', { name: 'Show changes in version 2' }).click();
  assert.match(c.page.url(), /from=1&to=2/);
  const diff = dialog(c).locator('.diff');
  await diff.locator('del').getByText('14').waitFor();
  assert.match(await diff.locator('ins').first().innerText(), /added:[\s\S]*30[\s\S]*\(end\)/, 'said without colour');
  await dialog(c).getByLabel('Before').selectOption('3');
  await dialog(c).getByLabel('After').selectOption('1');
  await diff.locator('ins').getByText('14').waitFor();
  await dialog(c).getByRole('button', { name: 'Put back version 1' }).click();
  await c.toasts.getByText('The text of version 1 is live again, as version 4').waitFor();
  assert.equal(care.article.newest.markdown, care.article.versions[0].markdown);
  await until(async () => (await written(c)).includes('14 days'));
  await c.toasts.getByRole('button', { name: 'Undo' }).click();
  await until(() => care.article.newest.version === 5);
  assert.equal(care.article.newest.markdown, care.article.versions[2].markdown);
  await c.page.locator('.version-list').getByText('Version 5').waitFor();
});

scene('a time is chosen on the shop’s clock, said in words, and taken back', { context: { timezoneId: 'America/New_York' } }, async (c) => {
  care.settings.time_zone = 'Europe/Berlin';
  await open(c);
  await c.page.keyboard.type('From March on.');
  await saved(c);
  await more(c, 'Publish at a time');
  await dialog(c).getByLabel('Day').fill('2027-03-02');
  await dialog(c).getByLabel('Time', { exact: true }).fill('09:00');
  await dialog(c).getByText('Tuesday, March 2, 2027 at 9:00 AM (Europe/Berlin)').waitFor();
  await dialog(c).getByLabel('Day').fill('2020-03-02');
  await dialog(c).getByText('That is past already').waitFor();
  await dialog(c).getByLabel('Day').fill('2027-03-02');
  await dialog(c).getByRole('button', { name: 'Publish then' }).click();
  await c.page.locator('.notice').getByText('Goes live on Tuesday, March 2, 2027').waitFor();
  assert.equal(care.article.draft.publish_at, '2027-03-02T08:00:00.000Z');
  await c.page.locator('.article-head').getByText('Scheduled').waitFor();
  await c.page.getByRole('button', { name: 'Take the time back' }).click();
  await c.page.locator('.article-head').getByText('Changed').waitFor();
  assert.equal(care.article.draft.publish_at, null);
});

scene('unpublished, published again, discarded and brought back, deleted', {}, async (c) => {
  await open(c);
  await more(c, 'Unpublish');
  await dialog(c).getByText('no longer answers from this article').waitFor();
  await dialog(c).getByRole('button', { name: 'Unpublish' }).click();
  await c.page.locator('.article-head').getByText('Unpublished').waitFor();
  await c.page.getByRole('button', { name: 'Publish again' }).click();
  await dialog(c).getByRole('button', { name: 'Publish now' }).click();
  await c.page.locator('.article-head .badge').getByText('Published').waitFor();

  await textOf(c).press('Control+End');
  await c.page.keyboard.type('A thought.');
  await saved(c);
  await more(c, 'Discard the draft');
  await dialog(c).getByRole('button', { name: 'Discard the draft' }).click();
  await until(async () => !(await written(c)).includes('A thought.'));
  assert.equal(care.article.draft, null);
  await c.toasts.getByRole('button', { name: 'Undo' }).click();
  await until(() => care.article.draft?.markdown.includes('A thought.'));

  const draft = [...care.kept.values()].find((a) => a.state === 'draft');
  await open(c, '', draft);
  await more(c, 'Delete');
  await dialog(c).getByRole('button', { name: 'Delete' }).click();
  await c.toasts.getByText('“Repairs” is deleted').waitFor();
  assert.equal(care.kept.has(draft.row.id), false);
});

scene('owner, review date, tags and readers', {}, async (c) => {
  await open(c, '?panel=details');
  await c.page.getByLabel('Owner').selectOption({ label: 'Jonas Keller' });
  await until(() => care.article.row.owner?.id === AGENT.id);
  await c.page.getByLabel('Look at it again on').fill('2027-05-01');
  await until(() => care.article.row.review_on === '2027-05-01');
  await c.page.getByLabel('Tags').fill('spring, boots,');
  await c.page.getByLabel('Tags').press('Enter');
  await c.page.getByRole('button', { name: 'Remove tag “shoes”' }).click();
  await c.page.getByLabel('Who reads it').selectOption('agents');
  await c.page.getByText('never shown or quoted').waitFor();
  await until(() => care.article.draft?.audience === 'agents');
  assert.deepEqual(care.article.draft.tags, ['returns', 'spring', 'boots']);
});

scene('script in the text and in what the server sends stays words', {}, async (c) => {
  care.previews = () => ({
    nodes: [
      { tag: 'script', attrs: {}, children: ['window.hit = 1'] },
      { tag: 'img', attrs: { src: 'x', onerror: 'window.hit = 1', alt: 'a boot' }, children: [] },
      { tag: 'a', attrs: { href: 'javascript:window.hit=1', onclick: 'window.hit = 1' }, children: ['click'] },
      { tag: 'iframe', attrs: { src: '/' }, children: [] },
      { tag: 'p', attrs: { style: 'position:fixed', dangerouslySetInnerHTML: 'x' }, children: ['<b>plain</b>'] },
    ],
    warnings: [{ kind: 'script', text: 'The text holds a script. It is not shown and never run.' }],
  });
  await open(c);
  await c.page.keyboard.type('<script>window.hit = 1</script><img src=x onerror="window.hit=1">');
  const shown = c.page.locator('.preview-text');
  await shown.getByText('<b>plain</b>').waitFor();
  await c.page.locator('.preview').getByText('never run').waitFor();
  assert.equal(await shown.locator('script, img, iframe, a, [onerror], [onclick], [style]').count(), 0);
  await shown.getByText('click').click();
  assert.equal(await c.page.evaluate(() => window.hit), undefined);
  await saved(c);
});

scene('a paste of 5 MB is refused in words, and nothing typed is lost', {}, async (c) => {
  await open(c);
  await c.page.keyboard.type('My own words.');
  await textOf(c).evaluate((el) => {
    const data = new DataTransfer();
    data.setData('text/plain', 'All work and no play. '.repeat(240_000));
    el.dispatchEvent(new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true, composed: true }));
  });
  await c.toasts.getByText('an article has room for 200,000').waitFor();
  await c.page.keyboard.type(' And more.');
  await saved(c);
  assert.ok(care.article.draft.markdown.endsWith('My own words. And more.'));
});

scene('publishing for a gap leads back to it', {}, async (c) => {
  await open(c, '?gap=g1');
  await c.page.locator('[data-gap="g1"]').or(c.page.locator('.article-beside')).first().waitFor();
  await c.page.keyboard.type('The answer.');
  await saved(c);
  await c.page.getByRole('button', { name: 'Publish', exact: true }).click();
  await dialog(c).getByRole('button', { name: 'Publish now' }).click();
  await c.page.waitForURL(/knowledge\/gaps\/g1$/);
  await c.toasts.getByText('From now on the bot answers this gap').waitFor();
});

scene('on a phone: write, look, publish', { context: PHONE }, async (c) => {
  await openList(c);
  await titles(c).filter({ hasText: 'Returns and exchanges' }).tap();
  await textOf(c).waitFor();
  await textOf(c).press('Control+End');
  await c.page.keyboard.type('From my phone.');
  await panel(c, 'Preview');
  await c.page.locator('.preview-text').getByText('From my phone.').waitFor();
  await panel(c, 'Write');
  assert.ok((await written(c)).includes('From my phone.'));
  await saved(c);
  await c.page.getByRole('button', { name: 'Publish', exact: true }).tap();
  await dialog(c).getByRole('button', { name: 'Publish now' }).tap();
  await until(() => care.article.newest.markdown.includes('From my phone.'));
  assert.ok((await c.page.evaluate(() => document.documentElement.scrollWidth)) <= 360, 'fits');
});

