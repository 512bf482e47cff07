import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { care, PHONE, scene, until } from '../harness.mjs';
import { refuse, RETURNS, SHIPPING } from '../server.mjs';

const axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const TAGS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

async function run([scope, runOnly]) {
  const r = await window.axe.run(scope ? { include: [scope] } : document, { runOnly, iframes: false, resultTypes: ['violations'] });
  return r.violations.map((v) => `${v.id}: ${v.nodes.map((n) => `${n.target.join(' ')} ${n.any[0]?.message ?? n.failureSummary}`).join(' | ')}`);
}

/** What axe finds in the frame: by every rule in the light, by the rules on colour in the dark. */
async function findings(w, dark = false) {
  if (dark) {
    await w.page.evaluate(() => document.documentElement.classList.add('dark'));
    await until(() => w.inside(() => document.documentElement.dataset.theme === 'dark'));
  } else await w.inside(axe);
  // The movement of things that come in is over before colours are measured.
  await w.inside(() => Promise.all(document.getAnimations().filter((a) => a.effect.getComputedTiming().iterations === 1).map((a) => a.finished)));
  return w.inside(run, ['', dark ? ['color-contrast', 'link-in-text-block'] : TAGS]);
}

const long = 'Yes, **once** [1].\n\n1. Open *orders*\n2. Choose `return`\n\n- a [link](https://shop.example/x)\n\n```\ncode\n```\n\nBy post [2].';
const answered = async (w) => {
  care.answer = false;
  await w.open();
  await w.ask('Returns?');
  await w.shopper.waitFor();
  care.reply(care.shopper, long, [RETURNS, SHIPPING]);
  await w.answers.waitFor();
};

/** Every state that a shopper can see, and how to get there. */
const states = {
  connecting: async (w) => {
    care.onHello = () => true;
    await w.launcher.click();
    await w.banner.waitFor();
  },
  empty: (w) => w.open(),
  searching: async (w) => {
    care.answer = false;
    await w.open();
    await w.ask('Returns?');
    await w.shopper.waitFor();
    care.begin(care.shopper);
    await w.streaming.waitFor();
  },
  streaming: async (w) => {
    care.answer = false;
    await w.open();
    await w.ask('Returns?');
    await w.shopper.waitFor();
    care.begin(care.shopper).delta('Yes, **once** [1]. And then');
    await w.streaming.getByText('And then').waitFor();
  },
  answered,
  'source open': async (w) => {
    await answered(w);
    await w.cites.first().click();
    await w.card.waitFor();
  },
  rated: async (w) => {
    await answered(w);
    await w.frame.locator('.thumb').first().click();
    await w.frame.getByText('Thank you').waitFor();
  },
  'person form': async (w) => {
    await w.open();
    await w.person.click();
    await w.frame.getByLabel('E-mail').fill('x');
    await w.frame.getByRole('button', { name: 'Ask for a person' }).click();
    await w.frame.getByText('does not look like').waitFor();
  },
  'person offered and asked for': async (w) => {
    await answered(w);
    care.answer = false;
    care.shopper.say({ text: 'Is it one of these?\n\n- Returns\n- Size guide', outcome: 'clarified', handoff: { state: 'offered' } });
    await w.frame.locator('.msg .actions').waitFor();
    care.shopper.say({ kind: 'handoff', author: { kind: 'shopper', name: '' }, text: 'It is the wrong colour', handoff: { state: 'requested' } });
    care.passOn(care.shopper, { summary: 'The jacket came in the wrong colour.', ask_email: true });
    await w.frame.getByRole('button', { name: 'Correct it' }).click();
    await w.frame.locator('.passed input').fill('x');
    await w.frame.locator('.passed').getByRole('button', { name: 'Send' }).click();
    care.shopper.say({ kind: 'assignment', author: { kind: 'system', name: '' }, assignee: 'Mia Berger' });
    care.shopper.say({ author: { kind: 'agent', name: 'Mia Berger' }, text: 'Hello.', via: 'email' });
    care.shopper.send({ type: 'status', state: 'typing', name: 'Mia Berger' });
    care.shopper.send({ type: 'read', seq: 4 });
    await w.frame.locator('.seen').waitFor();
    care.shopper.say({ kind: 'status', author: { kind: 'system', name: '' }, change: 'resolved' });
    await w.log.getByText('This conversation is closed').waitFor();
  },
  'not sent': async (w) => {
    await answered(w);
    care.up = false;
    care.cut();
    await w.phase('waiting');
    await w.ask('Unsent');
    await w.pending.getByRole('button').waitFor();
    await w.person.click();
    await w.banner.waitFor();
  },
  refused: async (w) => {
    care.onFrame = (f, s, ws) => {
      ws.send(JSON.stringify({ type: 'error', code: 'too_long', message: 'Too long.', client_id: f.client_id, retry_after_ms: 0 }));
      return true;
    };
    await w.open();
    await w.ask('Story');
    await w.pending.getByText('Too long.').waitFor();
    await w.field.fill('x'.repeat(4001));
    await w.frame.getByText('1 characters too long').waitFor();
  },
  'not allowed': async (w) => {
    care.onHello = (f, ws) => {
      refuse(ws, 4403, 'unknown_site', 'No.');
      return true;
    };
    await w.launcher.click();
    await w.phase('stopped');
  },
  'too many': async (w) => {
    await w.open();
    care.cut(4429);
    await w.banner.waitFor();
  },
};

