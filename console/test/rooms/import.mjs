// What the scripted server knows of imports: runs in every state, their items, and sources.
import { randomUUID } from 'node:crypto';
import { refuse } from '../server.mjs';

const COUNTS = { new: 0, changed: 0, edited: 0, gone: 0, unchanged: 0, refused: 0, warned: 0, chosen: 0, applied: 0, failed: 0, undone: 0, kept: 0 };

export function importRun(change = {}) {
  return {
    id: randomUUID(), name: 'faq.csv', kind: 'files', source_id: '', file_name: 'faq.csv', bytes: 48_213, state: 'ready', done: 0, total: 0,
    message: '', held: '', auto: false, by: 'Mira Holm', started_at: '2026-02-03T09:12:00Z', read_at: '2026-02-03T09:12:04Z', finished_at: null, table: null,
    ...change,
    counts: { ...COUNTS, ...change.counts },
  };
}

const item = (n, state, title, change = {}) => ({
  n, key: title, title, state, file: 'faq.csv', line: n + 2, reason: '', warnings: [], chosen: state === 'new' || state === 'changed', outcome: '', why: '', article_id: '', ...change,
});

export const ITEMS = [
  item(0, 'new', 'How do I wash wool?'),
  item(1, 'new', 'Discounts for our friends', { warnings: ['instructs', 'script'] }),
  item(2, 'changed', 'Returns and exchanges', { article_id: 'a1' }),
  item(3, 'edited', 'Delivery times', { article_id: 'a2' }),
  item(4, 'gone', 'Winter opening hours', { article_id: 'a3', line: 0, file: 'Winter opening hours' }),
  item(5, 'refused', '', { reason: 'text follows a closing quote; write a quote that belongs to the text twice' }),
  item(6, 'refused', 'Gift cards', { reason: 'the row has no answer; fill it in or delete the row' }),
  item(7, 'unchanged', 'Care of boots', { article_id: 'a4' }),
];
const READY = { new: 2, changed: 1, edited: 1, gone: 1, unchanged: 1, refused: 2, warned: 1, chosen: 3 };

export const LAYOUT = {
  headings: ['Thema', 'Erklärung', 'Seite', ''],
  rows: [['Rückgabe', 'Binnen 30 Tagen, für 5 €', 'https://shop.example/r', ''], ['Maße', 'Klein geschnitten', '', 'x']],
  columns: {},
  heading: true,
};

export function fill(care) {
  const ready = importRun({ id: 'r1', counts: READY });
  const crawled = importRun({ id: 'r2', kind: 'sitemap', name: 'https://shop.example/sitemap.xml', file_name: '', bytes: 0, source_id: 's1', by: '', counts: { changed: 3, gone: 1, unchanged: 212, chosen: 3 } });
  const done = importRun({ id: 'r3', state: 'done', file_name: 'help.zip', name: 'help.zip', finished_at: '2026-01-20T10:00:00Z', started_at: '2026-01-20T09:58:00Z', counts: { new: 40, chosen: 40, applied: 39, failed: 1, refused: 2 } });
  care.imports = [ready, crawled, done];
  care.importItems = ITEMS.map((x) => ({ ...x }));
  care.importSources = [
    { id: 's1', name: crawled.name, kind: 'sitemap', address: crawled.name, every_hours: 24, auto: true, paused: false, next_at: '2026-02-04T06:00:00Z', articles: 216, last: crawled },
    { id: 's2', name: 'https://shop.example/help/', kind: 'crawl', address: 'https://shop.example/help/', every_hours: 0, auto: false, paused: true, next_at: null, articles: 1, last: null },
  ];
}

function fits(it, q) {
  return (!q.state || (q.state === 'warned' ? it.warnings.length > 0 : it.state === q.state)) && (!q.outcome || it.outcome === q.outcome) &&
    (!q.q || `${it.title} ${it.file} ${it.reason}`.toLowerCase().includes(q.q.toLowerCase()));
}

export function answer(care, method, path, { query, body }) {
  if (path === 'imports' && method === 'GET') {
    const from = Number(query.offset ?? 0);
    return { items: care.imports.slice(from, from + Number(query.limit ?? 50)), total: care.imports.length, waiting: care.imports.filter((r) => ['ready', 'stopped', 'asking'].includes(r.state)).length };
  }
  if (path === 'import-sources') {
    if (method === 'GET') return { items: care.importSources };
    if (!/^https?:\/\/\w/.test(body.address)) throw refuse(422, 'bad_address', 'This is not the address of a web page. It begins with https:// or http://.');
    const run = importRun({ kind: body.kind, state: 'reading', name: body.address, file_name: '', read_at: null });
    care.imports.unshift(run);
    return { source: {}, run };
  }
  const source = /^import-sources\/(\w+)(\/read)?$/.exec(path);
  if (source) {
    const s = care.importSources.find((x) => x.id === source[1]);
    if (!s) throw refuse(404, 'unknown_source', 'There is no such source.');
    if (source[2]) return s.last;
    if (method === 'DELETE') {
      care.importSources = care.importSources.filter((x) => x !== s);
      return { unpublished: query.articles === 'unpublish' ? s.articles : 0 };
    }
    return Object.assign(s, body);
  }
  const at = /^imports\/([\w-]+)(?:\/(\w+)(?:\/(\d+))?)?$/.exec(path);
  if (!at) return undefined;
  const run = care.imports.find((r) => r.id === at[1]);
  if (!run) throw refuse(404, 'unknown_import', 'There is no such import.');
  if (!at[2]) return run;
  if (at[2] === 'items' && at[3] === undefined) {
    const list = care.importItems.filter((it) => fits(it, query));
    const from = Number(query.offset ?? 0);
    return { items: list.slice(from, from + Number(query.limit ?? 50)), total: list.length };
  }
  if (at[2] === 'items') {
    const it = care.importItems.find((x) => x.n === Number(at[3]));
    const text = (markdown, more = {}) => ({ title: it.title, markdown, url: '', tags: ['returns'], locale: 'en', slug: 'returns', ...more });
    const long = Array.from({ length: 12 }, (_, i) => `Line ${i + 1} stays as it is.`).join('\n');
    return {
      item: it,
      before: it.state === 'new' ? null : text(`Send it back within 30 days.\n\n${long}\n\nWe pay.`),
      after: it.state === 'gone' ? null : text(`Send it back within 60 days, please.\n\n${long}\n\nWe pay.\n\nAnd thank you.`, { tags: ['returns', 'refund'] }),
    };
  }
  if (at[2] === 'choose') {
    for (const it of care.importItems) if ((body.items ? body.items.includes(it.n) : fits(it, body)) && ['new', 'changed', 'edited', 'gone'].includes(it.state)) it.chosen = body.chosen;
    run.counts.chosen = care.importItems.filter((x) => x.chosen).length;
    return run;
  }
  if (at[2] === 'columns') Object.assign(run, { state: 'ready', counts: { ...COUNTS, ...READY } });
  if (at[2] === 'apply') {
    for (const it of care.importItems) if (it.chosen) it.outcome = 'applied';
    Object.assign(run, { state: 'done', counts: { ...run.counts, applied: run.counts.chosen } });
  }
  if (at[2] === 'cancel') run.state = run.state === 'applying' ? 'stopped' : 'cancelled';
  if (at[2] === 'undo') Object.assign(run, { state: 'undone', counts: { ...run.counts, undone: run.counts.applied, applied: 0 } });
  return run;
}
