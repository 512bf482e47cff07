// What stands in the scripted server: people, a shop, conversations with everything that can be in one.
import { randomUUID } from 'node:crypto';
import { refuse } from './server.mjs';

const person = (n, name, role, more = {}) => ({
  id: `00000000-0000-4000-8000-00000000000${n}`,
  email: `${name.split(' ')[0].toLowerCase()}@shop.example`,
  name,
  role,
  locale: 'en',
  preferences: { sound: false, notifications: false, single_keys: true, theme: '' },
  presence: 'online',
  online: true,
  disabled: false,
  has_password: true,
  site_keys: ['demo'],
  capacity: 5,
  created_at: '2026-01-05T08:00:00Z',
  ...more,
});
export const ADMIN = person(1, 'Mira Holm', 'admin');
export const AGENT = person(2, 'Jonas Keller', 'agent');
export const SITE = { key: 'demo', name: 'Dunnock Outdoor', locale: 'en' };

export const RETURNS = { n: 1, title: 'Returns and exchanges', url: '/help/returns', quote: 'Shoes worn once, indoors, can be returned within 30 days of delivery.', article_id: 'a1' };
const ago = (minutes) => new Date(Date.now() - minutes * 60_000).toISOString();

/** One conversation: its row, its timeline, and what the server says about it. */
export class Conversation {
  constructor(care, more = {}) {
    this.care = care;
    this.id = more.id ?? randomUUID();
    this.events = [];
    this.byClient = new Map();
    this.draft = null;
    this.packet = null;
    this.page = null;
    this.external = '';
    this.row = {
      id: this.id,
      shopper: { id: randomUUID(), name: 'Ada Winter', email: 'ada@example.org' },
      state: 'open',
      charge: 'bot',
      assignee: null,
      team: null,
      waiting_since: null,
      urgency: 0,
      topic: '',
      feeling: '',
      tags: [],
      last_text: '',
      last_author: '',
      last_at: ago(5),
      updated_at: ago(5),
      last_seq: 0,
      unread: false,
      created_at: ago(30),
      locale: 'en',
      ...more.row,
    };
    care.conversations.set(this.id, this);
  }

  /** Appends an event; what is open sees it at once, unless `quiet`. */
  say(event, { quiet = false } = {}) {
    const e = {
      conversation_id: this.id,
      seq: this.events.length + 1,
      kind: 'message',
      at: new Date().toISOString(),
      author: { kind: 'shopper', name: this.row.shopper.name },
      text: '',
      ...event,
    };
    this.events.push(e);
    if (e.client_id) this.byClient.set(e.client_id, e);
    const change = { last_seq: e.seq };
    if (e.kind === 'message') Object.assign(change, { last_text: e.text, last_author: e.author.kind, last_at: e.at, updated_at: e.at, ...(e.author.kind === 'shopper' && { unread: true }) });
    Object.assign(this.row, change);
    if (!quiet && this.care.wss) {
      this.care.show(this.id, { type: 'event', ...e });
      this.changed();
    }
    return e;
  }

  /** Tells every console of the row as it is now. */
  changed(change = {}) {
    Object.assign(this.row, change);
    if (this.care.wss) this.care.tell((agent) => ({ type: 'row', row: this.row, counts: this.care.counts(agent) }));
  }

  /** Streams a draft in pieces; `finish` gives it whole. */
  write(text, more = {}) {
    const id = randomUUID();
    const seq = this.events.findLast((e) => e.author.kind === 'shopper')?.seq ?? 1;
    let at = 0;
    const send = (frame) => this.care.show(this.id, { type: 'draft', draft_id: id, for_seq: seq, ...frame });
    this.draft = { id, for_seq: seq, state: 'writing', tone: 'standard', text: '', citations: [], unsupported: [], model: 'm', created_at: new Date().toISOString(), ...more };
    return {
      id,
      piece: (n) => {
        send({ offset: at, text: text.slice(at, at + n), done: false });
        at = Math.min(text.length, at + n);
        this.draft.text = text.slice(0, at);
      },
      finish: () => {
        Object.assign(this.draft, { state: 'ready', text, ...more });
        send({ offset: text.length, text: '', done: true, draft: this.draft });
      },
    };
  }