for (const [name, go] of Object.entries(states)) {
  scene(`axe finds nothing: ${name}, light and dark`, {}, async (w) => {
    await go(w);
    assert.deepEqual(await findings(w), [], 'light');
    assert.deepEqual(await findings(w, true), [], 'dark');
  });
}

for (const context of [{}, PHONE]) {
  scene(`axe finds nothing on the shop's page: closed, open, with news${context === PHONE ? ', on a phone' : ''}`, { context }, async (w) => {
    await w.launcher.waitFor();
    await w.page.evaluate(axe);
    const look = () => w.page.evaluate(run, ['careloop-chat', TAGS]);
    assert.deepEqual(await look(), [], 'closed');
    await w.open();
    await w.ask('Hi');
    await w.answers.waitFor();
    assert.deepEqual(await look(), [], 'open');
    await w.closeButton.click();
    care.shopper.say({ text: 'News' });
    await w.badge.filter({ hasText: 'new messages: 1' }).waitFor();
    await w.page.evaluate(() => document.documentElement.classList.add('dark'));
    assert.deepEqual(await look(), [], 'with news, dark');
  });
}

scene('axe finds nothing: unreachable, light and dark', { clock: true }, async (w, ctx) => {
  care.up = false;
  await w.launcher.click();
  await w.field.waitFor();
  await ctx.clock.fastForward(21_000);
  await w.log.getByText('We cannot be reached').waitFor();
  await ctx.clock.resume();
  assert.deepEqual(await findings(w), []);
  assert.deepEqual(await findings(w, true), []);
});

scene('axe finds nothing: on a phone, right to left, with a pale accent', { context: PHONE, query: { locale: 'ar', dir: 'rtl', accent: '#ffe9a8' } }, async (w) => {
  await answered(w);
  assert.deepEqual(await findings(w), []);
});

