// What the scripted server knows of Ask, golden questions and replays.
import { randomUUID } from 'node:crypto';
import { refuse } from '../server.mjs';

const WORN = { id: 'a-worn', title: 'Can I return shoes I have already worn?', address: 'en/return-worn-shoes', published: true };
const COMFORT = { id: 'a-comfort', title: 'The 60-day comfort guarantee for shoes', address: 'en/comfort-guarantee', published: true };
const GIFT = { id: 'a-gift', title: 'Buying a gift card', address: 'en/gift-cards', published: false };

const passage = (n, article, more) => ({
  n, url: `/help/${article.address}`, heading: [], text: '', lexical: 0, semantic: 0, fused: 0, cited: false, draft: false,
  article: { id: article.id, title: article.title, address: article.address, locale: 'en', version: 3 }, ...more,
});

/** How a question was answered, as a turn reports it. */
export function report(question, more = {}) {
  return {
    question, locale: 'en', history: [], signed_in: false, confidence: 0.62, searched: true, threshold: 0.35, near: 0.2,
    reading: { matter: 'question', feeling: 'calm', topic: 'return', person: 0.02, contact: 0.04, negative: 0.11, legal: false, safety: false, person_only: false, unhelped: false },
    passages: [
      passage(1, WORN, { text: 'Yes, you can return shoes that you wore once, as long as you wore them only indoors and send them back within 30 days of delivery.', lexical: 14.2, semantic: 0.71, fused: 3.4, cited: true }),
      passage(2, WORN, { heading: ['Worn outdoors'], text: 'If you wore the shoes outdoors, our 60-day comfort guarantee gives you store credit.', lexical: 9.1, semantic: 0.64, fused: 2.2 }),
      passage(3, COMFORT, { text: 'Walk in them for 60 days.', lexical: 0, semantic: 0.58, fused: 1.1 }),
    ],
    outcome: 'answered', reason: '', offer: false,
    text: 'Yes, you can return shoes that you wore once, if you wore them only **indoors**, within 30 days of delivery [1].', told: '',
    citations: [{ n: 1, title: WORN.title, url: `/help/${WORN.address}`, quote: 'Yes, you can return shoes …', article_id: WORN.id, version: 3 }],
    held: [], model: 'quoter', calls: [{ model: 'quoter', prompt_tokens: 0, completion_tokens: 0, cost_micros: 0 }], cost_micros: 0, refused: false,
    sentences: [{ text: 'Yes, you can return shoes that you wore once, if you wore them only indoors, within 30 days of delivery.', cites: [1], supported: true, why: '', facts: [], share: 1 }],
    times: { embed: 0.4, lexical: 2.1, semantic: 3.2, rerank: 1.3, first: 6, total: 9.4 },
    ...more,
  };
}

const item = (n, question, more = {}) => ({
  n, key: `k${n}`, kind: 'golden', golden_id: `g${n}`, turn_id: '', conversation_id: '', seq: 0, question, locale: 'en', history: [], verdict: 'answer', expected: [WORN], signed_in: false,
  past: null, outcome: 'answered', reason: '', offer: false, rank: 1, confidence: 0.6, cited: [WORN], right: true, why: '', text: 'You can [1].', sentences: [], held: [], ms: 8,
  cost_micros: 0, without_model: false, ...more,
});

const scores = (right, more = {}) => ({
  questions: 40, right, retrieval: { questions: 30, hit1: 0.83, hit5: 0.97, mrr: 0.89 }, answers: { questions: 30, right: 0.8 },
  abstention: { asked: 10, said: 12, precision: 0.75, recall: 0.9 }, escalation: { asked: 6, said: 6, precision: 1, recall: 1 },
  grounding: { sentences: 55, supported: 0.98 }, past: { questions: 0, agreement: 0, newly_answered: 0, newly_unanswered: 0, disliked: 0, disliked_changed: 0 },
  p50_ms: 8, p95_ms: 31, cost_micros: 0, without_model: 0, ...more,
});

const replay = (id, at, more = {}) => ({
  id, state: 'done', done: 40, total: 40, message: '', by: 'Mira Holm', started_at: at, finished_at: at, scores: scores(0.8),
  setting: { golden: 40, past: 0, model: false, budget_micros: 0, models: [], embedder: 'careloop-static-2', prompts: 'abc', threshold: 0.35, version: 'dev', via: 'console', name: '' }, ...more,
});

