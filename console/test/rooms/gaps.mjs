// Gaps in the scripted server: groups of questions in every state, each with its evidence.
import { refuse } from '../server.mjs';
import { Article } from './articles.mjs';

const ago = (minutes) => new Date(Date.now() - minutes * 60_000).toISOString();
const REASONS = ['not_found', 'unsure', 'thumbs_down', 'agent_answered'];
const TITLES = [
  'Do you resole climbing shoes?',
  'Can I pay on account?',
  'Waschen von Daunenjacken',
  'Is there a gift wrap?',
  'Can I rent a tent for a weekend?',
  'Which boots are vegan?',
  'Do you ship to the Canary Islands?',
  'How do I find out my size?',
];
const ASKED = ['do you resole climbing shoes?', 'my climbing shoes are worn through, can you put new rubber on them?', 'resoling of La Sportiva shoes', 'what does a new sole for climbing shoes cost', 'can you repair the sole of my shoes'];

function gap(n, more = {}) {
  const size = Math.max(1, Math.round(44 / (1 + n * 0.7)));
  return {
    id: `0199c000-0000-7000-8000-${String(n).padStart(12, '0')}`,
    title: TITLES[n] ?? `${TITLES[n % TITLES.length]} (${n})`,
    locale: n % 8 === 2 ? 'de' : 'en',
    state: 'open',
    questions: size,
    shoppers: Math.max(1, Math.round(size * 0.7)),
    last_week: Math.round(size / 3),
    first_at: ago(60 * 24 * 40),
    last_at: ago(30 + n * 700),
    reasons: { not_found: Math.ceil(size / 2), ...(n % 2 === 0 && size > 2 && { agent_answered: Math.floor(size / 4) }), ...(n % 3 === 0 && size > 4 && { thumbs_down: 2 }), ...(n % 4 === 1 && { unsure: 1 }) },
    trend: Array.from({ length: 14 }, (_, i) => (i * (n + 3)) % (n % 3 ? 5 : 7)),
    article: null,
    since: null,
    reopened: false,
    ...more,
  };
}

const question = (care, g, i) => ({
  id: Number(g.id.slice(-6)) * 1000 + i,
  conversation_id: care.ada.id,
  seq: i % 2 ? 1 : 4,
  text: i < ASKED.length ? ASKED[i] : `${ASKED[i % ASKED.length]} (${i})`,
  at: ago(30 + i * 400),
  locale: g.locale,
  reason: REASONS[i % 4],
  confidence: i % 4 === 0 ? null : 0.12 + (i % 5) * 0.09,
});

export function fill(care) {
  care.gaps = [
    ...Array.from({ length: 8 }, (_, n) => gap(n)),
    gap(8, { title: 'When is the shop in Graz open?', state: 'drafted', article: { id: 'a-graz', title: 'Opening hours in Graz', state: 'draft' } }),
    gap(9, { title: 'Do you sell vouchers?', state: 'closed', article: { id: 'a1', title: 'Vouchers', state: 'published' }, since: { at: '2026-03-03T09:00:00Z', asked: 12, answered: 11 } }),
    gap(10, { title: 'Who wins the world cup?', state: 'dismissed' }),
  ];
  care.gapQuestions = new Map(care.gaps.map((g) => [g.id, Array.from({ length: g.questions }, (_, i) => question(care, g, i))]));
  care.gapsWaiting = 0;
  care.gapProof = undefined; // (body) => proof, to stand in for the usual one
}

const FLAGS = [
  { kind: 'disagree', text: 'It takes about two weeks. It takes about three weeks.' },
  { kind: 'personal', text: 'I have put your shoes aside for you, [name].' },
];

/** Drafts an article for a gap. */
export function write(care, g) {
  const a = new Article(care, { id: 'a-resole', title: 'Resoling of climbing shoes', versions: [], slug: '' });
  a.save({ title: a.row.title, markdown: 'We resole climbing shoes with Vibram rubber for 45 €. It takes about two weeks.\n\nPlease send them to our workshop.' });
  a.gap = { id: g.id, title: g.title };
  care.kept.set(a.row.id, a);
  Object.assign(g, { state: 'drafted', article: { id: a.row.id, title: a.row.title, state: 'draft' } });
  return a;
}

export const AGAINST = {
  near: [{ id: 'a2', title: 'Our workshop', address: '/help/workshop', quote: 'Our workshop repairs jackets, tents and rucksacks.', likeness: 0.83 }],
  contradictions: [{ id: 'a1', title: 'Repairs and what they cost', address: '/help/repairs', here: 'A new sole costs 45 €.', there: 'Resoling costs 49 €, whatever the shoe.', facts: [['45 €', '49 €']] }],
};

function put(care, into, moved) {
  const to = care.gapQuestions.get(into.id);
  to.unshift(...moved);
  into.questions = to.length;
}

