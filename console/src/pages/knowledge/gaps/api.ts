/** What the pages of gaps ask of the server. */
import { got, patient, server } from '../../../api/call';
import type { Check, Drafted, Evidence, Gap, Listed, Proof, Question } from './types';

export interface GapQuery {
  state?: string;
  q?: string;
  locale?: string;
  reason?: string;
  sort?: string;
  limit?: number;
  offset?: number;
}

interface Asked {
  data?: unknown;
  error?: unknown;
  response: Response;
}
type Ask = (path: string, init: object) => Promise<Asked>;
const { GET, POST, PATCH } = server as unknown as Record<'GET' | 'POST' | 'PATCH', Ask>;
const asked = <T>(p: Promise<Asked>) => got(p as Promise<{ data?: T; error?: unknown; response: Response }>);

export function gapsOf(site: string) {
  const at = (id: string) => ({ params: { path: { site, id } } });
  const root = '/v1/console/sites/{site}/gaps';
  return {
    list: (q: GapQuery) => asked<Listed>(GET(root, { params: { path: { site }, query: Object.fromEntries(Object.entries(q).filter(([, v]) => v !== '' && v !== 0)) } })),
    get: (id: string) => asked<Evidence>(GET(`${root}/{id}`, at(id))),
    questions: (id: string, limit: number, offset: number) => asked<{ items: Question[]; total: number }>(GET(`${root}/{id}/questions`, { params: { path: { site, id }, query: { limit, offset } } })),
    rename: (id: string, title: string) => asked<{ gap: Gap }>(PATCH(`${root}/{id}`, { ...at(id), body: { title } })),
    dismiss: (id: string) => asked<{ gap: Gap }>(POST(`${root}/{id}/dismiss`, at(id))),
    reopen: (id: string) => asked<{ gap: Gap }>(POST(`${root}/{id}/reopen`, at(id))),
    merge: (id: string, into: string) => asked<{ gap: Gap }>(POST(`${root}/{id}/merge`, { ...at(id), body: { into } })),
    move: (id: string, questions: number[], to: string) => asked<{ gap: Gap }>(POST(`${root}/{id}/move`, { ...at(id), body: { questions, ...(to && { to }) } })),
    draft: (id: string) => asked<Drafted>(POST(`${root}/{id}/draft`, { ...at(id), fetch: patient })),
    proof: (id: string, article_id: string, revision: number, signal: AbortSignal) => asked<Proof>(POST(`${root}/{id}/proof`, { ...at(id), body: { article_id, revision }, fetch: patient, signal })),
    check: (article: string, signal: AbortSignal) => asked<Check>(POST('/v1/console/sites/{site}/articles/{id}/check', { ...at(article), fetch: patient, signal })),
    article: (id: string, signal: AbortSignal) => asked<{ draft: { title: string; markdown: string } }>(GET('/v1/console/sites/{site}/articles/{id}', { ...at(id), signal })),
  };
}
