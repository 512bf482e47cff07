// What there is to see of Insight. `page` goes to an address, waits for a text, and does more.
import { crowd } from '../world.mjs';

const AT = '/console/shops/demo/knowledge/insight';
const german = { locale: 'de' };
const painted = async (c) => {
  await c.page.locator('.skeleton').first().waitFor({ state: 'detached' });
  await c.page.locator('.plot-card[aria-busy="true"]').first().waitFor({ state: 'detached' });
};
const then = (more) => async (c) => {
  await painted(c);
  await more?.(c);
};
const scroll = (name) => then((c) => c.page.locator(`[data-plot="${name}"]`).scrollIntoViewIfNeeded());

export const insight = (page) => ({
  insight: page(`${AT}?range=90`, 'Answered by the bot alone', { then: then() }),
  'insight-days': page(AT, 'Answered by the bot alone', { then: then() }),
  'insight-middle': page(`${AT}?range=90`, 'Answered by the bot alone', { then: scroll('first_answer') }),
  'insight-articles': page(`${AT}?range=90`, 'Answered by the bot alone', { then: scroll('fails') }),
  'insight-german': page(`${AT}?range=90`, 'Allein vom Bot beantwortet', { agent: german, then: then() }),
  'insight-table': page(AT, 'Answered by the bot alone', {
    then: then(async (c) => {
      for (const name of ['Questions', 'Wait for a person']) await c.page.getByRole('button', { name: `As a table: ${name}` }).click();
    }),
  }),
  'insight-point': page(`${AT}?range=30&plot=outcomes&series=escalated&at=2026-11-12`, 'conversations', { before: (care) => crowd(care, 24), then: then() }),
  'insight-focus': page(AT, 'Answered by the bot alone', {
    then: then(async (c) => {
      await c.page.getByRole('application').first().focus();
      for (const key of ['ArrowLeft', 'ArrowLeft', 'ArrowLeft', 'ArrowUp']) await c.press(key);
      await c.page.getByText('Asked back:').waitFor({ state: 'attached' }).catch(() => undefined);
    }),
  }),
  'insight-few': page(AT, 'not enough yet', { before: (care) => (care.insight.scale = 0.003), then: then() }),
  'insight-empty': page(AT, 'Nothing to look at yet', { before: (care) => (care.insight.first = '') }),
  'insight-failing': page(AT, 'Something went wrong', { before: (care) => care.insight.fails.add('outcomes').add('wait'), then: then() }),
});
