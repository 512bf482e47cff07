// Articles against the real server: what is published is answered at once, what is put back is
// answered again, and two admins who write at once lose nothing.
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { Instance } from '../../../widget/test/e2e/instance.mjs';
import { Widget } from '../../../widget/test/page.mjs';
import { launch } from '../page.mjs';

const PEOPLE = [
  { email: 'mia@shop.example', name: 'Mia Berger' },
  { email: 'tom@shop.example', name: 'Tom Ford' },
];
const PASSWORD = 'a horse in the rain';
const QUESTION = 'How long can I cancel or change my order after placing it?';

let shop;
let browser;

before(async () => {
  browser = await launch();
  shop = await Instance.start();
  const password = join(shop.dir, 'password');
  await writeFile(password, PASSWORD);
  for (const a of PEOPLE) shop.command('user', 'add', '--email', a.email, '--name', a.name, '--role', 'admin', '--password-file', password);
});
after(async () => {
  await browser?.close();
  await shop?.remove();
});

/** One test; every page in it is closed at its end, and no script may have failed. */
function scene(name, run) {
  test(name, async () => {
    const contexts = [];
    const problems = [];
    const open = async () => {
      const ctx = await browser.newContext({ viewport: { width: 1440, height: 900 }, reducedMotion: 'reduce' });
      contexts.push(ctx);
      ctx.setDefaultTimeout(15_000);
      ctx.on('weberror', (e) => problems.push(String(e.error())));
      ctx.on('console', (m) => {
        if (m.type() === 'error' && !/WebSocket|ERR_|status of/.test(m.text())) problems.push(m.text());
      });
      return ctx.newPage();
    };
    try {
      await run(open);
      assert.deepEqual(problems, []);
    } finally {
      for (const ctx of contexts) await ctx.close();
    }
  });
}

/** An admin with the article opened that says how long an order can be cancelled. */
async function admin(page, who) {
  assert.ok((await page.request.post(`${shop.url}/v1/console/session`, { data: { email: who.email, password: PASSWORD } })).ok());
  await page.goto(`${shop.url}/console/shops/demo/knowledge/articles?q=cancel-order&locale=en`);
  await page.locator('.article-title').getByText('Cancel or change my order').click();
  const text = page.getByRole('textbox', { name: 'Text of the article' });
  await text.waitFor();
  return { page, text, dialog: page.getByRole('dialog'), toasts: page.locator('.toast'), saved: () => page.locator('.save-state', { hasText: /^\s*Saved/ }).waitFor() };
}

/** Puts `words` in the place of the first that the search within the text finds of `old`. */
async function replace(a, old, words) {
  await a.text.press('Control+Home');
  await a.text.press('Control+f');
  await a.page.getByRole('textbox', { name: 'Find' }).pressSequentially(old);
  await a.page.keyboard.press('Enter');
  await a.page.keyboard.press('Escape');
  await a.page.keyboard.type(words);
}

async function publish(a) {
  await a.page.getByRole('button', { name: 'Publish', exact: true }).click();
  await a.dialog.getByRole('button', { name: 'Publish now' }).click();
  await a.toasts.getByText('Every answer goes by the new text').waitFor();
}

/** What a shopper who comes now is answered. */
async function answer(open) {
  const page = await open();
  await page.goto(shop.url);
  const w = new Widget(page);
  await w.open();
  await w.ask(QUESTION);
  await w.cites.first().waitFor();
  return w.answerText.last().innerText();
}

scene('published it is answered, put back the old text is', async (open) => {
  const mia = await admin(await open(), PEOPLE[0]);
  await replace(mia, 'for 60 minutes after', 'for 95 minutes after');
  await mia.saved();
  await mia.page.locator('.preview-text').getByText('for 95 minutes after').waitFor();
  assert.match(await answer(open), /60 minutes/, 'a draft is nobody’s answer');
  await publish(mia);
  assert.match(await answer(open), /95 minutes/);

  await mia.page.getByText('Versions', { exact: true }).click();
  await mia.page.getByRole('button', { name: 'Put back version 1' }).click();
  await mia.toasts.getByText('The text of version 1 is live again, as version 3').waitFor();
  assert.match(await answer(open), /60 minutes/);
  await mia.toasts.getByRole('button', { name: 'Undo' }).click();
  await mia.toasts.getByText('as version 4').waitFor();
});

scene('two admins write at once: the second is shown the first’s change, and nothing is lost', async (open) => {
  const [mia, tom] = [await admin(await open(), PEOPLE[0]), await admin(await open(), PEOPLE[1])];
  await replace(mia, 'After that, call', 'Later than that, call');
  await mia.saved();

  // In another place: both are kept.
  await replace(tom, 'Express orders can be', 'Express parcels can be');
  await tom.dialog.getByText('Mia Berger saved meanwhile').waitFor();
  await tom.dialog.locator('ins').getByText('Later than').waitFor();
  await tom.dialog.getByRole('button', { name: 'Keep both changes' }).click();
  await tom.toasts.getByText('Saved, with both changes').waitFor();

  // In the same place, by one who has not seen it yet: it is decided, and what loses is put aside.
  await replace(mia, 'Later than that, call', 'Too late? Call');
  await mia.dialog.getByText('Tom Ford saved meanwhile').waitFor();
  await mia.dialog.getByRole('button', { name: 'Keep both changes' }).click();
  await mia.toasts.getByText('Saved, with both changes').waitFor();
  await replace(tom, 'Later than that, call', 'If you are later, call');
  await tom.dialog.getByText('1 place is to be decided').waitFor();
  await tom.dialog.locator('.pick').filter({ hasText: 'Mia Berger' }).click();
  await tom.dialog.getByRole('button', { name: 'Save it so' }).click();
  await tom.toasts.getByText('Saved, with both changes').first().waitFor();
  await publish(tom);
  for (const words of ['Too late? Call', 'Express parcels can be']) await tom.page.locator('.preview-text').getByText(words).waitFor();
  await tom.page.getByText('Versions', { exact: true }).click();
  await tom.page.locator('.asides').getByText('Text of Tom Ford').waitFor();
  await tom.page.locator('.version-list').getByText('Tom Ford').first().waitFor();
});
