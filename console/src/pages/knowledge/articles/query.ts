/** The list's filters as they stand in its address. */
import { STATES, type State } from './types';

export const SORTS = ['updated', 'title', 'answered', 'failing', 'age'] as const;
export type Sort = (typeof SORTS)[number];
export const PAGE = 50;

export interface Query {
  q: string;
  state: State | '';
  locale: string;
  tag: string;
  source: string;
  audience: string;
  /** An agent's id, or `none`. */
  owner: string;
  due: boolean;
  sort: Sort;
  /** From 1. */
  page: number;
}

export function read(of: URLSearchParams): Query {
  const s = (k: string) => of.get(k) ?? '';
  return {
    q: s('q'),
    state: STATES.find((x) => x === s('state')) ?? '',
    locale: s('locale'),
    tag: s('tag'),
    source: s('source'),
    audience: s('audience'),
    owner: s('owner'),
    due: s('due') === 'true',
    sort: SORTS.find((x) => x === s('sort')) ?? 'updated',
    page: Math.max(1, Math.floor(Number(s('page'))) || 1),
  };
}

/** What stands in the address: nothing that goes without saying. */
export function write(q: Query): Record<string, string> {
  const { due, sort, page, ...rest } = q;
  return { ...rest, due: due ? 'true' : '', sort: sort === 'updated' ? '' : sort, page: page > 1 ? String(page) : '' };
}

/** Other filters begin on the first page. */
export const change = (q: Query, more: Partial<Query>): Query => ({ ...q, page: 1, ...more });

export const filtered = (q: Query): boolean => Boolean(q.q || q.state || q.locale || q.tag || q.source || q.audience || q.owner || q.due);

/** What the server is asked. */
export function asked(q: Query) {
  const { page, due, ...rest } = q;
  const set = Object.fromEntries(Object.entries(rest).filter(([, v]) => v !== ''));
  return { ...set, ...(due && { due: true }), limit: PAGE, offset: (page - 1) * PAGE };
}
