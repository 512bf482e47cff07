// Coming in: signing in, invitations, the session that ends.
import assert from 'node:assert/strict';
import { care, scene, until } from '../harness.mjs';
import { refuse } from '../server.mjs';
import { AGENT } from '../world.mjs';

const signIn = async (c, password = 'correct horse') => {
  await c.page.getByLabel('E-mail').fill('mira@shop.example');
  await c.page.getByLabel('Password').fill(password);
  await c.page.keyboard.press('Enter');
};

scene('signing in: wrong, too often, right; the address that was asked for is shown', { agent: null }, async (c) => {
  await c.page.goto(`${care.url}/all`);
  await signIn(c, 'nonsense');
  await c.page.getByText('do not go together').waitFor();
  assert.equal(await c.page.evaluate(() => document.activeElement.name), 'password');

  care.before = (call) => {
    if (call.method === 'POST' && call.path === 'session') throw refuse(429, 'too_many_tries', 'Too many.', {}, { 'Retry-After': '2' });
  };
  await signIn(c);
  await c.page.getByText(/You can try again in [12] s/).waitFor();
  assert.equal(await c.page.getByRole('button', { name: 'Sign in' }).isDisabled(), true);
  care.before = undefined;
  await until(() => c.page.getByRole('button', { name: 'Sign in' }).isEnabled(), 'the throttle ends');
  await signIn(c);
  await c.row('Ada Winter').waitFor();
  assert.match(c.page.url(), /inbox\/all$/);
});

scene('OpenID Connect has its button where it is configured, and says when it failed', { agent: null }, async (c) => {
  care.oidc = 'Dunnock ID';
  await c.page.goto(`${care.origin}/console/sign-in?error=sign_in_failed`);
  await c.page.getByText('Signing in there did not work').waitFor();
  assert.equal(await c.page.getByRole('link', { name: 'Sign in with Dunnock ID' }).getAttribute('href'), '/v1/console/oidc/start');
  await c.page.getByRole('button', { name: 'Deutsch' }).click();
  await c.page.getByRole('link', { name: 'Mit Dunnock ID anmelden' }).waitFor();
});

scene('an invitation is taken once: a weak password is refused, then in', { agent: null }, async (c) => {
  await c.page.goto(`${care.origin}/console/invitation/abc`);
  await c.page.getByLabel('New password').fill('short');
  await c.page.getByRole('button', { name: 'Join' }).click();
  await c.page.getByText('at least 10 characters').last().waitFor();
  await c.page.getByLabel('New password').fill('password1234');
  await c.page.keyboard.press('Enter');
  await c.page.getByText('among the most common').waitFor();
  await c.page.getByLabel('New password').fill('a long enough one');
  await c.page.keyboard.press('Enter');
  await c.row('Ada Winter').waitFor();
  await c.page.goto(`${care.origin}/console/invitation/gone`);
  await c.page.getByText('no longer works').first().waitFor();
});

scene('a server that cannot be reached is said, with another try', { expectErrors: true }, async (c) => {
  care.before = () => {
    throw refuse(503, 'unavailable', 'Down for a moment.');
  };
  await c.go();
  await c.page.getByText('Down for a moment.').waitFor();
  care.before = undefined;
  await c.page.getByRole('button', { name: 'Try again' }).click();
  await c.row('Ada Winter').waitFor();
});

scene('signed out in the middle of a reply: no word is lost', {}, async (c) => {
  await c.ada();
  await c.field.fill('My half-written reply');
  care.endSessions();
  await c.page.getByText('You are signed out').waitFor();
  assert.equal(await c.page.getByLabel('E-mail').inputValue(), 'mira@shop.example');
  await c.page.getByLabel('Password').fill('correct horse');
  await c.page.keyboard.press('Enter');
  await c.page.getByRole('dialog').waitFor({ state: 'detached' });
  assert.equal(await c.field.inputValue(), 'My half-written reply');

  // The session ends unseen, between two words: what is sent then is kept and goes after the sign-in.
  care.endSessions(false);
  await c.field.press('Control+Enter');
  await c.page.getByText('It is sent once you are signed in').waitFor();
  await c.page.reload();
  await c.page.getByLabel('E-mail').fill('mira@shop.example');
  await c.page.getByLabel('Password').fill('correct horse');
  await c.page.keyboard.press('Enter');
  await c.said.filter({ hasText: 'My half-written reply' }).waitFor();
  await until(() => care.ada.events.filter((e) => e.text === 'My half-written reply').length === 1);
});

scene('what was typed is there after a reload, for its own agent only', {}, async (c, ctx) => {
  await c.ada();
  await c.field.fill('Kept words');
  await c.page.reload();
  await c.field.waitFor();
  assert.equal(await c.field.inputValue(), 'Kept words');
  await ctx.clearCookies();
  await ctx.addCookies([care.cookie(AGENT)]);
  await c.page.reload();
  await c.field.waitFor();
  assert.match(await c.field.inputValue(), /^Dear Ada/);
});

scene('an agent finds no settings; an unknown page says so', { agent: AGENT }, async (c) => {
  await c.page.goto(`${care.origin}/console/shops/demo/settings/people`);
  await c.page.getByText('There is no such page').waitFor();
  assert.equal(await c.page.getByRole('link', { name: 'Settings' }).count(), 0);
  await c.page.goto(`${care.origin}/console/shops/other/inbox/waiting`);
  await c.page.getByText('No such shop').waitFor();
});
