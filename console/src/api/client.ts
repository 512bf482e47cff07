/** The server's REST interface, one function for each thing that the console asks. */
import { got, server } from './call';
import type { components } from './schema';
import type * as T from './types';

type S = components['schemas'];

export const account = {
  session: () => got(server.GET('/v1/console/session')),
  ways: () => got(server.GET('/v1/console/sign-in')),
  signIn: (email: string, password: string) => got(server.POST('/v1/console/session', { body: { email, password } })),
  signOut: () => got(server.DELETE('/v1/console/session')),
  sessions: () => got(server.GET('/v1/console/sessions')),
  endSession: (id: string) => got(server.DELETE('/v1/console/sessions/{id}', { params: { path: { id } } })),
  invitation: (token: string) => got(server.GET('/v1/console/invitation/{token}', { params: { path: { token } } })),
  accept: (token: string, body: { name: string; email: string; password: string }) =>
    got(server.POST('/v1/console/invitation/{token}', { params: { path: { token } }, body })),
  update: (body: S['ChangeMeInputBody']) => got(server.PATCH('/v1/console/me', { body })),
  presence: (presence: 'online' | 'away') => got(server.PUT('/v1/console/presence', { body: { presence } })),
};

export const people = {
  agents: () => got(server.GET('/v1/console/agents')),
  update: (id: string, body: S['ChangeAgentInputBody']) => got(server.PATCH('/v1/console/agents/{id}', { params: { path: { id } }, body })),
  invitations: () => got(server.GET('/v1/console/invitations')),
  invite: (body: S['InviteInputBody']) => got(server.POST('/v1/console/invitations', { body })),
  revoke: (id: string) => got(server.DELETE('/v1/console/invitations/{id}', { params: { path: { id } } })),
  audit: (before?: number, limit = 50) => got(server.GET('/v1/console/audit', { params: { query: { ...(before && { before }), limit } } })),
};

export interface ListQuery {
  view: T.View;
  q?: string;
  person?: string;
  tag?: string;
  team?: string;
  cursor?: string;
  limit?: number;
}

