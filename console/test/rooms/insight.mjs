// Insight in the scripted server: weeks of a shop that gets better, made of nothing but arithmetic,
// so that the same day always looks the same.
import { randomUUID } from 'node:crypto';
import { refuse } from '../server.mjs';

const TODAY = '2026-11-20';
const wave = (n) => (Math.sin(n * 12.9898) * 43758.5453) % 1;
const noise = (n) => Math.abs(wave(n));
const plus = (day, n) => new Date(Date.parse(`${day}T00:00:00Z`) + n * 864e5).toISOString().slice(0, 10);
const ordinal = (day) => Math.round(Date.parse(`${day}T00:00:00Z`) / 864e5);

const SERIES = {
  outcomes: ['answered', 'clarified', 'escalated', 'abandoned'],
  topics: ['delivery', 'return', 'size', 'refund', 'damaged', 'product', 'payment', 'order_change', 'account', 'warranty', 'other'],
  confidence: ['confidence'],
  first_answer: ['first_answer'],
  wait: ['replied', 'unanswered'],
  drafts: ['accepted', 'edited', 'discarded'],
  edits: ['edited'],
  cost: ['cost'],
  ratings: ['up', 'down'],
};
const TITLES = ['Returns and exchanges', 'Delivery times', 'Finding your size', 'Refunds: when your money comes back', 'Paying by invoice', 'Delivery abroad', 'Warranty and repairs', 'Changing or cancelling an order', 'Gift cards', 'Damaged on arrival'];

/** How many of a series there are on a day. */
function count(plot, key, day) {
  const n = ordinal(day);
  const better = (n - ordinal(TODAY) + 90) / 90; // 1 today
  const weekend = [0, 6].includes(new Date(`${day}T00:00:00Z`).getUTCDay());
  const questions = Math.round((weekend ? 34 : 78) * (0.8 + 0.4 * noise(n)));
  const share = {
    answered: 0.56 + 0.17 * better, clarified: 0.21 - 0.07 * better, escalated: 0.14 - 0.05 * better, abandoned: 0.09 - 0.05 * better,
    delivery: 0.31, return: 0.2, size: 0.13, refund: 0.1, damaged: 0.07, product: 0.06, payment: 0.05, order_change: 0.03, account: 0.02, warranty: 0.02, other: 0.01,
    confidence: 0.7, first_answer: 0.62, replied: 0.12, unanswered: 0.008, accepted: 0.03 + 0.03 * better, edited: 0.05 - 0.01 * better, discarded: 0.02 - 0.01 * better,
    cost: 0.65, up: 0.11 + 0.02 * better, down: 0.05 - 0.02 * better,
  }[plot === 'edits' ? 'edited' : key];
  return Math.max(0, Math.round(questions * share * (0.75 + 0.5 * noise(n + key.length * 7))));
}

function measure(plot, key, days, few = 5) {
  const n = days.reduce((sum, d) => sum + count(plot, key, d), 0);
  const m = { n, conversations: Math.ceil(n * 0.92) };
  const d = ordinal(days.at(-1));
  const better = (d - ordinal(TODAY) + 90) / 90;
  const jitter = 0.85 + 0.3 * noise(d + days.length);
  const middle = { confidence: Math.min(0.93, 0.71 + 0.12 * better * jitter), first_answer: 2.9 * jitter - 0.6 * better, wait: 290 * jitter - 110 * better, edits: 8.4 * jitter - 2.6 * better }[plot];
  if (middle !== undefined && key !== 'unanswered' && n >= few) {
    const spread = { confidence: [0.86, 1.09, 1.14], first_answer: [0.8, 1.4, 2.6], wait: [0.5, 1.7, 3.4], edits: [0.55, 1.6, 3] }[plot];
    Object.assign(m, { p25: middle * spread[0], p50: middle, p75: middle * spread[1], p95: middle * spread[2] });
  }
  if (plot === 'cost' && n) m.mean = 0.0031 * jitter - 0.0004 * better;
  return m;
}

