/** The console's socket (docs/console.md): its frames, and the check of what the server sends. */
import type { Citation, Counts, Draft, Event, Row } from '../api/types';

export const SUBPROTOCOL = 'careloop-console.v1';

/** Close codes that the server gives a meaning to. */
export const CLOSE = { restart: 1012, badFrame: 4400, signedOut: 4401, site: 4403, slow: 4408, tooMany: 4429 } as const;

export interface Hello {
  type: 'hello';
  site: string;
  conversation_id?: string;
  after_seq?: number;
}
export type ClientFrame =
  | Hello
  | { type: 'open'; conversation_id: string; after_seq: number }
  | { type: 'typing'; conversation_id: string }
  | { type: 'read'; conversation_id: string; seq: number };

export type By = 'shopper' | 'bot' | 'agent' | 'system';

export type ServerFrame =
  | { type: 'welcome'; agents_online: string[]; counts?: Counts }
  | ({ type: 'event' } & Event)
  | { type: 'row'; row: Row; counts?: Counts }
  | { type: 'delta'; conversation_id: string; turn_id: string; offset: number; text: string }
  | { type: 'retract'; conversation_id: string; turn_id: string; from_offset: number; text: string }
  | { type: 'status'; conversation_id: string; turn_id: string; state: string }
  | {
      type: 'draft';
      conversation_id: string;
      draft_id: string;
      for_seq: number;
      offset: number;
      text: string;
      done: boolean;
      draft?: Draft;
    }
  | { type: 'typing'; conversation_id: string; by: By; agent_id: string; name: string }
  | { type: 'read'; conversation_id: string; by: By; seq: number }
  | { type: 'looking'; conversation_id: string; agent_id: string; name: string; gone: boolean }
  | { type: 'presence'; agent_id: string; online: boolean }
  | { type: 'notify'; kind: string; conversation_id: string; title: string; text: string }
  | { type: 'error'; code: string; message: string };

type Obj = Record<string, unknown>;

const isObj = (v: unknown): v is Obj => typeof v === 'object' && v !== null && !Array.isArray(v);
const str = (v: unknown): string => (typeof v === 'string' ? v : '');
const opt = (v: unknown): string | undefined => (typeof v === 'string' && v !== '' ? v : undefined);
const isCount = (v: unknown): v is number => typeof v === 'number' && Number.isSafeInteger(v) && v >= 0;
const count = (v: unknown): number => (isCount(v) ? v : 0);
const by = (v: unknown): By => (v === 'shopper' || v === 'bot' || v === 'agent' ? v : 'system');
const strings = (v: unknown): string[] => (Array.isArray(v) ? v.filter((s): s is string => typeof s === 'string') : []);

function citations(v: unknown): Citation[] {
  if (!Array.isArray(v)) return [];
  return v
    .filter((c): c is Obj => isObj(c) && isCount(c.n))
    .map((c) => ({ n: c.n as number, title: str(c.title), url: str(c.url), quote: str(c.quote), article_id: opt(c.article_id) }));
}

/** An event as REST and the socket send it, made whole; undefined where it is none. */
export function eventOf(o: unknown): Event | undefined {
  if (!isObj(o) || !isCount(o.seq) || o.seq === 0 || typeof o.kind !== 'string') return;
  const author = isObj(o.author) ? o.author : {};
  const e: Event = {
    conversation_id: str(o.conversation_id),
    seq: o.seq,
    kind: o.kind,
    at: str(o.at),
    author: { kind: by(author.kind), name: str(author.name) },
    text: str(o.text),
    client_id: opt(o.client_id),
    turn_id: opt(o.turn_id),
    outcome: opt(o.outcome),
    citations: citations(o.citations),
    agent_id: opt(o.agent_id),
    change: opt(o.change),
    mentions: strings(o.mentions),
    via: opt(o.via),
    draft_id: opt(o.draft_id),
  };
  if (isObj(o.handoff)) {
    e.handoff = { state: str(o.handoff.state), reason: opt(o.handoff.reason), email: opt(o.handoff.email), summary: opt(o.handoff.summary) };
  }
  if (isObj(o.rating) && isCount(o.rating.event_seq)) {
    e.rating = { event_seq: o.rating.event_seq, score: o.rating.score === 1 ? 1 : -1, comment: opt(o.rating.comment) };
  }
  if (isObj(o.assignment)) {
    const a = o.assignment;
    e.assignment = { agent_id: opt(a.agent_id), agent_name: opt(a.agent_name), team_id: opt(a.team_id), team_name: opt(a.team_name) };
  }
  return e;
}

