/** What the list's address asks of the server. */
import { offsetOf, PAGE } from '../listing';
import { STATES } from './types';

export const SORTS = ['updated', 'title', 'answered', 'failing', 'age'] as const;
export type Sort = (typeof SORTS)[number];
/** The parts of the address that leave articles out. `state` is one of STATES, or `due`. */
export const FILTERS = ['q', 'state', 'locale', 'tag', 'source', 'audience', 'owner'] as const;

export const sortOf = (query: URLSearchParams): Sort => SORTS.find((s) => s === query.get('sort')) ?? 'updated';
export const filtered = (query: URLSearchParams): boolean => FILTERS.some((f) => query.get(f));

export function asked(query: URLSearchParams) {
  const state = query.get('state') ?? '';
  const rest = Object.fromEntries(['q', 'locale', 'tag', 'source', 'audience', 'owner'].flatMap((k) => (query.get(k) ? [[k, query.get(k)!]] : [])));
  return {
    ...rest,
    ...(STATES.some((s) => s === state) && { state: state as (typeof STATES)[number] }),
    ...(state === 'due' && { due: true }),
    sort: sortOf(query),
    limit: PAGE,
    offset: offsetOf(query),
  };
}
