// Every page and state that somebody can see, and how to get there.
import { states as articleStates } from './rooms/articles.states.mjs';
import { askStates } from './rooms/ask.states.mjs';
import { insight } from './rooms/insight.states.mjs';
import { ADMIN, AGENT, crowd } from './world.mjs';

export const inAs = async (c, context, agent = ADMIN, change = {}) => {
  Object.assign(c.care.agents.find((a) => a.id === agent.id), change);
  await context.addCookies([c.care.cookie(agent)]);
};
const german = { locale: 'de' };
const LONG = 'Donaudampfschifffahrtsgesellschaftskapitänsmützenfabrikverwaltungsgebäude';

const page = (path, ready, more = {}) => async (c, context) => {
  await inAs(c, context, ADMIN, more.agent);
  more.before?.(c.care);
  await c.page.goto(c.care.origin + path);
  await c.page.getByText(ready).first().waitFor();
  await more.then?.(c);
};
const shop = (tab, ready, more) => page(`/console/shops/demo/settings/${tab}`, ready, more);

const opened = (more = {}) => async (c, context) => {
  await inAs(c, context, ADMIN, more.agent);
  if (!more.alone) crowd(c.care, 24);
  more.before?.(c.care);
  await c.ada();
  await more.then?.(c);
};

export const states = {
  'sign-in': async (c) => {
    c.care.oidc = 'Dunnock ID';
    await c.page.goto(`${c.care.origin}/console/`);
    await c.page.getByText('Dunnock ID').waitFor();
  },
  'sign-in-wrong': async (c) => {
    await c.page.goto(`${c.care.origin}/console/`);
    await c.page.getByLabel('E-mail').fill('mira@shop.example');
    await c.page.getByLabel('Password').fill('no');
    await c.page.keyboard.press('Enter');
    await c.page.getByRole('alert').waitFor();
  },
  invitation: async (c) => {
    await c.page.goto(`${c.care.origin}/console/invitation/abc`);
    await c.page.getByText('Welcome to the team').waitFor();
  },
  'set-up': async (c) => {
    await c.page.goto(`${c.care.origin}/console/invitation/first`);
    await c.page.getByText('Set up Careloop').waitFor();
  },
  'invitation-gone': async (c) => {
    await c.page.goto(`${c.care.origin}/console/invitation/gone`);
    await c.page.getByText('no longer works').first().waitFor();
  },
  inbox: page('/console/shops/demo/inbox/waiting', 'Ada Winter', { before: (care) => crowd(care, 24) }),
  'inbox-empty': page('/console/shops/demo/inbox/mine', 'Nothing on your desk'),
  'inbox-none': page('/console/shops/demo/inbox/all?q=zzz&tag=vip', 'Nothing fits'),
  'inbox-loading': page('/console/shops/demo/inbox/waiting', 'Loading', { before: (care) => (care.before = (call) => (/conversations$/.test(call.path) ? 'hang' : undefined)) }),
  'inbox-failed': page('/console/shops/demo/inbox/waiting', 'Try again', {
    before: (care) =>
      (care.before = (call) => {
        if (/conversations$/.test(call.path)) throw care.unavailable();
      }),
  }),
  'inbox-german': page('/console/shops/demo/inbox/waiting', 'Ada Winter', { agent: german, before: (care) => crowd(care, 24) }),
  conversation: opened(),
  'conversation-german': opened({ agent: german }),
  'conversation-closed': opened({ before: (care) => Object.assign(care.ada.row, { state: 'closed', waiting_since: null, assignee: { id: AGENT.id, name: AGENT.name } }) }),
  'conversation-unknown': async (c, context) => {
    await inAs(c, context);
    await c.go('/waiting/nothing');
    await c.page.getByText('No such conversation').waitFor();
  },
  'conversation-failed': async (c, context) => {
    await inAs(c, context);
    c.care.before = (call) => {
      if (/conversations\/.*events$/.test(call.path)) throw c.care.unavailable();
    };
    await c.go(`/waiting/${c.care.ada.id}`);
    await c.page.getByRole('button', { name: 'Try again' }).waitFor();
  },
  'conversation-long': opened({
    before: (care) => {
      Object.assign(care.ada.row.shopper, { name: `${LONG} von und zu Ohnesorge`, email: `${LONG}@example.org` });
      care.ada.say({ text: `${LONG} `.repeat(12) }, { quiet: true });
      care.ada.row.tags = [LONG, 'vip', 'second'];
      care.ada.packet.wish = `${LONG} `.repeat(5);
    },
  }),
  why: opened({
    then: async (c) => {
      await c.page.getByRole('button', { name: 'Why this answer' }).first().click();
      await c.page.getByText('4 ms searching').waitFor();
      await c.page.getByRole('button', { name: 'Source 1' }).first().click();
    },
  }),
  writing: opened({
    then: async (c) => {
      c.care.show(c.care.ada.id, { type: 'delta', turn_id: 't9', offset: 0, text: 'Let me look that up. Your order 1001 **left' });
      c.care.show(c.care.ada.id, { type: 'typing', by: 'shopper' });
      c.care.show(c.care.ada.id, { type: 'looking', agent_id: AGENT.id, name: AGENT.name });
      await c.page.getByText('is typing').waitFor();
      await c.page.getByText('left').waitFor();
    },
  }),
  note: opened({
    then: async (c) => {
      await c.page.getByRole('button', { name: 'Note', exact: true }).click();
      await c.field.pressSequentially('@Jo');
      await c.page.getByRole('option', { name: 'Jonas Keller' }).waitFor();
    },
  }),
  macros: opened({
    then: async (c) => {
      await c.field.fill('');
      await c.field.pressSequentially('/');
      await c.page.getByRole('option', { name: /greeting/ }).waitFor();
    },
  }),
  unsupported: opened({
    before: (care) => {
      care.ada.draft.text = 'Dear Ada,\n\nI am sorry. We give you 30 € back, and the parcel is there in 2 days.';
      const span = (text) => ({ start: care.ada.draft.text.indexOf(text), end: care.ada.draft.text.indexOf(text) + text.length, text });
      care.ada.draft.unsupported = [span('30 €'), span('2 days')];
    },
    then: async (c) => {
      await c.field.press('Control+Enter');
      await c.page.getByText('Send once more').first().waitFor();
    },
  }),
  offer: opened({
    then: async (c) => {
      await c.field.pressSequentially('My own words. ');
      const w = c.care.ada.write('Dear Ada, thank you for the photo. I see the green pair now.');
      w.piece(200);
      w.finish();
      await c.page.getByText('A newer draft').waitFor();
    },
  }),
  palette: opened({
    then: async (c) => {
      await c.press('Control+k');
      await c.page.getByRole('combobox').fill('re');
      await c.page.getByRole('option').first().waitFor();
    },
  }),
  shortcuts: opened({
    then: async (c) => {
      await c.press('?');
      await c.page.getByRole('dialog').waitFor();
    },
  }),
  transfer: opened({
    then: async (c) => {
      await c.press('t');
      await c.page.getByRole('dialog').waitFor();
    },
  }),
  tags: opened({
    then: async (c) => {
      await c.press('l');
      await c.page.getByRole('dialog').waitFor();
    },
  }),
  panel: opened({
    then: async (c) => {
      if ((await c.page.viewportSize()).width >= 1200) return;
      await c.page.getByRole('button', { name: 'Side panel' }).click();
      await c.page.getByText('What they want').waitFor();
    },
  }),
  menu: opened({
    then: async (c) => {
      await c.page.getByRole('button', { name: 'Tone' }).click();
      await c.page.getByRole('menu').waitFor();
    },
  }),
  offline: opened({
    then: async (c) => {
      c.care.up = false;
      c.care.reachable = false;
      c.care.cut();
      await c.field.press('Control+Enter');
      await c.page.getByText('Not sent yet').waitFor();
      await c.page.getByText('No connection').waitFor();
    },
  }),
  lost: opened({
    then: async (c) => {
      c.care.endSessions();
      await c.page.getByText('You are signed out').waitFor();
    },
  }),
  'me-menu': page('/console/shops/demo/inbox/waiting', 'Ada Winter', {
    then: async (c) => {
      await c.page.getByRole('button', { name: /Mira Holm/ }).click();
      await c.page.getByRole('menu').waitFor();
    },
  }),
  mentions: page('/console/shops/demo/inbox/waiting', 'Ada Winter', {
    then: async (c) => {
      await c.page.getByRole('button', { name: 'Mentions' }).click();
      await c.page.getByRole('dialog').getByText('Jonas Keller').waitFor();
    },
  }),
  people: shop('people', 'Jonas Keller'),
  invite: shop('people', 'Jonas Keller', { then: (c) => c.page.getByRole('button', { name: 'Invite' }).click() }),
  'person-edit': shop('people', 'Jonas Keller', { then: (c) => c.page.getByRole('button', { name: 'Edit Jonas Keller' }).click() }),
  teams: shop('teams', 'Workshop'),
  'team-edit': shop('teams', 'Workshop', { then: (c) => c.page.getByRole('button', { name: 'Edit Workshop' }).click() }),
  hours: shop('hours', 'Monday'),
  'hours-german': shop('hours', 'Montag', { agent: german }),
  care: shop('care', 'What agents may offer'),
  'care-preview': shop('care', 'What agents may offer', { then: (c) => c.page.getByLabel('Preview').check({ force: true }) }),
  'macros-page': shop('macros', 'sorry-late'),
  'macro-edit': shop('macros', 'sorry-late', { then: (c) => c.page.getByRole('button', { name: 'Edit greeting' }).click() }),
  'macros-empty': shop('macros', 'No macros yet', { before: (care) => (care.macros = []) }),
  audit: shop('audit', 'Person changed'),
  profile: page('/console/account/profile', 'Shoppers see it'),
  security: page('/console/account/security', 'Chrome on Linux'),
  preferences: page('/console/account/preferences', 'Two soft tones'),
  'preferences-german': page('/console/account/preferences', 'Zwei leise', { agent: german }),
  ...articleStates(page, german),
  ...askStates(page),
  'unknown-page': page('/console/nowhere', 'There is no such page'),
  ...insight(page),
};
