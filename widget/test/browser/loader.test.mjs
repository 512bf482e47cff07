import assert from 'node:assert/strict';
import { care, PHONE, scene, until } from '../harness.mjs';

const focused = (w, css) => until(() => w.inside((c) => document.activeElement?.matches(c), css), `focus on ${css}`);
const onHost = (w) => w.page.evaluate(() => document.activeElement?.tagName.toLowerCase());
const isOpen = (w) => w.panel.evaluate((p) => p.classList.contains('on'));
const shut = (w) => until(async () => !(await isOpen(w)), 'the panel closes');

scene('asks the network for nothing but itself until it is opened, and shifts nothing', {}, async (w) => {
  await w.launcher.waitFor();
  await w.page.waitForLoadState('networkidle');
  const asked = await w.page.evaluate(() => performance.getEntriesByType('resource').map((e) => new URL(e.name).pathname));
  assert.deepEqual(asked.filter((p) => p !== '/favicon.ico'), ['/widget.js']);
  assert.equal(await w.page.locator('careloop-chat iframe').count(), 0);
  const shift = await w.page.evaluate(
    () => new Promise((done) => {
      let sum = 0;
      new PerformanceObserver((l) => l.getEntries().forEach((e) => (sum += e.value))).observe({ type: 'layout-shift', buffered: true });
      requestAnimationFrame(() => requestAnimationFrame(() => done(sum)));
    }),
  );
  assert.equal(shift, 0);
  await w.open();
  assert.equal(await w.page.locator('careloop-chat iframe').count(), 1);
});

for (const load of ['async', 'defer', '']) {
  scene(`works with the tag ${load || 'plain'}, and a second tag does nothing`, { query: { twice: '', load } }, async (w) => {
    await w.launcher.waitFor();
    assert.equal(await w.page.locator('careloop-chat').count(), 1);
    await w.open();
  });
}

scene('works under a policy that forbids inline styles and wants trusted types', { query: { csp: '' } }, async (w) => {
  await w.open();
  await w.ask('Hi');
  await w.answers.waitFor();
  const box = await w.launcher.boundingBox();
  assert.equal(box.width, 60, 'the launcher has its style');
});

scene('the shop\'s own styles do not reach it', { query: { hostile: '' } }, async (w) => {
  await w.launcher.waitFor();
  const look = await w.launcher.evaluate((b) => {
    const s = getComputedStyle(b);
    return [s.display, s.backgroundColor, s.fontSize];
  });
  assert.deepEqual(look, ['flex', 'rgb(15, 98, 92)', '16px']);
});

scene('accent, radius, offset, layer and label are the shop\'s', { query: { label: 'Questions?', accent: '#e0b03c', position: 'left', vars: '--careloop-radius:4px;--careloop-z:77;--careloop-offset-x:40px;--careloop-offset-y:50px' } }, async (w) => {
  assert.equal(await w.launcher.innerText(), 'Questions?');
  await w.open();
  const style = (l) => l.evaluate((e) => {
    const s = getComputedStyle(e);
    return { z: s.zIndex, left: s.left, bottom: s.bottom, radius: s.borderRadius, bg: s.backgroundColor, ink: s.color };
  });
  const button = await style(w.launcher);
  assert.deepEqual([button.z, button.left, button.bottom, button.bg], ['77', '40px', '50px', 'rgb(224, 176, 60)']);
  assert.equal(button.ink, 'rgb(24, 21, 18)', 'dark words on a light accent');
  assert.equal((await style(w.panel)).radius, '4px');
  await until(() => w.inside(() => getComputedStyle(document.documentElement).getPropertyValue('--accent') === 'rgb(224 176 60)'));
});

scene('a variable on the page wins over the attribute', { query: { accent: '#e0b03c', vars: '--careloop-accent:#7a1fa2' } }, async (w) => {
  await w.open();
  await until(() => w.inside(() => getComputedStyle(document.documentElement).getPropertyValue('--accent') === 'rgb(122 31 162)'));
});

const theme = (w, want) => until(() => w.inside((t) => document.documentElement.dataset.theme === t, want), `theme ${want}`);
const themes = [
  ['a dark mark on the page', { mark: 'data' }, 'light', 'dark'],
  ['a dark class on the page', { mark: 'class' }, 'light', 'dark'],
  ['a light page on a dark system', {}, 'dark', 'light'],
  ['a bare page and a dark system', { csp: '' }, 'dark', 'dark'],
  ['what the tag says, first of all', { theme: 'light', mark: 'class' }, 'dark', 'light'],
];
for (const [what, query, colorScheme, want] of themes) {
  scene(`theme by ${what}`, { query, context: { colorScheme } }, async (w) => {
    await w.open();
    await theme(w, want);
  });
}

