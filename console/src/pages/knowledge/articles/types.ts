/** What crosses the wire of articles (docs/knowledge.md), as these pages use it. */
import type { Named } from '../../../api/types';

export const STATES = ['draft', 'published', 'changed', 'scheduled', 'unpublished'] as const;
export type State = (typeof STATES)[number];
export const AUDIENCES = ['everyone', 'signed_in', 'agents'] as const;
export type Audience = (typeof AUDIENCES)[number];

export interface ArticleRow {
  id: string;
  title: string;
  slug: string;
  locale: string;
  state: State;
  audience: Audience;
  tags: string[];
  /** `console` for those made here, else the name of the import. */
  source: string;
  owner: Named | null;
  /** A day, as 2026-01-31. */
  review_on: string | null;
  due: boolean;
  version: number;
  updated_at: string;
  updated_by: string;
  publish_at: string | null;
  address: string;
  /** Of the last 90 days. */
  stats: { answered: number; up: number; down: number; handoffs: number };
}

export interface ArticleList {
  items: ArticleRow[];
  total: number;
  counts: Record<State | 'all' | 'due', number>;
  locales: string[];
  tags: string[];
  sources: string[];
}

/** What is written: all that a draft saves. */
export interface Content {
  title: string;
  markdown: string;
  tags: string[];
  url: string;
  slug: string;
  locale: string;
  audience: Audience;
}

/** What stands on the server. Revision 0: nothing is being written, and this is what an editor begins with. */
export interface Draft extends Content {
  revision: number;
  base_version: number;
  updated_at: string;
  by: string;
  publish_at: string | null;
  /** Why it was not published when its time came; empty: nothing is. */
  trouble: string;
}

export interface Published {
  version: number;
  title: string;
  markdown: string;
  tags: string[];
  url: string;
  at: string;
  by: string;
}

export interface Article extends ArticleRow {
  draft: Draft;
  published: Published | null;
  edited_at: string | null;
  imported: boolean;
  gap: { id: string; title: string } | null;
}

export interface Version {
  version: number;
  title: string;
  at: string;
  by: string;
  note: string;
  published: boolean;
}

export interface VersionText extends Omit<Version, 'published'> {
  markdown: string;
  tags: string[];
  url: string;
}

/** A piece of what shoppers would see. The server sends harmless ones only; nodes.tsx checks again. */
export type PreviewNode = string | { tag: string; attrs?: Record<string, string>; children?: PreviewNode[] };

export interface Preview {
  nodes: PreviewNode[];
  warnings: { kind: string; text: string }[];
}

export interface Near {
  id: string;
  title: string;
  address: string;
  quote: string;
  likeness: number;
}

export interface Contradiction {
  id: string;
  title: string;
  address: string;
  here: string;
  there: string;
  facts: [string, string][];
}

export interface Check {
  near: Near[];
  contradictions: Contradiction[];
}

const FIELDS = ['title', 'markdown', 'tags', 'url', 'slug', 'locale', 'audience'] as const;
export type Part = (typeof FIELDS)[number];
export const PARTS: readonly Part[] = FIELDS;

/** Only what is written of it. */
export function content(of: Content): Content {
  const { title, markdown, tags, url, slug, locale, audience } = of;
  return { title, markdown, tags: tags ?? [], url, slug, locale, audience };
}

export const samePart = (a: Content, b: Content, part: Part): boolean =>
  part === 'tags' ? a.tags.length === b.tags.length && a.tags.every((x, i) => x === b.tags[i]) : a[part] === b[part];

export const sameContent = (a: Content, b: Content): boolean => PARTS.every((p) => samePart(a, b, p));
