// Every state of the pages of gaps, for axe and the pictures.

import { AGAINST, write } from './gaps.mjs';

const FIRST = '0199c000-0000-7000-8000-000000000000';

/** `page` as in states.mjs, which lists these. */
export function gapStates(page) {
  const at = (path, ready, more) => page(`/console/shops/demo/knowledge/gaps${path}`, ready, more);
  const fail = (care) =>
    (care.before = (call) => {
      if (/gaps/.test(call.path)) throw care.unavailable();
    });
  return {
    gaps: at('', 'Do you resole'),
    'gaps-waiting': at('', 'put with their like', { before: (care) => (care.gapsWaiting = 7) }),
    'gaps-german': at('', 'Do you resole', { agent: { locale: 'de' } }),
    'gaps-empty': at('', 'No gaps so far', { before: (care) => (care.gaps = []) }),
    'gaps-done': at('', 'Well done', { before: (care) => (care.gaps = care.gaps.filter((g) => g.state === 'closed')) }),
    'gaps-none-fit': at('?q=zzz', 'Nothing fits'),
    'gaps-loading': at('', 'Loading', { before: (care) => (care.before = (call) => (/gaps/.test(call.path) ? 'hang' : undefined)) }),
    'gaps-failed': at('', 'Try again', { before: fail }),
    'gaps-closed': at('?state=closed', 'Do you sell vouchers?'),
    gap: at(`/${FIRST}`, 'What your team replied'),
    'gap-german': at(`/${FIRST}`, 'Was das Team', { agent: { locale: 'de' } }),
    'gap-chosen': at(`/${FIRST}`, 'What your team replied', {
      then: async (c) => {
        for (const i of [1, 2]) await c.page.locator('.question-list input').nth(i).check();
        await c.page.getByText('2 chosen').waitFor();
      },
    }),
    'gap-rename': at(`/${FIRST}`, 'What your team replied', {
      then: async (c) => {
        await c.page.getByRole('button', { name: 'Rename' }).click();
        await c.page.getByLabel('Title of the gap').waitFor();
      },
    }),
    'gap-merge': at(`/${FIRST}`, 'What your team replied', {
      then: async (c) => {
        await c.page.getByRole('button', { name: 'More', exact: true }).click();
        await c.page.getByRole('menuitem', { name: /Merge/ }).click();
        await c.page.getByRole('radio').first().waitFor();
      },
    }),
    'gap-menu': at(`/${FIRST}`, 'What your team replied', {
      then: async (c) => {
        await c.page.getByRole('button', { name: 'More', exact: true }).click();
        await c.page.getByRole('menuitem', { name: /Dismiss/ }).waitFor();
      },
    }),
    'gap-drafted': at('/0199c000-0000-7000-8000-000000000008', 'Go on writing'),
    'gap-closed': at('/0199c000-0000-7000-8000-000000000009', 'Since it was published'),
    'gap-dismissed': at('/0199c000-0000-7000-8000-000000000010', 'stays out of the list'),
    'gap-reopened': at('/0199c000-0000-7000-8000-000000000009', 'Open again', { before: (care) => Object.assign(care.gaps.find((g) => g.state === 'closed'), { state: 'open', reopened: true }) }),
    'gap-unknown': at('/nothing', 'No such gap'),
    'gap-failed': at(`/${FIRST}`, 'Try again', { before: fail }),
    proof: page(`/console/shops/demo/knowledge/articles/a-resole?gap=${FIRST}&panel=proof`, 'Would have answered', {
      before: (care) => {
        write(care, care.gaps[0]);
        care.checks = AGAINST;
      },
    }),
    'proof-german': page(`/console/shops/demo/knowledge/articles/a-resole?gap=${FIRST}&panel=proof`, 'Hätte', {
      agent: { locale: 'de' },
      before: (care) => write(care, care.gaps[0]),
    }),
    'proof-drafted': at(`/${FIRST}`, 'What your team replied', {
      then: async (c) => {
        await c.page.getByRole('button', { name: 'Draft an article' }).click();
        await c.page.locator('.article-beside').waitFor();
      },
    }),
    'proof-failed': page(`/console/shops/demo/knowledge/articles/a-resole?gap=${FIRST}&panel=proof`, 'Try again', {
      before: (care) => {
        write(care, care.gaps[0]);
        care.before = (call) => {
          if (/proof$/.test(call.path)) throw care.unavailable();
        };
      },
    }),
    'gap-question': page(`/console/shops/demo/inbox/all/0199a000-0000-7000-8000-00000000ada0?at=1`, 'return shoes I wore once', {
      then: (c) => c.page.locator('.said.sought').waitFor(),
    }),
  };
}

/** Those that are looked at on a phone, too. */
export const phone = ['gaps', 'gap', 'gap-chosen', 'gap-closed', 'proof'];