scene('the theme follows the page while it is open', {}, async (w) => {
  await w.open();
  await theme(w, 'light');
  await w.page.evaluate(() => document.documentElement.classList.add('dark'));
  await theme(w, 'dark');
  await w.page.evaluate(() => document.documentElement.classList.remove('dark'));
  await theme(w, 'light');
});

scene('the theme follows the system where the page says nothing', { query: { csp: '' } }, async (w) => {
  await w.open();
  await w.page.emulateMedia({ colorScheme: 'dark' });
  await theme(w, 'dark');
});

scene('opens with the focus inside, Escape closes and gives it back', {}, async (w) => {
  await w.launcher.focus();
  assert.equal(await w.launcher.getAttribute('aria-expanded'), 'false');
  await w.page.keyboard.press('Enter');
  await w.ready();
  await focused(w, 'textarea');
  assert.equal(await w.launcher.getAttribute('aria-expanded'), 'true');
  assert.equal(await w.launcher.textContent(), 'Close chat');
  await w.page.keyboard.press('Escape');
  await shut(w);
  assert.equal(await onHost(w), 'careloop-chat');
  assert.equal(await w.launcher.evaluate((b) => b.getRootNode().activeElement === b), true);
  await w.page.keyboard.press('Enter');
  await focused(w, 'textarea');
});

scene('Escape closes the form first, then the chat', {}, async (w) => {
  await w.open();
  await w.person.click();
  await w.sheet.waitFor();
  await w.page.keyboard.press('Escape');
  await w.sheet.waitFor({ state: 'hidden' });
  await focused(w, '.person');
  assert.equal(await isOpen(w), true);
  await w.page.keyboard.press('Escape');
  await shut(w);
});

scene('after a navigation it is open as before, and takes no focus', {}, async (w) => {
  await w.open();
  await w.ask('Hi');
  await w.answers.waitFor();
  await w.page.locator('#next').click();
  await w.page.waitForURL(/second/);
  await w.ready();
  await w.log.getByText('within 30 days').waitFor();
  assert.equal(await onHost(w), 'body');
  await w.closeButton.click();
  await shut(w);
  await w.page.reload();
  await w.launcher.waitFor();
  assert.equal(await w.page.locator('careloop-chat iframe').count(), 0, 'closed stays closed');
});

scene('messages that come while it is closed are counted on the launcher', {}, async (w) => {
  await w.open();
  await w.ask('Hi');
  await w.answers.waitFor();
  await w.launcher.click();
  await shut(w);
  care.shopper.say({ text: 'One more thing' });
  care.shopper.say({ text: 'And another' });
  await w.page.getByRole('button', { name: /^Chat with us +new messages: 2$/ }).waitFor();
  await w.launcher.click();
  assert.equal(await w.badge.isVisible(), false);
  await w.launcher.click();
  care.shopper.say({ text: 'Third' });
  await w.badge.filter({ hasText: 'new messages: 1' }).waitFor();
});

scene('the page can open and close it', {}, async (w) => {
  await w.launcher.waitFor();
  await w.page.locator('#other').focus();
  await w.page.evaluate(() => window.Careloop.open());
  await w.ready();
  await w.page.evaluate(() => window.Careloop.close());
  await shut(w);
});

scene('messages from elsewhere move neither side', {}, async (w) => {
  await w.open();
  await w.page.evaluate(() => {
    window.postMessage({ type: 'careloop:close' }, '*');
    window.postMessage({ type: 'careloop:unread', count: 5 }, '*');
    window.postMessage({ type: 'careloop:keep', key: 'token', value: 'vt_evil' }, '*');
  });
  await w.inside(() => {
    window.postMessage({ type: 'careloop:host', theme: 'dark', open: true, accent: 'red' }, '*');
  });
  await w.page.evaluate(() => new Promise((done) => {
    addEventListener('message', (e) => e.data === 'last' && done());
    window.postMessage('last', '*');
  }));
  await w.inside(() => new Promise((done) => {
    addEventListener('message', (e) => e.data === 'last' && done());
    window.postMessage('last', '*');
  }));
  assert.equal(await isOpen(w), true);
  assert.equal(await w.inside(() => document.documentElement.dataset.theme), 'light');
  assert.notEqual(await w.page.evaluate(() => localStorage.getItem('careloop:demo:token')), 'vt_evil');
});

