/** The wire `careloop.v1` (docs/protocol.md): frame types, and the check of what the server sends. */

export const SUBPROTOCOL = 'careloop.v1';

/** Close codes that the server gives a meaning to. */
export const CLOSE = { restart: 1012, badFrame: 4400, token: 4401, site: 4403, slow: 4408, tooMany: 4429 } as const;

export interface Page {
  url: string;
  title: string;
}

export interface Hello {
  type: 'hello';
  site_key?: string;
  visitor_token?: string;
  identity?: string;
  conversation_id?: string;
  after_seq?: number;
  locale?: string;
  page?: Page;
}
export interface MessageFrame {
  type: 'message';
  client_id: string;
  text: string;
}
export interface HandoffFrame {
  type: 'handoff';
  client_id: string;
  email?: string;
  note?: string;
}
export interface SummaryFrame {
  type: 'summary';
  client_id: string;
  text: string;
}
export interface RateFrame {
  type: 'rate';
  client_id: string;
  event_seq: number;
  score: 1 | -1;
  comment?: string;
}
export interface TypingFrame {
  type: 'typing';
}
/** How far the other side has read; both sides send it. */
export interface ReadFrame {
  type: 'read';
  seq: number;
}
/** The frames that are acknowledged by an event, and so are kept until then. */
export type KeptFrame = MessageFrame | HandoffFrame | SummaryFrame | RateFrame;
export type ClientFrame = Hello | KeptFrame | TypingFrame | ReadFrame;

export interface Citation {
  n: number;
  title: string;
  url: string;
  quote: string;
}
export interface Handoff {
  /** offered, requested, passed, corrected. */
  state: string;
  email?: string;
  summary?: string;
  ask_email?: true;
}
export interface ChatEvent {
  type: 'event';
  conversation_id: string;
  seq: number;
  kind: string;
  at: string;
  author: { kind: 'shopper' | 'bot' | 'agent' | 'system'; name: string };
  text: string;
  client_id?: string;
  turn_id?: string;
  outcome?: string;
  citations: Citation[];
  handoff?: Handoff;
  assignee?: string;
  change?: string;
  via?: string;
  rating?: { event_seq: number; score: number };
}
export interface Welcome {
  type: 'welcome';
  visitor_token?: string;
  conversation_id: string;
  last_seq: number;
  greeting: string;
  suggestions: string[];
  agents_online: number;
  read_seq: number;
  /** Replies can reach the shopper by e-mail. */
  letters: boolean;
  limits: { max_text: number };
}
export interface Delta {
  type: 'delta';
  turn_id: string;
  offset: number;
  text: string;
}
export interface Retract {
  type: 'retract';
  turn_id: string;
  from_offset: number;
  text: string;
}
export interface StatusFrame {
  type: 'status';
  turn_id: string;
  state: string;
  name?: string;
}
export interface ErrorFrame {
  type: 'error';
  code: string;
  message: string;
  client_id?: string;
  retry_after_ms: number;
}
export type ServerFrame = Welcome | ChatEvent | Delta | Retract | StatusFrame | ReadFrame | ErrorFrame;

type Obj = Record<string, unknown>;

const isObj = (v: unknown): v is Obj => typeof v === 'object' && v !== null && !Array.isArray(v);
const str = (v: unknown): string => (typeof v === 'string' ? v : '');
const optStr = (v: unknown): string | undefined => (typeof v === 'string' && v !== '' ? v : undefined);
const count = (v: unknown): number => (typeof v === 'number' && Number.isSafeInteger(v) && v >= 0 ? v : 0);
const isCount = (v: unknown): v is number => typeof v === 'number' && Number.isSafeInteger(v) && v >= 0;

function citations(v: unknown): Citation[] {
  if (!Array.isArray(v)) return [];
  return v
    .filter((c): c is Obj => isObj(c) && isCount(c.n))
    .map((c) => ({ n: c.n as number, title: str(c.title), url: str(c.url), quote: str(c.quote) }));
}

function author(v: unknown): ChatEvent['author'] {
  const o = isObj(v) ? v : {};
  const kind = o.kind === 'shopper' || o.kind === 'bot' || o.kind === 'agent' ? o.kind : 'system';
  return { kind, name: str(o.name) };
}

function event(o: Obj): ChatEvent | undefined {
  if (!isCount(o.seq) || o.seq === 0 || typeof o.kind !== 'string' || typeof o.conversation_id !== 'string') return;
  const e: ChatEvent = {
    type: 'event',
    conversation_id: o.conversation_id,
    seq: o.seq,
    kind: o.kind,
    at: str(o.at),
    author: author(o.author),
    text: str(o.text),
    client_id: optStr(o.client_id),
    turn_id: optStr(o.turn_id),
    outcome: optStr(o.outcome),
    citations: citations(o.citations),
    assignee: optStr(o.assignee),
    change: optStr(o.change),
    via: optStr(o.via),
  };
  const f = o.handoff;
  if (isObj(f)) {
    e.handoff = { state: str(f.state), email: optStr(f.email), summary: optStr(f.summary) };
    if (f.ask_email === true) e.handoff.ask_email = true;
  }
  if (isObj(o.rating) && isCount(o.rating.event_seq)) {
    e.rating = { event_seq: o.rating.event_seq, score: o.rating.score === 1 ? 1 : -1 };
  }
  return e;
}

function welcome(o: Obj): Welcome {
  const max = isObj(o.limits) ? count(o.limits.max_text) : 0;
  return {
    type: 'welcome',
    visitor_token: optStr(o.visitor_token),
    conversation_id: str(o.conversation_id),
    last_seq: count(o.last_seq),
    greeting: str(o.greeting),
    suggestions: Array.isArray(o.suggestions)
      ? o.suggestions.filter((s): s is string => typeof s === 'string' && s.trim() !== '').slice(0, 6)
      : [],
    agents_online: count(o.agents_online),
    read_seq: count(o.read_seq),
    letters: o.letters === true,
    limits: { max_text: max || 4000 },
  };
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
  const turn = str(o.turn_id);
  switch (o.type) {
    case 'welcome':
      return welcome(o);
    case 'event':
      return event(o);
    case 'delta':
      if (!turn || !isCount(o.offset) || typeof o.text !== 'string') return;
      return { type: 'delta', turn_id: turn, offset: o.offset, text: o.text };
    case 'retract':
      if (!turn || !isCount(o.from_offset)) return;
      return { type: 'retract', turn_id: turn, from_offset: o.from_offset, text: str(o.text) };
    case 'status':
      return { type: 'status', turn_id: turn, state: str(o.state), name: optStr(o.name) };
    case 'read':
      return { type: 'read', seq: count(o.seq) };
    case 'error':
      return {
        type: 'error',
        code: str(o.code),
        message: str(o.message),
        client_id: optStr(o.client_id),
        retry_after_ms: count(o.retry_after_ms),
      };
  }
  return;
}

/** A new client_id: unique across tabs and reloads, within the wire's alphabet and length. */
export function newClientId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(12));
  return 'c_' + Array.from(bytes, (b) => b.toString(16).padStart(2, '0')).join('');
}
