/** What crosses the console's wire (docs/console.md), as the pages use it. */

export type Role = 'agent' | 'admin';
/** Empty: as the system says. */
export type Theme = '' | 'light' | 'dark';

export interface Preferences {
  sound: boolean;
  notifications: boolean;
  single_keys: boolean;
  theme: Theme;
}

export interface Agent {
  id: string;
  email: string;
  name: string;
  role: Role;
  locale: string;
  preferences: Preferences;
  presence: 'online' | 'away';
  online: boolean;
  disabled: boolean;
  has_password: boolean;
  site_keys: string[];
  /** How many open conversations are given to them by themselves. */
  capacity: number;
}

export interface SiteRef {
  key: string;
  name: string;
  locale: string;
}

export interface Session {
  agent: Agent;
  sites: SiteRef[];
  sign_in: { oidc: string };
  version: string;
}

export interface OwnSession {
  id: string;
  user_agent: string;
  address: string;
  created_at: string;
  seen_at: string;
  current: boolean;
}

export interface Invitation {
  id: string;
  email: string;
  name: string;
  role: Role;
  site_keys: string[];
  created_at: string;
  expires_at: string;
  state: 'open' | 'used' | 'revoked' | 'expired';
}

export interface InvitationPage {
  email: string;
  name: string;
  role: Role;
  expires_at: string;
  first: boolean;
}

export interface Named {
  id: string;
  name: string;
}

export interface Row {
  id: string;
  shopper: { id: string; name: string; email: string };
  state: 'open' | 'closed';
  charge: 'bot' | 'person';
  assignee: Named | null;
  team: Named | null;
  waiting_since: string | null;
  /** 0 ordinary, 1 angry or asked more than once, 2 legal or safety. */
  urgency: number;
  topic: string;
  feeling: string;
  tags: string[];
  last_text: string;
  last_author: string;
  last_at: string;
  /** By this the lists are ordered, but for waiting. */
  updated_at: string;
  last_seq: number;
  unread: boolean;
  created_at: string;
  locale: string;
}

export type View = 'mine' | 'waiting' | 'all' | 'resolved';
export const VIEWS: readonly View[] = ['mine', 'waiting', 'all', 'resolved'];
export type Counts = Record<View, number>;

export interface Citation {
  n: number;
  title: string;
  url: string;
  quote: string;
  article_id?: string;
}

export interface Span {
  start: number;
  end: number;
  text: string;
}

export interface Draft {
  id: string;
  for_seq: number;
  state: 'writing' | 'ready' | 'failed' | 'superseded';
  tone: string;
  text: string;
  citations: Citation[];
  unsupported: Span[];
  model: string;
  /** needs_model: what was asked takes a model, and none is there. */
  note?: string;
  created_at: string;
}

export type Tone = 'standard' | 'warmer' | 'shorter' | 'formal' | 'apologise' | 'language';

export interface Packet {
  reason: string;
  wish: string;
  feeling: string;
  topic: string;
  tried: { kind: string; question: string; answer: string; seq: number }[];
  passages: { title: string; url: string; quote: string }[];
  orders: string[];
  email: string;
  note: string;
  corrected: boolean;
  created_at: string;
}

export interface Event {
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
  handoff?: { state: string; reason?: string; email?: string; summary?: string };
  rating?: { event_seq: number; score: number; comment?: string };
  agent_id?: string;
  assignment?: { agent_id?: string; agent_name?: string; team_id?: string; team_name?: string };
  change?: string;
  mentions: string[];
  via?: string;
  draft_id?: string;
}

export interface Shopper {
  id: string;
  name: string;
  email: string;
  external_id?: string;
  created_at?: string;
}

export interface Detail {
  conversation: Row & { shopper_read_seq?: number };
  shopper: Shopper;
  packet: Packet | null;
  draft: Draft | null;
  earlier: Row[];
  page: { url?: string; title?: string } | null;
  looking: { agent_id: string; name: string }[];
}

/** What an agent's act did. */
export interface Acted {
  events: unknown[];
  row: unknown;
}

export interface TurnInfo {
  /** Null where nothing was searched. */
  confidence: number | null;
  outcome: string;
  reason: string;
  model: string;
  passages: {
    title: string;
    url: string;
    heading: string;
    text: string;
    lexical: number;
    semantic: number;
    fused: number;
    cited: boolean;
  }[];
  /** Facts that were not let through. */
  held: string[];
  search_ms: number;
  first_delta_ms: number;
  total_ms: number;
  cost_micros: number;
}

export interface Macro {
  id: string;
  name: string;
  text: string;
  locale: string;
  uses: number;
}

export interface ArticleHit {
  id: string;
  title: string;
  url: string;
  quote: string;
  /** For the shop's people: it may be inserted, and is never cited. */
  internal?: boolean;
}

export interface People {
  agents: { id: string; name: string; online: boolean; open: number }[];
  teams: Named[];
}

export interface FilterQuery {
  view: View;
  q?: string;
  person?: string;
  tag?: string;
  team?: string;
}

export interface Filter {
  id: string;
  name: string;
  query: FilterQuery;
}

export interface Mention {
  conversation_id: string;
  seq: number;
  at: string;
  by: string;
  text: string;
}

export interface Team {
  id: string;
  name: string;
  topics: string[];
  member_ids: string[];
}

export interface Hours {
  day: number; // 1 is Monday
  from: string;
  to: string;
}

export interface Holiday {
  date: string;
  name: string;
  from?: string;
  to?: string;
}

export interface Settings {
  name: string;
  time_zone: string;
  hours: Hours[];
  holidays: Holiday[];
  mail_from: string;
}

/** A version of the care guide; version 0 is Careloop's own, never set. */
export interface CareGuide {
  version: number;
  markdown: string;
  offers: string[];
  default: boolean;
  by: string;
  at: string;
}

export interface AuditEntry {
  id: number;
  at: string;
  actor: string;
  action: string;
  subject: string;
  details: Record<string, unknown>;
  address: string;
}