/** A row made whole, so that a field that the server leaves out is never undefined here. */
export function rowOf(o: unknown): Row | undefined {
  if (!isObj(o) || !str(o.id)) return;
  const named = (v: unknown) => (isObj(v) && str(v.id) ? { id: str(v.id), name: str(v.name) } : null);
  const shopper = isObj(o.shopper) ? o.shopper : {};
  return {
    id: str(o.id),
    shopper: { id: str(shopper.id), name: str(shopper.name), email: str(shopper.email) },
    state: o.state === 'closed' ? 'closed' : 'open',
    charge: o.charge === 'person' ? 'person' : 'bot',
    assignee: named(o.assignee),
    team: named(o.team),
    waiting_since: opt(o.waiting_since) ?? null,
    urgency: count(o.urgency),
    topic: str(o.topic),
    feeling: str(o.feeling),
    tags: strings(o.tags),
    last_text: str(o.last_text),
    last_author: str(o.last_author),
    last_at: str(o.last_at) || str(o.created_at),
    updated_at: str(o.updated_at) || str(o.last_at) || str(o.created_at),
    last_seq: count(o.last_seq),
    unread: o.unread === true,
    created_at: str(o.created_at),
    locale: str(o.locale),
  };
}

/** A draft made whole. */
export function draftOf(o: unknown): Draft | undefined {
  if (!isObj(o) || !str(o.id)) return;
  const state = o.state === 'writing' || o.state === 'failed' || o.state === 'superseded' ? o.state : 'ready';
  return {
    id: str(o.id),
    for_seq: count(o.for_seq),
    state,
    tone: str(o.tone),
    text: str(o.text),
    citations: citations(o.citations),
    unsupported: Array.isArray(o.unsupported)
      ? o.unsupported
          .filter((s): s is Obj => isObj(s) && isCount(s.start) && isCount(s.end))
          .map((s) => ({ start: s.start as number, end: s.end as number, text: str(s.text) }))
      : [],
    model: str(o.model),
    created_at: str(o.created_at),
  };
}

function counts(v: unknown): Counts | undefined {
  if (!isObj(v)) return;
  return { mine: count(v.mine), waiting: count(v.waiting), all: count(v.all), resolved: count(v.resolved) };
}

/** Reads one text frame from the server. Returns undefined for what is not a frame of this wire. */
export function parseFrame(raw: unknown): ServerFrame | undefined {
  if (typeof raw !== 'string') return;
  let o: unknown;
  try {
    o = JSON.parse(raw);
  } catch {
    return;
  }
  if (!isObj(o)) return;
  const conversation_id = str(o.conversation_id);
  switch (o.type) {
    case 'welcome':
      return { type: 'welcome', agents_online: strings(o.agents_online), counts: counts(o.counts) };
    case 'event': {
      const e = eventOf(o);
      return e && { ...e, type: 'event' };
    }
    case 'row': {
      const row = rowOf(o.row);
      return row && { type: 'row', row, counts: counts(o.counts) };
    }
    case 'delta':
      if (!str(o.turn_id) || !isCount(o.offset)) return;
      return { type: 'delta', conversation_id, turn_id: str(o.turn_id), offset: o.offset, text: str(o.text) };
    case 'retract':
      if (!str(o.turn_id) || !isCount(o.from_offset)) return;
      return { type: 'retract', conversation_id, turn_id: str(o.turn_id), from_offset: o.from_offset, text: str(o.text) };
    case 'status':
      return { type: 'status', conversation_id, turn_id: str(o.turn_id), state: str(o.state) };
    case 'draft':
      if (!str(o.draft_id)) return;
      return {
        type: 'draft',
        conversation_id,
        draft_id: str(o.draft_id),
        for_seq: count(o.for_seq),
        offset: count(o.offset),
        text: str(o.text),
        done: o.done === true,
        draft: draftOf(o.draft),
      };
    case 'typing':
      return { type: 'typing', conversation_id, by: by(o.by), agent_id: str(o.agent_id), name: str(o.name) };
    case 'read':
      return { type: 'read', conversation_id, by: by(o.by), seq: count(o.seq) };
    case 'looking':
      return { type: 'looking', conversation_id, agent_id: str(o.agent_id), name: str(o.name), gone: o.gone === true };
    case 'presence':
      return { type: 'presence', agent_id: str(o.agent_id), online: o.online === true };
    case 'notify':
      return { type: 'notify', kind: str(o.kind), conversation_id, title: str(o.title), text: str(o.text) };
    case 'error':
      return { type: 'error', code: str(o.code), message: str(o.message) };
  }
  return;
}

/** A new client_id: unique across tabs and reloads, within the wire's alphabet and length. */
export function newClientId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(12));
  return 'a_' + Array.from(bytes, (b) => b.toString(16).padStart(2, '0')).join('');
}