export function fill(care) {
  const last = (right, why = '') => ({ replay_id: 'r2', right, outcome: 'answered', why, rank: 1 });
  const golden = (id, question, more) => ({
    id, question, locale: 'en', history: [], verdict: 'answer', articles: [WORN], note: '', signed_in: false, by: 'Mira Holm', created_at: '2026-05-01T09:00:00Z', updated_at: '2026-05-01T09:00:00Z', last: last(true), ...more,
  });
  care.models = [];
  care.hold = undefined;
  care.askClosed = false;
  care.lastReport = (question, body) => report(question, { locale: body.locale, history: body.history ?? [], signed_in: !!body.signed_in });
  care.reported = care.lastReport;
  care.golden = [
    golden('g1', 'Can I return shoes I wore once?', {}),
    golden('g2', 'And what if I wore them outside?', { history: [{ by: 'shopper', text: 'Can I return shoes?' }, { by: 'bot', text: 'Yes, if you wore them indoors.', outcome: 'answered' }], articles: [WORN, COMFORT], last: last(false, 'other_article'), note: 'Means nothing without the talk before it' }),
    golden('g3', 'Do you sell surfboards?', { verdict: 'abstain', articles: [], last: null }),
    golden('g4', 'Ich möchte mit einem Menschen sprechen', { verdict: 'person', articles: [], locale: 'de' }),
    golden('g5', 'What is the smallest gift card?', { articles: [GIFT], last: last(false, 'not_found') }),
  ];
  care.proposals = [
    { conversation_id: 'c1', seq: 3, at: '2026-05-04T10:00:00Z', question: 'Do you ship to Iceland?', locale: 'en', history: [], verdict: 'answer', articles: [WORN], because: 'rated_up' },
    { conversation_id: 'c2', seq: 5, at: '2026-05-03T10:00:00Z', question: 'Can I pay in two parts?', locale: 'en', history: [], verdict: 'answer', articles: [], because: 'agent_answered' },
  ];
  care.replays = [
    replay('r2', '2026-05-04T10:00:00Z', { scores: scores(0.75) }),
    replay('r1', '2026-05-01T10:00:00Z', { setting: { ...replay('', '').setting, via: 'command_line', name: 'golden.jsonl' }, by: '' }),
  ];
  const lost = { outcome: 'clarified', cited: [], right: false, why: 'unsure', text: 'I am not sure that I found it. Which of these do you mean?', confidence: 0.24, rank: 2 };
  care.pairs = [
    { now: item(1, 'What does gift wrapping cost?', { ...lost, expected: [GIFT] }), before: item(1, 'What does gift wrapping cost?', { expected: [GIFT], cited: [GIFT], text: 'Gift wrapping costs €4 for each parcel [1].' }), change: 'worse' },
    { now: item(2, 'Is a swimsuit returnable?'), before: item(2, 'Is a swimsuit returnable?', lost), change: 'better' },
    { now: item(3, 'Do you take PayPal?', { cited: [COMFORT], right: false, why: 'other_article', sentences: [{ text: 'We take cards.', cites: [1], supported: false, why: 'words', facts: [], share: 0.2 }] }), before: item(3, 'Do you take PayPal?', { cited: [COMFORT], right: false, why: 'other_article' }), change: 'same' },
    { now: item(4, 'Where is my parcel?', { kind: 'past', golden_id: '', conversation_id: 'c1', verdict: '', expected: [], past: { outcome: 'answered', cited: [WORN], rating: -1 } }), before: null, change: 'new' },
  ];
}

export function answer(care, method, path, call) {
  const m = /^(ask|golden|replays)(?:\/([^/]+))?(?:\/([^/]+))?$/.exec(path);
  if (!m) return undefined;
  if (call.agent?.role !== 'admin') throw refuse(403, 'not_allowed', 'Your account may not do that. An admin can.');
  const [, what, id, more] = m;
  if (what === 'ask') return call.method === 'GET' ? { models: care.models, threshold: 0.35, near: 0.2, locales: ['en', 'de'] } : ask(care, call);
  if (what === 'golden') return golden(care, call, id);
  return replays(care, call, id, more);
}

/** Lines as they come; a test may hold the last one back with care.hold. */
async function ask(care, call) {
  const { res } = call;
  const r = care.reported(call.body.question, call.body);
  res.writeHead(200, { 'Content-Type': 'application/x-ndjson' });
  const line = (x) => res.write(`${JSON.stringify(x)}\n`);
  line({ type: 'status', state: 'searching' });
  line({ type: 'found', passages: r.passages, confidence: r.confidence });
  if (r.text) {
    line({ type: 'status', state: 'writing' });
    line({ type: 'delta', offset: 0, text: r.text.slice(0, 40) });
  }
  res.on('close', () => (care.askClosed = true));
  await care.hold;
  line({ type: 'end', report: r });
  res.end();
  return null;
}

