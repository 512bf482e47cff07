/** What the pages of gaps ask of the server. */
import { got, patient, server } from '../../../api/call';
import type { Check } from '../articles/types';
import type { Drafted, Evidence, Gap, Listed, Proof, Question } from './types';

export interface GapQuery {
  state?: string;
  q?: string;
  locale?: string;
  reason?: string;
  sort?: string;
  limit?: number;
  offset?: number;
}

export function gapsOf(site: string) {
  const at = (id: string) => ({ params: { path: { site, id } } });
  const set = (q: GapQuery) => Object.fromEntries(Object.entries(q).filter(([, v]) => v !== '' && v !== 0));
  return {
    list: (q: GapQuery): Promise<Listed> => got(server.GET('/v1/console/sites/{site}/gaps', { params: { path: { site }, query: set(q) } })),
    get: (id: string): Promise<Evidence> => got(server.GET('/v1/console/sites/{site}/gaps/{id}', at(id))),
    questions: (id: string, limit: number, offset: number): Promise<{ items: Question[]; total: number }> =>
      got(server.GET('/v1/console/sites/{site}/gaps/{id}/questions', { params: { path: { site, id }, query: { limit, offset } } })),
    rename: (id: string, title: string): Promise<{ gap: Gap }> => got(server.PATCH('/v1/console/sites/{site}/gaps/{id}', { ...at(id), body: { title } })),
    dismiss: (id: string): Promise<{ gap: Gap }> => got(server.POST('/v1/console/sites/{site}/gaps/{id}/dismiss', at(id))),
    reopen: (id: string): Promise<{ gap: Gap }> => got(server.POST('/v1/console/sites/{site}/gaps/{id}/reopen', at(id))),
    merge: (id: string, into: string): Promise<{ gap: Gap }> => got(server.POST('/v1/console/sites/{site}/gaps/{id}/merge', { ...at(id), body: { into } })),
    move: (id: string, questions: number[], to: string): Promise<{ gap: Gap }> =>
      got(server.POST('/v1/console/sites/{site}/gaps/{id}/move', { ...at(id), body: { questions, ...(to && { to }) } })),
    draft: (id: string): Promise<Drafted> => got(server.POST('/v1/console/sites/{site}/gaps/{id}/draft', { ...at(id), fetch: patient })),
    proof: (id: string, article_id: string, revision: number, signal: AbortSignal): Promise<Proof> =>
      got(server.POST('/v1/console/sites/{site}/gaps/{id}/proof', { ...at(id), body: { article_id, revision }, fetch: patient, signal })),
    check: (article: string, signal: AbortSignal): Promise<Check> => got(server.POST('/v1/console/sites/{site}/articles/{id}/check', { ...at(article), fetch: patient, signal })),
    article: (id: string, signal: AbortSignal): Promise<{ draft: { title: string; markdown: string } }> => got(server.GET('/v1/console/sites/{site}/articles/{id}', { ...at(id), signal })),
  };
}