  rest(method, path, { body, query, agent: me }) {
    const is = (m, re) => (method === m ? re.exec(path) : null);
    const by = { author: { kind: 'agent', name: me.name }, agent_id: me.id };
    let m;
    if (is('GET', /^$/))
      return {
        conversation: this.row,
        shopper: { ...this.row.shopper, external_id: this.external },
        packet: this.packet,
        draft: this.draft,
        earlier: [...this.care.conversations.values()].filter((c) => c !== this && c.row.shopper.email === this.row.shopper.email).map((c) => c.row),
        page: this.page,
        looking: [...this.care.wss.clients].filter((s) => s.open === this.id && s.agent.id !== me.id).map((s) => ({ agent_id: s.agent.id, name: s.agent.name })),
      };
    if (is('GET', /^events$/)) {
      const limit = Number(query.limit ?? 100);
      if (query.after_seq) {
        const after = this.events.filter((e) => e.seq > Number(query.after_seq));
        return { events: after.slice(0, limit), more: after.length > limit };
      }
      const before = this.events.filter((e) => !query.before_seq || e.seq < Number(query.before_seq));
      return { events: before.slice(-limit), more: before.length > limit };
    }
    if ((m = is('GET', /^turns\/(.+)$/)))
      return {
        confidence: 0.82,
        outcome: 'answered',
        reason: '',
        model: '',
        passages: [
          { title: RETURNS.title, url: RETURNS.url, heading: 'Worn shoes', text: RETURNS.quote, lexical: 8.1, semantic: 0.71, fused: 0.9, cited: true },
          { title: 'Delivery times', url: '', heading: '', text: 'Parcels leave our warehouse within one working day.', lexical: 2.2, semantic: 0.4, fused: 0.3, cited: false },
        ],
        held: ['14 days'],
        search_ms: 4.2,
        first_delta_ms: 12,
        total_ms: 38,
        cost_micros: 0,
      };
    if (is('POST', /^claim$/)) {
      this.free(me);
      this.take(me);
      return this.did(1);
    }
    if (is('POST', /^transfer$/)) {
      const agent = this.care.agents.find((a) => a.id === body.agent_id);
      const team = this.care.teams.find((t) => t.id === body.team_id);
      Object.assign(this.row, { assignee: agent ? { id: agent.id, name: agent.name } : null, team: team ? { id: team.id, name: team.name } : null });
      if (body.note) this.say({ kind: 'note', ...by, text: body.note });
      this.say({ kind: 'assignment', ...by, assignment: { agent_id: agent?.id, agent_name: agent?.name, team_id: team?.id, team_name: team?.name } });
      return this.did(body.note ? 2 : 1);
    }
    if (is('POST', /^hand-back$/)) {
      Object.assign(this.row, { charge: 'bot', assignee: null, waiting_since: null });
      this.say({ kind: 'status', ...by, change: 'handed_back' });
      return this.did(1);
    }
    if ((m = is('POST', /^(resolve|reopen)$/))) {
      Object.assign(this.row, { state: m[1] === 'resolve' ? 'closed' : 'open', waiting_since: null });
      this.say({ kind: 'status', ...by, change: m[1] === 'resolve' ? 'resolved' : 'reopened' });
      return this.did(1);
    }
    if (is('POST', /^messages$/)) {
      const held = this.byClient.get(body.client_id);
      if (held) return { events: [], row: this.row };
      if (this.row.state === 'closed') throw refuse(409, 'closed', 'This conversation is resolved. Open it again to reply.');
      if (this.row.assignee && this.row.assignee.id !== me.id) this.free(me);
      if (body.text.includes('30 €') && !body.confirm_unsupported) {
        const start = body.text.indexOf('30 €');
        throw refuse(422, 'unsupported', 'Not supported.', { facts: [{ start, end: start + 4, text: '30 €' }] });
      }
      if (!this.row.assignee) this.take(me);
      this.draft = null;
      Object.assign(this.row, { waiting_since: null, unread: false });
      const event = this.say({ ...by, text: body.text, client_id: body.client_id, draft_id: body.draft_id, citations: (body.citations ?? []).map((c) => ({ ...RETURNS, n: c.n })) });
      if (body.resolve) {
        this.row.state = 'closed';
        this.say({ kind: 'status', ...by, change: 'resolved' });
      }
      return { event, events: [event], row: this.row };
    }
    if (is('POST', /^notes$/)) {
      const event = this.byClient.get(body.client_id) ?? this.say({ kind: 'note', ...by, text: body.text, client_id: body.client_id, mentions: body.mentions });
      return { event, events: [event], row: this.row };
    }
    if (is('PUT', /^tags$/)) return this.changed({ tags: body.tags }), {};
    if (is('PUT', /^summary$/)) return (this.packet.wish = body.wish), {};
    if (is('POST', /^drafts$/)) {
      const w = this.write(`[${body.tone}] Dear Ada, we are truly sorry. A new pair is on its way.`, { tone: body.tone });
      this.writing = w;
      return { draft: { ...this.draft } };
    }
    if (is('POST', /^drafts\/[^/]+\/(opened|discard)$/)) return {};
    if (is('GET', /^suggestions$/)) return { macros: this.care.macros.slice(0, 2), articles: this.care.articles.slice(0, 2) };
    throw refuse(404, 'not_found', `No such address: ${path}`);
  }

