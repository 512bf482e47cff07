// The states of Ask and Golden that axe and the pictures go through.
import { report } from './ask.mjs';

const QUESTION = 'Can I return shoes I wore once?';
const ask = `/console/shops/demo/knowledge/ask?q=${encodeURIComponent(QUESTION)}&locale=en`;
const golden = (rest = '') => `/console/shops/demo/knowledge/golden${rest}`;
const german = { locale: 'de' };
const held = (q) =>
  report(q, {
    outcome: 'clarified', reason: 'unsupported_fact', offer: true, held: ['45 days', '€12'], confidence: 0.27,
    text: 'You can return them [1]. I could not confirm the rest.', model: 'gpt-test', cost_micros: 1840,
    calls: [
      { model: 'gpt-test', prompt_tokens: 1500, completion_tokens: 90, cost_micros: 1840 },
      { model: 'gpt-other', prompt_tokens: 0, completion_tokens: 0, cost_micros: 0, failure: 'budget' },
    ],
    sentences: [{ text: 'It costs €12.', cites: [1], supported: false, why: 'fact', facts: ['€12'], share: 0.5 }],
  });
const person = (q) =>
  report(q, {
    outcome: 'escalated', reason: 'anger_or_distress', text: '', told: 'I am sorry. I am passing this on to our team; somebody answers here in a moment.', citations: [], sentences: [],
    passages: [], confidence: 0.08, calls: [],
    reading: { matter: 'question', feeling: 'angry', topic: 'delivery', person: 0.4, contact: 0.3, negative: 0.97, legal: true, safety: false, person_only: false, unhelped: false },
  });

/** The room's states; page is what states.mjs makes a state with. */
export const askStates = (page) => ({
  'ask-empty': page('/console/shops/demo/knowledge/ask', 'Nothing asked yet'),
  ask: page(ask, 'What was found'),
  'ask-german': page(ask, 'Was gefunden wurde', { agent: german }),
  'ask-held': page(ask, '45 days', { before: (care) => (care.reported = held) }),
  'ask-person': page(ask, 'passing this on', { before: (care) => (care.reported = person) }),
  'ask-history': page(`${ask}&history=${encodeURIComponent('[{"by":"shopper","text":"Hello"},{"by":"bot","text":"Hello! How can I help?"}]')}`, 'What was found'),
  'ask-coming': page(ask, 'Writing the answer', { before: (care) => (care.hold = new Promise(() => undefined)) }),
  'ask-failed': page(ask, 'Try again', {
    before: (care) =>
      (care.before = (call) => {
        if (call.method === 'POST' && /\/ask$/.test(call.path)) throw care.unavailable();
      }),
  }),
  'ask-save': page(ask, 'What was found', {
    then: async (c) => {
      await c.page.getByRole('button', { name: 'Save as golden question' }).click();
      await c.page.getByRole('dialog').waitFor();
    },
  }),
  golden: page(golden(), 'Do you sell surfboards?'),
  'golden-german': page(golden(), 'Do you sell surfboards?', { agent: german }),
  'golden-empty': page(golden(), 'No golden questions yet', { before: (care) => (care.golden = []) }),
  'golden-none': page(golden('?q=zzz'), 'Nothing fits'),
  'golden-edit': page(golden(), 'Do you sell surfboards?', {
    then: async (c) => {
      await c.page.getByRole('button', { name: 'Edit “And what if' }).click();
      await c.page.getByRole('dialog').waitFor();
    },
  }),
  'golden-file': page(golden(), 'Do you sell surfboards?', {
    then: async (c) => {
      await c.page.getByRole('button', { name: 'Import' }).click();
      await c.page.getByLabel('File').setInputFiles({ name: 'golden.jsonl', mimeType: 'text/plain', buffer: Buffer.from('{}\noops\n') });
      await c.page.getByRole('dialog').getByRole('button', { name: 'Import' }).click();
      await c.page.getByText('this is not JSON').waitFor();
    },
  }),
  'golden-past': page(golden(), 'Do you sell surfboards?', {
    then: async (c) => {
      await c.page.getByRole('button', { name: 'From conversations' }).click();
      await c.page.getByText('Do you ship to Iceland?').waitFor();
    },
  }),
  'golden-start': page(golden(), 'Do you sell surfboards?', {
    before: (care) => (care.models = ['gpt-test']),
    then: async (c) => {
      await c.page.getByRole('button', { name: 'Replay now' }).click();
      await c.page.getByLabel('With the model gpt-test').check();
      await c.page.getByLabel('At most, in dollars').waitFor();
    },
  }),
  replays: page(golden('/replays'), '75%'),
  'replays-empty': page(golden('/replays'), 'No replay yet', { before: (care) => (care.replays = []) }),
  replay: page(golden('/r2'), 'What does gift wrapping cost?', {
    then: async (c) => {
      await c.page.getByText('What does gift wrapping cost?').click();
      await c.page.getByText('€4 for each parcel').waitFor();
    },
  }),
  'replay-german': page(golden('/r2'), 'What does gift wrapping cost?', { agent: german }),
  'replay-running': page(golden('/r2'), '12 of 40', { before: (care) => Object.assign(care.replays[0], { state: 'running', done: 12 }) }),
  'replay-failed': page(golden('/r2'), 'It stopped', { before: (care) => Object.assign(care.replays[0], { state: 'failed', message: 'It stopped: the database is away' }) }),
});