scene('a frame that is told a wrong host hears and says nothing', {}, async (w, ctx) => {
  const page = await ctx.newPage();
  await page.goto(`${care.shop}/shop?csp`);
  const heard = await page.evaluate(
    (src) => new Promise((done) => {
      let n = 0;
      addEventListener('message', () => n++);
      const f = document.createElement('iframe');
      f.onload = () => requestAnimationFrame(() => setTimeout(() => done(n), 300));
      f.src = src;
      document.body.append(f);
    }),
    `${care.origin}/widget/frame?site=demo&host=${encodeURIComponent('https://elsewhere.example')}`,
  );
  assert.equal(heard, 0);
}, );

scene('covers a phone, locks the page behind, keeps the focus, and opens no keyboard', { context: PHONE }, async (w) => {
  await w.launcher.tap();
  await w.ready();
  const box = await w.panel.boundingBox();
  assert.deepEqual([box.x, box.y, box.width, box.height], [0, 0, 390, 780]);
  assert.equal(await w.launcher.isVisible(), false);
  assert.equal(await w.page.evaluate(() => document.body.style.overflow + document.documentElement.style.overflow), 'hiddenhidden');
  assert.equal(await w.panel.getAttribute('aria-modal'), 'true');
  await focused(w, 'h1');
  for (const key of ['Tab', 'Shift+Tab']) {
    for (let i = 0; i < 12; i++) {
      await w.page.keyboard.press(key);
      assert.equal(await onHost(w), 'careloop-chat', `${key} ${i}`);
    }
  }
  await w.page.evaluate(() => document.querySelector('#other').focus());
  assert.equal(await onHost(w), 'careloop-chat', 'the page behind does not take it');
  await w.closeButton.tap();
  await shut(w);
  assert.equal(await w.page.evaluate(() => document.body.style.overflow + document.documentElement.style.overflow), '');
  await until(() => w.launcher.evaluate((b) => b.getRootNode().activeElement === b));
});

scene('turning from a window to a phone and back changes the cover, not the chat', {}, async (w) => {
  await w.open();
  await w.field.fill('half');
  await w.page.setViewportSize({ width: 390, height: 700 });
  await until(async () => (await w.panel.boundingBox()).width === 390);
  await w.page.setViewportSize({ width: 1280, height: 800 });
  await until(async () => (await w.panel.boundingBox()).width === 408);
  assert.equal(await w.page.evaluate(() => document.body.style.overflow), '');
  assert.equal(await w.field.inputValue(), 'half');
});

scene('a frame that cannot be loaded is said in words, with a way to try again and to close', { clock: true }, async (w, ctx) => {
  await w.launcher.waitFor();
  await ctx.route('**/widget/frame*', (r) => r.abort());
  await w.launcher.click();
  await ctx.clock.fastForward(12_500);
  const again = w.page.locator('careloop-chat').getByRole('button', { name: 'Try again' });
  await w.page.locator('careloop-chat').getByText('cannot be reached right now').waitFor();
  await ctx.unroute('**/widget/frame*');
  await again.click();
  await w.ready();
  assert.equal(await again.count(), 0);
});

const languages = [
  ['the tag', { locale: 'de' }, 'Wie können wir helfen?', 'de'],
  ['the page', { lang: 'fr-CH' }, 'Comment pouvons-nous aider ?', 'fr'],
  ['the tag before the page', { locale: 'es', lang: 'fr' }, '¿Cómo podemos ayudar?', 'es'],
  ['English where there is no catalogue', { lang: 'pl' }, 'How can we help?', 'en'],
];
for (const [what, query, title, lang] of languages) {
  scene(`language by ${what}`, { query }, async (w) => {
    await w.open();
    assert.equal(await w.frame.locator('h1').innerText(), title);
    assert.equal(await w.inside(() => document.documentElement.lang), lang);
  });
}

for (const [what, query] of [['the page\'s direction', { dir: 'rtl', lang: 'en' }], ['the language', { locale: 'ar' }]]) {
  scene(`right to left by ${what}`, { query }, async (w) => {
    await w.open();
    assert.equal(await w.inside(() => document.documentElement.dir), 'rtl');
    await w.ask('مرحبا');
    await w.answers.waitFor();
    const [mine, theirs, log] = await Promise.all([w.shopper.boundingBox(), w.answers.locator('.bubble').boundingBox(), w.log.boundingBox()]);
    assert.ok(mine.x - log.x < 30, 'the shopper at the left');
    assert.ok(log.x + log.width - (theirs.x + theirs.width) < 30, 'the bot at the right');
    const [send, field] = await Promise.all([w.sendButton.boundingBox(), w.field.boundingBox()]);
    assert.ok(send.x < field.x);
    assert.equal(await w.inside(() => document.documentElement.scrollWidth > innerWidth), false);
  });
}