const between = (from, to) => Array.from({ length: ordinal(to) - ordinal(from) + 1 }, (_, i) => plus(from, i));

function cut(days, by) {
  const out = [];
  for (const d of days) {
    if (by === 'day' || !out.length || new Date(`${d}T00:00:00Z`).getUTCDay() === 1) out.push({ from: d, to: d });
    else out.at(-1).to = d;
  }
  return out;
}

function figures(care, plot, q) {
  const days = between(q.from, q.to);
  const earlier = between(plus(q.from, -days.length), plus(q.from, -1));
  const over = plot !== 'topics' && plot !== 'articles';
  const buckets = over ? cut(days, q.by) : [];
  const base = { plot, time_zone: 'Europe/Berlin', from: q.from, to: q.to, by: q.by ?? 'day', language: q.language ?? '', as_of: '2026-11-20T16:00:00Z', before: { from: earlier[0], to: earlier.at(-1) }, few: 5, buckets };
  const scale = (m) => (care.insight.scale === 1 ? m : { n: Math.floor(m.n * care.insight.scale), conversations: Math.floor(m.n * care.insight.scale) });
  if (plot === 'articles')
    return {
      ...base,
      series: TITLES.flatMap((title, i) => {
        const all = Math.round((days.length * 14) / (i + 1.5));
        const failing = [0.06, 0.1, 0.08, 0.24, 0.52, 0.2, 0.14, 0.44, 0.05, 0.3][i];
        const parts = { worked: Math.round(all * (1 - failing)), down: Math.round(all * failing * 0.4), person: Math.round(all * failing * 0.6) };
        return Object.entries(parts).map(([fate, n]) => ({ key: `article-${i}/${fate}`, title, now: scale({ n, conversations: n }), before: { n: 0, conversations: 0 }, points: [] }));
      }).filter((s) => s.now.n > 0),
    };
  return {
    ...base,
    series: SERIES[plot].map((key) => ({
      key,
      now: scale(measure(plot, key, days)),
      before: scale(measure(plot, key, earlier)),
      points: buckets.map((b) => scale(measure(plot, key, between(b.from, b.to)))),
    })).sort((a, b) => (plot === 'topics' ? b.now.n - a.now.n : 0)),
  };
}

/** The conversations behind a point: as many as its figures say. */
function behind(care, plot, q) {
  const f = figures(care, plot, q);
  const s = f.series.find((x) => x.key === q.series);
  const i = f.buckets.findIndex((b) => b.from === q.at);
  const total = s ? (q.at ? s.points[i] : s.now).conversations : 0;
  const rows = [...care.conversations.values()].map((c) => c.row);
  const offset = Number(q.offset ?? 0);
  const items = Array.from({ length: Math.max(0, Math.min(Number(q.limit ?? 20), total - offset)) }, (_, k) => {
    const row = rows[(offset + k) % rows.length];
    const same = offset + k < rows.length;
    return { row: same ? row : { ...row, id: randomUUID() }, at: `${q.at || q.to}T${String(17 - ((offset + k) % 10)).padStart(2, '0')}:30:00Z`, n: 1 + (k % 7 === 3 ? 1 : 0) };
  });
  return { items, total };
}

export function fill(care) {
  care.insight = { first: '2026-05-04', scale: 1, fails: new Set() };
}

export function answer(care, method, path, { query, agent }) {
  const m = method === 'GET' && /^insight(?:\/(\w+)(?:\/(\w+))?)?$/.exec(path);
  if (!m) return undefined;
  if (agent.role !== 'admin') throw refuse(403, 'not_allowed', 'Only an admin may do this.');
  const [, plot, what] = m;
  if (!plot) return { time_zone: 'Europe/Berlin', today: TODAY, first: care.insight.first, languages: ['de', 'en', 'fr'] };
  if (care.insight.fails.has(plot)) throw care.unavailable();
  if (what === 'conversations') return behind(care, plot, query);
  if (what === 'csv') return { from: query.from };
  return figures(care, plot, query);
}
