// Imports in the console, against the scripted server.
import assert from 'node:assert/strict';
import { care, scene, until } from '../harness.mjs';
import { importRun, LAYOUT } from '../rooms/import.mjs';

const at = (path = '') => `${care.origin}/console/shops/demo/knowledge/import${path}`;

scene('what waits is seen, chosen with the keyboard, applied and undone', {}, async (c) => {
  await c.page.goto(at());
  await c.page.getByText('2 wait for you').waitFor();
  await c.page.getByRole('link', { name: 'faq.csv' }).press('Enter');
  await c.page.getByRole('button', { name: 'Apply 3 articles' }).waitFor();
  const gone = c.page.getByLabel('Choose Winter opening hours');
  assert.equal(await gone.isChecked(), false);
  await gone.press('Space');
  await c.page.getByRole('button', { name: 'Apply 4 articles' }).waitFor();
  await c.page.getByRole('button', { name: 'Choose none of these' }).click();
  await c.page.getByRole('button', { name: 'Nothing chosen' }).waitFor();
  await c.page.getByRole('link', { name: 'Changed 1', exact: true }).click();
  await c.page.getByRole('button', { name: 'Choose all of these' }).click();
  await until(() => care.asked('POST', /choose$/).some((x) => x.body.chosen && x.body.state === 'changed'));
  await c.page.getByRole('button', { name: 'Apply 1 article', exact: true }).click();
  await c.page.locator('.import-title').getByText('Done').waitFor();
  await c.page.getByRole('button', { name: 'Undo' }).click();
  await c.page.getByRole('dialog').getByRole('button', { name: 'Undo' }).click();
  await c.page.getByText('is as it was before').waitFor();
});

scene('a change is read: what goes, what comes, and what stays folded until it is asked for', {}, async (c) => {
  await c.page.goto(at('/r1?state=changed'));
  await c.page.getByRole('button', { name: 'Returns and exchanges' }).click();
  const text = c.page.locator('.diff');
  await text.locator('ins').filter({ hasText: '60' }).waitFor();
  assert.match(await text.locator('del').first().innerText(), /30/);
  assert.equal(await text.getByText('Line 6 stays').count(), 0);
  await text.getByRole('button', { name: /lines? (is|are) the same/ }).click();
  await text.getByText('Line 6 stays').waitFor();
});

scene('columns are said, and a column is one thing only', {}, async (c) => {
  care.imports.unshift(importRun({ id: 'r9', state: 'asking', table: LAYOUT, read_at: null }));
  await c.page.goto(at('/r9'));
  await c.page.getByLabel('Seite').selectOption('answer');
  assert.equal(await c.page.getByLabel('Erklärung').inputValue(), '');
  await c.page.getByRole('button', { name: 'Read it' }).click();
  await until(() => care.asked('POST', /columns$/).length === 1);
  assert.deepEqual(care.asked('POST', /columns$/)[0].body, { columns: { question: 0, answer: 2 }, heading: true });
});

scene('progress is followed until it ends, and what is too much is refused before it leaves', {}, async (c) => {
  const run = importRun({ id: 'r9', state: 'applying', done: 10, total: 50, counts: { new: 50, chosen: 50, applied: 10 } });
  care.imports.unshift(run);
  await c.page.goto(at('/r9'));
  await c.page.getByText('10 of 50').waitFor();
  Object.assign(run, { done: 30 });
  await c.page.getByText('30 of 50').waitFor();
  Object.assign(run, { state: 'done', counts: { ...run.counts, applied: 50 } });
  await c.page.locator('.import-notice').getByText('50 articles applied').waitFor();
  await c.page.goto(at());
  await c.page.locator('input[type=file]').setInputFiles(Array.from({ length: 501 }, (_, i) => ({ name: `${i}.md`, mimeType: 'text/markdown', buffer: Buffer.from('x') })));
  await c.page.getByText('These are more than 500 files').waitFor();
  assert.equal(care.asked('POST', /imports$/).length, 0);
});
