// The articles of the scripted server: their drafts, versions and times, as docs/knowledge.md says.
import { randomUUID } from 'node:crypto';
import { refuse } from '../server.mjs';
import { ADMIN, AGENT } from '../world.mjs';

const ago = (days) => new Date(Date.now() - days * 864e5).toISOString();
const TEXT = `You have **30 days** to send back what you do not like. Shoes may be worn once, indoors.

## How it works

1. Print the label from your order.
2. Bring the parcel to any post office.
3. We send the money back within 5 days.

## What it costs

Sending back is free in Germany. From Austria it costs 4.90 €.
`;

export class Article {
  constructor(care, more = {}) {
    const { markdown = TEXT, versions, ...row } = more;
    this.care = care;
    this.versions = versions ?? [{ version: 1, title: row.title ?? 'Returns and exchanges', markdown, tags: row.tags ?? [], url: '', at: ago(40), by: ADMIN.name, note: '' }];
    this.draft = null;
    this.slug = 'returns';
    this.locale = 'en';
    this.audience = 'everyone';
    this.live = true;
    this.gap = null;
    this.row = {
      id: randomUUID(), source: 'console', owner: null, review_on: null, due: false, updated_at: ago(40), updated_by: ADMIN.name,
      stats: { answered: 0, up: 0, down: 0, handoffs: 0 }, ...row,
    };
    for (const k of ['slug', 'locale', 'audience', 'live']) if (k in more) this[k] = more[k];
  }

  get newest() {
    return this.versions.at(-1);
  }

  get state() {
    if (!this.versions.length) return this.draft?.publish_at ? 'scheduled' : 'draft';
    if (!this.live) return 'unpublished';
    return this.draft?.publish_at ? 'scheduled' : this.draft ? 'changed' : 'published';
  }

  list() {
    const text = this.draft ?? this.newest ?? { title: '', tags: [] };
    const { slug, locale, audience } = this.draft ?? this;
    return {
      ...this.row, title: text.title, slug, locale, audience, tags: text.tags, state: this.state, version: this.live ? (this.newest?.version ?? 0) : 0,
      publish_at: this.draft?.publish_at ?? null, address: this.live && this.versions.length ? `${this.care.origin}/help/demo/${this.slug}` : '',
    };
  }

  whole() {
    const v = this.newest;
    const { slug, locale, audience } = this;
    const empty = { revision: 0, base_version: v?.version ?? 0, title: v?.title ?? '', markdown: v?.markdown ?? '', tags: v?.tags ?? [], url: v?.url ?? '', slug, locale, audience, updated_at: v?.at ?? ago(0), by: v?.by ?? '', publish_at: null, trouble: '' };
    return { ...this.list(), draft: this.draft ?? empty, published: this.live && v ? v : null, edited_at: null, imported: this.row.source !== 'console', gap: this.gap };
  }

  /** Somebody saves the draft. */
  save(text, by = AGENT.name) {
    const base = this.whole().draft;
    this.revisions = (this.revisions ?? 0) + 1;
    this.draft = { ...base, ...text, revision: this.revisions, by, updated_at: ago(0) };
    Object.assign(this.row, { updated_at: this.draft.updated_at, updated_by: by });
    return this.draft;
  }

  publish(by = ADMIN.name, note = '') {
    const { title, markdown, tags, url, slug, locale, audience } = this.draft ?? this.whole().draft;
    this.versions.push({ version: (this.newest?.version ?? 0) + 1, title, markdown, tags, url, at: ago(0), by, note });
    Object.assign(this, { slug, locale, audience, draft: null, live: true });
    Object.assign(this.row, { updated_at: ago(0), updated_by: by });
  }
}

const TITLES = ['Delivery times', 'Warranty', 'Paying by invoice', 'Change an order', 'Gift cards', 'Size chart for boots', 'Waxing a jacket', 'Lost parcel', 'Shops near you', 'Newsletter'];