function proof(body) {
  const results = Array.from({ length: 44 }, (_, i) => {
    const text = i < ASKED.length ? ASKED[i] : `${ASKED[i % ASKED.length]} (${i})`;
    const answered = i % 3 !== 1 || body.revision > 3;
    return {
      question_id: i,
      conversation_id: '0199a000-0000-7000-8000-00000000ada0',
      seq: 1,
      text,
      before: i % 15 === 0 ? 'answered' : 'escalated',
      after: answered ? 'answered' : 'clarified',
      answered,
      confidence: answered ? 0.8 : 0.2,
      quote: answered ? 'We resole climbing shoes with Vibram rubber for 45 €.' : i % 6 === 4 ? 'Our workshop repairs jackets and tents.' : '',
      why: answered ? '' : i % 6 === 4 ? 'other_article' : i % 12 === 7 ? 'unsure' : 'not_found',
    };
  });
  return { revision: body.revision, total: results.length, before: results.filter((r) => r.before === 'answered').length, after: results.filter((r) => r.answered).length, left: 0, results };
}

export function answer(care, method, path, { body, query }) {
  const is = (m, re) => (method === m ? re.exec(path) : null);
  let m;
  if (is('GET', /^gaps$/)) {
    const q = (query.q ?? '').toLowerCase();
    const fits = care.gaps.filter((g) => (!q || g.title.toLowerCase().includes(q)) && (!query.locale || g.locale === query.locale) && (!query.reason || g.reasons[query.reason]));
    const rows = fits.filter((g) => !query.state || g.state === query.state);
    if (query.sort === 'recent') rows.sort((a, b) => b.last_at.localeCompare(a.last_at));
    if (query.sort === 'size') rows.sort((a, b) => b.questions - a.questions);
    const from = Number(query.offset ?? 0);
    const counts = Object.fromEntries(['open', 'drafted', 'closed', 'dismissed'].map((s) => [s, fits.filter((g) => g.state === s).length]));
    return { items: rows.slice(from, from + Number(query.limit ?? 50)), total: rows.length, counts, locales: [...new Set(care.gaps.map((g) => g.locale))].sort(), waiting: care.gapsWaiting };
  }
  if (!(m = /^gaps\/([^/]+)(?:\/(\w+))?$/.exec(path))) return undefined;
  const g = care.gaps.find((x) => x.id === m[1]);
  if (!g) throw refuse(404, 'unknown_gap', 'There is no such gap.');
  const questions = care.gapQuestions.get(g.id);
  switch (`${method} ${m[2] ?? ''}`) {
    case 'GET ':
      return {
        gap: g,
        questions: questions.slice(0, 20),
        replies: g.reasons.agent_answered
          ? [
              { conversation_id: care.ada.id, seq: 8, text: 'Hello Ada,\n\nyes, we resole climbing shoes with Vibram rubber. It costs 45 € a pair and takes about two weeks. Just send them to our workshop.', by: 'Jonas Keller', at: ago(90) },
              { conversation_id: care.ada.id, seq: 8, text: 'We do! 45 €, two weeks. Please clean them first.', by: 'Mira Holm', at: ago(2900) },
            ]
          : [],
        near: g.id.endsWith('0') ? [{ id: 'a2', title: 'Our workshop', address: '/help/workshop', quote: 'Our workshop repairs jackets, tents and rucksacks. Bring them in, or send them with the form.', likeness: 0.61 }] : [],
      };
    case 'GET questions': {
      const from = Number(query.offset ?? 0);
      return { items: questions.slice(from, from + Number(query.limit ?? 50)), total: questions.length };
    }
    case 'PATCH ':
      return { gap: Object.assign(g, body) };
    case 'POST dismiss':
      return { gap: Object.assign(g, { state: 'dismissed' }) };
    case 'POST reopen':
      return { gap: Object.assign(g, { state: 'open' }) };
    case 'POST merge': {
      const into = care.gaps.find((x) => x.id === body.into);
      put(care, into, questions);
      care.gaps = care.gaps.filter((x) => x !== g);
      return { gap: into };
    }
    case 'POST move': {
      const moved = questions.filter((q) => body.questions.includes(q.id));
      const into = care.gaps.find((x) => x.id === body.to) ?? gap(50 + care.gaps.length, { title: moved[0].text });
      if (!body.to) {
        care.gaps.push(into);
        care.gapQuestions.set(into.id, []);
      }
      put(care, into, moved);
      care.gapQuestions.set(g.id, questions.filter((q) => !moved.includes(q)));
      g.questions = questions.length - moved.length;
      return { gap: into };
    }
    case 'POST draft': {
      const had = g.article !== null;
      const a = had ? null : write(care, g);
      return { article_id: g.article.id, model: '', redacted: a ? 2 : 0, replies: a ? 2 : 0, existed: had, flags: a ? FLAGS : [] };
    }
    case 'POST proof':
      return care.gapProof ? care.gapProof(body) : proof(body);
  }
  return undefined;
}