  /** What an act answers with: the newest n events and the row. */
  did(n) {
    return { events: this.events.slice(-n), row: this.row };
  }

  free(me) {
    const who = this.row.assignee;
    if (who && who.id !== me.id) throw refuse(409, 'claimed', `${who.name} was first.`, { claimed_by: who });
  }

  take(me) {
    Object.assign(this.row, { assignee: { id: me.id, name: me.name }, charge: 'person', waiting_since: null });
    this.say({ kind: 'assignment', author: { kind: 'agent', name: me.name }, agent_id: me.id, assignment: { agent_id: me.id, agent_name: me.name } });
  }
}

export const DRAFT =
  'Dear Ada,\n\nI am sorry that the boots arrived in the wrong colour. That is our mistake, and it is annoying when you looked forward to them.\n\nI am sending the right pair today, and you can keep the other until it is there [1]. Is your address still the same?\n\nMira';

/** Ada got the wrong colour and asked for a person: the conversation that most tests open. */
export function ada(care) {
  const c = new Conversation(care, {
    id: '0199a000-0000-7000-8000-00000000ada0',
    row: { topic: 'wrong_item', feeling: 'disappointed', urgency: 1, waiting_since: ago(4), tags: ['vip'], created_at: ago(12) },
  });
  const quiet = { quiet: true };
  c.say({ at: ago(12), text: 'Hi, can I return shoes I wore once?' }, quiet);
  c.say(
    { at: ago(12), author: { kind: 'bot', name: 'Careloop' }, text: 'Yes. Shoes worn **once, indoors** can come back within 30 days [1].', turn_id: 't1', outcome: 'answered', citations: [RETURNS] },
    quiet,
  );
  c.say({ kind: 'rating', at: ago(11), rating: { event_seq: 2, score: 1 } }, quiet);
  c.say({ at: ago(5), text: 'But these are the WRONG COLOUR. I ordered brown and got green, order 1001.\nI want to speak to a person.' }, quiet);
  c.say({ at: ago(4), author: { kind: 'bot', name: 'Careloop' }, text: 'I am sorry about the wrong colour. I am passing this to a colleague.', turn_id: 't2', outcome: 'escalated', handoff: { state: 'requested', reason: 'asked_for_person' } }, quiet);
  c.say({ kind: 'handoff', at: ago(4), author: { kind: 'bot', name: 'Careloop' }, handoff: { state: 'requested', reason: 'asked_for_person' } }, quiet);
  c.say({ kind: 'note', at: ago(2), author: { kind: 'agent', name: AGENT.name }, agent_id: AGENT.id, text: `@${ADMIN.name} brown is back in stock since this morning.`, mentions: [ADMIN.id] }, quiet);
  c.packet = {
    reason: 'asked_for_person',
    wish: 'The brown boots that were ordered, instead of the green ones.',
    feeling: 'disappointed',
    topic: 'wrong_item',
    tried: [{ kind: 'answered', question: 'Can I return shoes I wore once?', answer: 'Yes, within 30 days.', seq: 2 }],
    passages: [{ title: RETURNS.title, url: RETURNS.url, quote: RETURNS.quote }],
    orders: ['1001'],
    email: 'ada@example.org',
    note: '',
    corrected: false,
    created_at: ago(4),
  };
  c.draft = { id: 'd1', for_seq: 4, state: 'ready', tone: 'standard', text: DRAFT, citations: [RETURNS], unsupported: [], model: 'm', created_at: ago(4) };
  c.page = { url: 'https://shop.example/p/boots', title: 'Brown hiking boots' };
  c.external = 'cust-77';
  return c;
}

const NAMES = ['Ben Osei', 'Chiara Rossi', 'Dmitri Volkov', 'Elif Yılmaz', 'Fatima Zahra', 'Georg Lindner', 'Hana Sato', 'Ines Moreau', 'Jakub Nowak', 'Kofi Mensah', 'Lena Braun', 'Marek Dvořák'];
const TEXTS = ['Where is my parcel?', 'The zip of my jacket is broken after two days, and nobody answers my mails!', 'Thanks, that helped.', 'Do you repair boots?', 'I paid twice.', 'Can you change the address of order 1017?'];
const TOPICS = ['delivery', 'damaged', 'other', 'product', 'payment', 'order_change'];

