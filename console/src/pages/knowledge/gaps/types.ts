/** What crosses the wire of gaps (docs/knowledge.md), as these pages use it. */
import type { Near } from '../articles/types';

export const STATES = ['open', 'drafted', 'closed', 'dismissed'] as const;
export type GapState = (typeof STATES)[number];
export const REASONS = ['not_found', 'unsure', 'thumbs_down', 'agent_answered'] as const;
export type Reason = (typeof REASONS)[number];

export interface Gap {
  id: string;
  title: string;
  locale: string;
  state: GapState;
  questions: number;
  shoppers: number;
  last_week: number;
  first_at: string;
  last_at: string;
  reasons: Partial<Record<Reason, number>>;
  /** Questions on each of the last 14 days, today last. */
  trend: number[];
  article: { id: string; title: string; state: string } | null;
  /** What was asked like it after its article was published, and how much of that was answered. */
  since: { at: string; asked: number; answered: number } | null;
  /** It was closed, and shoppers failed again since. */
  reopened: boolean;
}

export interface Question {
  id: number;
  conversation_id: string;
  seq: number;
  text: string;
  at: string;
  locale: string;
  reason: Reason;
  confidence: number | null;
}

export interface Reply {
  conversation_id: string;
  seq: number;
  text: string;
  by: string;
  at: string;
}

export interface Listed {
  items: Gap[];
  total: number;
  counts: Record<GapState, number>;
  locales: string[];
  /** Questions that are not put with their like yet. */
  waiting: number;
}

export interface Evidence {
  gap: Gap;
  questions: Question[];
  replies: Reply[];
  near: Near[];
}

export interface Drafted {
  article_id: string;
  /** Empty: no model wrote it, it is a skeleton of quoted replies. */
  model: string;
  /** How many pieces of personal data were taken out. */
  redacted: number;
  /** How many replies it is made of. */
  replies: number;
  flags: Flag[];
  /** It was there already: nothing was written. */
  existed: boolean;
}

/** What somebody should look at: left out since it concerned one shopper, said by no reply, said differently by several. */
export interface Flag {
  kind: 'personal' | 'unsupported' | 'disagree';
  text: string;
}

export type Why = 'not_found' | 'other_article' | 'unsure' | 'held';

export interface Tried {
  question_id: number;
  conversation_id: string;
  seq: number;
  text: string;
  before: string;
  after: string;
  confidence: number;
  quote: string;
  /** The draft answers it, or something did before. */
  answered: boolean;
  /** Why it is not the draft that answers. */
  why: Why | '';
}

export interface Proof {
  revision: number;
  total: number;
  before: number;
  after: number;
  /** Questions that time did not suffice for. */
  left: number;
  results: Tried[];
}