/** What is asked of one shop. */
export function shop(site: string) {
  const shopPath = { params: { path: { site } } };
  const at = (id: string) => ({ params: { path: { site, id } } });
  return {
    list: (q: ListQuery) =>
      got(server.GET('/v1/console/sites/{site}/conversations', { params: { path: { site }, query: Object.fromEntries(Object.entries(q).filter(([, v]) => v !== '')) } })),
    open: (id: string) => got(server.GET('/v1/console/sites/{site}/conversations/{id}', at(id))),
    events: (id: string, query: { after_seq?: number; before_seq?: number; limit?: number }) =>
      got(server.GET('/v1/console/sites/{site}/conversations/{id}/events', { params: { path: { site, id }, query } })),
    turn: (id: string, turn: string) => got(server.GET('/v1/console/sites/{site}/conversations/{id}/turns/{turn}', { params: { path: { site, id, turn } } })),
    claim: (id: string) => got(server.POST('/v1/console/sites/{site}/conversations/{id}/claim', at(id))),
    transfer: (id: string, body: { agent_id?: string; team_id?: string; note?: string }) =>
      got(server.POST('/v1/console/sites/{site}/conversations/{id}/transfer', { ...at(id), body })),
    handBack: (id: string) => got(server.POST('/v1/console/sites/{site}/conversations/{id}/hand-back', at(id))),
    resolve: (id: string) => got(server.POST('/v1/console/sites/{site}/conversations/{id}/resolve', at(id))),
    reopen: (id: string) => got(server.POST('/v1/console/sites/{site}/conversations/{id}/reopen', at(id))),
    message: (
      id: string,
      body: {
        client_id: string;
        text: string;
        draft_id?: string;
        citations?: { n: number; article_id: string }[];
        resolve?: boolean;
        confirm_unsupported?: boolean;
      },
    ) => got(server.POST('/v1/console/sites/{site}/conversations/{id}/messages', { ...at(id), body })),
    note: (id: string, body: { client_id: string; text: string; mentions: string[] }) =>
      got(server.POST('/v1/console/sites/{site}/conversations/{id}/notes', { ...at(id), body })),
    tags: (id: string, tags: string[]) => got(server.PUT('/v1/console/sites/{site}/conversations/{id}/tags', { ...at(id), body: { tags } })),
    wish: (id: string, wish: string) => got(server.PUT('/v1/console/sites/{site}/conversations/{id}/summary', { ...at(id), body: { wish } })),
    draft: (id: string, body: { tone: T.Tone; language?: string; text?: string }) =>
      got(server.POST('/v1/console/sites/{site}/conversations/{id}/drafts', { ...at(id), body })),
    opened: (id: string, draft: string) =>
      got(server.POST('/v1/console/sites/{site}/conversations/{id}/drafts/{draft}/opened', { params: { path: { site, id, draft } } })),
    discard: (id: string, draft: string) =>
      got(server.POST('/v1/console/sites/{site}/conversations/{id}/drafts/{draft}/discard', { params: { path: { site, id, draft } } })),
    suggestions: (id: string) => got(server.GET('/v1/console/sites/{site}/conversations/{id}/suggestions', at(id))),
    articles: (q: string) => got(server.GET('/v1/console/sites/{site}/articles/search', { params: { path: { site }, query: { q } } })),
    people: () => got(server.GET('/v1/console/sites/{site}/people', shopPath)),
    filters: () => got(server.GET('/v1/console/sites/{site}/filters', shopPath)),
    saveFilter: (name: string, query: T.FilterQuery) => got(server.POST('/v1/console/sites/{site}/filters', { ...shopPath, body: { name, query } })),
    dropFilter: (filter: string) => got(server.DELETE('/v1/console/sites/{site}/filters/{filter}', { params: { path: { site, filter } } })),
    mentions: (unread: boolean) => got(server.GET('/v1/console/sites/{site}/mentions', { params: { path: { site }, query: { unread } } })),
    macros: (q = '') => got(server.GET('/v1/console/sites/{site}/macros', { params: { path: { site }, query: q ? { q } : {} } })),
    addMacro: (body: Omit<T.Macro, 'id' | 'uses'>) => got(server.POST('/v1/console/sites/{site}/macros', { ...shopPath, body })),
    putMacro: (macro: string, body: Omit<T.Macro, 'id' | 'uses'>) =>
      got(server.PUT('/v1/console/sites/{site}/macros/{macro}', { params: { path: { site, macro } }, body })),
    dropMacro: (macro: string) => got(server.DELETE('/v1/console/sites/{site}/macros/{macro}', { params: { path: { site, macro } } })),
    settings: () => got(server.GET('/v1/console/sites/{site}/settings', shopPath)),
    putSettings: (body: T.Settings) => got(server.PUT('/v1/console/sites/{site}/settings', { ...shopPath, body })),
    careGuide: () => got(server.GET('/v1/console/sites/{site}/care-guide', shopPath)),
    putCareGuide: (body: { markdown: string; offers: string[] }) => got(server.PUT('/v1/console/sites/{site}/care-guide', { ...shopPath, body })),
    careGuideVersions: () => got(server.GET('/v1/console/sites/{site}/care-guide/versions', shopPath)),
    teams: () => got(server.GET('/v1/console/sites/{site}/teams', shopPath)),
    addTeam: (body: Omit<T.Team, 'id'>) => got(server.POST('/v1/console/sites/{site}/teams', { ...shopPath, body })),
    putTeam: (id: string, body: Omit<T.Team, 'id'>) => got(server.PATCH('/v1/console/sites/{site}/teams/{id}', { ...at(id), body })),
    dropTeam: (id: string) => got(server.DELETE('/v1/console/sites/{site}/teams/{id}', at(id))),
  };
}

export type Shop = ReturnType<typeof shop>;