scene('the keyboard alone is enough', {}, async (w) => {
  const press = async (key, times = 1) => {
    for (let i = 0; i < times; i++) await w.page.keyboard.press(key);
  };
  const on = (css) => until(() => w.inside((c) => document.activeElement?.matches(c), css), `focus on ${css}`);
  await w.page.locator('#other').focus();
  await press('Tab');
  assert.equal(await w.launcher.evaluate((b) => b.matches(':focus-visible')), true);
  await press('Enter');
  await w.ready();
  await on('textarea');
  care.onFrame = (f, s) => {
    if (f.type !== 'message') return false;
    s.say({ author: { kind: 'shopper', name: '' }, text: f.text, client_id: f.client_id });
    care.reply(s, 'Yes [1].', [RETURNS]);
    return true;
  };
  await w.page.keyboard.type('Returns?');
  await press('Enter');
  await w.answers.waitFor();
  await on('textarea');

  // Back through rating and source chip to the mark in the text.
  await press('Shift+Tab', 3);
  await on('.source');
  await press('Shift+Tab');
  await on('.cite');
  await w.card.waitFor();
  await press('Escape');
  await w.card.waitFor({ state: 'detached' });
  await on('.cite');
  await press('Enter');
  await on('.card a');
  await press('Escape');
  await on('.cite');
  assert.equal(await w.card.count(), 0);
  await press('Enter');
  await on('.card a');
  await press('Tab', 1);
  await on('.source');
  await w.inside(() => undefined);
  await press('Tab', 1);
  await until(() => w.inside(() => document.activeElement?.closest('.card, .rating') !== null));

  await w.person.focus();
  await press('Enter');
  await on('input[type=email]');
  await press('Tab', 2);
  await on('button[type=submit]');
  await press('Enter');
  await w.log.getByText('I am passing this').waitFor();
  // The button is gone with what it was for.
  await until(() => w.field.evaluate((e) => e === document.activeElement));
  await press('Escape');
  await until(() => w.launcher.evaluate((b) => b.getRootNode().activeElement === b));
});

scene('whole messages are spoken, not pieces, and history is not spoken again', {}, async (w) => {
  care.answer = false;
  await w.open();
  assert.equal(await w.log.getAttribute('aria-live'), 'off');
  await w.ask('Returns?');
  await w.shopper.waitFor();
  const turn = care.begin(care.shopper);
  turn.delta('Yes, **you ');
  await w.streaming.getByText('Yes, you').waitFor();
  assert.equal((await w.live.innerText()).trim(), '');
  turn.delta('can** [1].');
  turn.finish({ citations: [RETURNS] });
  await until(async () => (await w.live.innerText()).includes('Careloop · AI assistant: Yes, you can .'));
  assert.equal(await w.field.evaluate((e) => e === document.activeElement), true, 'the focus did not move');
  await w.page.reload();
  await w.ready();
  await w.answers.waitFor();
  assert.equal((await w.live.innerText()).trim(), '');
});

scene('what is pressed most is 44 px, all else at least 24', {}, async (w) => {
  await w.open();
  const size = async (l) => {
    const b = await l.boundingBox();
    return Math.min(b.width, b.height);
  };
  for (const l of [w.launcher, w.sendButton, w.person, w.closeButton, w.chips.first()]) assert.ok((await size(l)) >= 44, String(l));
  care.answer = false;
  await w.ask('Returns?');
  await w.shopper.waitFor();
  care.reply(care.shopper, long, [RETURNS, SHIPPING]);
  await w.answers.waitFor();
  for (const l of [w.frame.locator('.thumb').first(), w.frame.locator('.source').first()]) assert.ok((await size(l)) >= 24, String(l));
  await w.person.click();
  for (const name of ['Ask for a person', 'Cancel']) assert.ok((await size(w.frame.getByRole('button', { name }))) >= 44, name);
});

scene('nothing moves for those who asked for stillness', { context: { reducedMotion: 'reduce' } }, async (w) => {
  care.answer = false;
  await w.open();
  await w.ask('Returns?');
  await w.shopper.waitFor();
  care.begin(care.shopper);
  await w.streaming.waitFor();
  assert.equal(await w.inside(() => document.getAnimations().length), 0);
  assert.equal(await w.panel.evaluate((p) => p.getAnimations().length), 0);
});

scene('with forced colours the shopper\'s bubble and the marks keep an edge', { context: { forcedColors: 'active' } }, async (w) => {
  await answered(w);
  const edge = (l) => l.evaluate((e) => parseFloat(getComputedStyle(e).borderTopWidth) > 0);
  for (const l of [w.shopper.first(), w.cites.first(), w.sendButton, w.person]) assert.ok(await edge(l), String(l));
});