const counts = (list) => ({
  all: list.length, answer: list.filter((g) => g.verdict === 'answer').length, abstain: list.filter((g) => g.verdict === 'abstain').length,
  person: list.filter((g) => g.verdict === 'person').length, right: list.filter((g) => g.last?.right).length, wrong: list.filter((g) => g.last && !g.last.right).length,
});

function golden(care, call, id) {
  const all = care.golden;
  if (!id && call.method === 'GET') {
    const { q = '', verdict = '', locale = '', result = '', offset = 0, limit = 50 } = call.query;
    const fits = all.filter(
      (g) =>
        g.question.toLowerCase().includes(q.toLowerCase()) && (!verdict || g.verdict === verdict) && (!locale || g.locale === locale) &&
        (!result || (result === 'none' ? !g.last : g.last && g.last.right === (result === 'right'))),
    );
    return { items: fits.slice(+offset, +offset + +limit), total: fits.length, counts: counts(all), locales: ['de', 'en'], replay: care.replays[0]?.id ?? '' };
  }
  if (id === 'proposals') return { items: care.proposals, total: care.proposals.length };
  if (id === 'file') {
    const lines = call.body.text.split('\n').filter(Boolean);
    const bad = lines.flatMap((l, i) => (l.startsWith('{') ? [] : [{ line: i + 1, text: 'this is not JSON' }]));
    if (bad.length) throw refuse(422, 'bad_file', 'This file cannot be taken. Nothing of it was stored.', { lines: bad });
    return { added: lines.length, changed: 0, unchanged: 0, unknown: [] };
  }
  const known = all.find((g) => g.id === id);
  if (id && !known) throw refuse(404, 'unknown_question', 'This golden question is no longer there.');
  if (call.method === 'GET') return known;
  if (call.method === 'DELETE') {
    care.golden = all.filter((g) => g !== known);
    return null;
  }
  if (!known && all.some((g) => g.question === call.body.question)) throw refuse(409, 'known_question', 'This question is kept already, in this language and with these messages before it.');
  const stored = { ...known, ...call.body, articles: (call.body.articles ?? []).map((x) => [WORN, COMFORT, GIFT].find((a) => a.id === x) ?? { ...WORN, id: x }) };
  if (known) Object.assign(known, stored);
  else all.unshift({ id: randomUUID(), by: 'Mira Holm', created_at: '2026-05-05T09:00:00Z', updated_at: '2026-05-05T09:00:00Z', last: null, ...stored });
  return known ?? all[0];
}

function replays(care, call, id, more) {
  if (!id && call.method === 'GET') return { items: care.replays, total: care.replays.length };
  if (!id) {
    if (care.replays.some((r) => r.state === 'running')) throw refuse(409, 'replay_running', 'A replay is running already. Wait for it, or stop it first.');
    care.replays.unshift(replay(`r${care.replays.length + 1}`, '2026-05-05T10:00:00Z', { state: 'running', done: 12 }));
    return care.replays[0];
  }
  const r = care.replays.find((x) => x.id === id);
  if (!r) throw refuse(404, 'unknown_replay', 'This replay is no longer there; the newest hundred are kept.');
  if (more === 'cancel') return Object.assign(r, { state: 'cancelled' });
  const before = care.replays[care.replays.indexOf(r) + 1] ?? null;
  if (more === 'results') {
    const { show = 'all', kind = '', verdict = '', q = '' } = call.query;
    const is = { all: () => true, worse: (p) => p.change === 'worse', better: (p) => p.change === 'better', wrong: (p) => !p.now.right, changed: (p) => !['same', 'new'].includes(p.change) };
    const near = care.pairs.filter((p) => (!kind || p.now.kind === kind) && (!verdict || p.now.verdict === verdict) && p.now.question.toLowerCase().includes(q.toLowerCase()));
    const items = near.filter(is[show]);
    return { items, total: items.length, counts: Object.fromEntries(Object.entries(is).map(([k, f]) => [k, near.filter(f).length])) };
  }
  const change = (score, was, now, questions) => ({ score, before: was, after: now, difference: now - was, regressed: was - now > 0.02, questions });
  return {
    replay: r, against: before, common: before ? 39 : 0,
    changes: before ? [change('right', 0.8, 0.75, 40), change('retrieval.hit1', 0.83, 0.83, 30), change('retrieval.hit5', 0.93, 0.97, 30), change('answers.right', 0.83, 0.8, 30), change('grounding.supported', 0.98, 0.98, 55)] : [],
  };
}