export function fill(care) {
  const returns = new Article(care, {
    tags: ['returns', 'shoes'], owner: { id: ADMIN.id, name: ADMIN.name }, review_on: '2026-01-10', due: true, stats: { answered: 412, up: 38, down: 6, handoffs: 21 },
    versions: [
      { version: 1, title: 'Returns', markdown: TEXT.replace('30 days', '14 days').replace(/\n## What[^]*/, ''), tags: ['returns'], url: '', at: ago(400), by: ADMIN.name, note: '' },
      { version: 2, title: 'Returns and exchanges', markdown: TEXT.replace('From Austria it costs 4.90 €.', 'From Austria it is free.'), tags: ['returns'], url: '', at: ago(90), by: AGENT.name, note: '30 days since spring' },
      { version: 3, title: 'Returns and exchanges', markdown: TEXT, tags: ['returns', 'shoes'], url: '', at: ago(40), by: ADMIN.name, note: 'Austria costs something now' },
    ],
  });
  const imported = new Article(care, { title: 'Delivery and shipping', slug: 'delivery', source: 'help.csv', tags: ['delivery'], updated_at: ago(200), updated_by: '', stats: { answered: 96, up: 4, down: 11, handoffs: 30 } });
  const german = new Article(care, { title: 'Rückgabe und Umtausch', slug: 'rueckgabe', locale: 'de', audience: 'signed_in', updated_at: ago(3), updated_by: AGENT.name });
  const draft = new Article(care, { title: 'Repairs', versions: [], slug: '' });
  draft.save({ title: 'Repairs', markdown: 'We mend zips and seams.' }, ADMIN.name);
  const agents = new Article(care, { title: 'Goodwill: what we may give', slug: 'goodwill', audience: 'agents', live: false, updated_at: ago(12) });
  care.kept = new Map([returns, imported, german, draft, agents].map((a) => [a.row.id, a]));
  care.article = returns;
  care.previews = undefined; // a test's own previews: (body) => {nodes, warnings}
  care.checks = { near: [], contradictions: [] };
}

/** Adds so many published articles. */
export function shelfful(care, n) {
  for (let i = 0; i < n; i++) {
    const a = new Article(care, { title: `${TITLES[i % TITLES.length]} ${i + 1}`, slug: `article-${i}`, updated_at: ago(41 + i), stats: { answered: (i * 37) % 90, up: i % 7, down: i % 5, handoffs: i % 4 } });
    care.kept.set(a.row.id, a);
  }
}

function list(care, q) {
  const all = [...care.kept.values()].map((a) => ({ ...a.list(), text: (a.draft ?? a.newest).markdown }));
  const fits = all.filter(
    (a) =>
      (!q.q || `${a.title} ${a.text} ${a.slug}`.toLowerCase().includes(q.q.toLowerCase())) &&
      (!q.state || a.state === q.state) && (!q.locale || a.locale === q.locale) && (!q.tag || a.tags.includes(q.tag)) && (!q.source || a.source === q.source) &&
      (!q.audience || a.audience === q.audience) && (!q.owner || (q.owner === 'none' ? !a.owner : a.owner?.id === q.owner)) && (q.due !== 'true' || a.due),
  );
  const by = {
    updated: (a, b) => b.updated_at.localeCompare(a.updated_at), title: (a, b) => a.title.localeCompare(b.title), answered: (a, b) => b.stats.answered - a.stats.answered,
    failing: (a, b) => b.stats.down + b.stats.handoffs - a.stats.down - a.stats.handoffs, age: (a, b) => a.updated_at.localeCompare(b.updated_at),
  };
  fits.sort(by[q.sort ?? 'updated']);
  const count = (f) => all.filter(f).length;
  const states = Object.fromEntries(['draft', 'published', 'changed', 'scheduled', 'unpublished'].map((s) => [s, count((a) => a.state === s)]));
  const some = (f) => [...new Set(all.flatMap(f))].sort();
  const from = Number(q.offset ?? 0);
  return {
    items: fits.slice(from, from + Number(q.limit ?? 50)), total: fits.length, counts: { all: all.length, ...states, due: count((a) => a.due) },
    locales: some((a) => a.locale), tags: some((a) => a.tags), sources: some((a) => a.source),
  };
}

/** A few marks only, enough for the pages to show something. */
function preview(care, body) {
  if (care.previews) return care.previews(body);
  const inline = (s) => s.split(/(\*\*[^*]+\*\*)/).filter(Boolean).map((p) => (p.startsWith('**') ? { tag: 'strong', attrs: {}, children: [p.slice(2, -2)] } : p));
  const nodes = body.markdown.split(/\n{2,}/).filter((b) => b.trim()).map((b) => {
    const head = /^(#{1,6}) (.*)/.exec(b);
    if (head) return { tag: `h${head[1].length}`, attrs: {}, children: inline(head[2]) };
    if (/^(1\.|-) /.test(b)) return { tag: /^1/.test(b) ? 'ol' : 'ul', attrs: {}, children: b.trim().split('\n').map((l) => ({ tag: 'li', attrs: {}, children: inline(l.replace(/^(\d+\.|-) /, '')) })) };
    return { tag: 'p', attrs: {}, children: inline(b.trim()) };
  });
  const warnings = [];
  if (/ignore (the|all)/i.test(body.markdown)) warnings.push({ kind: 'instructs', text: 'A sentence reads like an order to a language model. Articles are only ever quoted, never obeyed; still, shoppers may wonder.' });
  if (/<script/i.test(body.markdown)) warnings.push({ kind: 'script', text: 'The text holds a script. It is not shown and never run.' });
  return { nodes, warnings };
}

export function answer(care, method, path, { body, query, agent }) {
  const m = /^articles(?:\/([^/]+))?(?:\/(.+))?$/.exec(path);
  if (!m || m[1] === 'search') return undefined;
  if (!m[1]) {
    if (method === 'GET') return list(care, query);
    const a = new Article(care, { title: body.title, versions: [], slug: '', locale: body.locale ?? 'en' });
    a.save({ title: body.title, markdown: body.markdown ?? '', locale: body.locale ?? 'en' }, agent.name);
    care.kept.set(a.row.id, a);
    return a.whole();
  }
  if (m[1] === 'preview') return preview(care, body);
  const a = care.kept.get(m[1]);
  if (!a) throw refuse(404, 'unknown_article', 'No such article.');
  const meanwhile = (revision, base) => {
    const d = a.whole().draft;
    if (revision !== d.revision || (revision === 0 && base !== undefined && base !== d.base_version)) throw refuse(409, 'changed_meanwhile', 'Somebody else saved this article meanwhile.', { theirs: d });
  };
  switch (`${method} ${m[2] ?? ''}`) {
    case 'GET ':
      return a.whole();
    case 'PATCH ':
      if ('owner_id' in body) a.row.owner = body.owner_id ? { id: body.owner_id, name: care.agents.find((x) => x.id === body.owner_id).name } : null;
      if ('review_on' in body) Object.assign(a.row, { review_on: body.review_on || null, due: false });
      return a.whole();
    case 'DELETE ':
      if (a.versions.length && a.live) throw refuse(409, 'published', 'Only an article that is not published can be deleted.');
      care.kept.delete(m[1]);
      return null;
    case 'PUT draft': {
      const { revision, base_version, ...text } = body;
      meanwhile(revision, base_version);
      if (!text.title.trim()) throw refuse(422, 'bad_article', 'An article needs a title.');
      return { draft: a.save(text, agent.name) };
    }
    case 'DELETE draft':
      meanwhile(Number(query.revision));
      a.draft = null;
      return a.whole();
    case 'POST publish':
      meanwhile(body.revision);
      if (body.publish_at) {
        a.draft ??= { ...a.whole().draft };
        a.draft.publish_at = body.publish_at;
      } else a.publish(agent.name, body.note);
      return a.whole();
    case 'DELETE schedule':
      if (a.draft) a.draft.publish_at = null;
      return a.whole();
    case 'POST unpublish':
      a.live = false;
      return a.whole();
    case 'POST rollback': {
      const old = a.versions.find((v) => v.version === body.version);
      a.versions.push({ ...old, version: a.newest.version + 1, at: ago(0), by: agent.name, note: `Version ${old.version}` });
      a.live = true;
      return a.whole();
    }
    case 'GET versions':
      return { items: [...a.versions].reverse().map(({ version, title, at, by, note }) => ({ version, title, at, by, note, published: a.live && version === a.newest.version })) };
    case 'POST check':
      return care.checks;
  }
  const v = /^versions\/(\d+)$/.exec(m[2] ?? '');
  if (method === 'GET' && v) return a.versions.find((x) => x.version === Number(v[1]));
  return undefined;
}