/** Puts n ordinary conversations beside Ada's. */
export function crowd(care, n) {
  for (let i = 0; i < n; i++) {
    const text = TEXTS[i % TEXTS.length];
    const c = new Conversation(care, {
      id: `0199b000-0000-7000-8000-${String(i).padStart(12, '0')}`,
      row: {
        shopper: { id: `s${i}`, name: i % 7 === 6 ? '' : `${NAMES[i % NAMES.length]}${n > 50 ? ` ${i}` : ''}`, email: i % 3 ? '' : `p${i}@example.org` },
        topic: TOPICS[i % TOPICS.length],
        feeling: i % 5 === 1 ? 'angry' : '',
        urgency: i % 11 === 1 ? 2 : 0,
        tags: i % 4 === 0 ? ['repair'] : [],
        waiting_since: i % 3 === 0 ? ago(2 + i) : null,
        assignee: i % 3 === 1 ? { id: i % 2 ? ADMIN.id : AGENT.id, name: i % 2 ? ADMIN.name : AGENT.name } : null,
        charge: i % 3 === 1 ? 'person' : 'bot',
        state: i % 9 === 8 ? 'closed' : 'open',
        last_at: ago(1 + i * 3),
        updated_at: ago(1 + i * 3),
        created_at: ago(20 + i * 3),
      },
    });
    c.events.push({ conversation_id: c.id, seq: 1, kind: 'message', at: ago(1 + i * 3), author: { kind: 'shopper', name: c.row.shopper.name }, text });
    Object.assign(c.row, { last_seq: 1, last_text: text, last_author: 'shopper', unread: i % 3 === 0 });
  }
}

/** What a fresh scripted server holds. */
export function fill(care) {
  care.agents = [structuredClone(ADMIN), structuredClone(AGENT), person(3, 'Petra Sommer', 'agent', { online: false, presence: 'away' }), person(4, 'Old Hand', 'agent', { online: false, disabled: true })];
  care.sites = [SITE];
  care.own = [
    { id: 'one', user_agent: 'Mozilla/5.0 (X11; Linux x86_64) Chrome/130', address: '192.0.2.7', created_at: ago(600), seen_at: ago(0), current: true },
    { id: 'two', user_agent: 'Mozilla/5.0 (iPhone) Safari/604', address: '198.51.100.4', created_at: ago(9000), seen_at: ago(400), current: false },
  ];
  care.macros = [
    { id: 'm1', name: 'greeting', text: 'Hello {shopper}, this is {agent} of {shop}. How can I help?', locale: '', uses: 42 },
    { id: 'm2', name: 'sorry-late', text: 'I am sorry that your parcel is late, {shopper}. I am asking the carrier where it is right now.', locale: 'en', uses: 7 },
    { id: 'm3', name: 'bye', text: 'Thank you, and enjoy!', locale: 'en', uses: 1 },
  ];
  care.articles = [
    { id: 'a1', title: 'Returns and exchanges', url: '/help/returns', quote: RETURNS.quote },
    { id: 'a2', title: 'Delivery times', url: '/help/delivery', quote: 'Parcels leave our warehouse within one working day.' },
  ];
  care.teams = [
    { id: 'team-1', name: 'Workshop', topics: ['damaged', 'warranty'], member_ids: [AGENT.id] },
    { id: 'team-2', name: 'Orders', topics: ['order_change'], member_ids: [ADMIN.id, AGENT.id] },
  ];
  care.invitations = [{ id: 'i1', email: 'sam@shop.example', name: 'Sam', role: 'agent', site_keys: ['demo'], created_at: ago(60), expires_at: ago(-4000), state: 'open' }];
  care.settings = {
    name: SITE.name,
    time_zone: 'Europe/Berlin',
    hours: [1, 2, 3, 4, 5].map((day) => ({ day, from: '09:00', to: day === 5 ? '15:00' : '17:00' })),
    holidays: [{ date: '2026-12-25', name: 'Christmas Day' }],
    mail_from: '',
  };
  care.guide = { version: 1, markdown: '# How we care\n\nWe **name the feeling** and own our mistakes.\n\n- Say what happens now, and by when\n- Ask one question at most', offers: ['Free return', '10 % on the next order'], default: true };
  care.audit = Array.from({ length: 26 }, (_, i) => ({
    id: 100 - i,
    at: ago(i * 300),
    actor: i % 3 ? ADMIN.name : '',
    action: ['person.changed', 'invitation.made', 'settings.changed'][i % 3],
    subject: i % 3 ? 'jonas@shop.example' : '',
    details: i % 3 === 0 ? {} : { role: 'agent', sites: ['demo'] },
    address: '192.0.2.7',
  }));
  const c = ada(care);
  care.mentions = [{ conversation_id: c.id, seq: 7, at: ago(2), by: AGENT.name, text: `@${ADMIN.name} brown is back in stock since this morning.` }];
  care.ada = c;
}
